"""What a schedule costs a network in which nodes overlap: beside a node's own engine others wait, and the bus moves."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np

from xnn.dialects.prim import Domain, Outermost, SliceLayout
from xnn.dialects.prim.attributes import CHANNELS, GROUPS
from xnn.dialects.target import Target
from xnn.passes.schedule.neighbours import Neighbours
from xnn.passes.schedule.traffic import Traffic

BUS_PRICE = 0.5
"""Of a cycle of the bus, in cycles of an engine, where both work at the same time."""
EXPOSED_PRICE = 0.02
"""Of a cycle for which nodes wait for the first positions of a result, or of what they need, on the same engine."""
MIXED_EXPOSED_PRICE = 0.2
"""The same, where neighbours run on other engines: beside this one, once they have something to do."""
BLOCK_CYCLES = 50
"""That a schedule may be slower for each block that it saves."""
SLICE_PRICE = 0.5
"""Of a cycle of the bus for the largest slice, beyond what finds a hole anywhere: large holes are rare."""
EASY_PART = 16
"""A slice of this part of local memory finds one."""


class Exposure(NamedTuple):
    """What others wait for while a node runs, whatever its engine takes. Elements may be arrays of candidates."""

    read: Any
    """Of its time, until it has read a first part of its operands."""
    written: Any
    """Of its time, until the first of its readers has what it needs."""
    blocks: Any
    """How many it has."""

    @staticmethod
    def of(
        domain: Domain,
        block: Domain,
        outermost: Outermost,
        summed: Iterable[int],
        read_whole: Container[int],
    ) -> Exposure:
        """That of a node in blocks: others wait for parts of its result, or for operands to be read.

        Once all of the dimensions that are `summed` is there for the first of the others, the next node begins;
        this one did so when it had its own first part, which has all of the dimensions that are `read_whole`.
        """
        counts, all_summed = domain.counts(block), (*summed, CHANNELS)
        first = prod(counts) * 0
        for dimension in outermost.nest(len(domain.positions)):
            last = counts[dimension] - 1 if dimension in all_summed else 0
            first = first * counts[dimension] + last
        blocks = prod(counts)
        whole = [each in all_summed or each in read_whole for each in range(len(counts))]
        pieces = prod(n for n, at_once in zip(counts, whole, strict=True) if not at_once)
        return Exposure(1 / pieces, (first + 1) / blocks, blocks)

    def at(self, index: Any) -> Exposure:
        """That of some of the candidates."""
        return Exposure(self.read[index], self.written[index], self.blocks[index])


@dataclass(frozen=True)
class Overlap:
    """Prices of a node beside others. What they are asked for may be arrays of candidates."""

    target: Target
    neighbours: Neighbours
    transfer_price: float
    """Of a cycle of the bus besides, by the objective."""
    reads_rows: bool = False
    """Whether an operand has its rows first, so that all channels of a row are there at a time."""

    @property
    def layout(self) -> SliceLayout:
        """Of slices: with a pitch, for time, unless transfers have a price of their own; dense ones need fewer."""
        return SliceLayout.DENSE if self.transfer_price else SliceLayout.PITCHED

    def waiting(self, traffic: Traffic) -> Any:
        """What it costs to wait until there is room for the largest slice that is transferred."""
        bytes = self.target.local.capacity_bytes / EASY_PART
        easy = bytes * float(self.target.external.cycles_per_byte)
        return SLICE_PRICE * np.maximum(traffic.longest - easy, 0)

    def exposure(self, domain: Domain, block: Domain, outermost: Outermost) -> Exposure:
        """That of the node in blocks."""
        read_whole = {*self.neighbours.made_at_once, *((GROUPS,) if self.reads_rows else ())}
        return Exposure.of(domain, block, outermost, self.neighbours.summed, read_whole)

    def pipelining(self, engine: Any, exposure: Exposure) -> Any:
        """What it costs others to wait, and each block, where the engine takes so many cycles."""
        read, written = (
            MIXED_EXPOSED_PRICE if mixed else EXPOSED_PRICE
            for mixed in (self.neighbours.reads_mixed, self.neighbours.writes_mixed)
        )
        share = read * exposure.read + written * exposure.written
        return engine * share + BLOCK_CYCLES * exposure.blocks
