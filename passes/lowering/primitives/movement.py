"""Operators that move or relabel elements: views, transfers, placements."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from xdsl.dialects import builtin
from xdsl.ir import Operation

from xnn.dialects import prim, xnn
from xnn.dialects.strides import joined
from xnn.dialects.values import dense_strides
from xnn.dialects.xnn.interface import stated_constant
from xnn.dialects.xnn.operation import integer, integers
from xnn.passes.lowering.primitives.conversions import converts, properties_of
from xnn.runtime.engines.transfer import rows_of_indices


@converts(xnn.TransposeOp)
def _transpose(op: xnn.TransposeOp) -> prim.TransferOp | prim.ViewOp:
    """A transfer with the strides of x in the order of the result."""
    sizes, strides = prim.shape(op.x), dense_strides(prim.shape(op.x))
    axes = [(sizes[axis], strides[axis]) for axis in op.perm.get_values()]
    return _transfer(op, "transpose", 0, axes)


@converts(xnn.GatherOp)
def _gather(op: xnn.GatherOp) -> Operation:
    """A transfer by indices; by strides if the indices are a constant whose steps are equal, not negative."""
    sizes, axis = prim.shape(op.x), op.axis.value.data
    rows, inner = sizes[axis], prod(sizes[axis + 1 :])
    if (constant := stated_constant(op.indices)) is not None:
        indices = rows_of_indices(constant.elements, rows)
        if len(indices) == 1:  # of a splat as well
            indices = np.broadcast_to(indices, prod(prim.shape(op.indices)))
        steps = np.unique(np.diff(indices)).tolist() or [0]
        if len(steps) == 1 and steps[0] >= 0:
            axes = [(len(indices), steps[0] * inner), (inner, 1)]
            outer = (prod(sizes[:axis]), rows * inner)
            return _transfer(op, "gather", int(indices[0]) * inner, [outer, *axes])
    return prim.GatherOp.create(
        operands=[op.x, op.indices],
        properties=properties_of(op, operator=builtin.StringAttr("gather"), axis=op.axis),
        result_types=[op.result.type],
    )


def _transfer(
    op: xnn.TransposeOp | xnn.GatherOp, operator: str, offset: int, axes: Sequence[tuple[int, int]]
) -> prim.TransferOp | prim.ViewOp:
    """Elements of x by `axes` (size, stride); a view if these are all of them in order."""
    kept = joined(axes) or [(1, 1)]
    if kept == [(prod(prim.shape(op.x)), 1)]:
        return _view(op)
    properties = properties_of(
        op,
        operator=builtin.StringAttr(operator),
        offset=integer(offset),
        sizes=integers(size for size, _ in kept),
        strides=integers(stride for _, stride in kept),
    )
    return prim.TransferOp.create(
        operands=[op.x], properties=properties, result_types=[op.result.type]
    )


@converts(xnn.ReshapeOp)
def _view(op: xnn.ReshapeOp | xnn.TransposeOp | xnn.GatherOp) -> prim.ViewOp:
    return prim.ViewOp.create(
        operands=[op.x], properties=properties_of(op), result_types=[op.result.type]
    )


@converts(xnn.ConcatOp)
def _concat(op: xnn.ConcatOp) -> prim.PlaceOp:
    """Each input has its place along the axis."""
    strides = dense_strides(prim.shape(op.result))
    places: list[prim.PlaceAttr] = []
    start = 0
    for value in op.inputs:
        places.append(prim.PlaceAttr(offset=start, strides=strides))
        start += prim.shape(value)[op.axis.value.data] * strides[op.axis.value.data]
    return prim.PlaceOp.create(
        operands=op.inputs,
        properties=properties_of(op, places=builtin.ArrayAttr(places)),
        result_types=[op.result.type],
    )
