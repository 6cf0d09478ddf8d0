"""The transfer engines: gather, transform, scatter, between external and local memory and within local.

Semantics: `move`, `gather`. Cost: bursts of external memory, or bytes within local memory, and rows of
local memory; rows by indices that are data cost what the worst indices do.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import gcd

import numpy as np

from xnn.dialects.dsa.access import Access, Wrap
from xnn.dialects.target import Target
from xnn.runtime.engines.engine import NodeCost
from xnn.runtime.engines.vectors import summed


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
def units(
    offset: int,
    sizes: Sequence[int],
    strides: Sequence[int],
    itemsize: int,
    unit_bytes: int,
    wrap: Wrap | None = None,
) -> int:
    """Bursts, or rows, of a strided slice that starts `offset` bytes into one (sizes, strides in elements).

    Elements move in the order of the sizes, last fastest; a unit counts again only if the element
    before lay in another one.
    """
    return most_units((offset,), sizes, strides, itemsize, unit_bytes, wrap)


@lru_cache(maxsize=65536)
def most_units(
    offsets: Sequence[int],
    sizes: Sequence[int],
    strides: Sequence[int],
    itemsize: int,
    unit_bytes: int,
    wrap: Wrap | None = None,
) -> int:
    """The most `units` of a strided slice that may start at any of several offsets."""
    run, axes = itemsize, list(zip(sizes, strides, strict=True))
    kept = 0 if wrap is None else wrap.axis + 1
    while len(axes) > kept and (axes[-1][0] == 1 or axes[-1][1] * itemsize == run):
        run *= axes.pop()[0]
    steps = [np.arange(size, dtype=np.int64) * (stride * itemsize) for size, stride in axes]
    if wrap is not None:
        steps[wrap.axis][wrap.at :] -= wrap.rows * strides[wrap.axis] * itemsize
    starts = np.add.outer(np.array(offsets, np.int64), summed(steps))
    first, last = starts // unit_bytes, (starts + run - 1) // unit_bytes
    before = (starts + run - itemsize)[:, :-1] // unit_bytes, last[:, :-1]  # its last element
    after = first[:, 1:], (starts + itemsize - 1)[:, 1:] // unit_bytes
    shared = np.minimum(before[1], after[1]) - np.maximum(before[0], after[0]) + 1
    totals = (last - first + 1).sum(axis=1) - np.maximum(shared, 0).sum(axis=1)
    return int(totals.max())


def bus_bytes(address: int, access: Access, target: Target) -> int:
    """Bytes of all bursts that an operand in external memory takes."""
    burst = target.external.burst_bytes
    if access.moved is not None:
        return burst * _indexed_bursts(address % burst, access, burst)
    start = address % burst
    return burst * units(start, access.sizes, access.strides, access.itemsize, burst)


def bus_cycles(bytes: int, target: Target) -> int:
    """Cycles for which so many bytes of bursts hold the bus."""
    rate = target.external.cycles_per_byte
    return -(-bytes * rate.numerator // rate.denominator)


def _indexed_bursts(address: int, table: Access, burst: int) -> int:
    """Bursts of the rows [outer, rows, inner] of a table that indices name, each where it is worst.

    So time does not depend on data.
    """
    outer, rows, inner = table.sizes
    step, stride = (table.strides[axis] * table.itemsize for axis in (0, 1))
    run = inner * table.itemsize
    each = sum(_worst((address + i * step) % burst, stride, rows, run, burst) for i in range(outer))
    return table.elements // (outer * inner) * each


@lru_cache(maxsize=65536)
def _worst(offset: int, stride: int, rows: int, run: int, burst: int) -> int:
    """The most bursts of `run` bytes that begin `offset` and any of so many strides after the start of one."""
    places = min(rows, burst // gcd(stride, burst))
    starts = (offset + np.arange(places, dtype=np.int64) * stride) % burst
    return int((starts.max() + run - 1) // burst) + 1


def transfer_cost(accesses: Sequence[Access], starts: Sequence[int], target: Target) -> NodeCost:
    """Cost of a transfer, but for the bus; `starts`: where in a row of local memory its local operands begin."""
    local = [access for access in accesses if access.local]
    rows = [
        units(start, each.sizes, each.strides, each.itemsize, target.local.row_bytes, each.wrap)
        for each, start in zip(local, starts, strict=True)
    ]
    read = sum(count for each, count in zip(local, rows, strict=True) if each.reads)
    if len(local) < len(accesses):
        return NodeCost(rows=tuple(rows), read_rows=read)
    cycles = -(-accesses[0].bytes // target.dma.local_bytes_per_cycle)
    return NodeCost({"copy": cycles}, rows=tuple(rows), read_rows=read)
