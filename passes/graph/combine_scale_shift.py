"""Chains of multiplications and additions per channel become one of each."""

from __future__ import annotations

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from xnn.dialects.xnn import AddOp, BinaryOperation, ConstantExpressions, MulOp, NetworkOperation
from xnn.passes.graph.building import Replacement, erase, network_operations, per_channel


def _chain(
    value: SSAValue, kind: type[BinaryOperation], constants: ConstantExpressions
) -> tuple[BinaryOperation, SSAValue, SSAValue] | None:
    """The producer of `value`, its operand and its constant, if it is a `kind` per channel with one use."""
    op = value.owner
    if isinstance(op, kind) and value.has_one_use() and (found := per_channel(op, constants)):
        return op, *found
    return None


def _combine_shift(node: AddOp, constants: ConstantExpressions) -> None:
    """(x + b) + d -> x + (b + d)."""
    if not (outer := per_channel(node, constants)):
        return
    if not (inner := _chain(outer[0], AddOp, constants)):
        return
    (_, d), (add, x, b) = outer, inner
    new = Replacement(node)
    shift = new.build(AddOp, [b, d], part="shift")
    new.take(new.build(AddOp, [x, shift], layers=_layers(add, node)))
    erase(add)


def _combine_scale(node: MulOp, constants: ConstantExpressions) -> None:
    """(x * a) * c -> x * (a * c) and (x * a + b) * c -> x * (a * c) + b * c."""
    if not (outer := per_channel(node, constants)):
        return
    value, c = outer
    new = Replacement(node)
    absorbed: list[NetworkOperation] = [node]
    scale, shift = c, None
    if inner := _chain(value, AddOp, constants):
        add, value, b = inner
        shift = new.build(MulOp, [b, c], part="shift")
        absorbed.insert(0, add)
    if inner := _chain(value, MulOp, constants):
        mul, value, a = inner
        scale = new.build(MulOp, [a, c], part="scale")
        absorbed.insert(0, mul)
    if len(absorbed) == 1:
        return
    layers = _layers(*absorbed)
    if shift is None:
        new.take(new.build(MulOp, [value, scale], layers=layers))
    else:
        scaled = new.build(MulOp, [value, scale], part="scaled")
        new.take(new.build(AddOp, [scaled, shift], layers=layers))
    for op in reversed(absorbed[:-1]):
        erase(op)


def _layers(*ops: NetworkOperation) -> list[str]:
    """The layers of the last of `ops`, which absorbs the others."""
    *inner, last = ops
    return [*(name for op in inner for name in op.all_names), *last.layer_names]


class CombineScaleShift(ModulePass):
    """Combine scales and shifts by constants, one element or one per channel: (x * a + b) * c + d.

    ```mlir
    %1 = xnn.mul "1" %x, %a : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    %2 = xnn.add "2" %1, %b : ...
    %3 = xnn.mul "3" %2, %c : ...
    %4 = xnn.add "4" %3, %d : ...
    ```
    becomes
    ```mlir
    %ac = xnn.mul "3#scale" %a, %c : (tensor<8x1x1xf32>, tensor<8x1x1xf32>) -> tensor<8x1x1xf32>
    %bc = xnn.mul "3#shift" %b, %c : ...
    %bcd = xnn.add "4#shift" %bc, %d : ...
    %3 = xnn.mul "3#scaled" %x, %ac : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    %4 = xnn.add "4" %3, %bcd {layers = ["1", "2", "3"]} : ...
    ```
    """

    name = "combine-scale-shift"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        constants = ConstantExpressions()
        # In program order, so that what comes before is one multiplication and one addition at most.
        for node in network_operations(op):
            if isinstance(node, AddOp):
                _combine_shift(node, constants)
            elif isinstance(node, MulOp):
                _combine_scale(node, constants)
