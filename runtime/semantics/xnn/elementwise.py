"""Semantics of the elementwise operators: their scalar form, on arrays."""

from __future__ import annotations

import numpy as np

from xnn.dialects.prim import YieldOp
from xnn.dialects.scalar import array_function
from xnn.dialects.values import shape
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.runtime.semantics.arrays import broadcast
from xnn.runtime.semantics.operators import compute


@compute.register
def elementwise(op: ElementwiseOperation, *operands: np.ndarray) -> np.ndarray:
    block, element = op.scalar_block()
    block.add_op(YieldOp(element))
    rank = len(shape(op.result))
    maps = (op.indexing_map(index) for index in range(len(operands)))
    arrays = [broadcast(*pair, rank) for pair in zip(maps, operands, strict=True)]
    result = array_function(block)(arrays)
    # it may depend on no element
    return np.broadcast_to(result, np.broadcast_shapes(*(array.shape for array in arrays)))
