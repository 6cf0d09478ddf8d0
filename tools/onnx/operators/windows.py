"""Pooling, and how automatic padding and rounding up of windows become explicit pads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, prod

import numpy as np
from xdsl.dialects.builtin import (
    I64,
    BoolAttr,
    DenseArrayBase,
    IntegerType,
    StringAttr,
    UnitAttr,
    i64,
)
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import xnn
from xnn.dialects.element_types import integer_range
from xnn.dialects.values import dense_strides
from xnn.dialects.xnn.arithmetic import AbsOp, PowOp
from xnn.dialects.xnn.logic import EqualOp, WhereOp
from xnn.dialects.xnn.movement import PadOp, SliceOp
from xnn.tools.onnx.node import Node, Unsupported, imports
from xnn.tools.onnx.tensors import Invalid


def resolve_window(
    node: Node, kernel: Sequence[int], *, skips: bool = False
) -> dict[str, DenseArrayBase[I64]]:
    """Properties of the window of `kernel` that `node` moves over its first input, with explicit pads.

    `skips`: over what `_rest` leaves of it.
    """
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
        pairs = [_same(x, span, s, upper, skips) for x, span, s in zip(spatial, spans, strides)]
    elif auto_pad != "NOTSET":
        raise Unsupported(f"auto_pad {auto_pad}")
    if node.attribute("ceil_mode", 0):
        pairs = [_ceil(x, span, s, p) for x, span, s, p in zip(spatial, spans, strides, pairs)]
    pads = [before for before, _ in pairs] + [after for _, after in pairs]
    window = {"strides": strides, "dilations": dilations, "pads": pads}
    return {name: xnn.integers(values) for name, values in window.items()}


def _same(size: int, span: int, stride: int, upper: bool, skips: bool) -> tuple[int, int]:
    """The pads that give ceil(size / stride) windows; the odd one goes to the end if `upper`."""
    if size == xnn.DYNAMIC and stride != 1:
        raise Unsupported("auto_pad with a stride over a dimension of unknown size")
    total = _total(size, span, stride) if size != xnn.DYNAMIC else span - 1
    if total < -2 and not skips:  # the standard does not say where the first window begins
        raise Invalid(
            f"auto_pad with a stride of {stride} over {size} elements, which skips {-total}"
        )
    total = max(0, total)
    less, more = total // 2, total - total // 2
    return (less, more) if upper else (more, less)


def _total(size: int, span: int, stride: int) -> int:
    """The elements that ceil(size / stride) windows need beyond `size`; negative if some are in no window."""
    return (-(-size // stride) - 1) * stride + span - size


def _rest(node: Node, window: Mapping[str, DenseArrayBase[I64]]) -> SSAValue:
    """The first input without the elements before the first window.

    Where auto_pad gives windows fewer elements than there are, onnxruntime leaves out half of the others
    at the start, rounded down, if the odd one of pads goes to the end, and else half of one less.
    """
    x, auto_pad = node.value(0), node.attribute("auto_pad", "NOTSET")
    kernel, strides, dilations = (
        window[name].get_values() for name in ("kernel_shape", "strides", "dilations")
    )
    totals = [
        _total(size, (k - 1) * d + 1, s)
        for size, k, s, d in zip(node.shape()[2:], kernel, strides, dilations)
    ]
    odd = 0 if auto_pad == "SAME_UPPER" else 1
    starts = [max(0, (-total - odd) // 2) for total in totals]
    if auto_pad not in ("SAME_UPPER", "SAME_LOWER") or not any(starts):
        return x
    bounds = {"starts": starts, "ends": node.shape()[2:], "steps": [1] * len(starts)}
    properties = {name: xnn.integers(each) for name, each in bounds.items()}
    properties["axes"] = xnn.integers(range(2, 2 + len(starts)))
    return node.build(SliceOp, [x], properties, part="rest")


def _ceil(size: int, span: int, stride: int, pads: tuple[int, int]) -> tuple[int, int]:
    """`pads`, the end long enough for a last window that starts inside the padded elements but sticks out."""
    if size == xnn.DYNAMIC:
        raise Unsupported("ceil_mode over a dimension of unknown size")
    low, high = pads
    outputs = -(-(size + low + high - span) // stride) + 1
    if (outputs - 1) * stride >= size + low:
        outputs -= 1  # a window may not start in the end pads
    return low, max(high, (outputs - 1) * stride + span - size - low)


def _pool_window(node: Node, *, skips: bool = False) -> dict[str, DenseArrayBase[I64]]:
    kernel = node.attribute("kernel_shape", ())
    return {"kernel_shape": xnn.integers(kernel), **resolve_window(node, kernel, skips=skips)}


@imports("MaxPool")
def max_pool(node: Node) -> tuple[SSAValue, ...]:
    window = _pool_window(node)
    largest = node.build(xnn.MaxPoolOp, [node.value(0)], window)
    if not any(node.used[1:]):
        return (largest,)
    return largest, _indices(node, largest)


def _indices(node: Node, largest: SSAValue) -> SSAValue:
    """The places in x of the largest elements: of the first tap that equals it, the taps being compared one by one."""
    x, parts = node.value(0), node.of("indices")
    batch, channels, *spatial = xnn.shape_of(x)
    if xnn.DYNAMIC in (batch, channels, *spatial):
        raise Unsupported("the output Indices of a feature map of unknown size")
    op = largest.owner
    assert isinstance(op, xnn.MaxPoolOp)
    strides, dilations = op.strides.get_values(), op.dilations.get_values()
    kernel, out = op.kernel_shape.get_values(), xnn.shape_of(largest)[2:]
    kind = xnn.tensor_type(x).element_type
    least = integer_range(kind)[0] if isinstance(kind, IntegerType) else -inf
    pads = [0, 0, *(low for low, _ in op.pad_pairs), 0, 0, *(high for _, high in op.pad_pairs)]
    if any(pads):
        properties = {"mode": StringAttr("constant"), "pads": xnn.integers(pads)}
        x = parts.build(PadOp, [x, parts.constant(least, kind, "least")], properties, part="x")
    steps = (
        np.cumprod([1, *spatial]) if node.attribute("storage_order", 0) else dense_strides(spatial)
    )
    found = parts.constant(np.zeros((1, 1, *out), np.int64), i64, "none")
    for number, tap in reversed(list(enumerate(np.ndindex(*kernel)))):
        first = [t * d for t, d in zip(tap, dilations)]
        ends = [f + (n - 1) * s + 1 for f, n, s in zip(first, out, strides)]
        bounds = {"starts": first, "ends": ends, "steps": strides}
        properties = {name: xnn.integers(each) for name, each in bounds.items()}
        properties["axes"] = xnn.integers(range(2, 2 + len(out)))
        element = parts.build(SliceOp, [x], properties, part=f"tap{number}")
        equal = parts.build(EqualOp, [element, largest], part=f"equal{number}")
        places = sum(
            (np.arange(n) * s + f - low).reshape(-1, *(1,) * (len(out) - 1 - axis)) * step
            for axis, (n, s, f, (low, _), step) in enumerate(
                zip(out, strides, first, op.pad_pairs, steps)
            )
        )
        place = parts.stored(np.asarray(places, np.int64)[None, None], i64, f"places{number}")
        found = parts.build(WhereOp, [equal, place, found], part=f"found{number}")
    planes = np.arange(batch * channels).reshape(batch, channels, *(1 for _ in out))
    planes = parts.stored(planes * prod(spatial), i64, "planes")
    return parts.build(xnn.AddOp, [found, planes])


@imports("LpPool")
def lp_pool(node: Node) -> SSAValue:
    """The p-th root of the sum of the p-th powers of the absolute values of each window."""
    window, p = _pool_window(node, skips=True), node.attribute("p", 2)
    powers = _powers(node, _rest(node, window), p)
    sums = node.build(xnn.SumPoolOp, [powers], window, part="" if p == 1 else "sums")
    return sums if p == 1 else _root(node, sums, p)


@imports("GlobalLpPool")
def global_lp_pool(node: Node) -> SSAValue:
    p = node.attribute("p", 2)
    axes = {"axes": xnn.integers(range(2, len(node.shape()))), "keepdims": UnitAttr()}
    part = "" if p == 1 else "sums"
    sums = node.build(xnn.ReduceSumOp, [_powers(node, node.value(0), p)], axes, part=part)
    return sums if p == 1 else _root(node, sums, p)


def _powers(node: Node, x: SSAValue, p: int) -> SSAValue:
    if p == 2:
        return node.build(xnn.MulOp, [x, x], part="powers")
    sizes = node.build(AbsOp, [x], part="sizes")
    if p == 1:
        return sizes
    exponent = node.constant(p, xnn.tensor_type(x).element_type, "p")
    return node.build(PowOp, [sizes, exponent], part="powers")


def _root(node: Node, sums: SSAValue, p: int) -> SSAValue:
    if p == 2:
        return node.build(xnn.SqrtOp, [sums])
    exponent = node.constant(1 / p, xnn.tensor_type(sums).element_type, "root")
    return node.build(PowOp, [sums, exponent])


def _given_pads(node: Node, window: Mapping[str, Attribute]) -> tuple[int, ...] | None:
    """The pads that the node states, if `ceil_mode` adds more, which do not count in means."""
    none, auto_pad = (0,) * 2 * len(node.shape()[2:]), node.attribute("auto_pad", "NOTSET")
    given = none if auto_pad == "VALID" else node.attribute("pads", none)
    stated = node.attribute("ceil_mode", 0) and auto_pad in ("NOTSET", "VALID")
    return given if stated and window["pads"] != xnn.integers(given) else None


def average_pool_window(node: Node, *, skips: bool = False) -> dict[str, Attribute]:
    """The properties of the average pooling that `node` is; `skips` as in `resolve_window`."""
    window = _pool_window(node, skips=skips)
    include_pad = bool(node.attribute("count_include_pad", 0))
    if include_pad and _given_pads(node, window) is not None:
        raise Unsupported("count_include_pad with windows that ceil_mode adds")
    return {**window, "count_include_pad": BoolAttr.from_bool(include_pad)}


@imports("AveragePool")
def average_pool(node: Node) -> SSAValue:
    window = _pool_window(node, skips=True)
    given = _given_pads(node, window)
    if given is None or not node.attribute("count_include_pad", 0):
        properties = average_pool_window(node, skips=True)
        return node.build(xnn.AveragePoolOp, [_rest(node, window)], properties)
    sums = node.build(xnn.SumPoolOp, [node.value(0)], window, part="sums")
    op, spatial = sums.owner, node.shape()[2:]
    assert isinstance(op, xnn.SumPoolOp)
    counts = np.ones(())
    for axis, (size, kernel, count) in enumerate(
        zip(spatial, op.kernel_shape.get_values(), xnn.shape_of(sums)[2:])
    ):
        steps = op.strides.get_values()[axis], op.dilations.get_values()[axis]
        taps = np.arange(count)[:, None] * steps[0] + np.arange(kernel) * steps[1]
        inside = taps < given[axis] + size + given[len(spatial) + axis]
        counts = counts[..., None] * inside.sum(axis=1)
    divisor = node.stored(counts, xnn.tensor_type(sums).element_type, "counts")
    return node.build(xnn.DivOp, [sums, divisor])
