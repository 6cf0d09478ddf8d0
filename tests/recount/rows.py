"""Rows of local memory that vectors cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np


def rows_of(starts: np.ndarray, size: int, row_bytes: int) -> set[int]:
    """The memory rows that elements of `size` bytes at these addresses touch."""
    touched: set[int] = set()
    for offset in {*range(0, size, row_bytes), size - 1}:
        touched.update(((starts + offset) // row_bytes).tolist())
    return touched


def rows_of_run(first: int, last: int, row_bytes: int) -> set[int]:
    """The memory rows of all bytes from the first to the last."""
    return set(range(first // row_bytes, last // row_bytes + 1))


class Vectors:
    """The vectors of a tile, one after the other: which rows each touches."""

    def __init__(self, vectors: Iterable[set[int]]):
        there = [rows for rows in vectors if rows]
        self.count = len(there)
        """Vectors with bytes."""
        self.begins = there[0] if there else None
        self.ends = there[-1] if there else None
        self.inner = sum(len(rows - before) for before, rows in zip(there, there[1:]))
        """Rows of all vectors but the first."""


@dataclass
class Counter:
    """Counts rows: a vector costs those that the vector before it did not touch."""

    rows: int = 0
    vectors: int = 0
    held: set[int] = field(default_factory=set)
    """Nothing is held when a node starts."""

    def read(self, tile: Vectors) -> None:
        self.vectors += tile.count
        if tile.begins is not None and tile.ends is not None:
            self.rows += len(tile.begins - self.held) + tile.inner
            self.held = tile.ends
