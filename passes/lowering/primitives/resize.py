"""Resizing: nearest elements by transfers, weighted sums as products with the weights, one axis at a time."""

from __future__ import annotations

from math import prod

from xdsl.ir import Operation

from xnn.dialects import prim, xnn
from xnn.dialects.names import part_name
from xnn.passes.fusion.views import viewed
from xnn.passes.lowering.primitives.conversions import converts
from xnn.passes.lowering.primitives.products import finished, in_shape, product


@converts(xnn.InterpolateOp)
def _interpolate(op: xnn.InterpolateOp) -> Operation:
    """The axis is the channels of x, seen as what comes before it, the axis, what comes after it."""
    sizes, axis, name = prim.shape(op.x), op.axis.value.data, op.result_name.data
    new, old = prim.shape(op.w)
    after = (prod(sizes[axis + 1 :]),) if axis + 1 < len(sizes) else ()
    x = viewed(op.x, (prod(sizes[:axis]), old, *after), part_name(name, "x"), op)
    kernel = (1,) * len(after)
    w = viewed(op.w, (new, old, *kernel), part_name(name, "w"), op)
    node = product(op, "interpolate", w, x, prim.WindowAttr(kernel=kernel), new)
    return in_shape(op, finished(node, op))
