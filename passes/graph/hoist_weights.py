"""Constant expressions move out of the network, to a function that is evaluated once, before it runs."""

from __future__ import annotations

from itertools import chain, count
from math import prod

from xdsl.context import Context
from xdsl.dialects.builtin import FunctionType, ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.transforms.dead_code_elimination import region_dce

from xnn.dialects import xnn
from xnn.dialects.diagnostics import fault
from xnn.dialects.names import part_name
from xnn.dialects.xnn.interface import function, main_function, named, results_by_name


def _weights_function(module: ModuleOp) -> FuncOp:
    """The function @weights of `module`; an empty one, added after all others, if it has none."""
    if (found := function(module, "weights")) is None:
        found = FuncOp("weights", ([], []), Region(Block([ReturnOp()])))
        module.body.block.add_op(found)
    return found


def _unique(name: str, taken: dict[str, SSAValue]) -> str:
    """`name`, or a name like it that is not `taken`."""
    numbered = (part_name(name, f"copy{i}") for i in count(2))
    return next(each for each in chain([name], numbered) if each not in taken)


def _leave(
    node: xnn.NetworkOperation, new: xnn.NetworkOperation, moved: dict[xnn.NetworkOperation, None]
) -> None:
    """Put `new` in the place of `node`, for all users that are not `moved` with it."""
    new.location = node.location
    Rewriter.insert_op(new, InsertPoint.before(node))
    node.result.replace_uses_with_if(new.result, lambda use: use.operation not in moved)


def _is_immediate(node: xnn.NetworkOperation) -> bool:
    """Whether `node` has one element or none and only operators use it: it becomes an immediate of theirs."""
    return (
        isinstance(node, xnn.ConstantOp)
        and prod(xnn.shape_of(node.result)) <= 1
        and all(isinstance(use.operation, xnn.NetworkOperation) for use in node.result.uses)
    )


def _drop_unused(module: ModuleOp) -> None:
    """Remove from @weights what @main no longer uses."""
    weights = function(module, "weights")
    if weights is None:
        return
    used: set[str] = set()
    for op in list(main_function(module).body.block.ops):
        if isinstance(op, xnn.ParameterOp) and op.result.first_use is None:
            Rewriter.erase_op(op)
        elif isinstance(op, xnn.ParameterOp):
            used.add(op.result_name.data)
    values = results_by_name(weights)
    kept = {name: value for name, value in values.items() if name in used}
    if len(kept) < len(values):
        _return(weights, kept)
        region_dce(weights.body)


def _return(weights: FuncOp, values: dict[str, SSAValue]) -> None:
    """Let @weights return `values`, by name."""
    assert (old := weights.body.block.last_op) is not None
    Rewriter.replace_op(old, ReturnOp(*values.values()))
    types = [value.type for value in values.values()]
    weights.function_type = FunctionType.from_lists([], types)
    weights.res_attrs = named(values)


class HoistWeights(ModulePass):
    """Move every constant expression of @main to @weights; where @main uses its value, a parameter stands for it.

    A constant of one element or none that operators use stays: they will hold it as an immediate. What @main no
    longer uses is removed from @weights.

    ```mlir
    func.func @main(%x : tensor<2xf32>) -> tensor<2xf32> {
      %w = xnn.weight "w" "model.onnx" at 64 : tensor<2xf32>
      %s = xnn.sqrt "s" %w : (tensor<2xf32>) -> tensor<2xf32>
      %y = xnn.mul "y" %x, %s : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      func.return %y : tensor<2xf32>
    }
    ```
    becomes
    ```mlir
    func.func @main(%x : tensor<2xf32>) -> tensor<2xf32> {
      %s = xnn.parameter "s" : tensor<2xf32>
      %y = xnn.mul "y" %x, %s : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      func.return %y : tensor<2xf32>
    }
    func.func @weights() -> (tensor<2xf32> {xnn.name = "s"}) {
      %w = xnn.weight "w" "model.onnx" at 64 : tensor<2xf32>
      %s = xnn.sqrt "s" %w : (tensor<2xf32>) -> tensor<2xf32>
      func.return %s : tensor<2xf32>
    }
    ```
    """

    name = "hoist-weights"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        constants = xnn.ConstantExpressions()
        moved: dict[xnn.NetworkOperation, None] = {
            node: None
            for node in main_function(op).body.block.ops
            if isinstance(node, xnn.NetworkOperation)
            and not isinstance(node, xnn.ParameterOp)
            and node.result in constants
        }
        for node in list(moved):
            if _is_immediate(node) and not any(u.operation in moved for u in node.result.uses):
                del moved[node]
        if not moved:
            _drop_unused(op)
            return
        weights = _weights_function(op)
        assert (old_return := weights.body.block.last_op) is not None
        returned = results_by_name(weights)
        for node in moved:
            outside = any(use.operation not in moved for use in node.result.uses)
            if outside and _is_immediate(node):
                _leave(node, node.clone(), moved)
            elif outside:
                name = _unique(node.result_name.data, returned)
                _leave(node, xnn.ParameterOp.named(name, xnn.tensor_type(node.result)), moved)
                returned[name] = node.result
            node.detach()
            Rewriter.insert_op(node, InsertPoint.before(old_return))
            for i, operand in enumerate(node.operands):
                if isinstance(parameter := operand.owner, xnn.ParameterOp):
                    if (name := parameter.result_name.data) not in returned:
                        raise fault(parameter, "@weights returns no value of this name")
                    node.operands[i] = returned[name]
        _return(weights, returned)
        _drop_unused(op)
