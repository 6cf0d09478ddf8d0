"""Scales that follow from each input: the range of a map, tracked while the network runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from xdsl.dialects.builtin import IntegerType, f32
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import xnn
from xnn.dialects.element_types import integer_range


class Parts(Protocol):
    """What builds the parts of an operator, such as `xnn.passes.graph.building.Replacement`."""

    def build(
        self,
        operator: type[xnn.NetworkOperation],
        operands: Iterable[SSAValue | None],
        properties: Mapping[str, Attribute] | None = None,
        *,
        part: str,
    ) -> xnn.NetworkOperation: ...

    def constant(self, array: ArrayLike, element_type: Attribute, part: str) -> SSAValue: ...


def dynamic_range(
    parts: Parts, x: SSAValue, kind: IntegerType, non_negative: bool = False
) -> tuple[SSAValue, SSAValue]:
    """Scale and zero point at which unsigned integers of type `kind` span the range of `x`, and 0.

    The rule is that of ONNX's DynamicQuantizeLinear: scale = (max(x, 0) - min(x, 0)) / (2^bits - 1), zero point
    = round(-min(x, 0) / scale). What is never negative has zero point 0. The sort primitive finds the maxima.
    """
    zero = parts.constant(np.array(0), kind, "zero")
    high = _largest(parts, x, "high")
    span = high
    if not non_negative:
        negated = parts.build(xnn.NegOp, [x], part="negated").results[0]
        low = _largest(parts, negated, "low")
        span = parts.build(xnn.AddOp, [high, low], part="span").results[0]
    steps = parts.constant(np.array(integer_range(kind)[1]), f32, "steps")
    step = parts.build(xnn.DivOp, [span, steps], part="step").results[0]
    scale = parts.build(xnn.ReshapeOp, [step], {"shape": xnn.integers(())}, part="scale").results[0]
    if non_negative:
        return scale, zero
    least = parts.build(xnn.ReshapeOp, [low], {"shape": xnn.integers(())}, part="least").results[0]
    return scale, parts.build(xnn.QuantizeOp, [least, scale, zero], part="zero_point").results[0]


def _largest(parts: Parts, x: SSAValue, part: str) -> SSAValue:
    """The largest element of x and 0, as a tensor [1, 1, 1, 1]: one dimension after the other."""
    shape = xnn.shape_of(x)
    for axis in reversed(range(len(shape))):
        if shape[axis] == 1:
            continue
        rows = (1, 1, prod(shape[:axis]), shape[axis])
        x = parts.build(
            xnn.ReshapeOp, [x], {"shape": xnn.integers(rows)}, part=f"{part}_rows{axis}"
        ).results[0]
        window = {
            "kernel_shape": xnn.integers((1, shape[axis])),
            "strides": xnn.integers((1, 1)),
            "dilations": xnn.integers((1, 1)),
            "pads": xnn.integers((0, 0, 0, 0)),
        }
        x = parts.build(xnn.MaxPoolOp, [x], window, part=f"{part}{axis}").results[0]
    x = parts.build(
        xnn.ReshapeOp, [x], {"shape": xnn.integers((1, 1, 1, 1))}, part=f"{part}_number"
    ).results[0]
    return parts.build(xnn.ReluOp, [x], part=part).results[0]
