"""Operators that choose, repeat and rearrange elements, or surround them."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import xnn
from xnn.dialects.names import name_in_ir
from xnn.dialects.xnn.operation import shown
from xnn.passes.graph.building import Parts
from xnn.tools.onnx.node import Node, Unsupported, imports

END = 2**63 - 1
"""An end that is never before that of an axis."""


@imports("Slice")
def slice_(node: Node) -> SSAValue:
    """Attributes before opset 10, then inputs, among them steps."""
    rank = len(node.shape())
    if node.opset < 10:
        starts, ends = node.attribute("starts", ()), node.attribute("ends", ())
        axes, steps = node.attribute("axes", ()), None
    else:
        starts, ends = node.integers(1, "starts") or (), node.integers(2, "ends") or ()
        axes, steps = node.integers(3, "axes"), node.integers(4, "steps")
    axes = axes or range(len(starts))
    steps = steps or [1] * len(starts)
    if not len(starts) == len(ends) == len(axes) == len(steps):
        raise Unsupported("starts, ends, axes and steps differ in length")
    axes = [node.axis(axis, rank) for axis in axes]
    fields = {"axes": axes, "starts": starts, "ends": ends, "steps": steps}
    properties: dict[str, Attribute] = {k: xnn.integers(v) for k, v in fields.items()}
    return node.build(xnn.SliceOp, [node.value(0)], properties)


@imports("Split")
def split(node: Node) -> tuple[SSAValue, ...]:
    """A slice for each output: of sizes that are given, or equal ones, the last of which may be smaller."""
    shape, count = node.shape(), len(node.proto.output)
    axis = node.axis(node.attribute("axis", 0), len(shape))
    sizes = node.integers(1, "split") if node.opset >= 13 else node.attribute("split", ())
    if not sizes:
        if shape[axis] == xnn.DYNAMIC:
            raise Unsupported(f"a split of axis {axis}, whose size is not known")
        each = -(-shape[axis] // node.attribute("num_outputs", count))
        sizes = [min(each, shape[axis] - i * each) for i in range(count)]
    known = shape[axis] != xnn.DYNAMIC
    if len(sizes) != count or known and sum(sizes) != shape[axis]:
        raise Unsupported(f"{count} outputs of sizes {list(sizes)} from an axis of {shape[axis]}")
    results: list[SSAValue] = []
    start = 0
    for output, size in zip(node.proto.output, sizes, strict=True):
        parts = (
            Parts(name_in_ir(output), node.place) if output else node.of(f"output{len(results)}")
        )
        properties: dict[str, Attribute] = {
            "axes": xnn.integers([axis]),
            "starts": xnn.integers([start]),
            "ends": xnn.integers([start + size]),
            "steps": xnn.integers([1]),
        }
        results.append(parts.build(xnn.SliceOp, [node.value(0)], properties))
        start += size
    return tuple(results)


@imports("Pad")
def pad(node: Node) -> SSAValue:
    """Attributes before opset 11, then inputs, from 18 on with axes."""
    rank, value = len(node.shape()), None
    if node.opset < 11:
        pads = node.attribute("pads", ())
        if number := node.attribute("value", 0.0):
            element = xnn.tensor_type(node.value(0)).element_type
            value = node.constant(number, element, "value")
        axes = None
    else:
        pads, value = node.integers(1, "pads") or (), node.optional_value(2)
        axes = node.integers(3, "axes")
    axes = list(range(rank)) if axes is None else [node.axis(axis, rank) for axis in axes]
    if len(pads) != 2 * len(axes):
        raise Unsupported(f"{len(pads)} pads for {len(axes)} axes")
    whole = [0] * (2 * rank)
    for i, axis in enumerate(axes):
        whole[axis], whole[rank + axis] = pads[i], pads[len(axes) + i]
    mode = node.attribute("mode", "constant")
    x = node.value(0)
    if mode != "constant" and min(whole, default=0) < 0:
        x, whole = _cut(node, x, whole), [max(0, each) for each in whole]
    properties = {"mode": StringAttr(mode), "pads": xnn.integers(whole)}
    return node.build(xnn.PadOp, [x, value if mode == "constant" else None], properties)


def _cut(node: Node, x: SSAValue, pads: Sequence[int]) -> SSAValue:
    """What negative pads leave of x."""
    sizes = xnn.shape_of(x)
    if xnn.DYNAMIC in sizes:
        raise Unsupported(f"negative pads of {shown(sizes)}")
    starts = [max(0, -each) for each in pads[: len(sizes)]]
    ends = [size + min(0, each) for size, each in zip(sizes, pads[len(sizes) :], strict=True)]
    bounds = {"starts": starts, "ends": ends, "axes": range(len(sizes)), "steps": [1] * len(sizes)}
    properties = {name: xnn.integers(each) for name, each in bounds.items()}
    return node.build(xnn.SliceOp, [x], properties, part="cut")


@imports("Expand")
def expand(node: Node) -> SSAValue:
    shape = node.integers(1, "shape")
    if shape is None:
        raise Unsupported("shape is missing")
    return node.build(xnn.ExpandOp, [node.value(0)], {"shape": xnn.integers(shape)})


@imports("Tile")
def tile(node: Node) -> SSAValue:
    repeats = node.integers(1, "repeats")
    if repeats is None:
        raise Unsupported("repeats is missing")
    return node.build(xnn.TileOp, [node.value(0)], {"repeats": xnn.integers(repeats)})


@imports("DepthToSpace", "SpaceToDepth")
def exchange_depth(node: Node) -> SSAValue:
    is_deep = node.proto.op_type == "DepthToSpace"
    properties = {
        "blocksize": xnn.integer(node.attribute("blocksize", 0)),
        "mode": StringAttr(node.attribute("mode", "DCR")),
    }
    operator = xnn.DepthToSpaceOp if is_deep else xnn.SpaceToDepthOp
    return node.build(operator, [node.value(0)], properties)
