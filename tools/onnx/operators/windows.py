"""Pooling, and how automatic padding and rounding up of windows become explicit pads."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from xdsl.dialects.builtin import BoolAttr
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import xnn
from xnn.tools.onnx.node import Node, Unsupported, imports
from xnn.tools.onnx.tensors import Invalid


def resolve_window(node: Node, kernel: Sequence[int]) -> dict[str, Attribute]:
    """Properties of the window of `kernel` that `node` moves over its first input, with explicit pads."""
    spatial = node.shape()[2:]
    rank = len(spatial)
    strides = node.attribute("strides", (1,) * rank)
    dilations = node.attribute("dilations", (1,) * rank)
    pads = node.attribute("pads", (0,) * 2 * rank)
    auto_pad = node.attribute("auto_pad", "NOTSET")
    if not (len(kernel) == len(strides) == len(dilations) == rank and len(pads) == 2 * rank):
        raise Unsupported(f"window attributes do not fit {rank} spatial dimensions")
    if min(strides, default=1) < 1 or min(pads, default=0) < 0:
        raise Unsupported(f"strides {list(strides)} or pads {list(pads)}")
    pairs = [(pads[i], pads[i + rank]) for i in range(rank)]
    # Beyond twice the padded elements all are alike: no second position or tap meets an element.
    far = [inf if x == xnn.DYNAMIC else 2 * (x + sum(pair)) for x, pair in zip(spatial, pairs)]
    strides, dilations = ([int(min(each)) for each in zip(v, far)] for v in (strides, dilations))
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    if auto_pad == "VALID":
        pairs = [(0, 0)] * rank
    elif auto_pad in ("SAME_UPPER", "SAME_LOWER"):
        upper = auto_pad == "SAME_UPPER"
        pairs = [_same(x, span, s, upper) for x, span, s in zip(spatial, spans, strides)]
    elif auto_pad != "NOTSET":
        raise Unsupported(f"auto_pad {auto_pad}")
    if node.attribute("ceil_mode", 0):
        pairs = [_ceil(x, span, s, p) for x, span, s, p in zip(spatial, spans, strides, pairs)]
    pads = [before for before, _ in pairs] + [after for _, after in pairs]
    window = {"strides": strides, "dilations": dilations, "pads": pads}
    return {name: xnn.integers(values) for name, values in window.items()}


def _same(size: int, span: int, stride: int, upper: bool) -> tuple[int, int]:
    """The pads that give ceil(size / stride) windows; the odd one goes to the end if `upper`."""
    if size == xnn.DYNAMIC and stride != 1:
        raise Unsupported("auto_pad with a stride over a dimension of unknown size")
    outputs = -(-size // stride)
    total = (outputs - 1) * stride + span - size if size != xnn.DYNAMIC else span - 1
    if total < -2:  # onnxruntime leaves out elements at the start, the standard does not say
        raise Invalid(
            f"auto_pad with a stride of {stride} over {size} elements, which skips {-total}"
        )
    total = max(0, total)
    less, more = total // 2, total - total // 2
    return (less, more) if upper else (more, less)


def _ceil(size: int, span: int, stride: int, pads: tuple[int, int]) -> tuple[int, int]:
    """`pads`, the end long enough for a last window that starts inside the padded elements but sticks out."""
    if size == xnn.DYNAMIC:
        raise Unsupported("ceil_mode over a dimension of unknown size")
    low, high = pads
    outputs = -(-(size + low + high - span) // stride) + 1
    if (outputs - 1) * stride >= size + low:
        outputs -= 1  # a window may not start in the end pads
    return low, max(high, (outputs - 1) * stride + span - size - low)


def _pool_window(node: Node) -> dict[str, Attribute]:
    kernel = node.attribute("kernel_shape", ())
    return {"kernel_shape": xnn.integers(kernel), **resolve_window(node, kernel)}


@imports("MaxPool")
def max_pool(node: Node) -> SSAValue:
    if any(node.used[1:]):
        raise Unsupported("the output Indices is used")
    return node.build(xnn.MaxPoolOp, [node.value(0)], _pool_window(node))


def average_pool_window(node: Node) -> dict[str, Attribute]:
    """The properties of the average pooling that `node` is."""
    window = _pool_window(node)
    include_pad = bool(node.attribute("count_include_pad", 0))
    if include_pad and node.attribute("ceil_mode", 0):
        given = node.attribute("pads", (0,) * 2 * len(node.shape()[2:]))
        if window["pads"] != xnn.integers(given):
            # What sticks out beyond the stated pads is not counted, which no explicit pads can say.
            raise Unsupported("count_include_pad with windows that ceil_mode adds")
    return {**window, "count_include_pad": BoolAttr.from_bool(include_pad)}


@imports("AveragePool")
def average_pool(node: Node) -> SSAValue:
    return node.build(xnn.AveragePoolOp, [node.value(0)], average_pool_window(node))
