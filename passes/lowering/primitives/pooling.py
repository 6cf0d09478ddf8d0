"""Pooling: means and sums of windows as products, maxima on the sort primitive."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from xdsl.dialects import builtin
from xdsl.ir import SSAValue

from xnn.dialects import prim, xnn
from xnn.dialects.element_types import precision_bits
from xnn.dialects.indexing_maps import axis_map
from xnn.dialects.scalar import multiply
from xnn.dialects.xnn.operation import NetworkOperation
from xnn.passes.fusion.primitive_regions import Scalars, primitive, with_post
from xnn.passes.graph.building import Replacement
from xnn.passes.lowering.primitives.conversions import converts, properties_of
from xnn.passes.lowering.primitives.products import finished, product, scaled, window_of


def _mean(
    op: NetworkOperation,
    x: SSAValue,
    window: prim.WindowAttr,
    coverage: Sequence[np.ndarray | None],
) -> prim.Primitive:
    """Means of windows as a product with one row of lhs that all channels share.

    `coverage`: per spatial dimension the taps that lie inside the feature map at each position, or
    None if all of them count everywhere.
    """
    new, element, channels = Replacement(op), prim.element_type(x), prim.shape(x)[1]
    share = 1.0 / prod(k for k, c in zip(window.kernel, coverage, strict=True) if c is None)
    short = precision_bits(element) < 32  # 1 / n would be less precise than the sums are
    taps = np.full((1, 1, *window.kernel), 1.0 if short else share, np.float64)
    node = product(op, "average_pool", new.constant(taps, element, "taps"), x, window, channels)
    if short:
        node = scaled(node, builtin.FloatAttr(share, builtin.f32))
    for axis, counts in enumerate(coverage, start=2):
        if counts is not None:
            shares = new.constant(1.0 / counts, prim.element_type(node.out), f"share{axis - 2}")
            indexing_map = axis_map(len(prim.shape(op.result)), axis)
            more = Scalars(lambda v: multiply(v[0], v[1]), [shares], [indexing_map])
            node = with_post(node, more)
    return finished(node, op)


@converts(xnn.SumPoolOp)
def _sum_pool(op: xnn.SumPoolOp) -> prim.Primitive:
    """Sums of windows: a product with ones that all channels share."""
    channels = prim.shape(op.x)[1]
    window = window_of(op, op.kernel_shape.get_values(), channels)
    element = prim.element_type(op.x)
    kind = builtin.i8 if isinstance(element, builtin.IntegerType) else element
    taps = Replacement(op).constant(np.ones((1, 1, *window.kernel)), kind, "taps")
    return finished(product(op, "sum_pool", taps, op.x, window, channels), op)


@converts(xnn.AveragePoolOp)
def _average_pool(op: xnn.AveragePoolOp) -> prim.Primitive:
    window = window_of(op, op.kernel_shape.get_values(), prim.shape(op.x)[1])
    coverage: list[np.ndarray | None] = []
    for axis, kernel in enumerate(window.kernel):
        pads = window.pad_pairs[axis]
        if op.count_include_pad.value.data or pads == (0, 0):
            coverage.append(None)
            continue
        starts = np.arange(prim.shape(op.result)[2 + axis]) * window.strides[axis] - pads[0]
        taps = starts[:, None] + np.arange(kernel) * window.dilations[axis]
        coverage.append(
            ((taps >= 0) & (taps < prim.shape(op.x)[2 + axis])).sum(axis=1).astype(float)
        )
    return _mean(op, op.x, window, coverage)


@converts(xnn.GlobalAveragePoolOp)
def _global_average_pool(op: xnn.GlobalAveragePoolOp) -> prim.Primitive:
    _, channels, *spatial = prim.shape(op.x)
    window = prim.WindowAttr(kernel=tuple(spatial), groups=channels)
    return _mean(op, op.x, window, [None] * len(spatial))


@converts(xnn.MaxPoolOp)
def _max_pool(op: xnn.MaxPoolOp) -> prim.Primitive:
    window = window_of(op, op.kernel_shape.get_values())
    properties = properties_of(op, operator=builtin.StringAttr("max_pool"), window=window)
    return primitive(prim.SortOp, properties, {"rhs": op.x}, op.result.type)
