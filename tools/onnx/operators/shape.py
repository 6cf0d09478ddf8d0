"""Operators that move or relabel elements."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from xdsl.ir import SSAValue

from xnn.dialects import xnn
from xnn.dialects.xnn.operation import shown
from xnn.dialects.xnn.shapes import reshaped
from xnn.passes.graph.building import LIMIT
from xnn.tools.onnx.node import Node, Unsupported, imports
from xnn.tools.onnx.tensors import Invalid


@imports("Reshape")
def reshape(node: Node) -> SSAValue:
    target = node.integers(1, "shape")
    if target is None:
        raise Unsupported("shape is missing")
    if node.attribute("allowzero", 0) and 0 in target:
        if 0 not in node.shape() or -1 in target:
            raise Invalid(f"{shown(node.shape())} cannot become {list(target)}")
        element = xnn.tensor_type(node.value(0)).element_type
        return node.constant(np.empty(target, np.float32), element)
    return _emit_reshape(node, target)


@imports("Flatten")
def flatten(node: Node) -> SSAValue:
    shape = node.shape()
    axis = node.attribute("axis", 1)
    if not -len(shape) <= axis <= len(shape):
        raise Unsupported(f"axis {axis} of {len(shape)} axes")
    axis = axis % len(shape) if axis < 0 else axis
    if axis == 1:
        return _emit_reshape(node, [0, -1])
    sizes = [
        xnn.DYNAMIC if xnn.DYNAMIC in part else prod(part) for part in (shape[:axis], shape[axis:])
    ]
    return _emit_reshape(node, sizes)


@imports("Squeeze")
def squeeze(node: Node) -> SSAValue:
    shape = node.shape()
    axes = given_axes(node, len(shape))
    if axes is None:
        axes = [i for i, size in enumerate(shape) if size == 1]
    if any(shape[axis] != 1 for axis in axes):
        raise Unsupported(f"axes {axes} of {shown(shape)} are not all of size 1")
    return _emit_reshape(node, [size for i, size in enumerate(shape) if i not in axes])


@imports("Unsqueeze")
def unsqueeze(node: Node) -> SSAValue:
    sizes = iter(shape := node.shape())
    given = given_axes(node, None) or []
    rank = len(shape) + len(given)
    axes = [node.axis(axis, rank) for axis in given]
    if len(set(axes)) < len(axes):
        raise Unsupported(f"axes {axes} are not all different")
    return _emit_reshape(node, [1 if i in axes else next(sizes) for i in range(rank)])


@imports("Transpose")
def transpose(node: Node) -> SSAValue:
    perm = node.attribute("perm", tuple(range(len(node.shape()))[::-1]))
    return node.build(xnn.TransposeOp, [node.value(0)], {"perm": xnn.integers(perm)})


@imports("Concat")
def concat(node: Node) -> SSAValue:
    axis = node.axis(node.attribute("axis", 1), len(node.shape()))
    values = [node.value(i) for i in range(node.input_count)]
    return node.build(xnn.ConcatOp, values, {"axis": xnn.integer(axis)})


@imports("Gather")
def gather(node: Node) -> SSAValue:
    """Indices that the model states stand in the text if they are few: then they may turn out to be a slice."""
    shape = node.shape()
    axis = node.axis(node.attribute("axis", 0), len(shape))
    indices = node.value(1)
    if node.input_name(1) in node.constants and (stated := node.elements(1, "indices")) is not None:
        wrong = stated[(stated < -shape[axis]) | (stated >= shape[axis])]
        if shape[axis] != xnn.DYNAMIC and wrong.size:
            raise Invalid(f"index {wrong[0]} is outside of an axis of {shape[axis]}")
        if stated.nbytes <= LIMIT:
            indices = node.constant(stated, xnn.tensor_type(indices).element_type, "indices")
    return node.build(xnn.GatherOp, [node.value(0), indices], {"axis": xnn.integer(axis)})


def given_axes(node: Node, rank: int | None, input_since: int = 13) -> list[int] | None:
    """The axes of a node: an attribute before opset `input_since`, then an input; counted from 0 given `rank`."""
    if node.opset < input_since:
        axes = node.attribute("axes", ())
    else:
        axes = node.integers(1, "axes")
    if not axes:
        return None
    axes = axes if rank is None else [node.axis(axis, rank) for axis in axes]
    return list(axes)


def _emit_reshape(node: Node, target: Sequence[int]) -> SSAValue:
    """A reshape to `target` as in ONNX (0 copies a size, -1 takes the rest), or with sizes that are DYNAMIC.

    Of sizes not known, one can take the rest; if there are more, those in their old place are copied.
    Sizes that are known are written out.
    """
    shape = node.shape()
    sizes = [-1 if size == xnn.DYNAMIC else size for size in target]
    if sizes.count(-1) > 1:
        kept = [i for i, size in enumerate(shape) if size == xnn.DYNAMIC]
        sizes = [0 if size == -1 and i in kept else size for i, size in enumerate(sizes)]
    if sizes.count(-1) > 1:
        raise Unsupported(f"a reshape of {shown(shape)} to {shown(target)}: too many unknown sizes")
    if xnn.DYNAMIC not in shape:
        sizes = reshaped(shape, sizes) or sizes
    return node.reshaped(node.value(0), sizes)
