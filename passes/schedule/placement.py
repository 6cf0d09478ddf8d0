"""Placement of buffers with known lifetimes in one memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Item:
    """A range of `size` bytes that lives from layer `first` to layer `last`."""

    key: int
    size: int
    first: int
    last: int


class Placement:
    """Addresses of items in a memory of `capacity` bytes; first fit, in the order of calls."""

    def __init__(self, capacity: int):
        self.capacity = capacity
        self.addresses: dict[int, int] = {}
        self._items: dict[int, Item] = {}
        self._layers: dict[int, dict[int, tuple[int, int]]] = {}
        """Per layer the ranges in use, by the keys of their items."""

    def place(self, item: Item, alignment: int, exclusive: bool = False) -> bool:
        """Finds the lowest place for an item. `exclusive`: it shares no aligned unit with another."""
        unit = alignment if exclusive else 1
        start = 0
        for low, high in self._taken(item):
            low, high = low // unit * unit, -(-high // unit) * unit
            if start + -(-item.size // unit) * unit <= low:
                break
            start = max(start, -(-high // alignment) * alignment)
        end = start + item.size
        if end > self.capacity or item.key in self.addresses:
            return False
        self.insert(item, start)
        return True

    def insert(self, item: Item, start: int) -> None:
        """Places an item at an address, whatever is there."""
        self.addresses[item.key] = start
        self._items[item.key] = item
        for layer in range(item.first, item.last + 1):
            self._layers.setdefault(layer, {})[item.key] = (start, start + item.size)

    def _taken(self, item: Item) -> list[tuple[int, int]]:
        """Ranges of the items that are live together with this one, by address."""
        taken: dict[int, tuple[int, int]] = {}
        for layer in range(item.first, item.last + 1):
            taken |= self._layers.get(layer, {})
        return sorted(taken.values())

    def remove(self, keys: Iterable[int]) -> None:
        """Removes items."""
        for key in keys:
            item = self._items.pop(key, None)
            if item is not None:
                del self.addresses[key]
                for layer in range(item.first, item.last + 1):
                    del self._layers[layer][key]
