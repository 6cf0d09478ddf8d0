"""Batch normalisation becomes a multiplication and an addition per channel."""

from __future__ import annotations

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from xnn.dialects.xnn import AddOp, BatchNormOp, DivOp, MulOp, SqrtOp, SubOp, shape_of, tensor_type
from xnn.passes.graph.building import Replacement, network_operations


def _decompose(node: BatchNormOp) -> None:
    new = Replacement(node)
    element_type = tensor_type(node.x).element_type
    epsilon = new.constant(node.epsilon.value.data, element_type, "epsilon")
    variance = new.build(AddOp, [node.var, epsilon], part="variance")
    deviation = new.build(SqrtOp, [variance], part="deviation")
    a = new.build(DivOp, [node.scale, deviation], part="a")
    mean = new.build(MulOp, [node.mean, a], part="mean")
    b = new.build(SubOp, [node.shift, mean], part="b")
    channels = (*shape_of(a), *(1 for _ in shape_of(node.x)[2:]))
    scale, shift = new.reshaped(a, channels, "scale"), new.reshaped(b, channels, "shift")
    scaled = new.build(MulOp, [node.x, scale], part="mul")
    new.take(new.build(AddOp, [scaled, shift], layers=node.layer_names))


class DecomposeBatchNorm(ModulePass):
    """Write scale * (x - mean) / sqrt(var + epsilon) + shift as x * a + b.

    ```mlir
    %y = xnn.batch_norm "y" %x, %scale, %shift, %mean, %var {epsilon = 1.0e-5 : f32}
       : (tensor<1x8x4x4xf32>, tensor<8xf32>, ...) -> tensor<1x8x4x4xf32>
    ```
    becomes, with a = scale / sqrt(var + epsilon) and b = shift - mean * a
    ```mlir
    %m = xnn.mul "y#mul" %x, %a : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    %y = xnn.add "y" %m, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
    """

    name = "decompose-batch-norm"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for node in network_operations(op):
            if isinstance(node, BatchNormOp):
                _decompose(node)
