"""Offsets in one memory for buffers with known lifetimes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import gcd

import numpy as np

from xnn.passes.schedule.offset_search import ORDERS, OffsetSearch

_PROBE_STEPS = 20_000
"""Of a search, where the question is only what capacity would do."""
MOST_BYTES = 2**62
"""What all buffers together may have, and a memory."""


@dataclass(frozen=True)
class Buffer:
    """`size` bytes that live from `lower` to `upper`, which is not in it; in any unit of time."""

    lower: int
    upper: int
    size: int


@dataclass(frozen=True)
class Peak:
    """When most bytes are live; no plan needs less."""

    time: int
    bytes: int
    buffers: list[int]
    """Those that are live then, the largest first."""


@dataclass(frozen=True)
class Plan:
    """Offsets by buffer; they need `height` bytes."""

    offsets: list[int]
    height: int


@dataclass(frozen=True)
class Outcome:
    """Of the search for a plan."""

    plan: Plan | None
    is_complete: bool
    """Whether a plan that was not found does not exist."""


class MemoryPlanner:
    """Finds offsets that are multiples of an alignment, for buffers of at least one byte and one unit of time."""

    def __init__(self, buffers: Sequence[Buffer], alignment: int = 1):
        self.buffers = buffers
        self._taken = [-(-each.size // alignment) * alignment for each in buffers]
        """Bytes from the offset of each to the next that a buffer above it may have."""
        self._unit = gcd(*self._taken) or 1
        lives = np.array([(each.lower, each.upper) for each in buffers], np.int64).reshape(-1, 2)
        sizes = np.array([each // self._unit for each in self._taken], np.int64)
        self._search = OffsetSearch(lives[:, 0], lives[:, 1], sizes)
        self.peak = self._find_peak()

    def _find_peak(self) -> Peak:
        events = [(each.lower, True, index) for index, each in enumerate(self.buffers)]
        events += [(each.upper, False, index) for index, each in enumerate(self.buffers)]
        padding: dict[int, int] = {}
        """Of the live buffers. The one on top needs none."""
        total, peak = 0, Peak(0, 0, [])
        for time, is_start, index in sorted(events):
            if not is_start:
                total -= self._taken[index]
                del padding[index]
                continue
            total += self._taken[index]
            padding[index] = self._taken[index] - self.buffers[index].size
            if total > peak.bytes and (needed := total - max(padding.values())) > peak.bytes:
                peak = Peak(time, needed, list(padding))
        peak.buffers.sort(key=lambda index: -self.buffers[index].size)
        return peak

    def plan(self, capacity: int, steps: int) -> Outcome:
        """Looks for a plan in `capacity` bytes.

        Each order is tried in turn, every round with twice the steps; also for a plan in no more than
        the peak, as a search that may waste nothing finds its dead ends early.
        """
        if self.peak.bytes > capacity:
            return Outcome(None, True)
        blame = np.zeros(len(self.buffers))
        sizes = np.array([each.size for each in self.buffers], np.int64)
        aims = sorted({capacity, self.peak.bytes}, reverse=True)
        turn = 2 * len(self.buffers) + 1
        while steps > 0:
            for order, aim in product(ORDERS, aims):
                limits, most = (aim - sizes) // self._unit, min(turn, steps)
                tried = self._search.attempt(limits, order, most, blame)
                steps -= tried.steps
                if tried.offsets is not None:
                    return Outcome(self._plan_of(tried.offsets.tolist()), True)
                if tried.is_complete and aim == capacity:
                    return Outcome(None, True)
            turn *= 2
        return Outcome(None, False)

    def _plan_of(self, units: list[int]) -> Plan:
        offsets = [each * self._unit for each in units]
        ends = (at + each.size for at, each in zip(offsets, self.buffers, strict=True))
        return Plan(offsets, max(ends, default=0))

    def plan_above(self, capacity: int) -> Plan:
        """A plan where none was found for a `capacity`: within a thousandth of the least that short searches find.

        It may need less than the capacity after all, as these go another way.
        """
        found = self.plan(sum(self._taken), len(self.buffers) + 1).plan
        assert found is not None  # nothing needs to be undone there
        low = max(capacity, self.peak.bytes - 1)
        while found.height - low > max(1, found.height // 1000):
            middle = (low + found.height) // 2
            if (lower := self.plan(middle, _PROBE_STEPS).plan) is None:
                low = middle
            else:
                found = lower
        return found
