"""Indices of elements of 64 bits in order: two sorts, by their lower halves and then by their upper ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import AnyFloat, StringAttr, TensorType, i32, i64
from xdsl.ir import SSAValue

from xnn.dialects import prim, xnn
from xnn.dialects.element_types import integer_range, is_unsigned
from xnn.dialects.names import part_name
from xnn.dialects.scalar import (
    add,
    bitcast,
    both,
    compare,
    constant,
    one_of_both,
    select,
    to_type,
)
from xnn.dialects.values import dense_strides
from xnn.dialects.xnn.ordering import TopKIndicesOp
from xnn.passes.fusion.primitive_regions import Scalars, primitive, with_post
from xnn.passes.fusion.views import view_of, viewed
from xnn.passes.graph.building import Replacement
from xnn.passes.lowering.primitives.reductions import insert, point

HALF = 32
"""Bits of half an element."""
LEAST, MOST = integer_range(i64)


def wide_indices(op: TopKIndicesOp) -> prim.ViewOp:
    """The indices that `op` seeks: sorts are stable, so that the second keeps the first's order of equal halves."""
    sizes, axis, name = prim.shape(op.x), op.axis.value.data, op.result_name.data
    whole = xnn.integer(sizes[axis])
    new, order = Replacement(op), {k: v for k, v in op.properties.items() if k == "least"}
    low, high = (_half(op, part, build) for part, build in (("low", _low), ("high", _high)))
    first = new.build(TopKIndicesOp, [low], {"axis": op.axis, "k": whole, **order}, part="by_low")
    keys = _along(new, high, first, axis, "high_by_low")
    second = new.build(TopKIndicesOp, [keys], {"axis": op.axis, "k": op.k, **order}, part="by_high")
    found = _along(new, first, second, axis, "found")
    return view_of(found, prim.shape(op.result), name)


def _half(op: TopKIndicesOp, part: str, build: Callable[[SSAValue], SSAValue]) -> SSAValue:
    """An i32 of each element, by a map before `op`."""
    sizes, name = prim.shape(op.x), part_name(op.result_name.data, part)
    seen = (1, prod(sizes))
    x = viewed(op.x, seen, part_name(op.result_name.data, f"{part}_x"), op)
    properties = {
        "name": StringAttr(name),
        "operator": StringAttr("top_k_indices"),
        "window": point(2),
    }
    node = primitive(prim.MapOp, properties, {"rhs": x}, TensorType(prim.element_type(x), seen))

    def half(values: Sequence[SSAValue]) -> SSAValue:
        return to_type(build(_ordered(values[0])), i32)

    node = insert(with_post(node, Scalars(half), TensorType(i32, seen)), op)
    return viewed(node.out, sizes, part_name(op.result_name.data, f"{part}_half"), op)


def _low(bits: SSAValue) -> SSAValue:
    lower = both(bits, constant((1 << HALF) - 1, i64))
    return add(lower, constant(-(1 << HALF - 1), i64))


def _high(bits: SSAValue) -> SSAValue:
    return arith.ShRSIOp(bits, constant(HALF, i64)).result


def _ordered(element: SSAValue) -> SSAValue:
    """An i64 in the order of elements; of floats equal for 0 and -0, and the largest for all NaN."""
    if is_unsigned(element.type):
        return one_of_both(bitcast(element, i64), constant(LEAST, i64))
    if not isinstance(element.type, AnyFloat):
        return element
    bits = bitcast(add(element, constant(0, element.type)), i64)
    signs = arith.ShRSIOp(bits, constant(2 * HALF - 1, i64)).result
    turned = one_of_both(bits, both(signs, constant(MOST, i64)))
    return select(compare("eq", element, element), turned, constant(MOST, i64))


def _along(new: Replacement, x: SSAValue, index: SSAValue, axis: int, part: str) -> SSAValue:
    """The elements of x at indices along an axis."""
    sizes, strides = prim.shape(index), dense_strides(prim.shape(x))
    rest = np.zeros(sizes, np.int64)
    for i, each in enumerate(np.indices(sizes, sparse=True)):
        rest += each * strides[i] * (i != axis)
    if strides[axis] > 1:
        step = new.constant(strides[axis], i64, f"{part}_stride")
        index = new.build(xnn.MulOp, [index, step], part=f"{part}_steps")
    if rest.any():
        starts = new.stored(rest, i64, f"{part}_starts")
        index = new.build(xnn.AddOp, [index, starts], part=f"{part}_places")
    table = new.reshaped(x, (prod(prim.shape(x)),), f"{part}_table")
    rows = new.reshaped(index, (prod(sizes),), f"{part}_rows")
    found = new.build(xnn.GatherOp, [table, rows], {"axis": xnn.integer(0)}, part=part)
    return new.reshaped(found, sizes, f"{part}_shaped")
