"""Semantics of the quantisation operators that have no scalar form for all their types."""

from __future__ import annotations

import numpy as np

from xnn.dialects.packing import LEVELS, pack
from xnn.dialects.xnn import PackOp, RestrictOp
from xnn.runtime.semantics.arrays import broadcast
from xnn.runtime.semantics.operators import compute


def restrict(x: np.ndarray, scale: np.ndarray, levels: str) -> np.ndarray:
    """The nearest of a few integers, which are symmetric, to x / scale; half way the one of larger size."""
    sizes = np.array([level for level in LEVELS[levels] if level >= 0], np.int8)
    quotient = x / scale
    found = sizes[np.searchsorted((sizes[1:] + sizes[:-1]) / 2, np.abs(quotient), side="right")]
    return np.where(quotient < 0, -found, found)


@compute.register
def restricted(op: RestrictOp, x: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return restrict(x, broadcast(op.indexing_map(1), scale, x.ndim), op.levels.data)


@compute.register
def packed(op: PackOp, x: np.ndarray) -> np.ndarray:
    return pack(x.reshape(len(x), -1), op.format.data)
