"""Operators that move or relabel elements: views, transfers, placements."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from xdsl.dialects import builtin
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Operation, SSAValue

from xnn.dialects import prim, xnn
from xnn.dialects.values import dense_strides
from xnn.dialects.xnn.interface import stated_constant
from xnn.passes.graph.building import Replacement
from xnn.passes.lowering.primitives.choosing import (
    chosen,
    insert_before,
    part_properties,
    placed,
    transferred,
)
from xnn.passes.lowering.primitives.conversions import converts, properties_of
from xnn.runtime.engines.transfer import rows_of_indices


@converts(xnn.TransposeOp)
def _transpose(op: xnn.TransposeOp) -> Operation:
    """A transfer with the strides of x in the order of the result."""
    return _rearranged(op, "transpose", prim.shape(op.x), op.perm.get_values())


@converts(xnn.DepthToSpaceOp, xnn.SpaceToDepthOp)
def _rearrange(op: xnn.RearrangingOperation) -> Operation:
    operator = op.name.removeprefix("xnn.")
    return _rearranged(op, operator, *op.divided(prim.shape(op.x)))


def _rearranged(
    op: xnn.RearrangingOperation | xnn.TransposeOp,
    operator: str,
    sizes: Sequence[int],
    perm: Sequence[int],
) -> Operation:
    strides = dense_strides(sizes)
    axes = [(sizes[axis], strides[axis]) for axis in perm]
    return transferred(properties_of(op), operator, op.x, 0, axes, op.result.type)


@converts(xnn.SliceOp, xnn.ExpandOp, xnn.TileOp, xnn.ResizeNearestOp)
def _choose(op: xnn.ChoosingOperation) -> Operation:
    return chosen(op, op.x, op.indices(prim.shape(op.x)))


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
            axes = [
                (prod(sizes[:axis]), rows * inner),
                (len(indices), steps[0] * inner),
                (inner, 1),
            ]
            offset = int(indices[0]) * inner
            return transferred(properties_of(op), "gather", op.x, offset, axes, op.result.type)
    return prim.GatherOp.create(
        operands=[op.x, op.indices],
        properties=properties_of(op, operator=builtin.StringAttr("gather"), axis=op.axis),
        result_types=[op.result.type],
    )


@converts(xnn.ReshapeOp)
def _view(op: xnn.ReshapeOp) -> prim.ViewOp:
    return prim.ViewOp.create(
        operands=[op.x], properties=properties_of(op), result_types=[op.result.type]
    )


@converts(xnn.ConcatOp)
def _concat(op: xnn.ConcatOp) -> prim.PlaceOp:
    """Each input has its place along the axis."""
    strides = dense_strides(prim.shape(op.result))
    parts: list[tuple[SSAValue, prim.PlaceAttr]] = []
    start = 0
    for value in op.inputs:
        parts.append((value, prim.PlaceAttr(offset=start, strides=strides)))
        start += prim.shape(value)[op.axis.value.data] * strides[op.axis.value.data]
    return placed(op, parts)


@converts(xnn.PadOp)
def _pad(op: xnn.PadOp) -> Operation:
    """What is left of x has its place in the result, and so has the value on each side of each axis."""
    indices, sizes = op.indices(prim.shape(op.x)), prim.shape(op.result)
    if op.mode.data != "constant":
        return chosen(op, op.x, indices)
    strides = dense_strides(sizes)
    fill = op.value or Replacement(op).constant(np.zeros(()), prim.element_type(op.x), "value")
    parts: list[tuple[SSAValue, prim.PlaceAttr]] = []
    starts, ends = [0] * len(sizes), list(sizes)

    def filled(axis: int, start: int, end: int) -> None:
        """The value, from one position of an axis to another, between what axes before it have."""
        box = [*zip(starts, ends, strict=True)]
        box[axis] = start, end
        count = tuple(last - first for first, last in box)
        if min(count) > 0:
            axes, type = [(prod(count), 0)], TensorType(prim.element_type(op.x), count)
            properties = part_properties(op, f"fill{len(parts)}")
            part = insert_before(op, transferred(properties, "pad", fill, 0, axes, type))
            at = sum(first * stride for (first, _), stride in zip(box, strides, strict=True))
            parts.append((part, prim.PlaceAttr(offset=at, strides=strides)))

    for axis, (before, after) in enumerate(op.pairs):
        before = max(0, before)
        after = sizes[axis] - max(0, after)
        filled(axis, 0, before)
        filled(axis, after, sizes[axis])
        starts[axis], ends[axis] = before, after
    if all(len(each) for each in indices):
        at = sum(start * stride for start, stride in zip(starts, strides, strict=True))
        kept = op.x
        if any(min(pair) < 0 for pair in op.pairs):
            kept = _cut(op, indices)
        parts.append((kept, prim.PlaceAttr(offset=at, strides=strides)))
    return placed(op, parts)


def _cut(op: xnn.PadOp, indices: Sequence[np.ndarray]) -> SSAValue:
    """What negative pads leave of x."""
    strides = dense_strides(prim.shape(op.x))
    offset = sum(int(each[0]) * stride for each, stride in zip(indices, strides, strict=True))
    axes = [(len(each), stride) for each, stride in zip(indices, strides, strict=True)]
    type = TensorType(prim.element_type(op.x), [size for size, _ in axes])
    properties = part_properties(op, "kept")
    return insert_before(op, transferred(properties, "pad", op.x, offset, axes, type))
