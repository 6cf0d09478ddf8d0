"""Semantics of the elementwise operators: their scalar form, on arrays."""

from __future__ import annotations

import numpy as np
from xdsl.dialects.builtin import AffineMapAttr

from xnn.dialects.prim import YieldOp
from xnn.dialects.scalar import ArrayFunction, array_function
from xnn.dialects.values import shape
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.runtime.semantics.arrays import broadcast
from xnn.runtime.semantics.operators import compute


@compute.register
def elementwise(op: ElementwiseOperation, *operands: np.ndarray) -> np.ndarray:
    basis = [op.properties.copy(), op.operands, [value.type for value in (*op.operands, op.result)]]
    function, maps = op.once(_function, basis)
    rank = len(shape(op.result))
    arrays = [broadcast(*pair, rank) for pair in zip(maps, operands, strict=True)]
    # it may depend on no element
    return np.broadcast_to(function(arrays), np.broadcast_shapes(*(a.shape for a in arrays)))


def _function(op: ElementwiseOperation) -> tuple[ArrayFunction, list[AffineMapAttr]]:
    """The scalar form as a function of arrays, and the indexing maps of these."""
    block, element = op.scalar_block()
    block.add_op(YieldOp(element))
    return array_function(block), [op.indexing_map(index) for index in range(len(op.operands))]
