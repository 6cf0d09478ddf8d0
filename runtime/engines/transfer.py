"""The transfer engines: gather, transform, scatter, between external and local memory and within local.

Semantics: `move`, `gather`. Cost: `external_cycles`, `local_cycles`, and for rows by indices that are data
`bytes_of_gather`, which does not depend on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import gcd

import numpy as np

from xnn.dialects.target import Target


def move(source: np.ndarray, target: np.ndarray) -> None:
    """Scatters what was gathered; the transform is the identity."""
    target[...] = source


def rows_of_indices(indices: np.ndarray, count: int) -> np.ndarray:
    """The rows of a table of `count` that indices name: negative ones from the end, all others the nearest."""
    rows = indices.astype(np.int64, copy=False)
    return np.clip(np.where(rows < 0, rows + count, rows), 0, count - 1)


def gather(source: np.ndarray, indices: np.ndarray, target: np.ndarray) -> None:
    """Rows of source [outer, rows, inner] by indices [count], to target [outer, count, inner]."""
    target[...] = source[:, rows_of_indices(indices, source.shape[1])]


@lru_cache(maxsize=65536)
def bursts(
    offset: int, sizes: Sequence[int], strides: Sequence[int], itemsize: int, burst_bytes: int
) -> int:
    """Bursts of a strided slice that starts `offset` bytes into one (sizes, strides in elements).

    Every contiguous run takes whole bursts: what is misaligned or short wastes the rest of them.
    """
    run, axes = itemsize, list(zip(sizes, strides, strict=True))
    while axes and (axes[-1][0] == 1 or axes[-1][1] * itemsize == run):
        run *= axes.pop()[0]
    starts = np.array([offset], np.int64)
    for size, stride in axes:
        steps = np.arange(size, dtype=np.int64) * (stride * itemsize)
        starts = (starts[:, None] + steps).ravel()
    return int(((starts + run - 1) // burst_bytes - starts // burst_bytes + 1).sum())


def bytes_of_bursts(
    target: Target, address: int, sizes: Sequence[int], strides: Sequence[int], itemsize: int
) -> int:
    """Bytes of all bursts of a transfer on the bus."""
    burst = target.external.burst_bytes
    return burst * bursts(address % burst, tuple(sizes), tuple(strides), itemsize, burst)


def external_cycles(
    target: Target, address: int, sizes: Sequence[int], strides: Sequence[int], itemsize: int
) -> int:
    """Cycles that a transfer holds the bus of external memory."""
    return bus_cycles(target, bytes_of_bursts(target, address, sizes, strides, itemsize))


def bus_cycles(target: Target, moved_bytes: int) -> int:
    """Cycles that so many bytes of bursts hold the bus of external memory."""
    rate = target.external.cycles_per_byte
    return -(-moved_bytes * rate.numerator // rate.denominator)


@dataclass(frozen=True)
class IndexedRows:
    """What a gather reads: `sizes` [outer, count, inner] elements, by `count` indices to `rows` rows of a table."""

    sizes: tuple[int, ...]
    rows: int
    strides: tuple[int, ...]
    """Of the table [outer, rows, inner], in elements."""
    itemsize: int
    index_itemsize: int


def bytes_of_gather(target: Target, table: int, indices: int, read: IndexedRows) -> int:
    """Bytes of all bursts of a gather from addresses `table` and `indices`.

    The indices are a stream. Each of them costs the bursts of a run that begins where it is worst, among
    all rows that it may name: so time does not depend on data.
    """
    burst, (outer, count, inner) = target.external.burst_bytes, read.sizes
    step, stride = (read.strides[axis] * read.itemsize for axis in (0, 1))
    each = sum(
        _worst_bursts((table + i * step) % burst, stride, read.rows, inner * read.itemsize, burst)
        for i in range(outer)
    )
    stream = bytes_of_bursts(target, indices, (count,), (1,), read.index_itemsize)
    return stream + count * each * burst


@lru_cache(maxsize=65536)
def _worst_bursts(offset: int, stride: int, rows: int, run: int, burst: int) -> int:
    """The most bursts of `run` bytes that begin `offset` and any of so many strides after the start of one."""
    places = min(rows, burst // gcd(stride, burst))
    starts = (offset + np.arange(places, dtype=np.int64) * stride) % burst
    return int((starts.max() + run - 1) // burst) + 1


def local_cycles(target: Target, moved_bytes: int) -> int:
    """Cycles of a transfer within local memory."""
    return -(-moved_bytes // target.dma.local_bytes_per_cycle)
