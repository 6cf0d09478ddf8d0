"""The pass `multiply-by-reciprocals`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr, f32
from xdsl.ir import Attribute, SSAValue
from xdsl.passes import ModulePass

from xnn.dialects import xnn
from xnn.passes.graph.building import Replacement, erase, network_operations
from xnn.passes.integers.fold_products import dequantized
from xnn.passes.integers.parameters import before, is_single, known, saturates
from xnn.passes.integers.scales import has_own_scale, note_scale, note_zero_point


def _normalized(
    new: Replacement, node: xnn.NormalizeOp, factor: SSAValue, zero_point: np.ndarray | None
) -> SSAValue:
    """A normalisation times a factor, plus a zero point: those of its scale and bias."""
    scale, bias = node.scale, node.bias
    scale = factor if scale is None else new.build(xnn.MulOp, [scale, factor], part="factor_scale")
    if bias is not None:
        bias = new.build(xnn.MulOp, [bias, factor], part="factor_bias")
    if zero_point is not None:
        shift = new.constant(zero_point, f32, "shift")
        bias = shift if bias is None else new.build(xnn.AddOp, [bias, shift], part="shifted_bias")
    properties = {k: v for k, v in node.properties.items() if k not in ("name", "layers")}
    return new.build(type(node), [node.x, scale, bias], properties, part="x", layers=node.all_names)


@dataclass(frozen=True)
class _ScaleShift:
    """Dequantised integers times a constant, plus another one."""

    source: xnn.DequantizeOp
    product: xnn.MulOp
    sum: xnn.AddOp
    scale: SSAValue
    bias: SSAValue

    @staticmethod
    def of(op: object, constants: xnn.ConstantExpressions) -> _ScaleShift | None:
        """The one whose last operator this is; None if it is another, or others use a part of it."""
        if not isinstance(op, xnn.AddOp):
            return None
        for value, bias in (op.operands, op.operands[::-1]):
            product = value.owner if value.has_one_use() else None
            if not isinstance(product, xnn.MulOp) or bias not in constants:
                continue
            for factor, scale in (product.operands, product.operands[::-1]):
                source = dequantized(factor)
                if scale not in constants or source is None or not has_own_scale(source.q):
                    continue
                if known(source.scale) is None or known(source.zero_point) is None:
                    continue
                if xnn.shape_of(source.q) == xnn.shape_of(op.result):
                    return _ScaleShift(source, product, op, scale, bias)
        return None

    def times(self, new: Replacement, factor: SSAValue, zero_point: np.ndarray | None) -> SSAValue:
        """It times a factor, plus a zero point: integers times one constant, plus another one."""
        source = self.source
        step, zero = known(source.scale), known(source.zero_point)
        assert step is not None and zero is not None
        scale = new.build(xnn.MulOp, [self.scale, factor], part="factor_scale")
        scale = new.build(xnn.MulOp, [scale, new.constant(step, f32, "step")], part="scale")
        bias = new.build(xnn.MulOp, [self.bias, factor], part="factor_bias")
        if zero.any():
            moved = new.build(xnn.MulOp, [scale, new.constant(zero, f32, "zero_x")], part="moved")
            bias = new.build(xnn.SubOp, [bias, moved], part="moved_bias")
        if zero_point is not None:
            bias = new.build(xnn.AddOp, [bias, new.constant(zero_point, f32, "shift")], part="bias")
        one = new.constant(np.array(1), f32, "one_x")
        none = new.constant(np.array(0), xnn.tensor_type(source.zero_point).element_type, "none")
        numbers = new.build(xnn.DequantizeOp, [source.q, one, none], part="numbers")
        layers = self.product.all_names
        product = new.build(xnn.MulOp, [numbers, scale], part="product", layers=layers)
        return new.build(xnn.AddOp, [product, bias], part="x", layers=self.sum.all_names)


def _multiply(node: xnn.QuantizeOp, constants: xnn.ConstantExpressions) -> None:
    scale, zero = known(node.scale), known(node.zero_point)
    assert scale is not None
    new, zero_point = Replacement(node), node.zero_point
    factor = new.constant(np.float32(1) / scale, f32, "reciprocal")
    properties: dict[str, Attribute] = {"axis": node.axis}
    shift = zero if zero is not None and zero.size == 1 and zero.any() else None
    value, clips = before(node.x, xnn.ReluOp)
    if not value.has_one_use() or not all(saturates(clip, node) for clip in clips):
        value, clips = node.x, []
    last = value.owner if value.has_one_use() else None
    merged: Sequence[xnn.NetworkOperation] = ()
    if isinstance(last, xnn.NormalizeOp):
        value, merged = _normalized(new, last, factor, shift), (last,)
    elif (found := _ScaleShift.of(last, constants)) is not None:
        value, merged = found.times(new, factor, shift), (found.sum, found.product)
    if merged:
        factor = new.constant(np.array(1), f32, "one")
        if shift is not None:
            zero_point = new.constant(np.array(0), xnn.tensor_type(zero_point).element_type, "zero")
    else:
        value, clips = node.x, []
        properties["reciprocal"] = UnitAttr()
    layers = [*(name for clip in clips[::-1] for name in clip.all_names), *node.layer_names]
    operands = [value, factor, zero_point]
    rounded = new.build(xnn.QuantizeOp, operands, properties, layers=layers)
    note_scale(rounded, node.scale)
    if zero_point is not node.zero_point:
        assert zero is not None
        note_zero_point(rounded, zero)
    new.take(rounded)
    for each in (*clips, *merged):
        erase(each)


@dataclass(frozen=True)
class MultiplyByReciprocals(ModulePass):
    """Multiplies real values by the reciprocal of their scale before they are rounded, which is cheaper than dividing.

    ```mlir
    %n = xnn.normalize "n" %x scale %g : tensor<8xf32> {...} : tensor<1x4x8xf32>
    %q = xnn.quantize "q" %n, %s, %z : (tensor<1x4x8xf32>, tensor<f32>, tensor<i8>) -> tensor<1x4x8xi8>
    ```
    becomes, with %r = 1 / %s,
    ```mlir
    %gr = xnn.mul "q#factor_scale" %g, %r : ...
    %n = xnn.normalize "q#x" %x scale %gr : tensor<8xf32> {...} : tensor<1x4x8xf32>
    %q = xnn.quantize "q" %n, %one, %z {xnn.scale = 0.125 : f32} : ...
    ```
    So do dequantised integers times a constant plus another one, such as a batch normalisation between two
    roundings: their scale and zero point go into both constants as well, and a ReLU is left out whose zero is the
    least integer. What is neither becomes `xnn.quantize "q" %n, %r, %z {reciprocal, ...}`. Results may be
    rounded to another integer where they are half way between two. Scales that are not in the text stay.
    """

    name = "multiply-by-reciprocals"
    changes_values = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        constants = xnn.ConstantExpressions()
        for node in network_operations(op):
            if (
                isinstance(node, xnn.QuantizeOp)
                and node.result not in constants
                and node.reciprocal is None
                and is_single(node.scale)
                and known(node.scale) is not None
                and xnn.tensor_type(node.x).element_type == f32
            ):
                _multiply(node, constants)
