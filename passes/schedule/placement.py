"""Placement of buffers with known lifetimes in one memory."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """A range of `size` bytes that is needed in the layers `first` to `last`."""

    key: int
    size: int
    first: int
    last: int

    def meets(self, other: Item) -> bool:
        """Whether both are needed in one layer."""
        return self.first <= other.last and other.first <= self.last


class Placement:
    """Addresses of items in a memory of `capacity` bytes; first fit, in the order of calls."""

    def __init__(self, capacity: int):
        self.capacity = capacity
        self.addresses: dict[int, int] = {}
        self._placed: list[tuple[int, int, Item]] = []

    def place(self, item: Item, alignment: int, exclusive: bool = False) -> bool:
        """Finds the lowest place for an item. `exclusive`: it shares no aligned unit with another."""
        unit = alignment if exclusive else 1
        start = 0
        for low, high, other in self._placed:
            if not item.meets(other):
                continue
            low, high = low // unit * unit, -(-high // unit) * unit
            if start + -(-item.size // unit) * unit <= low:
                break
            start = max(start, -(-high // alignment) * alignment)
        end = start + item.size
        if end > self.capacity or item.key in self.addresses:
            return False
        self.addresses[item.key] = start
        insort(self._placed, (start, end, item), key=lambda entry: entry[:2])
        return True

    def remove(self, items: Sequence[Item]) -> None:
        """Takes items back out."""
        keys = {item.key for item in items}
        self._placed = [entry for entry in self._placed if entry[2].key not in keys]
        for key in keys:
            self.addresses.pop(key, None)
