"""The candidates for the schedule of a node: what they need, and about how long they take, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import inf

import numpy as np
from xdsl.ir import Block

from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import Domain, Outermost, Primitive, ScheduleAttr, SliceLayout
from xnn.dialects.prim.tiling import Form
from xnn.dialects.target import Target
from xnn.passes.schedule.candidate_blocks import candidate_blocks
from xnn.passes.schedule.estimate import (
    engine_cycles,
    irregularity,
    kinds_of_blocks,
    least_cycles,
)
from xnn.passes.schedule.front import Front, front_of
from xnn.passes.schedule.overlap import BUS_PRICE, Exposure, Overlap
from xnn.passes.schedule.slice_buffers import Homes
from xnn.passes.schedule.traffic import SLOTS, Communication, Staging, Traffic, slice_bytes
from xnn.runtime.engines.engine import primitive_engine

TIGHT_WEIGHT = 4.0
"""Factor by which a layer is assumed to be slower if its buffers must share banks."""
LOCAL_TIGHT_WEIGHT = 1.15
"""The same, if feature maps stay local: slices come while others compute, wherever a bank is quiet then."""
PER_SIZE = 24
"""Likely candidates of each outermost loop and form, of those that need about as much local memory."""
SIZES_PER_OCTAVE = 2
"""What counts as about as much."""
SIZES = 16
"""The smallest of all."""


class Candidates:
    """The schedules that a node may have: every block with every outermost loop and form of the engine.

    What they cost wherever feature maps lie.
    """

    def __init__(self, op: Primitive, target: Target):
        self.op, self.target, self.given = _detached(op), target, op.schedule
        """A copy of the node, and the schedule that the node itself has."""
        self._engine = primitive_engine(op)
        self.block = candidate_blocks(op, self._engine.granule(op, target))
        self.count = np.size(self.block.rows)
        self._communication: dict[Staging, Communication] = {}

    def communication(self, staging: Staging) -> Communication:
        """That of all blocks."""
        if staging not in self._communication:
            own = Communication(self.op, self.block, staging, self.target)
            self._communication[staging] = own
        return self._communication[staging]

    @cached_property
    def engines(self) -> dict[Form, np.ndarray]:
        """By form, cycles of the engine if memory keeps up; infinite where the form is not allowed."""
        kinds = kinds_of_blocks(self.op.domain, self.block)
        return {
            form: least_cycles(self.op, self.block, kinds, form, self.target)
            for form in self._engine.forms(self.op, self.target)
        }

    @cached_property
    def irregularity(self) -> np.ndarray:
        """The number of loops around a block, plus those whose last block is cut."""
        return irregularity(self.op.domain, self.block)


class PlacedCandidates:
    """The candidates for a node some of whose feature maps have `homes` in local memory."""

    def __init__(self, candidates: Candidates, homes: Homes, overlap: Overlap, layout: SliceLayout):
        self.all, self.homes = candidates, homes
        self.tight_weight = LOCAL_TIGHT_WEIGHT if homes else TIGHT_WEIGHT
        self._overlap = overlap
        self.layout = layout
        self.traffic = self._traffic(self.layout)
        """By outermost loop."""
        self.moving = {
            each: overlap.transfer_price * np.broadcast_to(traffic.bus_cycles, candidates.count)
            for each, traffic in self.traffic.items()
        }
        """By outermost loop, the price of all transfers beside their time."""

    def _traffic(self, layout: SliceLayout) -> dict[Outermost, Traffic]:
        stagings = (Staging(each, layout) for each in Outermost)
        return {
            each.outermost: self.all.communication(each).traffic(self.homes) for each in stagings
        }

    def schedule(self, place: int, outermost: Outermost, form: Form) -> ScheduleAttr:
        """That of a candidate; slices that are dense in either layout are called so."""
        dense = self._dense[outermost].tight, self.traffic[outermost].tight
        ours, theirs = (np.broadcast_to(each, self.all.count)[place] for each in dense)
        layout = SliceLayout.DENSE if ours == theirs else self.layout
        return _schedule(self.all.block.at(place), Staging(outermost, layout), form)

    @cached_property
    def _dense(self) -> dict[Outermost, Traffic]:
        return self._traffic(SliceLayout.DENSE)

    @cached_property
    def exposure(self) -> dict[Outermost, Exposure]:
        """By outermost loop, what others wait for."""
        op, block = self.all.op, self.all.block
        return {each: self._overlap.exposure(op.domain, block, each) for each in Outermost}

    @cached_property
    def front(self) -> Front:
        """What local memory buys, by about the times of the likely ones."""
        memory: list[np.ndarray] = []
        times: list[np.ndarray] = []
        for (outermost, _), (places, time) in self.likely.items():
            traffic = self.traffic[outermost]
            for needed, weight in ((traffic.footprint, 1), (traffic.tight, self.tight_weight)):
                memory.append(np.broadcast_to(needed, self.all.count)[places])
                times.append(weight * time + self.moving[outermost][places])
        return front_of(np.concatenate(memory), np.concatenate(times))

    @cached_property
    def likely(self) -> dict[tuple[Outermost, Form], tuple[np.ndarray, np.ndarray]]:
        """By loop and form, the candidates that may be best in some size of memory, and about their times.

        Those whose engine and bus have least to do, if their buffers have banks of their own.
        """
        buses = {
            each: np.broadcast_to(
                BUS_PRICE * traffic.bus_cycles + self._overlap.waiting(traffic), self.all.count
            )
            for each, traffic in self.traffic.items()
        }
        likely = {
            (outermost, form): self._least_by_size(
                self.traffic[outermost],
                engine
                + bus
                + self.moving[outermost]
                + self._overlap.pipelining(engine, self.exposure[outermost]),
            )
            for outermost, bus in buses.items()
            for form, engine in self.all.engines.items()
        }
        engines = {
            form: self._estimated(form, [likely[each, form] for each in buses])
            for form in self.all.engines
        }
        return {
            (outermost, form): (
                places,
                engines[form][places]
                + buses[outermost][places]
                + self._overlap.pipelining(
                    engines[form][places], self.exposure[outermost].at(places)
                ),
            )
            for (outermost, form), places in likely.items()
        }

    def _least_by_size(self, traffic: Traffic, time: np.ndarray) -> np.ndarray:
        """Of the candidates that need about the same local memory, those of least time."""
        capacity = self.all.target.local.capacity_bytes
        needed = np.maximum(np.broadcast_to(traffic.tight, self.all.count), 1)
        size = np.minimum(np.floor(SIZES_PER_OCTAVE * np.log2(capacity / needed)), SIZES)
        order = np.lexsort([time, size])
        rank = np.arange(len(order)) - np.searchsorted(size[order], size[order])
        return order[(rank < PER_SIZE) & (size[order] >= 0) & (time[order] < inf)]

    def _estimated(self, form: Form, places: Sequence[np.ndarray]) -> np.ndarray:
        """About the cycles of the engine with candidates at some places; of no others."""
        some = np.unique(np.concatenate(places))
        cycles = np.full(self.all.count, inf)
        cycles[some] = engine_cycles(
            self.all.op, self.all.block.at(some), form, self.layout, self.all.target, self.homes
        )
        return cycles

    def smallest(self) -> ScheduleAttr | None:
        """The schedule that needs the least memory; none if the engine can do no block."""
        found: list[tuple[int, float, ScheduleAttr]] = []
        for outermost, traffic in self._dense.items():
            for form, cycles in self.all.engines.items():
                memory = np.where(cycles < inf, traffic.tight, inf)
                best = int(np.lexsort([cycles, memory])[0])
                if memory[best] < inf:
                    schedule = _schedule(self.all.block.at(best), Staging(outermost), form)
                    found.append((int(memory[best]), float(cycles[best]), schedule))
        return min(found, key=lambda each: each[:2])[2] if found else None

    def too_small(self, layer: str) -> UserError:
        """Names the largest buffer of the candidate that needs the least memory, of those that the engine can do.

        `layer`: the name that the user knows.
        """
        op, target, block = self.all.op, self.all.target, self.all.block
        tight = self._dense[Outermost.ROWS].tight
        allowed = np.logical_or.reduce([each < inf for each in self.all.engines.values()])
        if not allowed.any():
            return UserError(f'layer "{layer}" has no block that the {op.engine} engine can do')
        index = int(np.argmin(np.where(allowed, tight, inf)))
        largest = max(op.slices(block.at(index)), key=slice_bytes)
        needed = int(np.broadcast_to(tight, allowed.shape)[index])
        return UserError(
            f'layer "{layer}" needs at least {needed} bytes of local '
            f"memory, but the target has {target.local.capacity_bytes}; its largest buffer, {largest.role}, "
            f"takes {slice_bytes(largest)} bytes",
            hint="a larger [local] memory: more banks, rows or row_bytes",
        )


def _schedule(block: Domain, staging: Staging, form: Form) -> ScheduleAttr:
    return ScheduleAttr(block=block, **staging._asdict(), **form._asdict(), slots=SLOTS)


def _detached(op: Primitive) -> Primitive:
    """A copy of a node that uses no values of the network."""
    operands = Block(arg_types=[value.type for value in op.operands]).args
    return op.clone(dict(zip(op.operands, operands, strict=True)))
