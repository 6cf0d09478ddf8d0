"""Programs sorted by when each of their nodes wants to start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from xnn.dialects import dma
from xnn.dialects.dma.line import Line
from xnn.dialects.target import Target
from xnn.passes.schedule.bank_times import BankTimes
from xnn.passes.schedule.dependencies import Nodes
from xnn.passes.schedule.effort import Sorting
from xnn.passes.schedule.ordered_blocks import Operand, OrderedBlocks
from xnn.passes.schedule.placed_tasks import PlacedTask, PlacedTasks
from xnn.passes.schedule.program_items import Fetch, Item, Run, WriteBack
from xnn.passes.schedule.steps import Issue, Issued

STORES = "stores"
"""In place of the channels, for stores."""


class Start(NamedTuple):
    """When a node starts, were there no queues and no issue."""

    tokens: int
    """All that it waits for has ended."""
    ready: int
    """Its engine is free, too."""
    begin: int
    """Its data start."""


class Starts:
    """When nodes start: rules 3 and 6 of the timing contract alone, each as long as it takes by itself.

    `banks`: where those that compute also wait for the banks that others of them hold; None: they do not.
    """

    def __init__(self, target: Target, banks: BankTimes | None):
        self._banks = banks
        self._latency = target.external.latency_cycles
        self._tokens: defaultdict[str, list[int]] = defaultdict(list)
        self._free: defaultdict[str, int] = defaultdict(int)
        self._bus_free = 0

    def of(self, node: Issued) -> Start:
        """That of the next node."""
        placed, engine, waits = node
        demand, waited = placed.demand, 0
        for other, number in waits.items():
            if (token := self._tokens[other][number]) > waited:
                waited = token
        ready = begin = max(waited, self._free[engine])
        if demand.bus:
            bus = demand.cycles if demand.rows else demand.bus
            begin = ready + self._latency
            if engine == STORES:
                self._bus_free += bus
            else:
                begin = max(begin, self._bus_free)
                self._bus_free = begin + bus
        cycles = demand.cycles
        if self._banks is not None and placed.task.engine is not None and demand.rows:
            timing = self._banks.timing(demand)
            ready = begin = self._banks.hold(begin, timing)
            cycles = timing.cycles
        self._free[engine] = end = begin + cycles
        self._tokens[engine].append(end + demand.drain)
        return Start(waited, ready, begin)


class _Keys:
    """The times by which items are sorted, so that what an item waits for stays before it."""

    def __init__(self) -> None:
        self.latest = 0
        self._nodes: dict[str, list[int]] = {}
        """By engine and node, the largest key so far: engines keep their order."""

    def add(self, nodes: Sequence[Issued], line_waits: Nodes, wanted: int) -> int:
        """The key of an item that wants to start then; `line_waits`: those of its line."""
        key = wanted
        for _, engine, _ in nodes:
            if (own := self._nodes.setdefault(engine, [])) and own[-1] > key:
                key = own[-1]
        for waits in (line_waits, *(waits for _, _, waits in nodes)):
            for other, number in waits.items():
                known = self._nodes[other]
                if number < len(known) and known[number] > key:  # not one of its own nodes
                    key = known[number]
        for _, engine, _ in nodes:
            self._nodes[engine].append(key)
        self.latest = max(self.latest, key)
        return key


class _Issue(Issue):
    """Stores do not keep loads from their channels: they go whenever there is time."""

    def channel(self, placed: PlacedTask) -> str:
        return STORES if isinstance(placed.task.op, dma.StoreOp) else super().channel(placed)


def items_in_place(blocks: OrderedBlocks, operands: Sequence[Operand]) -> list[Item]:
    """Every load where there is room for it, in their order on the bus; stores after their blocks."""
    loads = [
        (begin, need, place, start)
        for place, operand in enumerate(operands)
        for need, start, begin in zip(operand.needs, operand.starts, operand.begins, strict=True)
    ]
    fetches: dict[int, list[Item]] = {}
    earliest = 0
    for _, need, place, start in sorted(loads):
        position = min(max(start, earliest), need)
        earliest = max(earliest, position)  # never back: the slices of an operand keep their order
        operand = operands[place]
        fetches.setdefault(position, []).append(Fetch(operand.layer, operand.number))
    stores = blocks.stores()
    items: list[Item] = []
    for position, run in enumerate(blocks.order):
        items += fetches.get(position, ())
        if run.layer in blocks.movable:
            layer = blocks.layers[run.layer].layer
            run = Run(run.layer, 0, layer.count if layer.stores is not None else 0)
        items.append(run)
        if position in stores:
            items.append(WriteBack(run.layer))
    return items


class WantedStarts:
    """When items want to start, and in which order that is."""

    def __init__(
        self,
        items: Sequence[Item],
        lines: Iterable[Line],
        blocks: OrderedBlocks,
        tasks: PlacedTasks,
    ):
        self._items, self._blocks, self._target = items, blocks, tasks.target
        self._nodes = list(_nodes(lines, tasks))
        """Of each item, and for what its line waits."""
        self._starts: dict[bool, list[list[Start]]] = {}

    def _starts_of(self, banks: bool) -> list[list[Start]]:
        if banks not in self._starts:
            starts = Starts(self._target, BankTimes(self._target) if banks else None)
            self._starts[banks] = [[starts.of(node) for node in nodes] for nodes, _ in self._nodes]
        return self._starts[banks]

    def sorted(self, sorting: Sorting) -> list[Item]:
        """The items in the order in which they want to start.

        What an item waits for stays before it, and engines keep their order; so do layers that move data in
        their blocks among all others.
        """
        keys, blocks = _Keys(), self._blocks
        lead = self._target.external.latency_cycles + sorting.slack
        result: list[int] = []
        fetched: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        ran: dict[str, int] = {}
        barrier = 0
        for item, (nodes, waits), times in zip(
            self._items, self._nodes, self._starts_of(sorting.banks), strict=True
        ):
            if isinstance(item, Fetch):
                slices = fetched[item.layer, item.operand]  # whatever their channels, in order
                key = max(barrier, times[0].tokens, times[0].begin - lead, *slices[-1:])
                key = keys.add(nodes, waits, key)
                slices.append(key)
            elif isinstance(item, Run):
                computes = (n for n, (placed, _, _) in enumerate(nodes) if placed.task.engine)
                key = max(barrier, times[next(computes, 0)].ready)
                block = ran[item.layer] = ran.get(item.layer, -1) + 1
                if item.layer in blocks.movable:
                    needed = blocks.layers[item.layer].layer.loads_of[block]
                    key = max(key, *(fetched[item.layer, op][number] for op, number in needed), 0)
                else:
                    barrier = key = max(key, keys.latest)
                key = keys.add(nodes, waits, key)
            else:
                key = keys.add(nodes, waits, max(barrier, times[0].tokens))
            result.append(key)
        places = sorted(range(len(result)), key=result.__getitem__)
        return [self._items[place] for place in places]


def _nodes(lines: Iterable[Line], tasks: PlacedTasks) -> Iterator[tuple[list[Issued], Nodes]]:
    """The nodes of each item that lines stand for, and for what its line waits."""
    issue = _Issue(tasks)
    for line in lines:
        before, runs = issue.line(line)
        waits = issue.line_waits()
        if runs:
            runs[0] = [*before, *runs[0]]
            yield from ((run, waits) for run in runs)
            continue
        at = 0
        for event in line.events.before:
            count = len(tasks.of_event(line.layer, event))
            yield before[at : at + count], waits
            at += count
