"""Meaning of batch normalisation, local response normalisation and softmax."""

from __future__ import annotations

import numpy as np
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from xnn.dialects.xnn import BatchNormOp, LrnOp, SoftmaxOp


def batch_norm(
    x: np.ndarray,
    scale: np.ndarray,
    shift: np.ndarray,
    mean: np.ndarray,
    var: np.ndarray,
    epsilon: float,
) -> np.ndarray:
    """scale * (x - mean) / sqrt(var + epsilon) + shift, per channel of x [B, C, ...]; the others are [C]."""
    factor = scale / np.sqrt(var + var.dtype.type(epsilon))
    per_channel = (-1, *(1 for _ in x.shape[2:]))
    return (x - mean.reshape(per_channel)) * factor.reshape(per_channel) + shift.reshape(
        per_channel
    )


def lrn(x: np.ndarray, *, size: int, alpha: float, beta: float, bias: float) -> np.ndarray:
    """x / (bias + alpha / size * s) ** beta for x [B, C, ...].

    s[c] sums the squares of channels c - (size - 1) // 2 to c + size // 2, as far as they exist.
    """
    squares = x * x
    channels = x.shape[1]
    total = np.zeros_like(x)
    for offset in range(-((size - 1) // 2), size // 2 + 1):
        low, high = max(0, -offset), min(channels, channels - offset)
        total[:, low:high] += squares[:, low + offset : high + offset]
    number = x.dtype.type
    return x / (number(bias) + number(alpha / size) * total) ** number(beta)


def softmax(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """exp(x) over its sum along `axes`; the largest element is subtracted first, so nothing overflows."""
    e = np.exp(x - x.max(axis=axes, keepdims=True))
    return e / e.sum(axis=axes, keepdims=True)


@register_impls
class NormalizationFunctions(InterpreterFunctions):
    @impl(BatchNormOp)
    def batch_norm(
        self, interpreter: Interpreter, op: BatchNormOp, args: PythonValues
    ) -> PythonValues:
        return (batch_norm(*args, epsilon=op.epsilon.value.data),)

    @impl(LrnOp)
    def lrn(self, interpreter: Interpreter, op: LrnOp, args: PythonValues) -> PythonValues:
        result = lrn(
            args[0],
            size=op.size.value.data,
            alpha=op.alpha.value.data,
            beta=op.beta.value.data,
            bias=op.bias.value.data,
        )
        return (result,)

    @impl(SoftmaxOp)
    def softmax(self, interpreter: Interpreter, op: SoftmaxOp, args: PythonValues) -> PythonValues:
        return (softmax(args[0], op.axes),)
