"""Which blocks of layers need which blocks of other layers, and about how long each takes.

Nothing has an address yet: times leave out transfers of operands, and banks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations

import numpy as np
from xdsl.ir import BlockArgument, Operation, SSAValue

from xnn.dialects import dma
from xnn.dialects.dma.layer_blocks import LayerBlocks, LayerOp, Touch, layer_blocks
from xnn.dialects.prim import GeneralOp, Primitive
from xnn.passes.schedule.block_work import eighths_of
from xnn.passes.schedule.demands import Demand
from xnn.passes.schedule.known_tasks import KnownTasks
from xnn.passes.schedule.parts import Part, part_of_map, parts_of
from xnn.passes.schedule.tasks import LayerTasks, Task

TRANSFER = "dma"
"""Stands for the transfer engines, whichever."""


@dataclass(eq=False)
class Unit:
    """A layer, in the steps in which it may run: its blocks one by one, or all of them at once."""

    layer: LayerBlocks
    engine: str
    cycles: list[int]
    """Of each step."""
    drain: int
    """Cycles from the end of a step to its token."""
    whole: bool
    """Whether all of its blocks are one step."""
    reads: Mapping[SSAValue, int] = field(default_factory=dict[SSAValue, int])
    """Local feature maps that a step reads, and the eighths of their banks that it needs for that."""
    needs: list[tuple[Unit, list[int]]] = field(default_factory=list["tuple[Unit, list[int]]"])
    """Other units, and for each step the last of their steps that it comes after, or -1: earlier units, and those
    that use the ring that it writes."""
    arrivals: list[int] = field(default_factory=list[int])
    """Of each step, when what it reads of the inputs of the network can be there; none: at once."""


class BlockGraph:
    """The units of a function, in the order of the text."""

    def __init__(self, layers: Iterable[LayerOp], tasks: KnownTasks):
        self.target, self._tasks = tasks.target, tasks
        self.units = [self._unit(layer_blocks(op)) for op in layers]
        self._users: dict[SSAValue, dict[Unit, _Touched]] = {}
        for unit in self.units:
            for root, touched in _touched(unit).items():
                self._users.setdefault(root, {})[unit] = touched
        rings = {root: dma.ring_in(root) for root in self._users}
        self.rings = {root: ring for root, ring in rings.items() if ring is not None}
        """By the buffers that they lie in."""
        self._arrive()
        self.connect({})

    def users(self, root: SSAValue) -> list[Unit]:
        """The units that use a buffer, in order."""
        return list(self._users[root])

    def connect(self, rows: Mapping[SSAValue, int]) -> None:
        """Finds what units need of each other; `rows`: of rings that are to have others than they do."""
        for unit in self.units:
            unit.needs.clear()
        for root, users in self._users.items():
            _add_needs(root, users)
            if (ring := self.rings.get(root)) is not None:
                _add_overwrites(users, ring.dim.value.data, rows.get(root, ring.rows))

    def _unit(self, layer: LayerBlocks) -> Unit:
        touches = list(layer.all_touches())
        in_strips = any(isinstance(touch.value.owner, dma.RingOp) for touch in touches)
        whole = not in_strips and any(map(_is_outside, touches))
        tasks, node = self._tasks.of(layer), layer.node
        if isinstance(node, Primitive):
            costs = [self._cycles(layer, tasks.of((node, block))) for block in range(layer.count)]
            engine = node.engine
        elif node is None:
            moves = [each for each in (*layer.loads, layer.stores) if each is not None]
            costs = [
                sum(self._cycles(layer, tasks.of((each.op, block))) for each in moves)
                for block in range(layer.count)
            ]
            engine = TRANSFER
        else:
            assert isinstance(node, GeneralOp)
            costs, engine, whole = [self._cycles(layer, tasks.of((node, 0)))], node.engine, True
        drain = self._drain(tasks, layer)
        cycles = [sum(costs)] if whole else costs
        return Unit(layer, engine, cycles, drain, whole, self._reads(layer, tasks))

    def _arrive(self) -> None:
        """Inputs of the network cannot be fetched before it begins: one slice arrives after the other."""
        bus = 0
        for unit in self.units:
            layer, tasks = unit.layer, self._tasks.of(unit.layer)
            inputs = [_is_input(layer, each.op) for each in layer.loads]
            if not any(inputs) or unit.engine == TRANSFER:
                continue
            for block, loads in enumerate(layer.loads_of):
                for load, _ in loads:
                    if inputs[load]:
                        bus += self._cycles(layer, tasks.of((layer.loads[load].op, block)))
                unit.arrivals.append(bus + self.target.external.latency_cycles)
            if unit.whole:
                del unit.arrivals[1:]

    def _reads(self, layer: LayerBlocks, tasks: LayerTasks) -> dict[SSAValue, int]:
        if not isinstance(layer.node, Primitive):
            return {}
        found: dict[SSAValue, int] = {}
        (task,) = tasks.of((layer.node, 0))
        demand = self._demand(layer, task)
        inside = [
            place for place, access in zip(task.places, task.accesses, strict=True) if access.local
        ]
        cycles = max(demand.cycles, *demand.rows, 1)
        for place, rows in zip(inside, demand.rows, strict=True):
            if isinstance(place.buffer.owner, dma.AllocOp) and place.buffer is not task.written[0]:
                found[place.buffer] = found.get(place.buffer, 0) + eighths_of(cycles, rows)
        return found

    def _cycles(self, layer: LayerBlocks, tasks: Sequence[Task]) -> int:
        total = 0
        for task in tasks:
            demand = self._demand(layer, task)
            total += max(demand.cycles, *demand.rows, 1)
        return total

    def _drain(self, tasks: LayerTasks, layer: LayerBlocks) -> int:
        if not isinstance(layer.node, Primitive):
            return 0
        (task,) = tasks.of((layer.node, 0))
        return self._demand(layer, task).drain

    def _demand(self, layer: LayerBlocks, task: Task) -> Demand:
        """That of a task whose buffers begin at rows."""
        return self._tasks.demands.of(layer, task, tuple(place.offset for place in task.places))


def _is_input(layer: LayerBlocks, op: Operation) -> bool:
    """Whether a transfer reads an input of the network."""
    return any(isinstance(touch.root, BlockArgument) for touch in layer.touches(op))


def _is_outside(touch: Touch) -> bool:
    """Whether other layers find in external memory what a layer touches: it runs as a whole."""
    root = touch.root
    if isinstance(root, BlockArgument):
        return touch.writes
    return isinstance(root.owner, dma.AllocOp) and not dma.is_local(root)


def _add_needs(root: SSAValue, users: dict[Unit, _Touched]) -> None:
    """What the users of a buffer, in the order of the text, need of each other.

    Where two of them write the same elements, all take turns; so do those that meet in external memory.
    """
    pairs = [
        (later, earlier, users[later].after(users[earlier]))
        for earlier, later in combinations(users, 2)
        if users[earlier].writes or users[later].writes
    ]
    turns = any(
        users[earlier].writes and users[later].writes and max(needs) >= 0
        for later, earlier, needs in pairs
    )
    for later, earlier, needs in pairs:
        last = len(earlier.cycles) - 1
        if turns or not dma.is_local(root) and max(needs) >= 0:
            needs = [last] * len(needs)
        later.needs.append((earlier, needs))


def _add_overwrites(users: dict[Unit, _Touched], dim: int, rows: int) -> None:
    """A step that writes into a ring of so many rows comes after all that use what was there before."""
    for writer, user in permutations(users, 2):
        if users[writer].writes:
            writer.needs.append((user, users[writer].overwrites(users[user], dim, rows)))


@dataclass
class _Touched:
    """The parts of a buffer that the steps of a unit touch."""

    parts: list[list[Part]]
    """By step."""

    @property
    def writes(self) -> bool:
        return any(part.writes for parts in self.parts for part in parts)

    def after(self, before: _Touched) -> list[int]:
        """For each step the last of `before` whose parts it meets, if one of both writes; or -1."""
        mine, theirs = _Boxes(self.parts), _Boxes(before.parts)
        return self._last(mine, theirs, mine.writes[:, None] | theirs.writes)

    def overwrites(self, before: _Touched, dim: int, rows: int) -> list[int]:
        """For each step the last of `before` that uses what lay in a ring of so many rows where it writes; or -1."""
        mine, theirs = _Boxes(self.parts), _Boxes(before.parts)
        mine.make_older(dim, rows)
        return self._last(mine, theirs, mine.writes[:, None])

    def _last(self, mine: _Boxes, theirs: _Boxes, matters: np.ndarray) -> list[int]:
        meets = mine.meet(theirs) & matters
        result = np.full(len(self.parts), -1, np.int64)
        np.maximum.at(
            result,
            mine.step[:, None] + np.zeros_like(meets, np.int64),
            np.where(meets, theirs.step, -1),
        )
        return result.tolist()


class _Boxes:
    """Parts of one buffer as arrays."""

    def __init__(self, parts: list[list[Part]]):
        flat = [(step, part) for step, each in enumerate(parts) for part in each]
        self.step = np.array([step for step, _ in flat], np.int64)
        self.writes = np.array([part.writes for _, part in flat])
        self.bytes = np.array([(part.start, part.end) for _, part in flat], np.int64)
        boxes = [part.box for _, part in flat]
        self.boxes = None if any(box is None for box in boxes) else np.array(boxes, np.int64)

    def make_older(self, dim: int, rows: int) -> None:
        """Makes parts of a map in a ring those that were where they lie before: so many rows up, and all above."""
        assert self.boxes is not None
        self.boxes[:, dim] -= rows
        self.boxes[:, dim, 0] = min(0, int(self.boxes[:, dim].min()))

    def meet(self, other: _Boxes) -> np.ndarray:
        """[mine, others]: whether two parts may have bytes in common."""
        meets = np.ones((len(self.step), len(other.step)), bool)
        pairs = [(self.bytes, other.bytes)]
        if self.boxes is not None and other.boxes is not None:
            pairs += [
                (self.boxes[:, axis], other.boxes[:, axis]) for axis in range(self.boxes.shape[1])
            ]
        for mine, theirs in pairs:
            meets &= (mine[:, :1] < theirs[:, 1]) & (theirs[:, 0] < mine[:, 1:])
        return meets


def _touched(unit: Unit) -> dict[SSAValue, _Touched]:
    """What the steps of a unit touch of each buffer that outlives its layer."""
    found: dict[SSAValue, _Touched] = {}
    layer, steps = unit.layer, len(unit.cycles)
    for touch in dict.fromkeys(layer.all_touches()):
        root = touch.root
        if isinstance(root.owner, dma.ParameterOp):
            continue
        mine = found.setdefault(root, _Touched([[] for _ in range(steps)]))
        if isinstance(touch.value.owner, dma.RingOp):
            for block in range(steps):
                mine.parts[block].append(part_of_map(touch, block))
        elif unit.whole:
            mine.parts[0] += parts_of([touch], range(layer.count))
        else:
            for block in range(steps):
                mine.parts[block] += parts_of([touch], [block])
    return found
