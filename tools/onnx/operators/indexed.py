"""Operators by indices of single elements or of slices: gathers of rows, after arithmetic on the indices."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import ArrayLike
from xdsl.dialects.builtin import TensorType, i1, i64
from xdsl.ir import SSAValue

from xnn.dialects import xnn
from xnn.dialects.values import dense_strides
from xnn.tools.onnx.node import Node, Unsupported, imports
from xnn.tools.onnx.tensors import Constant, element_type


@imports("GatherElements")
def gather_elements(node: Node) -> SSAValue:
    """Each index stands for an element of x at its own place, but for the axis."""
    shape, sizes = _static(node, 0), _static(node, 1)
    axis = node.axis(node.attribute("axis", 0), len(shape))
    strides = dense_strides(shape)
    others = np.indices(sizes, sparse=True)
    rest = sum(
        (each * step for i, (each, step) in enumerate(zip(others, strides)) if i != axis),
        start=np.zeros(sizes, np.int64),
    )
    index = _offsets(node, 1, np.array(shape[axis]), np.array(strides[axis]), rest)
    return _rows(node, (prod(shape),), index, sizes)


@imports("GatherND")
def gather_nd(node: Node) -> SSAValue:
    """The last axis of the indices says which slice of x, of the same place along the axes of the batch."""
    shape, (*sizes, count) = _static(node, 0), _static(node, 1)
    batch = node.attribute("batch_dims", 0)
    if not 0 <= batch <= len(sizes) or batch + count > len(shape) or count < 1:
        raise Unsupported(f"{count} indices into {len(shape)} axes, {batch} of them of the batch")
    dims, inner = np.array(shape[batch : batch + count]), shape[batch + count :]
    rows = shape[: batch + count]
    steps = dense_strides(rows)
    start = np.zeros(sizes, np.int64)
    for each, step in zip(np.indices(sizes[:batch], sparse=True), steps):
        start += (each * step).reshape([*each.shape, *[1] * (len(sizes) - batch)])
    index = _offsets(node, 1, dims, np.array(steps[batch:]), start, summed=True)
    return _rows(node, (prod(rows), *inner), index, (*sizes, *inner))


@imports("ReverseSequence")
def reverse_sequence(node: Node) -> SSAValue:
    """Of constant lengths: the first so many rows of each sample in reverse."""
    shape, lengths = _static(node, 0), node.elements(1, "sequence_lens")
    time, batch = node.attribute("time_axis", 0), node.attribute("batch_axis", 1)
    if lengths is None or {time, batch} != {0, 1}:
        raise Unsupported(f"time_axis {time}, batch_axis {batch}")
    at = np.arange(shape[time])
    turned = np.where(at < lengths[:, None], lengths[:, None] - 1 - at, at)  # [batch, time]
    sample = np.arange(shape[batch])[:, None]
    index = turned * shape[1] + sample if time == 0 else sample * shape[1] + turned
    index = index.T if time == 0 else index
    rows = node.stored(index.reshape(-1).astype(np.int64), i64, "rows")
    return _rows(node, (shape[0] * shape[1], *shape[2:]), rows, shape)


@imports("Compress")
def compress(node: Node) -> SSAValue:
    """Of a constant condition: a gather of the slices where it holds."""
    shape, condition = _static(node, 0), node.elements(1, "condition")
    if condition is None:
        raise Unsupported("condition is missing")
    chosen = np.flatnonzero(condition)
    if not len(chosen):
        raise Unsupported("a tensor without elements")
    value, axis = node.value(0), 0
    if any(each.name == "axis" for each in node.proto.attribute):
        axis = node.axis(node.attribute("axis", 0), len(shape))
    else:
        value = node.reshaped(value, (prod(shape),), "flat")
    index = node.stored(chosen.astype(np.int64), i64, "chosen")
    return node.build(xnn.GatherOp, [value, index], {"axis": xnn.integer(axis)})


@imports("Trilu")
def trilu(node: Node) -> SSAValue:
    """A choice between x and zeros by a constant triangle."""
    shape, k = _static(node, 0), node.integers(1, "k") or [0]
    ones = np.ones(shape[-2:], bool)
    keep = np.triu(ones, k[0]) if node.attribute("upper", 1) else np.tril(ones, k[0])
    mask = node.stored(keep, i1, "triangle")
    zero = node.constant(0, xnn.tensor_type(node.value(0)).element_type, "zero")
    return node.build(xnn.WhereOp, [mask, node.value(0), zero])


@imports("EyeLike")
def eye_like(node: Node) -> Constant:
    shape, kind = _static(node, 0), node.attribute("dtype", 0)
    element = xnn.tensor_type(node.value(0)).element_type
    element = element_type(kind, "the result") if kind else element
    diagonal = node.attribute("k", 0)
    return Constant(
        TensorType(element, shape), lambda: np.eye(*shape, k=diagonal, dtype=np.float64)
    )


@imports("OneHot")
def one_hot(node: Node) -> SSAValue:
    """A comparison of the indices with each place along the new axis chooses between the two values."""
    sizes, depth = _static(node, 0), node.elements(1, "depth")
    element = xnn.tensor_type(node.value(0)).element_type
    if depth is None or _static(node, 2) != (2,):
        raise Unsupported("depth, or values that are not two")
    count, rank = int(depth.reshape(-1)[0]), len(sizes) + 1
    axis = node.axis(node.attribute("axis", -1), rank)
    index = node.reshaped(node.value(0), (*sizes[:axis], 1, *sizes[axis:]), "index")
    places = np.arange(count).reshape([-1 if i == axis else 1 for i in range(rank)])
    index = _positive(node, index, np.array(count))
    is_on = node.build(xnn.EqualOp, [index, node.stored(places, element, "places")], part="is_on")
    off, on = (
        node.build(
            xnn.GatherOp,
            [node.value(2), node.constant(i, i64, f"index{i}")],
            {"axis": xnn.integer(0)},
            part=part,
        )
        for i, part in enumerate(("off", "on"))
    )
    return node.build(xnn.WhereOp, [is_on, on, off])


def _static(node: Node, index: int) -> tuple[int, ...]:
    if xnn.DYNAMIC in (shape := node.shape(index)):
        raise Unsupported("a size that is not known")
    return shape


def _positive(node: Node, index: SSAValue, sizes: np.ndarray) -> SSAValue:
    """Indices of which negative ones count from the end."""
    element = xnn.tensor_type(index).element_type
    zero = node.constant(0, element, "none")
    below = node.build(xnn.LessOp, [index, zero], part="below")
    ends = node.stored(sizes, element, "sizes")
    from_end = node.build(xnn.AddOp, [index, ends], part="from_end")
    return node.build(xnn.WhereOp, [below, from_end, index], part="positive")


def _offsets(
    node: Node,
    index: int,
    sizes: np.ndarray,
    steps: np.ndarray,
    start: ArrayLike,
    summed: bool = False,
) -> SSAValue:
    """`start` and `steps` times the indices that are input `index`, summed along the last axis if `summed`.

    They are into axes of `sizes`; constant ones are checked.
    """
    shape = _static(node, index)
    if node.input_name(index) in node.constants:
        stated = node.elements(index, "indices")
        assert stated is not None
        if ((stated < -sizes) | (stated >= sizes)).any():
            raise Unsupported(f"an index is outside of axes of {sizes.tolist()}")
        found = np.where(stated < 0, stated + sizes, stated) * steps
        found = (found.sum(axis=-1) if summed else found) + start
        return node.stored(found.reshape(-1).astype(np.int64), i64, "elements")
    value = _positive(node, node.value(index), sizes)
    element = xnn.tensor_type(value).element_type
    if (steps != 1).any():
        factors = node.stored(steps, element, "steps")
        value = node.build(xnn.MulOp, [value, factors], part="scaled")
    if summed and shape[-1] == 1:
        value = node.reshaped(value, shape[:-1], "single")
    elif summed:
        axes = {"axes": xnn.integers([len(shape) - 1])}
        value = node.build(xnn.ReduceSumOp, [value], axes, part="summed")
    if np.any(start):
        starts = node.stored(np.asarray(start), element, "starts")
        value = node.build(xnn.AddOp, [value, starts], part="elements")
    return value


def _rows(node: Node, table: tuple[int, ...], index: SSAValue, shape: tuple[int, ...]) -> SSAValue:
    """The rows of input 0, seen as a `table`, in the shape of the result."""
    value = node.reshaped(node.value(0), table, "table")
    count = prod(xnn.shape_of(index))
    index = node.reshaped(index, (count,), "rows")
    rows = node.build(xnn.GatherOp, [value, index], {"axis": xnn.integer(0)}, part="gathered")
    return node.reshaped(rows, shape)
