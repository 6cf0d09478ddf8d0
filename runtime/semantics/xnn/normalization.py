"""Semantics of batch normalisation, local response normalisation and softmax."""

from __future__ import annotations

import numpy as np

from xnn.dialects.element_types import UI8, accumulator_type, convert
from xnn.dialects.values import element_type
from xnn.dialects.xnn import BatchNormOp, LogSoftmaxOp, LrnOp, NormalizeOp, SoftmaxOp
from xnn.runtime.semantics.operators import compute
from xnn.runtime.semantics.xnn.reduction import deviations


@compute.register
def batch_norm(op: BatchNormOp, x: np.ndarray, *parameters: np.ndarray) -> np.ndarray:
    per_channel = (-1, *(1 for _ in x.shape[2:]))
    scale, shift, mean, var = (each.reshape(per_channel) for each in parameters)
    factor = scale / np.sqrt(var + var.dtype.type(op.epsilon.value.data))
    return x * factor + (shift - mean * factor)  # as it is decomposed: infinities decide


@compute.register
def normalize(op: NormalizeOp, x: np.ndarray, *factors: np.ndarray) -> np.ndarray:
    wide = np.float64 if x.dtype == np.float64 else np.float32
    axes, epsilon = op.axes.get_values(), wide(op.epsilon.value.data)
    y, *others = (each.astype(wide) for each in (x, *factors))
    with np.errstate(all="ignore"):
        if op.uncentered is None:
            y = deviations(y, axes)
        y = y * (1 / np.sqrt((y * y).mean(axis=tuple(axes), keepdims=True) + epsilon))
        if op.scale is not None:
            y = y * others[0]
        if op.bias is not None:
            y = y + others[-1]
        return y.astype(x.dtype)


@compute.register
def lrn(op: LrnOp, x: np.ndarray) -> np.ndarray:
    """With `square_step` as on the primitives, which multiply by a power of -beta."""
    squares, step, channels = x * x, 1.0, x.shape[1]
    if op.square_step is not None:
        step = op.square_step.value.data
        squares = convert(squares * np.float32(1 / step), op.squares).astype(np.float32)
    total = np.zeros_like(x)
    before, after = op.reach
    for offset in range(-before, after + 1):
        low, high = max(0, -offset), min(channels, channels - offset)
        total[:, low:high] += squares[:, low + offset : high + offset]
    alpha, beta, bias = (
        x.dtype.type(each.value.data / of)
        for each, of in ((op.alpha, op.size.value.data / step), (op.beta, 1), (op.bias, 1))
    )
    scale = bias + alpha * total
    return x / scale**beta if op.square_step is None else x * scale**-beta


@compute.register
def softmax(op: SoftmaxOp, x: np.ndarray) -> np.ndarray:
    """The largest element is subtracted first, so nothing overflows; quotients are products as on the primitives."""
    if op.exponent_step is None:
        e = np.exp(x - x.max(axis=op.axes, keepdims=True))
    else:
        e = _exponentials(x, op.axes, op.exponent_step.value.data)
    total, element = e.sum(axis=op.axes, keepdims=True), element_type(op.x)
    return e * (1 / total) if accumulator_type(element) == element else e / total


def _exponentials(x: np.ndarray, axes: tuple[int, ...], step: float) -> np.ndarray:
    """Those of x less the largest x, in steps; NaN counts as no step."""
    with np.errstate(invalid="ignore"):
        exponents = x.max(axis=axes, keepdims=True) - x
        steps = convert(exponents * np.float32(1 / step), UI8)
    rounded = np.arange(SoftmaxOp.MOST_STEPS + 1, dtype=np.float32) * np.float32(-step)
    table = np.exp(rounded.astype(np.float64)).astype(np.float32)
    table[SoftmaxOp.MOST_STEPS] = 0
    return table[steps]


@compute.register
def log_softmax(op: LogSoftmaxOp, x: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        shifted = x - x.max(axis=op.axes, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=op.axes, keepdims=True))
