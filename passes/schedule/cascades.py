"""Which chains of layers run depth first, in strips of rows through rings, so that maps between them stay local.

A chain pays where maps that have no room as a whole are between its layers, which are neither stored nor loaded
again, or where they leave little room for others. Its weights stay for as long as it runs, for each strip needs
them. Chains do not overlap; of all choices of them the one is taken that saves most by estimates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import gcd, inf, prod
from typing import Any

import numpy as np
from xdsl.dialects.builtin import UnitAttr
from xdsl.ir import SSAValue

from xnn.dialects.prim import Domain, Outermost, Primitive, ScheduleAttr
from xnn.dialects.prim.attributes import POSITIONS
from xnn.dialects.prim.node import RING_DIM, RING_RANKS
from xnn.dialects.prim.tiling import Form
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, item_bytes, shape, value_bytes
from xnn.dialects.xnn.operation import integer
from xnn.passes.schedule.all_strategies import AllStrategies
from xnn.passes.schedule.residency import Layout, Residency
from xnn.passes.schedule.strategies import Strategies
from xnn.passes.schedule.strips import Chain, Strip, block_of_rows, height_of

MOST_LAYERS = 12
"""Of a chain."""
SLOTS = (2, 1)
"""Of the slices of a chain that change: with one, nothing moves for a layer while it computes."""
COUNTS = (2, 4, 7, 8, 14, 28, 56)
"""Strips into which the last layer of a chain may be cut."""
SHORT = 0.25
"""Of local memory: where feature maps leave less, a chain may pay though they all have room."""
ROOM_PRICE = 0.1
"""Of a byte of local memory that a chain leaves free, in bytes that are loaded meanwhile for layers after it."""


@dataclass(frozen=True)
class Cascade:
    """A chain, from its first node to its last."""

    first: int
    last: int
    schedules: Mapping[Primitive, ScheduleAttr]
    rows: Mapping[Primitive, int]
    """Of the rings between; one that has all rows is the whole map."""
    gain: float
    """Cycles that it saves by all estimates."""
    freed: float
    """What of them is the price of local memory that it leaves free."""
    share: float
    """What it saves, of the time of its nodes one by one."""

    def write(self) -> None:
        """Attaches schedules and rings."""
        for node, schedule in self.schedules.items():
            node.properties["schedule"] = schedule
        for node, rows in self.rows.items():
            node.properties["local"] = UnitAttr()
            if rows < height_of(node):
                node.properties["rows"] = integer(rows)

    def erase(self) -> None:
        """Removes them again."""
        for node in self.schedules:
            del node.properties["schedule"]
        for node in self.rows:
            del node.properties["local"]
            node.properties.pop("rows", None)


def is_short(residency: Residency, free: Sequence[int], nodes: range) -> bool:
    """Whether a map between some nodes is external, or little is left beside those that are local.

    `free`: bytes that feature maps leave beside each node.
    """
    limit = SHORT * residency.target.local.capacity_bytes
    return any(free[number] < limit for number in nodes) or any(
        residency.nodes[number].out not in residency.local for number in nodes[:-1]
    )


class Cascades:
    """The chains of a function whose feature maps stay local as `residency` says, or are external.

    `times`: of its nodes; `free`: bytes that feature maps leave beside each.
    """

    def __init__(
        self,
        residency: Residency,
        strategies: AllStrategies,
        times: Sequence[float],
        free: Sequence[int],
        target: Target,
    ):
        self.residency, self.target = residency, target
        self.times, self.free = times, free
        self._strategies = strategies
        self._kept = residency.kept()
        self._costs: dict[object, _StripCosts] = {}
        self._ends = [self._end(number) for number in range(len(residency.nodes))]
        """By node, the last one that uses its result; none if it cannot lie in a ring."""

    def best(self, least: float) -> list[Cascade]:
        """Those that save most, in order, of those that save a larger share than `least`."""
        saved: list[float] = [0.0]
        chosen: list[list[Cascade]] = [[]]
        for cascades in self._found:
            best, taken = saved[-1], chosen[-1]
            for each in cascades:
                if each.share > least and saved[each.first] + each.gain > best:
                    best, taken = saved[each.first] + each.gain, [*chosen[each.first], each]
            saved.append(best)
            chosen.append(taken)
        return chosen[-1]

    @cached_property
    def _found(self) -> list[list[Cascade]]:
        """The best chains, by their last node."""
        return [list(self._ending_at(last)) for last in range(len(self.residency.nodes))]

    def _end(self, number: int) -> int | None:
        node = self.residency.nodes[number]
        if not isinstance(node, Primitive) or not node.has_no_memory:
            return None
        rank, uses = len(shape(node.out)), self.residency.uses_of(node.out)
        if uses is None or not uses.only_blocks or rank not in RING_RANKS:
            return None
        if not all(value is node.out and isinstance(op, Primitive) for op, value in uses.by):
            return None
        return uses.last if uses.last > number else None

    def _ending_at(self, last: int) -> Iterator[Cascade]:
        """The best chain for each first node."""
        node = self.residency.nodes[last]
        if not self._may_run_in_strips(last):
            return
        assert isinstance(node, Primitive)
        height = height_of(node)
        best: dict[int, Cascade] = {}
        for rows in sorted({-(-height // count) for count in COUNTS} - {height}):
            for each in self._growing(last, rows):
                if each.first not in best or each.gain > best[each.first].gain:
                    best[each.first] = each
        yield from best.values()

    def _may_run_in_strips(self, number: int) -> bool:
        node = self.residency.nodes[number]
        return (
            isinstance(node, Primitive)
            and node.schedule is None
            and node.in_place is None
            and len(shape(node.out)) in RING_RANKS
        )

    def _growing(self, last: int, rows: int) -> Iterator[Cascade]:
        """Chains that end at a node in strips of so many rows, those that pay."""
        nodes = self.residency.nodes
        node = nodes[last]
        assert isinstance(node, Primitive)
        chain = Chain(node, rows)
        for first in range(last - 1, max(last - MOST_LAYERS, -1), -1):
            end, node = self._ends[first], nodes[first]
            if end is None or end > last or not self._may_run_in_strips(first):
                return
            assert isinstance(node, Primitive)
            if chain.add(node).height == height_of(node):
                return
            if (
                is_short(self.residency, self.free, range(first, last + 1))
                and (found := self._cascade(first, last, chain)) is not None
            ):
                yield found

    def _cascade(self, first: int, last: int, chain: Chain) -> Cascade | None:
        """A chain, if it has room and pays."""
        found: list[Cascade] = []
        between = {
            strip.node.out: dense_strides(shape(strip.node.out)) for strip in chain.strips[:-1]
        }
        room = self.target.local.capacity_bytes - self._taken(first, last, between)
        rings = [(rows, _ring_bytes(rows)) for rows in self._rings(chain)]
        for slots in SLOTS:
            costs = [self._cost(strip, between, slots) for strip in chain.strips]
            if (each := self._at_costs(first, last, chain, costs, rings, room)) is not None:
                found.append(each)
        return max(found, key=lambda each: each.gain, default=None)

    def _at_costs(
        self,
        first: int,
        last: int,
        chain: Chain,
        costs: Sequence[_StripCosts],
        rings: Sequence[_Rings],
        room: int,
    ) -> Cascade | None:
        """A chain of so many bytes of local memory, with the first rings that fit."""
        pairs = list(zip(costs, chain.strips, strict=True))
        time = sum(each.time(strip.height) for each, strip in pairs)
        if time == inf:
            return None
        room -= sum(each.bytes(strip.height) for each, strip in pairs)
        rows, needed = next((each for each in rings if each[1] <= room), (None, 0))
        if rows is None:
            return None
        least = min(self.free[first : last + 1])
        freed = ROOM_PRICE * (room - needed - least) * float(self.target.external.cycles_per_byte)
        before = sum(self.times[first : last + 1])
        gain = before + freed - time
        if gain <= 0:
            return None
        schedules = {strip.node: each.schedule(strip) for each, strip in pairs}
        return Cascade(first, last, schedules, rows, gain, freed, gain / before)

    def _rings(self, chain: Chain) -> Iterator[dict[Primitive, int]]:
        """The rows of each ring, the best first: with a strip more of each, so that the next is made before all of
        one is used, or without; strips that begin in rows of local memory, or anywhere."""
        between = chain.strips[:-1]
        for lead in (True, False):
            for rows in (self._aligned, self._any):
                yield {s.node: rows(s, s.rows + lead * s.height) for s in between}

    def _any(self, strip: Strip, rows: int) -> int:
        """So many rows, if there are."""
        return min(height_of(strip.node), rows)

    def _aligned(self, strip: Strip, rows: int) -> int:
        """So many rows or more, so that strips begin in rows of local memory; no more than there are.

        Where all that read them do so through windows, most of their vectors begin elsewhere anyway: then only if all
        strips are written so.
        """
        row = self.target.local.row_bytes
        lines = row // gcd(row, _row_bytes(strip.node))
        if strip.only_windows and strip.height % lines:
            return self._any(strip, rows)
        return min(height_of(strip.node), -(-rows // lines) * lines)

    def _taken(self, first: int, last: int, between: Mapping[SSAValue, Layout]) -> int:
        """Bytes of the maps that are local meanwhile, those between its nodes apart."""
        return sum(
            each.size
            for each in self._kept
            if each.first <= last and first <= each.last and each.op.results[0] not in between
        )

    def _cost(self, strip: Strip, between: Mapping[SSAValue, Layout], slots: int) -> _StripCosts:
        """Costs of a node whose neighbours are local if they are `between`, or are local anyway."""
        node = strip.node
        key = node, tuple([value in between for value in (*node.operands, node.out)]), slots
        if key not in self._costs:
            strategies = self._strategies.of(node, self.residency.homes(node, between))
            if (strategies, slots) not in self._costs:
                self._costs[strategies, slots] = _StripCosts(strategies, slots)
            self._costs[key] = self._costs[strategies, slots]
        return self._costs[key]


_Rings = tuple[dict[Primitive, int], int]
"""The rows of rings by the nodes whose results lie there, and bytes of all of them."""


def _ring_bytes(rows: Mapping[Primitive, int]) -> int:
    return sum(value_bytes(node.out) * count // height_of(node) for node, count in rows.items())


def _row_bytes(node: Primitive) -> int:
    """Of a row of a channel of its result."""
    return prod(shape(node.out)[RING_DIM + 1 :]) * item_bytes(node.out)


class _StripCosts:
    """What a node costs in blocks of whole rows, by how many they have."""

    def __init__(self, strategies: Strategies, slots: int):
        op, self._slots = strategies.op, slots
        height = height_of(op)
        sizes: list[Any] = [np.full(height, size) for size in block_of_rows(op, 1).sizes]
        sizes[POSITIONS] = np.arange(1, height + 1)
        self._forms, self._layouts, self._times, self._bytes = strategies.in_blocks(
            Domain.of_sizes(sizes), Outermost.POSITIONS, slots
        )

    def time(self, height: int) -> float:
        """Cycles of the engine, and of the bus at their price."""
        return float(self._times[height - 1])

    def bytes(self, height: int) -> int:
        """Of its own buffers in local memory."""
        return int(self._bytes[height - 1])

    def schedule(self, strip: Strip) -> ScheduleAttr:
        form: Form = self._forms[strip.height - 1]
        return ScheduleAttr(
            block=strip.block,
            outermost=Outermost.POSITIONS,
            **form._asdict(),
            slots=self._slots,
            layout=self._layouts[strip.height - 1],
        )
