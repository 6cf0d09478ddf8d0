"""Convolutions and matrix products absorb the scale and shift per channel that follow them."""

from __future__ import annotations

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import AnyFloat, FloatAttr, ModuleOp, f32
from xdsl.ir import Attribute, SSAValue
from xdsl.passes import ModulePass

from xnn.dialects import xnn
from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn.linear import MultiplyAccumulateOperation
from xnn.passes.graph.building import Replacement, erase, network_operations, per_channel
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.runtime.semantics.parameters import Parameters


def _scaled(
    new: Replacement, before: MultiplyAccumulateOperation, scale: SSAValue
) -> tuple[SSAValue, SSAValue | None]:
    """Weights and bias of `before` for a result that is `scale` times as large."""
    weights, bias = before.weights, before.bias
    channels = xnn.tensor_type(scale).element_count()
    along_weights = [1] * len(xnn.shape_of(weights))
    along_weights[before.output_axis] = channels
    factor = new.reshaped(scale, along_weights, "weight_scale")
    weights = new.build(xnn.MulOp, [weights, factor], part="weights")
    if bias is not None:
        factor = new.reshaped(scale, [channels], "bias_scale")
        bias = new.build(xnn.MulOp, [bias, factor], part="bias")
    return weights, bias


def _shifted(new: Replacement, before: MultiplyAccumulateOperation, shift: SSAValue) -> SSAValue:
    """The bias of `before` for a result that is larger by `shift`."""
    bias = before.bias
    type = xnn.tensor_type(before.result)
    channels = type.get_shape()[1]
    part = "bias" if bias is None else "shift"
    shift = new.reshaped(shift, [xnn.tensor_type(shift).element_count()], part)
    if isinstance(before, xnn.GemmOp) and bias is not None and before.beta.value.data != 1:
        beta = new.constant(before.beta.value.data, type.element_type, "beta")
        bias = new.build(xnn.MulOp, [bias, beta], part="bias_without_beta")
    if bias is None and xnn.shape_of(shift) == (channels,):
        return shift
    if bias is None:
        zeros = np.zeros(channels)
        bias = new.constant(zeros, type.element_type, "no_bias")
    return new.build(xnn.AddOp, [bias, shift], part="bias")


def _may_be_finite(constant: SSAValue, parameters: Parameters) -> bool:
    """Whether no element is known to be infinite or NaN."""
    try:
        return bool(np.isfinite(parameters.evaluate(constant)).all())
    except UserError:  # weights that are not here yet
        return True


def _absorb(
    node: xnn.AddOp | xnn.MulOp, constants: xnn.ConstantExpressions, parameters: Parameters
) -> None:
    """Move what `node` does to each channel into the product before it, if only `node` uses that."""
    if not (found := per_channel(node, constants)):
        return
    value, constant = found
    before = value.owner
    if not isinstance(before, MultiplyAccumulateOperation) or not value.has_one_use():
        return
    weights, bias = before.weights, before.bias
    changed = [bias] if isinstance(node, xnn.AddOp) else [weights, bias]
    if any(operand is not None and operand not in constants for operand in changed):
        return
    if not isinstance(xnn.tensor_type(value).element_type, AnyFloat):
        return  # integers are rounded afterwards: the results would differ
    if isinstance(node, xnn.MulOp) and not _may_be_finite(constant, parameters):
        return  # a sum of infinite products is another than an infinite product of the sum
    new = Replacement(node)
    properties: dict[str, Attribute] = {
        key: each for key, each in before.properties.items() if key not in ("name", "layers")
    }
    if isinstance(node, xnn.MulOp):
        weights, bias = _scaled(new, before, constant)
    else:
        bias = _shifted(new, before, constant)
        if isinstance(before, xnn.GemmOp):
            properties["beta"] = FloatAttr(1.0, f32)
    layers = (*before.all_names, *node.layer_names)
    operands = [before.operands[0], weights, bias]
    new.take(new.build(type(before), operands, properties, layers=layers))
    erase(before)


class AbsorbScaleShift(ModulePass):
    """Absorb x * a and x + b, one element or one per channel, into weights and bias of the conv or gemm that makes x.

    ```mlir
    %1 = xnn.conv "1" %x, %w {...} : (tensor<1x3x4x4xf32>, tensor<8x3x1x1xf32>) -> tensor<1x8x4x4xf32>
    %2 = xnn.mul "2" %1, %a : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    %3 = xnn.add "3" %2, %b : ...
    ```
    becomes
    ```mlir
    %wa = xnn.mul "2#weights" %w, %a4 : (tensor<8x3x1x1xf32>, tensor<8x1x1x1xf32>) -> tensor<8x3x1x1xf32>
    %3 = xnn.conv "3" %x, %wa, %b1 {layers = ["1", "2"], ...} : ...
    ```
    with a and b reshaped as needed.
    """

    name = "absorb-scale-shift"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        constants = xnn.ConstantExpressions()
        parameters = Parameters.of(interpreter_of(op, WeightStore()))
        for node in network_operations(op):
            if isinstance(node, xnn.AddOp | xnn.MulOp):
                _absorb(node, constants, parameters)
