"""Elements at constant indices along each axis: views, strided transfers, or indexed ones where no strides fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from xdsl.dialects import builtin
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from xnn.dialects import prim
from xnn.dialects.names import part_name
from xnn.dialects.strides import joined
from xnn.dialects.values import dense_strides
from xnn.dialects.xnn.operation import NetworkOperation, integer, integers
from xnn.passes.graph.building import Replacement
from xnn.passes.lowering.primitives.conversions import properties_of

MOST_PARTS = 16
"""Transfers that a result is made up of; if it takes more, an axis is gathered by indices."""


@dataclass(frozen=True)
class Run:
    """Neighbouring indices that axes (size, step) go through in order: the first, and where in the result it is."""

    at: int
    first: int
    axes: tuple[tuple[int, int], ...]

    @property
    def size(self) -> int:
        return prod(size for size, _ in self.axes)


def runs_of(indices: np.ndarray) -> list[Run]:
    """The fewest runs found that make up `indices`; the machine's transfers do not go backwards."""
    if (axes := _axes(indices)) is not None:
        return [Run(0, int(indices[0]), axes)]
    steps, result, start = np.diff(indices).tolist(), list[Run](), 0
    while start < len(indices):
        end = start + 1
        while end < len(indices) and steps[end - 1] == steps[start] >= 0:
            end += 1
        axes = ((end - start, max(0, steps[start]) if end > start + 1 else 0),)
        result.append(Run(start, int(indices[start]), axes))
        start = end
    return result


def _axes(indices: np.ndarray) -> tuple[tuple[int, int], ...] | None:
    """One axis or two that go through all indices in order; None if there are none."""
    count, steps = len(indices), np.diff(indices)
    changes = np.flatnonzero(steps != steps[:1])
    size = int(changes[0]) + 1 if len(changes) else count
    if count % size:
        return None
    table = indices.reshape(-1, size)
    outer, inner = (
        int(line[1] - line[0]) if len(line) > 1 else 0 for line in (table[:, 0], table[0])
    )
    whole = table[0, 0] + outer * np.arange(count // size)[:, None] + inner * np.arange(size)
    if min(outer, inner) < 0 or (table != whole).any():
        return None
    return ((count // size, outer), (size, inner)) if size < count else ((size, inner),)


def insert_before(op: Operation, new: Operation) -> SSAValue:
    """The result of a new operation before `op`."""
    new.location = op.location
    Rewriter.insert_op(new, InsertPoint.before(op))
    return new.results[0]


def part_properties(op: NetworkOperation, part: str) -> dict[str, Attribute]:
    """The name of a part of what `op` makes."""
    return {"name": builtin.StringAttr(part_name(op.result_name.data, part))}


def transferred(
    properties: dict[str, Attribute],
    operator: str,
    value: SSAValue,
    offset: int,
    axes: Sequence[tuple[int, int]],
    type: Attribute,
) -> prim.TransferOp | prim.ViewOp:
    """Elements of a value by `axes` (size, stride); a view if they are neighbours in order."""
    kept = joined(axes) or [(1, 1)]
    count = prod(size for size, _ in kept)
    if kept == [(count, 1)]:
        if offset or count < prod(prim.shape(value)):
            properties = properties | {"offset": integer(offset)}
        return prim.ViewOp.create(operands=[value], properties=properties, result_types=[type])
    properties = properties | {
        "operator": builtin.StringAttr(operator),
        "offset": integer(offset),
        "sizes": integers(size for size, _ in kept),
        "strides": integers(stride for _, stride in kept),
    }
    return prim.TransferOp.create(operands=[value], properties=properties, result_types=[type])


def gathered(op: NetworkOperation, value: SSAValue, axis: int, indices: np.ndarray) -> SSAValue:
    """Slices of a value along an axis, by an indexed transfer before `op`."""
    sizes = prim.shape(value)
    rows = Replacement(op).stored(indices, builtin.i64, f"indices{axis}")
    sizes = (*sizes[:axis], len(indices), *sizes[axis + 1 :])
    properties = part_properties(op, f"axis{axis}") | {
        "operator": builtin.StringAttr(_operator(op)),
        "axis": integer(axis),
    }
    types = [TensorType(prim.element_type(value), sizes)]
    return insert_before(
        op, prim.GatherOp.create(operands=[value, rows], properties=properties, result_types=types)
    )


def chosen(op: NetworkOperation, value: SSAValue, indices: Sequence[np.ndarray]) -> Operation:
    """What makes the elements of a value at certain indices along each axis, in the place of `op`."""
    runs = [runs_of(each) for each in indices]
    while prod(map(len, runs)) > MOST_PARTS:
        axis = int(np.argmax([len(each) for each in runs]))
        value = gathered(op, value, axis, indices[axis])
        runs[axis] = runs_of(np.arange(len(indices[axis])))
    before = (1,) * (len(indices) - len(prim.shape(value)))
    strides = dense_strides((*before, *prim.shape(value)))
    type, places = op.results[0].type, dense_strides([len(each) for each in indices])
    parts: list[tuple[SSAValue, prim.PlaceAttr]] = []
    for number, box in enumerate(product(*runs)):
        offset = sum(run.first * stride for run, stride in zip(box, strides, strict=True))
        axes = [
            (size, step * stride)
            for run, stride in zip(box, strides, strict=True)
            for size, step in run.axes
        ]
        if prod(map(len, runs)) == 1:
            return transferred(properties_of(op), _operator(op), value, offset, axes, type)
        sizes = tuple(run.size for run in box)
        part = value
        is_whole = sizes == (*before, *prim.shape(value)) and joined(axes) in (
            [(prod(sizes), 1)],
            [],
        )
        if offset or not is_whole:
            properties = part_properties(op, f"part{number}")
            part_type = TensorType(prim.element_type(value), sizes)
            part = insert_before(
                op, transferred(properties, _operator(op), value, offset, axes, part_type)
            )
        at = sum(run.at * step for run, step in zip(box, places, strict=True))
        parts.append((part, prim.PlaceAttr(offset=at, strides=places)))
    return placed(op, parts)


def placed(op: NetworkOperation, parts: Sequence[tuple[SSAValue, prim.PlaceAttr]]) -> prim.PlaceOp:
    """The result of `op`, made up of parts."""
    places = builtin.ArrayAttr(place for _, place in parts)
    return prim.PlaceOp.create(
        operands=[value for value, _ in parts],
        properties=properties_of(op, places=places),
        result_types=[op.results[0].type],
    )


def _operator(op: NetworkOperation) -> str:
    return op.name.removeprefix("xnn.")
