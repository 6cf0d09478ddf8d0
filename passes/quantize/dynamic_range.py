"""Dynamic scales: the range of a feature map, found while the network runs."""

from __future__ import annotations

from math import prod

import numpy as np
from xdsl.dialects.builtin import IntegerType, f32
from xdsl.ir import SSAValue

from xnn.dialects import xnn
from xnn.dialects.element_types import integer_range
from xnn.passes.graph.building import Parts


def dynamic_range(
    parts: Parts, x: SSAValue, kind: IntegerType, non_negative: bool = False
) -> tuple[SSAValue, SSAValue]:
    """Scale and zero point at which unsigned integers of type `kind` span the range of `x`, and 0.

    The rule is that of ONNX's DynamicQuantizeLinear: scale = (max(x, 0) - min(x, 0)) / (2^bits - 1), zero point
    = round(-min(x, 0) / scale); it is 0 if `non_negative`. The sort primitive finds the maxima.
    """
    zero = parts.constant(np.array(0), kind, "zero")
    high = _largest(parts, x, "high")
    span = high
    if not non_negative:
        negated = parts.build(xnn.NegOp, [x], part="negated")
        low = _largest(parts, negated, "low")
        span = parts.build(xnn.AddOp, [high, low], part="span")
    steps = parts.constant(np.array(integer_range(kind)[1]), f32, "steps")
    step = parts.build(xnn.DivOp, [span, steps], part="step")
    scale = parts.reshaped(step, (), "scale")
    if non_negative:
        return scale, zero
    least = parts.reshaped(low, (), "least")
    return scale, parts.build(xnn.QuantizeOp, [least, scale, zero], part="zero_point")


def _largest(parts: Parts, x: SSAValue, part: str) -> SSAValue:
    """The largest element of x and 0, as a tensor [1, 1, 1, 1], reduced dimension by dimension."""
    shape = xnn.shape_of(x)
    for axis in reversed(range(len(shape))):
        if shape[axis] == 1:
            continue
        rows = (1, 1, prod(shape[:axis]), shape[axis])
        x = parts.reshaped(x, rows, f"{part}_rows{axis}")
        window = {
            "kernel_shape": xnn.integers((1, shape[axis])),
            "strides": xnn.integers((1, 1)),
            "dilations": xnn.integers((1, 1)),
            "pads": xnn.integers((0, 0, 0, 0)),
        }
        x = parts.build(xnn.MaxPoolOp, [x], window, part=f"{part}{axis}")
    x = parts.reshaped(x, (1, 1, 1, 1), f"{part}_number")
    return parts.build(xnn.ReluOp, [x], part=part)
