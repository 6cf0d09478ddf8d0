"""The first elements in order, and their indices, on the sort primitive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import (
    AnyFloat,
    IntegerType,
    Signedness,
    StringAttr,
    TensorType,
    f32,
    i32,
    i64,
)
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import prim, xnn
from xnn.dialects.element_types import integer_range
from xnn.dialects.indexing_maps import axis_map
from xnn.dialects.names import part_name
from xnn.dialects.scalar import (
    add,
    bitcast,
    both,
    compare,
    constant,
    either,
    one_of_both,
    select,
    shift_left,
    subtract,
    to_type,
)
from xnn.dialects.xnn.ordering import TopOperation
from xnn.dialects.xnn.reduction import ArgOperation
from xnn.passes.fusion.primitive_regions import Scalars, primitive, with_post, with_pre
from xnn.passes.fusion.views import view_of, viewed
from xnn.passes.graph.building import Replacement
from xnn.passes.lowering.primitives.conversions import converts, properties_of
from xnn.passes.lowering.primitives.reductions import arg_by_reductions, insert, point
from xnn.passes.lowering.primitives.wide_keys import wide_indices

MOST_KEPT = 32768
"""Elements of a row that are kept, at most: they stay in local memory. More stay, for general compute."""
UI32 = IntegerType(32, Signedness.UNSIGNED)
BITS = 32
"""Bits of the part of a key that is the element, and of the index."""
LEAST, MOST = integer_range(i32)

Nan = Callable[[SSAValue], SSAValue]
"""The order of NaN as an i32, from whether it is the first element of all."""


def fits_key(element: Attribute) -> bool:
    """Whether elements are part of a key together with their index."""
    return key_type(element) in (f32, i32, UI32)


def key_type(element: Attribute) -> Attribute:
    """The type in which elements are sorted: shorter ones than 32 bits are widened."""
    if isinstance(element, AnyFloat):
        return element if element.bitwidth >= 32 else f32
    assert isinstance(element, IntegerType)
    return element if element.width.data >= 32 else i32


@dataclass(frozen=True)
class Rows:
    """x along an axis, of which the first `k` elements are sought."""

    op: TopOperation | ArgOperation
    k: int
    first: prim.First

    @property
    def length(self) -> int:
        return prim.shape(self.op.x)[self.op.axis.value.data]

    @property
    def seen(self) -> tuple[int, ...]:
        """The shape of x as [before, along] or [before, along, after]."""
        sizes, axis = prim.shape(self.op.x), self.op.axis.value.data
        after = prod(sizes[axis + 1 :])
        return (prod(sizes[:axis]), sizes[axis], *([after] if after > 1 else []))

    def sort(self, keys: Scalars | None, type: Attribute, result: Scalars | None) -> prim.ViewOp:
        """The first of the keys, of a type, that `keys` makes of elements; `result` makes the operator's of them."""
        op, seen, name = self.op, self.seen, self.op.result_name.data
        properties = properties_of(
            op,
            operator=StringAttr(op.name.removeprefix("xnn.")),
            window=point(len(seen)),
            first=prim.FirstAttr(self.first),
        )
        x = viewed(op.x, seen, part_name(name, "x"), op)
        found = (seen[0], self.k, *seen[2:])
        node = primitive(prim.TopKOp, properties, {"rhs": x}, TensorType(type, found))
        if keys is not None:
            node = with_pre(node, x, keys)
        if result is not None:
            node = with_post(node, result, TensorType(prim.element_type(op.result), found))
        return view_of(insert(node, op).out, prim.shape(op.result), name)

    def indices(self, last: bool = False, nan: Nan | None = None) -> prim.ViewOp:
        """The indices of the first elements, of equal ones the first first, or the `last`.

        Keys have 64 bits: an i32 in the order of the elements, then the index, so that no two are equal.
        That of NaN is the largest, or what `nan` makes of whether the element is the first of x.
        """
        op, length, seen = self.op, self.length, self.seen
        type = key_type(prim.element_type(op.x))
        falls = (self.first == prim.First.LARGEST) != last
        numbers = np.arange(length)[::-1] if falls else np.arange(length)
        number_of_first = int(numbers[0])
        numbers = Replacement(op).stored(np.ascontiguousarray(numbers), i32, "numbers")

        def key(values: Sequence[SSAValue]) -> SSAValue:
            element, number = to_type(values[0], type), values[1]
            no_number = constant(MOST, i32)
            if nan is not None:
                no_number = nan(compare("eq", number, constant(number_of_first, i32)))
            upper = shift_left(to_type(_ordered(element, no_number), i64), constant(BITS, i64))
            return either(upper, to_type(number, i64))

        def index(values: Sequence[SSAValue]) -> SSAValue:
            number = both(values[0], constant((1 << BITS) - 1, i64))
            return subtract(constant(length - 1, i64), number) if falls else number

        keys = Scalars(key, [numbers], [axis_map(len(seen), 1)])
        return self.sort(keys, i64, Scalars(index))


def _rows(op: TopOperation) -> Rows:
    return Rows(op, op.k.value.data, prim.First.LARGEST if op.least is None else prim.First.LEAST)


@converts(xnn.TopKOp)
def _top_k(op: xnn.TopKOp) -> prim.ViewOp | None:
    element = prim.element_type(op.x)
    if op.k.value.data > MOST_KEPT:
        return None
    if (type := key_type(element)) == element:
        return _rows(op).sort(None, type, None)
    widen, narrow = (Scalars(partial(_to, each)) for each in (type, element))
    return _rows(op).sort(widen, type, narrow)


@converts(xnn.TopKIndicesOp)
def _top_k_indices(op: xnn.TopKIndicesOp) -> prim.ViewOp | None:
    if fits_key(prim.element_type(op.x)):
        return _rows(op).indices() if op.k.value.data <= MOST_KEPT else None
    return wide_indices(op) if _rows(op).length <= MOST_KEPT else None


@converts(xnn.ArgMaxOp, xnn.ArgMinOp)
def _arg(op: ArgOperation) -> prim.ViewOp:
    """The first of the row; elements that fit no key are reduced twice, on the vector engine."""
    if not fits_key(prim.element_type(op.x)):
        return arg_by_reductions(op)
    largest = isinstance(op, xnn.ArgMaxOp)
    best, worst = (MOST, LEAST) if largest else (LEAST, MOST)

    def nan(is_first: SSAValue) -> SSAValue:
        return select(is_first, constant(best, i32), constant(worst, i32))

    rows = Rows(op, 1, prim.First.LARGEST if largest else prim.First.LEAST)
    return rows.indices(op.last is not None, nan)


def _to(type: Attribute, values: Sequence[SSAValue]) -> SSAValue:
    return to_type(values[0], type)


def _ordered(element: SSAValue, nan: SSAValue) -> SSAValue:
    """An i32 in the order of elements: of floats the bits, those below zero turned; equal for 0 and -0."""
    if element.type == UI32:
        return one_of_both(bitcast(element, i32), constant(LEAST, i32))
    if element.type == i32:
        return element
    bits = bitcast(add(element, constant(0, f32)), i32)
    signs = arith.ShRSIOp(bits, constant(BITS - 1, i32)).result
    below = both(signs, constant(MOST, i32))
    is_number = compare("eq", element, element)
    return select(is_number, one_of_both(bits, below), nan)
