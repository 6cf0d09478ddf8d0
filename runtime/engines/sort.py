"""The sort engine: merges vectors through a network of the required number of stages.

Meaning: `window_maximum` (max pooling). Cost: `window_cycles`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xnn.runtime.engines.matmul import Pads, pad, windows


def lowest(dtype: np.dtype) -> float | int:
    """The value that never wins a maximum."""
    return -np.inf if np.issubdtype(dtype, np.floating) else int(np.iinfo(dtype).min)


def window_maximum(
    maps: np.ndarray,
    *,
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    pads: Pads,
) -> np.ndarray:
    """Largest element of every window: maps [B, C, *spatial] -> [B, C, *out]; pads never win."""
    taps = windows(pad(maps, pads, lowest(maps.dtype)), kernel, strides, dilations)
    rank = len(kernel)
    result: np.ndarray | None = None
    for tap in np.ndindex(*kernel):  # a running maximum over taps reads each element in place
        plane = taps[(slice(None), slice(None), *tap)]
        result = plane.copy() if result is None else np.maximum(result, plane, out=result)
    assert result is not None and result.ndim == 2 + rank
    return result


def window_cycles(
    maps: int, window_rows: int, output_rows: int, output_columns: int, columns: int, lanes: int
) -> int:
    """Cycles of a window operation on `maps` maps.

    Two vectors of `lanes` elements are read a cycle: `window_rows` rows of `columns` input elements
    for each of `output_rows`. One vector of results leaves a cycle.
    """
    reads = -(-output_rows * window_rows * columns // (2 * lanes))
    writes = -(-output_rows * output_columns // lanes)
    return maps * max(reads, writes)
