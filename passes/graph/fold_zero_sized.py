"""Tensors without elements are constants, and so is what is computed from them alone."""

from __future__ import annotations

from math import prod

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint

from xnn.dialects.names import part_name
from xnn.dialects.xnn import DYNAMIC, ConstantOp, NetworkOperation, shape_of, tensor_type
from xnn.dialects.xnn.interface import argument_names, main_function
from xnn.passes.graph.building import Parts, Replacement, network_operations
from xnn.runtime.semantics.arrays import array_of
from xnn.runtime.semantics.xnn import evaluated


def _is_zero_sized(value: SSAValue) -> bool:
    shape = shape_of(value)
    return prod(shape) == 0 and DYNAMIC not in shape


def _array(value: SSAValue) -> np.ndarray | None:
    """The elements of a value that is a constant; None if it is none."""
    return array_of(value.owner.value) if isinstance(value.owner, ConstantOp) else None


def _folded(node: NetworkOperation) -> tuple[np.ndarray, ...] | None:
    """The results of an operator if none has elements, or if what it reads is constants, one of them zero-sized."""
    if isinstance(node, ConstantOp):
        return None
    if all(map(_is_zero_sized, node.results)):
        return evaluated(node)
    arrays = [_array(operand) for operand in node.operands]
    known = [array for array in arrays if array is not None]
    if len(known) < len(arrays) or all(array.size for array in known):
        return None
    results = evaluated(node, *known)
    are_equal = [each.size and (each == each.flat[0]).all() for each in results]
    return tuple(
        np.broadcast_to(each.flat[0], each.shape) if is_splat else each
        for each, is_splat in zip(results, are_equal, strict=True)
    )


class FoldZeroSized(ModulePass):
    """Replace tensors without elements by constants, and operators that read only constants, one of them such a tensor.

    Arguments stay in place, but nothing uses them; what is returned is a constant. Operators that take
    other tensors as well drop those without elements by canonicalisation (`xnn.concat`).

    ```mlir
    func.func @main(%x : tensor<0x2xf32>) -> (tensor<0x2xf32>, tensor<2xf32>) {
      %y = xnn.relu "y" %x : (tensor<0x2xf32>) -> tensor<0x2xf32>
      %z = xnn.reduce_sum "z" %y {axes = array<i64: 0>} : (tensor<0x2xf32>) -> tensor<2xf32>
      func.return %y, %z : tensor<0x2xf32>, tensor<2xf32>
    }
    ```
    becomes
    ```mlir
    func.func @main(%x : tensor<0x2xf32>) -> (tensor<0x2xf32>, tensor<2xf32>) {
      %y = xnn.constant "y" dense<> : tensor<0x2xf32>
      %z = xnn.constant "z" dense<0.0> : tensor<2xf32>
      func.return %y, %z : tensor<0x2xf32>, tensor<2xf32>
    }
    ```
    """

    name = "fold-zero-sized"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        main = main_function(op)
        for argument, name in zip(main.args, argument_names(main), strict=True):
            if _is_zero_sized(argument) and argument.first_use is not None:
                parts = Parts(part_name(name, "empty"), InsertPoint.at_start(main.body.block))
                empty = np.empty(shape_of(argument), np.float32)
                argument.replace_all_uses_with(
                    parts.constant(empty, tensor_type(argument).element_type)
                )
        for node in network_operations(op):
            if (arrays := _folded(node)) is not None:
                new = Replacement(node)
                new.take(
                    *(
                        new.stored(array, tensor_type(result).element_type, f"{i}" if i else "")
                        for i, (array, result) in enumerate(zip(arrays, node.results, strict=True))
                    )
                )
