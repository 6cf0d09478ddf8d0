"""The pass `multiply-by-reciprocals`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr, f32
from xdsl.ir import Attribute, SSAValue
from xdsl.passes import ModulePass

from xnn.dialects import xnn
from xnn.passes.graph.building import Replacement, erase, network_operations
from xnn.passes.integers.parameters import is_single, known
from xnn.passes.integers.scales import note_scale, note_zero_point


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


def _multiply(node: xnn.QuantizeOp) -> None:
    scale, zero = known(node.scale), known(node.zero_point)
    assert scale is not None
    new, value, zero_point = Replacement(node), node.x, node.zero_point
    factor = new.constant(np.float32(1) / scale, f32, "reciprocal")
    properties: dict[str, Attribute] = {"axis": node.axis}
    before = value.owner if value.has_one_use() else None
    if isinstance(before, xnn.NormalizeOp):
        shifts = zero is not None and zero.size == 1 and zero.any()
        value = _normalized(new, before, factor, zero if shifts else None)
        factor = new.constant(np.array(1), f32, "one")
        if shifts:
            zero_point = new.constant(np.array(0), xnn.tensor_type(zero_point).element_type, "zero")
    else:
        properties["reciprocal"] = UnitAttr()
    operands, layers = [value, factor, zero_point], node.layer_names
    rounded = new.build(xnn.QuantizeOp, operands, properties, layers=layers)
    note_scale(rounded, node.scale)
    if zero_point is not node.zero_point:
        assert zero is not None
        note_zero_point(rounded, zero)
    new.take(rounded)
    if isinstance(before, xnn.NormalizeOp):
        erase(before)


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
    What is no normalisation becomes `xnn.quantize "q" %n, %r, %z {reciprocal, ...}`. The product may be
    rounded to another integer than the quotient where that is half way between two. Scales that are not
    in the text stay.
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
                _multiply(node)
