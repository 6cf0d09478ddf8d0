"""The sort engine: a sorting network that merges vectors, of as many stages as needed.

Semantics: `window_maximum` (max pooling). Cost: `window_cycles`, `streamed_elements`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from xnn.dialects.prim import Domain, SortOp
from xnn.dialects.windows import Pads
from xnn.runtime.engines.matmul import Compute, combined_taps, pad, windows


def lowest(dtype: np.dtype) -> float | int:
    """The value that never wins a maximum."""
    return int(np.iinfo(dtype).min) if dtype.kind in "iu" else -np.inf


def window_maximum(
    feature_map: np.ndarray,
    *,
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    pads: Pads,
) -> np.ndarray:
    """Largest element of every window: [B, C, *spatial] -> [B, C, *out]; pads never win."""
    padded = pad(feature_map, pads, lowest(feature_map.dtype))
    return combined_taps(np.maximum, windows(padded, kernel, strides, dilations), kernel)


def semantics(op: SortOp) -> Compute:
    """The maxima of a block's windows."""
    window = op.window
    options = {"kernel": window.kernel, "strides": window.strides, "dilations": window.dilations}
    return lambda factors, pads, partial: window_maximum(factors[0], pads=pads, **options)


def streamed_elements(block: Domain, kernel: Sequence[int], strides: Sequence[int]) -> Any:
    """Elements that a window operation on a block reads of each channel.

    For every row of results, the window's rows of input columns, without those between windows.
    """
    if not kernel:
        return 1
    *rows, columns = block.positions
    read = np.minimum((columns - 1) * strides[-1] + kernel[-1], columns * kernel[-1])
    return prod(rows) * prod(kernel[:-1]) * read


def window_cycles(block: Domain, kernel: Sequence[int], strides: Sequence[int], lanes: int) -> Any:
    """Cycles of a window operation on a block.

    Two vectors of `lanes` elements are read a cycle; one vector of results leaves a cycle.
    """
    reads = -(-streamed_elements(block, kernel, strides) // (2 * lanes))
    writes = -(-prod(block.positions) // lanes)
    return block.batch * block.groups * np.maximum(reads, writes)
