"""What local memory buys a node: the least time for each size of it."""

from __future__ import annotations

from math import inf
from typing import NamedTuple

import numpy as np


class Front(NamedTuple):
    """The least time for each size of local memory that pays: both arrays, memory growing, time shrinking."""

    memory: np.ndarray
    time: np.ndarray

    @property
    def least_memory(self) -> float:
        """The fewest bytes that suffice; infinite if none do."""
        return float(self.memory[0]) if len(self.memory) else inf

    def at(self, limit: float) -> float:
        """The least time with so many bytes; infinite if they do not suffice."""
        place = int(np.searchsorted(self.memory, limit, "right"))
        return float(self.time[place - 1]) if place else inf


def front_of(memory: np.ndarray, time: np.ndarray) -> Front:
    """That of candidates."""
    order = np.lexsort([time, memory])
    least = np.minimum.accumulate(time[order])
    pays = np.concatenate([[True], least[1:] < least[:-1]]) & (least < inf)
    return Front(memory[order][pays], least[pays])
