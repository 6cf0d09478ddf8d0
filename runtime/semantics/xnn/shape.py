"""Semantics of the operators that move or relabel elements."""

from __future__ import annotations

import numpy as np

from xnn.dialects.xnn import ConcatOp, GatherOp, ReshapeOp, TransposeOp
from xnn.dialects.xnn.shapes import reshaped
from xnn.runtime.engines.transfer import rows_of_indices
from xnn.runtime.semantics.operators import compute


@compute.register
def reshape(op: ReshapeOp, x: np.ndarray) -> np.ndarray:
    shape = reshaped(x.shape, op.shape.get_values())
    assert shape is not None, "the verifier has checked it"
    return x.reshape(shape)


@compute.register
def transpose(op: TransposeOp, x: np.ndarray) -> np.ndarray:
    return x.transpose(op.perm.get_values())


@compute.register
def concat(op: ConcatOp, *inputs: np.ndarray) -> np.ndarray:
    return np.concatenate(inputs, axis=op.axis.value.data)


@compute.register
def gather(op: GatherOp, x: np.ndarray, indices: np.ndarray) -> np.ndarray:
    axis = op.axis.value.data
    return x.take(rows_of_indices(indices, x.shape[axis]), axis)
