"""Semantics of the elementwise operators: their scalar form, on arrays."""

from __future__ import annotations

import numpy as np
from xdsl.ir import Block

from xnn.dialects.prim import YieldOp
from xnn.dialects.scalar import array_function, place
from xnn.dialects.values import element_type, shape
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.runtime.semantics.arrays import broadcast
from xnn.runtime.semantics.operators import compute


@compute.register
def elementwise(op: ElementwiseOperation, *operands: np.ndarray) -> np.ndarray:
    block = Block(arg_types=[element_type(operand) for operand in op.operands])
    block.add_op(YieldOp(place(block, op.scalar_form(*block.args))))
    rank = len(shape(op.result))
    maps = (op.indexing_map(index) for index in range(len(operands)))
    arrays = [broadcast(*pair, rank) for pair in zip(maps, operands, strict=True)]
    return array_function(block)(arrays)
