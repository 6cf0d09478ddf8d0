"""Operators that move or relabel elements: views, transfers, placements."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from xdsl.dialects import builtin
from xdsl.ir import Operation, SSAValue

from xnn.dialects import prim, xnn
from xnn.dialects.values import dense_strides
from xnn.dialects.xnn.interface import stated_constant
from xnn.dialects.xnn.operation import NetworkOperation, integer, integers
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
    kept = prim.joined(axes) or [(1, 1)]
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
def _concat(op: xnn.ConcatOp) -> prim.ConcatOp | None:
    """By placement where every input is contiguous in the result; otherwise it stays, for general compute."""
    inputs = op.operands
    placeable = prod(prim.shape(op.result)[: op.axis.value.data]) == 1
    placeable = placeable and len(set(inputs)) == len(inputs)
    if not placeable or any(not _can_be_placed(value) for value in inputs):
        return None
    properties = properties_of(op, axis=op.axis)
    return prim.ConcatOp.create(
        operands=inputs, properties=properties, result_types=[op.result.type]
    )


def _can_be_placed(value: SSAValue) -> bool:
    """Whether a node may write a value into a concatenation: it has no other place, nor has what it is a view of."""
    if isinstance(value.owner, prim.ViewOp) and value.owner.source.has_one_use():
        return _can_be_placed(value.owner.source)
    writes = prim.Primitive | NetworkOperation | prim.ConcatOp | prim.DataMovement
    return isinstance(value.owner, writes) and not any(
        isinstance(use.operation, prim.ConcatOp) for use in value.uses
    )
