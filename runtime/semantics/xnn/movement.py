"""Semantics of the operators that choose and rearrange elements, or surround them."""

from __future__ import annotations

import numpy as np

from xnn.dialects.xnn import ChoosingOperation, PadOp, RearrangingOperation, shape_of
from xnn.runtime.semantics.operators import compute


@compute.register
def choose(op: ChoosingOperation, x: np.ndarray) -> np.ndarray:
    indices = op.indices(x.shape)
    return x.reshape((1,) * (len(indices) - x.ndim) + x.shape)[np.ix_(*indices)]


@compute.register
def rearrange(op: RearrangingOperation, x: np.ndarray) -> np.ndarray:
    sizes, perm = op.divided(x.shape)
    return x.reshape(sizes).transpose(perm).reshape(shape_of(op.result))


@compute.register
def pad(op: PadOp, x: np.ndarray, value: np.ndarray | None = None) -> np.ndarray:
    kept = x[np.ix_(*op.indices(x.shape))]
    if op.mode.data != "constant":
        return kept
    widths = [(max(0, before), max(0, after)) for before, after in op.pairs]
    fill = np.zeros((), x.dtype) if value is None else value.reshape(())
    return np.pad(kept, widths, constant_values=fill)
