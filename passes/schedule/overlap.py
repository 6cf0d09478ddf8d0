"""What a schedule costs a network in which nodes overlap: beside a node's own engine others wait, and the bus moves."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from xnn.dialects.prim import Domain, Outermost
from xnn.dialects.target import Target
from xnn.passes.schedule.estimate import Traffic

BUS_PRICE = 0.5
"""Of a cycle of the bus, in cycles of an engine, where both work at the same time."""
EXPOSED_PRICE = 0.02
"""Of a cycle for which nodes wait for the first positions of a result, or of what they need, on the same engine."""
MIXED_EXPOSED_PRICE = 0.2
"""The same, where neighbours run on other engines: beside this one, once they have something to do."""
BLOCK_CYCLES = 50
"""That a schedule may be slower for each block that it saves."""
SLICE_PRICE = 0.2
"""Of a cycle of the bus for the largest slice, beyond what finds a hole anywhere: large holes are rare."""
EASY_PART = 16
"""A slice of this part of local memory finds one."""


@dataclass(frozen=True)
class Overlap:
    """Prices of a node beside others. Sizes of blocks may be arrays of candidates."""

    domain: Domain
    """The whole iteration space of the node."""
    target: Target
    exposed: float
    """Of a cycle for which others wait: EXPOSED_PRICE or MIXED_EXPOSED_PRICE."""

    def waiting(self, traffic: Traffic) -> Any:
        """What it costs to wait until there is room for the largest slice that is transferred."""
        bytes = self.target.local.capacity_bytes / EASY_PART
        easy = bytes * float(self.target.external.cycles_per_byte)
        return SLICE_PRICE * np.maximum(traffic.longest - easy, 0)

    def pipelining(self, engine: Any, block: Domain, outermost: Outermost) -> Any:
        """What it costs others to wait for parts of the result, or for operands to be read, and each block.

        Once the first positions of all channels are there, the next node begins; this one did so when
        it had its own first positions.
        """
        batch, groups, rows, channels, *positions = self.domain.counts(block)
        parts, pieces = groups * rows, batch * prod(positions)
        first = 1 / pieces
        if outermost == Outermost.ROWS:
            first = (parts - 1 + first) / parts
        blocks = parts * pieces * channels
        return self.exposed * engine * (first + 1 / pieces) + BLOCK_CYCLES * blocks
