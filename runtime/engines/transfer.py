"""The transfer engines: gather, transform, scatter, between external and local memory and within local.

Semantics: `move`. Cost: `external_cycles`, `local_cycles`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from xnn.dialects.target import Target


def move(source: np.ndarray, target: np.ndarray) -> None:
    """Scatters what was gathered; the transform is the identity."""
    target[...] = source


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
    rate = target.external.cycles_per_byte
    total = bytes_of_bursts(target, address, sizes, strides, itemsize)
    return -(-total * rate.numerator // rate.denominator)


def local_cycles(target: Target, moved_bytes: int) -> int:
    """Cycles of a transfer within local memory."""
    return -(-moved_bytes // target.dma.local_bytes_per_cycle)
