"""Who has had the bytes of local memory last."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Generic, NamedTuple, TypeVar

Owner = TypeVar("Owner")


class Range(NamedTuple, Generic[Owner]):
    """Bytes of local memory that an owner has."""

    start: int
    end: int
    owner: Owner


class LocalRanges(Generic[Owner]):
    """Ranges of local memory, disjoint and in order, with their last owners."""

    def __init__(self) -> None:
        self._ranges: list[Range[Owner]] = []
        self._starts: list[int] = []
        self._ends: list[int] = []

    def claim(self, start: int, end: int, owner: Owner) -> list[Range[Owner]]:
        """Gives bytes to an owner; the parts of them that others had."""
        first = bisect_right(self._ends, start)
        last = bisect_left(self._starts, end)
        before = self._ranges[first:last]
        if len(before) == 1 and before[0].owner is owner:
            low, high, _ = before[0]
            if low <= start and end <= high:
                return []
        pieces = [Range(start, end, owner)]
        for low, high, other in before:
            if low < start:
                pieces.insert(0, Range(low, start, other))
            if end < high:
                pieces.append(Range(end, high, other))
        self._ranges[first:last] = pieces
        self._starts[first:last] = [each.start for each in pieces]
        self._ends[first:last] = [each.end for each in pieces]
        return [
            Range(max(low, start), min(high, end), other)
            for low, high, other in before
            if other is not owner
        ]
