"""Operators of small constants are evaluated at compile time."""

from __future__ import annotations

from math import prod

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from xnn.dialects.element_types import dtype_of
from xnn.dialects.xnn import ConstantOp, NetworkOperation, RestrictOp, tensor_type
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.traits import KeepsScale
from xnn.passes.graph.building import LIMIT, Replacement, network_operations
from xnn.runtime.semantics.arrays import array_of
from xnn.runtime.semantics.xnn import compute


def _folded(node: NetworkOperation) -> np.ndarray | None:
    """The value of `node`, or None if it is not to be computed now."""
    if isinstance(node, RestrictOp):  # its levels say how the integers are packed
        return None
    if len(node.results) > 1:
        return None
    arrays = []
    for operand in node.operands:
        if not isinstance(operand.owner, ConstantOp):
            return None
        arrays.append(array_of(operand.owner.value))
    if not arrays:
        return None
    type = tensor_type(node.result)
    shape = type.get_shape()
    if not any(any(array.strides) for array in arrays):
        # All elements are equal: one is enough, whatever the size.
        if node.has_trait(KeepsScale) and len(arrays) == 1:
            return np.broadcast_to(arrays[0].flat[0], shape)
        if isinstance(node, ElementwiseOperation):
            elements = (array[(slice(1),) * array.ndim] for array in arrays)
            return np.broadcast_to(compute(node, *elements).flat[0], shape)
    if max(prod(shape) * dtype_of(type.element_type).itemsize, *(a.nbytes for a in arrays)) > LIMIT:
        return None
    return compute(node, *arrays)


class FoldConstants(ModulePass):
    """Replace operators of constants in the text by their value, up to 4 KiB, or of any size if it is a splat.

    Weights in files are never read.

    ```mlir
    %a = xnn.constant "a" dense<[1.0, 4.0]> : tensor<2xf32>
    %b = xnn.sqrt "b" %a : (tensor<2xf32>) -> tensor<2xf32>
    ```
    becomes
    ```mlir
    %b = xnn.constant "b" dense<[1.0, 2.0]> : tensor<2xf32>
    ```
    """

    name = "fold-constants"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for node in network_operations(op):
            if (array := _folded(node)) is not None:
                new = Replacement(node)
                new.take(new.constant(array, tensor_type(node.result).element_type))
