"""Products of dequantised integers, as sums of products of integers: a rule of `fold-quantization`."""

from __future__ import annotations

from math import prod

import numpy as np
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import SSAValue

from xnn.dialects import xnn
from xnn.dialects.element_types import accumulator_type, integer_range
from xnn.dialects.xnn.linear import MultiplyAccumulateOperation, ProductOperation
from xnn.passes.graph.building import Replacement
from xnn.passes.integers.parameters import combined, is_single, is_zero, known
from xnn.runtime.semantics.parameters import Parameters


def dequantized(value: SSAValue) -> xnn.DequantizeOp | None:
    """The dequantisation, with one scale for all elements, that produces a value."""
    op = value.owner
    if isinstance(op, xnn.DequantizeOp) and is_single(op.scale) and is_single(op.zero_point):
        return op
    return None


def centred(new: Replacement, op: xnn.DequantizeOp, part: str) -> SSAValue:
    """The integers less their zero point: what a dequantisation multiplies by its scale."""
    if is_zero(op.zero_point):
        return op.q
    properties = {"axis": op.axis}
    return new.build(xnn.CenterOp, [op.q, op.zero_point], properties, part=part)


def _narrow(new: Replacement, op: xnn.DequantizeOp, difference: SSAValue) -> SSAValue:
    """Weights less their zero point, stored in as many bits as before if those hold them."""
    kind, zero_point = xnn.tensor_type(op.q).element_type, known(op.zero_point)
    assert isinstance(kind, IntegerType)
    if difference is op.q or zero_point is None:
        return difference
    low, high = integer_range(kind)
    narrow = IntegerType(kind.width.data)
    least, most = integer_range(narrow)
    if low - int(zero_point.max()) < least or high - int(zero_point.min()) > most:
        return difference
    return new.build(xnn.CastOp, [difference], {"to": narrow}, part="w_narrow")


def is_accumulated(value: SSAValue) -> bool:
    kind = xnn.tensor_type(value).element_type
    return isinstance(kind, IntegerType) and kind.width.data >= 32


def _factors(node: ProductOperation) -> tuple[xnn.DequantizeOp, xnn.DequantizeOp] | None:
    """The dequantisations of feature map and weights, if their scales factor out of the sums of products."""
    feature_map, weights = dequantized(node.operands[0]), node.operands[1].owner
    if feature_map is None or not isinstance(weights, xnn.DequantizeOp):
        return None
    if is_accumulated(feature_map.q) or is_accumulated(weights.q):
        return None
    if not is_single(weights.scale):
        of_channels = isinstance(node, MultiplyAccumulateOperation)
        if not of_channels or weights.axis.value.data != node.output_axis:
            return None
    return feature_map, weights


def _bias(
    new: Replacement,
    bias: SSAValue,
    scale: SSAValue,
    sums: IntegerType,
    room: int,
    parameters: Parameters | None,
) -> SSAValue | None:
    """A bias at the scale of the sums; None if it is not known now, or exceeds the `room` that they leave."""
    stored = bias.owner
    if isinstance(stored, xnn.DequantizeOp) and is_zero(stored.zero_point):
        mine, theirs = known(stored.scale), known(scale)
        fits = mine is not None and theirs is not None and np.allclose(mine, theirs, 1e-5, 0)
        if xnn.tensor_type(stored.q).element_type == sums and fits:
            return stored.q
    if parameters is None:
        return None
    steps = np.abs(parameters.evaluate(bias).astype(np.float64) / parameters.evaluate(scale))
    if not (steps <= room).all():
        return None
    zero = new.constant(np.array(0), sums, "bias_zero")
    axis = {"axis": xnn.integer(len(xnn.shape_of(bias)) - 1)}
    return new.build(xnn.QuantizeOp, [bias, scale, zero], axis, part="bias_q")


LARGEST_SUM = 2**47
"""Of 16-bit integers: what is done to sums is exact in 64 bits up to there."""


def _product(
    constants: xnn.ConstantExpressions,
    parameters: Parameters,
    node: ProductOperation,
    feature_map: xnn.DequantizeOp,
    weights: xnn.DequantizeOp,
) -> None:
    """Products of dequantised integers: sums of products of integers, dequantised.

    A bias that the sums have no room for, such as a mask of -1e9, is added to the real values.
    """
    new, bias = Replacement(node), node.bias
    taps = abs(prod(node.summed_sizes))
    x, w = centred(new, feature_map, "x"), centred(new, weights, "w")
    if weights.q in constants:
        w = _narrow(new, weights, w)
    kinds = [xnn.tensor_type(value).element_type for value in (x, w)]
    sums = accumulator_type(*kinds)
    assert isinstance(sums, IntegerType)
    varies = feature_map.scale not in constants
    scale = weights.scale
    if not varies:
        scale = combined(new, xnn.MulOp, feature_map.scale, weights.scale, "scale")
    added = None
    if bias is not None and not varies:
        largest = prod(max(map(abs, integer_range(k))) for k in kinds if isinstance(k, IntegerType))
        room = min(integer_range(sums)[1], LARGEST_SUM) - largest * taps
        added = _bias(new, bias, scale, sums, room, parameters if bias in constants else None)
    adds_real_bias = bias is not None and added is None
    properties = {k: v for k, v in node.properties.items() if k not in ("name", "layers")}
    operands = [x, w] if bias is None else [x, w, added]
    product = new.build(type(node), operands, properties, part="sums", layers=node.layer_names)
    zero = new.constant(np.array(0), sums, "sums_zero")
    part = "numbers" if varies or adds_real_bias else ""
    values = new.build(xnn.DequantizeOp, [product, scale, zero], part=part)
    if varies:
        part = "scaled" if adds_real_bias else ""
        values = new.build(xnn.MulOp, [values, feature_map.scale], part=part)
    if bias is not None and adds_real_bias:
        sizes = (*xnn.shape_of(bias), *(1,) * (len(xnn.shape_of(values)) - 2))  # of axis 1
        values = new.build(xnn.AddOp, [values, new.reshaped(bias, sizes, "bias_c")])
    new.take(values)


def _fits(bias: SSAValue | None, weights: xnn.DequantizeOp) -> bool:
    """Whether a bias has an element for each scale of the sums that it is added to."""
    if bias is None or is_single(weights.scale):
        return True
    return xnn.shape_of(bias)[-1:] == xnn.shape_of(weights.scale)


def fold_product(
    constants: xnn.ConstantExpressions, parameters: Parameters, node: ProductOperation
) -> None:
    """Products of dequantised integers become products of integers; others stay."""
    if isinstance(node, xnn.GemmOp) and (node.alpha.value.data, node.beta.value.data) != (1, 1):
        return
    found = _factors(node)
    if found and _fits(node.bias, found[1]):
        _product(constants, parameters, node, *found)
