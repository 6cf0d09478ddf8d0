"""Semantics of reductions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xnn.dialects.element_types import accumulator_type, dtype_of
from xnn.dialects.scalar import quotient
from xnn.dialects.xnn import (
    ArgMaxOp,
    ArgMinOp,
    CumSumOp,
    NetworkOperation,
    ReduceL1Op,
    ReduceL2Op,
    ReduceLogSumExpOp,
    ReduceLogSumOp,
    ReduceMaxOp,
    ReduceMeanOp,
    ReduceMinOp,
    ReduceProdOp,
    ReduceSumOp,
    ReduceSumSquareOp,
    ReduceVarianceOp,
    tensor_type,
)
from xnn.dialects.xnn.reduction import ArgOperation, ReduceOperation
from xnn.runtime.engines.sort import lowest
from xnn.runtime.engines.vector import highest
from xnn.runtime.semantics.operators import compute


def widened(op: NetworkOperation, x: np.ndarray) -> np.ndarray:
    """Short floats as f32, in which they are summed."""
    element = tensor_type(op.operands[0]).element_type
    return x.astype(dtype_of(accumulator_type(element))) if x.dtype.kind not in "iub" else x


def _reduced(op: ReduceOperation, combine: np.ufunc, x: np.ndarray, **initial: Any) -> Any:
    """All along the axes made one, in the type of `x`, from an `initial` value on."""
    axes, keepdims = op.axes.get_values(), op.keepdims is not None
    with np.errstate(all="ignore"):
        return combine.reduce(x, axis=axes, keepdims=keepdims, dtype=x.dtype, **initial)


def _range(dtype: np.dtype) -> tuple[Any, Any]:
    """The least and the largest value: the maximum and the minimum of no elements."""
    if dtype.kind == "b":
        return False, True
    if dtype.kind in "iu":
        return np.iinfo(dtype).min, np.iinfo(dtype).max
    return dtype.type(-np.inf), dtype.type(np.inf)


def _narrowed(value: Any, x: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.asarray(value).astype(x.dtype)


@compute.register
def reduce_sum(op: ReduceSumOp, x: np.ndarray) -> np.ndarray:
    return _narrowed(_reduced(op, np.add, widened(op, x)), x)


@compute.register
def reduce_mean(op: ReduceMeanOp, x: np.ndarray) -> np.ndarray:
    total = _reduced(op, np.add, widened(op, x))
    count = total.dtype.type(max(1, op.count))  # ONNX leaves open what that of no elements is
    return _narrowed(quotient(total, count) if x.dtype.kind in "iu" else total / count, x)


@compute.register
def reduce_max(op: ReduceMaxOp, x: np.ndarray) -> np.ndarray:
    return np.asarray(_reduced(op, np.maximum, x, initial=_range(x.dtype)[0]))


@compute.register
def reduce_min(op: ReduceMinOp, x: np.ndarray) -> np.ndarray:
    return np.asarray(_reduced(op, np.minimum, x, initial=_range(x.dtype)[1]))


@compute.register
def reduce_prod(op: ReduceProdOp, x: np.ndarray) -> np.ndarray:
    return _narrowed(_reduced(op, np.multiply, widened(op, x)), x)


@compute.register
def reduce_sum_square(op: ReduceSumSquareOp, x: np.ndarray) -> np.ndarray:
    return _narrowed(_squares(op, x), x)


@compute.register
def reduce_l1(op: ReduceL1Op, x: np.ndarray) -> np.ndarray:
    return _narrowed(_reduced(op, np.add, np.abs(widened(op, x))), x)


@compute.register
def reduce_l2(op: ReduceL2Op, x: np.ndarray) -> np.ndarray:
    return _narrowed(np.sqrt(_squares(op, x)), x)


@compute.register
def reduce_log_sum(op: ReduceLogSumOp, x: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return _narrowed(np.log(_reduced(op, np.add, widened(op, x))), x)


@compute.register
def reduce_log_sum_exp(op: ReduceLogSumExpOp, x: np.ndarray) -> np.ndarray:
    wide, axes = widened(op, x), op.axes.get_values()
    largest = wide.max(axis=axes, keepdims=True, initial=-np.inf)
    bound = np.finfo(wide.dtype).max  # differences of infinities are no numbers
    largest = np.clip(largest, -bound, bound)
    with np.errstate(all="ignore"):
        logarithm = np.log(_reduced(op, np.add, np.exp(wide - largest)))
        return _narrowed(logarithm + largest.reshape(logarithm.shape), x)


@compute.register
def reduce_variance(op: ReduceVarianceOp, x: np.ndarray) -> np.ndarray:
    return _narrowed(_squares(op, deviations(widened(op, x), op.axes.get_values())) / op.count, x)


def _squares(op: ReduceOperation, x: np.ndarray) -> Any:
    wide = widened(op, x)
    with np.errstate(all="ignore"):
        return _reduced(op, np.add, wide * wide)


def deviations(x: np.ndarray, axes: Sequence[int]) -> np.ndarray:
    """Differences from the means along axes."""
    with np.errstate(all="ignore"):
        return x - x.mean(axis=tuple(axes), keepdims=True)


@compute.register
def cumsum(op: CumSumOp, x: np.ndarray) -> np.ndarray:
    wide, axis = widened(op, x), op.axis.value.data
    if op.reverse is not None:
        wide = np.flip(wide, axis)
    with np.errstate(all="ignore"):
        sums = np.cumsum(wide, axis=axis, dtype=wide.dtype)
    if op.exclusive is not None:
        before = np.roll(sums, 1, axis)
        np.moveaxis(before, axis, 0)[0] = 0
        sums = before
    return _narrowed(np.flip(sums, axis) if op.reverse is not None else sums, x)


@compute.register
def arg_max(op: ArgMaxOp, x: np.ndarray) -> np.ndarray:
    return _index(op, x, np.maximum, lowest(x.dtype))


@compute.register
def arg_min(op: ArgMinOp, x: np.ndarray) -> np.ndarray:
    return _index(op, x, np.minimum, highest(x.dtype))


def _index(op: ArgOperation, x: np.ndarray, extreme: np.ufunc, none: float) -> np.ndarray:
    """Where the extreme of all numbers is; `none` is the least of all for it."""
    axis, keepdims = op.axis.value.data, op.keepdims is not None
    numbers = np.where(x == x, x, x.dtype.type(none))
    found = x == extreme.reduce(numbers, axis=axis, keepdims=True)
    if op.last is None:
        index = found.argmax(axis, keepdims=True)
    else:
        index = x.shape[axis] - 1 - np.flip(found, axis).argmax(axis, keepdims=True)
    first = np.take(x, [0], axis)
    index = np.where(first == first, index, 0).astype(np.int64)
    return index if keepdims else index.squeeze(axis)
