"""Reductions along any axes on the vector engine; sums of all elements up to each as products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from math import inf, prod
from typing import NamedTuple, TypeVar

import numpy as np
from xdsl.dialects import math
from xdsl.dialects.builtin import AnyFloat, StringAttr, TensorType, i32, i64
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from xnn.dialects import prim, xnn
from xnn.dialects.element_types import NUMBERS, accumulator_type, dtype_of, is_unsigned
from xnn.dialects.indexing_maps import axis_map, broadcast_map
from xnn.dialects.names import part_name
from xnn.dialects.scalar import (
    add,
    both,
    compare,
    constant,
    divide,
    maximum,
    minimum,
    multiply,
    negate,
    select,
    subtract,
    to_type,
)
from xnn.dialects.xnn.operation import NetworkOperation
from xnn.dialects.xnn.reduction import ArgOperation, ReduceOperation
from xnn.passes.fusion.primitive_regions import Scalars, primitive, with_post, with_pre
from xnn.passes.fusion.views import view_of, viewed
from xnn.passes.graph.building import Replacement
from xnn.passes.lowering.primitives.conversions import converts, properties_of

OperationT = TypeVar("OperationT", bound=Operation)

Build = Callable[[Sequence[SSAValue]], SSAValue]
"""Scalar operations on an element and those of other operands."""


def point(rank: int) -> prim.WindowAttr:
    """The window of one tap, for elements of so many dimensions."""
    return prim.WindowAttr(kernel=(1,) * (rank - 2))


def insert(new: OperationT, before: Operation) -> OperationT:
    """Inserts what a conversion needs before the operator that it converts."""
    new.location = before.location
    Rewriter.insert_op(new, InsertPoint.before(before))
    return new


class Elementwise(NamedTuple):
    """Scalar operations on an element, and on that of each of `operands`, which are reductions along the same axes."""

    build: Build
    operands: Sequence[SSAValue] = ()


@dataclass(frozen=True)
class Run:
    """Neighbouring axes that are all reduced, or all kept, as one."""

    reduced: bool
    size: int


@dataclass(frozen=True)
class Reducer:
    """Builds the reductions of x along `axes` that an operator is made of, before it.

    What is reduced are the channels of x, seen as [before, along, after]. Axes that are no neighbours are
    reduced one after the other.
    """

    op: NetworkOperation
    x: SSAValue
    axes: Sequence[int]

    @property
    def kept(self) -> tuple[int, ...]:
        """The shape of x with size 1 along the axes."""
        sizes = prim.shape(self.x)
        return tuple(1 if axis in self.axes else size for axis, size in enumerate(sizes))

    @property
    def count(self) -> int:
        """Elements of x for one of the result."""
        return prod(prim.shape(self.x)) // prod(self.kept)

    def _runs(self) -> list[Run]:
        """The axes of x that have several elements; one axis of size 1 if none of them is reduced."""
        axes = [(i in self.axes, size) for i, size in enumerate(prim.shape(self.x)) if size > 1]
        runs = [
            Run(reduced, prod(size for _, size in run))
            for reduced, run in groupby(axes, key=lambda each: each[0])
        ]
        return runs if any(run.reduced for run in runs) else [Run(True, 1), *runs]

    def reduce(
        self,
        part: str,
        reduction: prim.Reduction,
        sums: Attribute,
        *,
        before: Elementwise | None = None,
        after: Elementwise | None = None,
        result: Attribute | None = None,
    ) -> SSAValue:
        """All elements along the axes made one, in a shape as it comes; the operator's own result if `part` is "".

        `before` is done to each element, which is reduced in the type `sums`; `after` is done to what comes
        out, which has the type `result` then, or else `sums`.
        """
        value, runs = self.x, self._runs()
        name = self._name(part)
        for number in range(sum(run.reduced for run in runs) - 1, 0, -1):
            rows = part_name(name, f"rows{number}")
            value = insert(self._stage(rows, runs, reduction, value, sums, before), self.op).out
            before = None
        node = self._stage(name, runs, reduction, value, sums, before)
        if not part and self.op.layers is not None:
            node.properties["layers"] = self.op.layers
        if after is not None or result not in (None, sums):
            build, operands = after or Elementwise(lambda v: v[0])
            element, sizes = result or sums, prim.shape(node.out)
            others = self._viewed(operands, sizes, name)
            maps = [broadcast_map(sizes, sizes) for _ in others]
            finish = Scalars(lambda v: to_type(build(v), element), others, maps)
            node = with_post(node, finish, TensorType(element, sizes))
        return insert(node, self.op).out

    def _name(self, part: str) -> str:
        own = self.op.result_name.data
        return part_name(own, part) if part else own

    def _viewed(
        self, operands: Sequence[SSAValue], sizes: Sequence[int], name: str
    ) -> list[SSAValue]:
        return [
            viewed(each, sizes, part_name(name, f"operand{number}"), self.op)
            for number, each in enumerate(operands)
        ]

    def _stage(
        self,
        name: str,
        runs: list[Run],
        reduction: prim.Reduction,
        value: SSAValue,
        sums: Attribute,
        before: Elementwise | None,
    ) -> prim.Primitive:
        """The reduction of one of the runs, which is deleted; the node is not inserted yet.

        It is the last one, or the first if there are operands: these meet elements that have all their axes.
        """
        build, operands = before or Elementwise(lambda v: v[0])
        places = [place for place, run in enumerate(runs) if run.reduced]
        place = places[0 if operands else -1]
        sizes, rest = [run.size for run in runs], runs[place + 1 :]
        following = [run.size for run in rest]
        if not operands:
            following = [prod(following)] if following else []
        seen = (prod(sizes[:place]), sizes[place], *following)
        along = (seen[0], 1, *(1 if run.reduced else run.size for run in rest))
        del runs[place]
        x = viewed(value, seen, part_name(name, "x"), self.op)
        properties = {
            "name": StringAttr(name),
            "operator": StringAttr(self.op.name.removeprefix("xnn.")),
            "window": point(len(seen)),
            "reduction": prim.ReductionAttr(reduction),
        }
        type = TensorType(sums, (seen[0], 1, *following))
        node = primitive(prim.ReduceOp, properties, {"rhs": x}, type)
        if before is None and prim.element_type(x) == sums:
            return node
        others = self._viewed(operands, along, name)
        maps = [broadcast_map(along, seen) for _ in others]
        return with_pre(node, x, Scalars(lambda v: to_type(build(v), sums), others, maps))


def square(values: Sequence[SSAValue]) -> SSAValue:
    return multiply(values[0], values[0])


class _Form(NamedTuple):
    """A reduction as scalar operations before and after, the latter on the number of elements as well."""

    reduction: prim.Reduction
    before: Build | None = None
    after: Callable[[SSAValue, int], SSAValue] | None = None


def _absolute(values: Sequence[SSAValue]) -> SSAValue:
    return maximum(values[0], negate(values[0]))


def _share(total: SSAValue, count: int) -> SSAValue:
    """The mean; that of integers is rounded towards zero."""
    return divide(total, constant(count, total.type))


_SUM = prim.Reduction.SUM
_FORMS: dict[type[ReduceOperation], _Form] = {
    xnn.ReduceSumOp: _Form(_SUM),
    xnn.ReduceMeanOp: _Form(_SUM, after=_share),
    xnn.ReduceMaxOp: _Form(prim.Reduction.MAX),
    xnn.ReduceMinOp: _Form(prim.Reduction.MIN),
    xnn.ReduceProdOp: _Form(prim.Reduction.PRODUCT),
    xnn.ReduceSumSquareOp: _Form(_SUM, square),
    xnn.ReduceL1Op: _Form(_SUM, _absolute),
    xnn.ReduceL2Op: _Form(_SUM, square, lambda total, _: math.SqrtOp(total).result),
    xnn.ReduceLogSumOp: _Form(_SUM, None, lambda total, _: math.LogOp(total).result),
}


def sums_of(element: Attribute, reduction: prim.Reduction) -> Attribute:
    """The type in which elements are reduced: at least f32 where floats add up or multiply."""
    adds = reduction in (prim.Reduction.SUM, prim.Reduction.PRODUCT)
    return accumulator_type(element) if adds and isinstance(element, AnyFloat) else element


@converts(*_FORMS)
def _reduce(op: ReduceOperation) -> prim.ViewOp | None:
    form, element = _FORMS[type(op)], prim.element_type(op.x)
    if not NUMBERS.holds(element) or is_unsigned(element) and form[1:] != (None, None):
        return None
    reducer = Reducer(op, op.x, op.axes.get_values())
    sums, after = sums_of(element, form.reduction), form.after

    def wide(values: Sequence[SSAValue]) -> SSAValue:
        assert form.before is not None
        return form.before([to_type(values[0], sums)])

    value = reducer.reduce(
        "",
        form.reduction,
        sums,
        before=Elementwise(wide) if form.before else None,
        after=Elementwise(lambda v: after(v[0], reducer.count)) if after else None,
        result=element,
    )
    return _shaped(op, value)


@converts(xnn.ReduceLogSumExpOp)
def _log_sum_exp(op: xnn.ReduceLogSumExpOp) -> prim.ViewOp:
    """log(sum(exp(x - max))) + max; an infinite maximum is replaced by the nearest number."""
    element = prim.element_type(op.x)
    sums = accumulator_type(element)
    reducer = Reducer(op, op.x, op.axes.get_values())
    bound = float(np.finfo(dtype_of(sums)).max)

    def finite(values: Sequence[SSAValue]) -> SSAValue:
        least, most = (constant(number, sums) for number in (-bound, bound))
        return minimum(maximum(to_type(values[0], sums), least), most)

    largest = reducer.reduce(
        "max", prim.Reduction.MAX, element, after=Elementwise(finite), result=sums
    )
    shifted = Elementwise(
        lambda v: math.ExpOp(subtract(to_type(v[0], sums), v[1])).result, [largest]
    )
    back = Elementwise(lambda v: add(math.LogOp(v[0]).result, v[1]), [largest])
    value = reducer.reduce("", _SUM, sums, before=shifted, after=back, result=element)
    return _shaped(op, value)


@converts(xnn.ReduceVarianceOp)
def _variance(op: xnn.ReduceVarianceOp) -> prim.ViewOp:
    reducer = Reducer(op, op.x, op.axes.get_values())
    element = prim.element_type(op.x)
    value = variance(reducer, "", mean(reducer), lambda v: v[0], element)
    return _shaped(op, value)


def mean(reducer: Reducer) -> SSAValue:
    """The means along the axes, in the type of their sums."""
    share = Elementwise(lambda v: _share(v[0], reducer.count))
    return reducer.reduce("mean", _SUM, accumulator_type(prim.element_type(reducer.x)), after=share)


def variance(
    reducer: Reducer, part: str, means: SSAValue | None, after: Build, result: Attribute
) -> SSAValue:
    """What `after` makes of the means of the squares of elements less their `means`, if these are given."""
    sums = accumulator_type(prim.element_type(reducer.x))

    def squared(values: Sequence[SSAValue]) -> SSAValue:
        element = to_type(values[0], sums)
        return square([subtract(element, values[1]) if means is not None else element])

    before = Elementwise(squared, [means] if means is not None else [])
    finish = Elementwise(lambda v: after([_share(v[0], reducer.count)]))
    return reducer.reduce(part, _SUM, sums, before=before, after=finish, result=result)


def _shaped(op: ReduceOperation, value: SSAValue) -> prim.ViewOp:
    """The result under the name of the operator, without the axes that it does not keep."""
    return view_of(value, prim.shape(op.result), op.result_name.data)


LONGEST = 2048
"""Elements in a row whose sums a product with a triangular matrix makes; more stay, for general compute."""


@converts(xnn.CumSumOp)
def _cumsum(op: xnn.CumSumOp) -> prim.ViewOp | None:
    """A product with a triangular matrix of ones: its rows are the sums, its columns the elements of x."""
    sizes, axis, element = prim.shape(op.x), op.axis.value.data, prim.element_type(op.x)
    if is_unsigned(element) or (length := sizes[axis]) > LONGEST:
        return None
    after = [prod(sizes[axis + 1 :])] if axis + 1 < len(sizes) else []
    seen, window = (prod(sizes[:axis]), length, *after), point(2 + len(after))
    diagonal = -1 if op.exclusive is not None else 0
    ones = np.tri(length, k=diagonal)
    if op.reverse is not None:
        ones = ones[::-1, ::-1]
    new, name = Replacement(op), op.result_name.data
    lhs = new.stored(ones.reshape(length, length, *window.kernel), element, "ones")
    x = viewed(op.x, seen, part_name(name, "x"), op)
    properties = properties_of(op, operator=StringAttr("cumsum"), window=window)
    type = TensorType(accumulator_type(element), seen)
    node = primitive(prim.MatmulOp, properties, {"lhs": lhs, "rhs": x}, type)
    if type.element_type != element:
        narrow = Scalars(lambda v: to_type(v[0], element))
        node = with_post(node, narrow, TensorType(element, seen))
    return view_of(insert(node, op).out, sizes, name)


def arg_by_reductions(op: ArgOperation) -> prim.ViewOp:
    """Two reductions: the extreme, then the least (or largest) index of the elements that are equal to it.

    NaN is equal to none of them, but as the first element of all it stands before all others.
    """
    sizes, axis, name = prim.shape(op.x), op.axis.value.data, op.result_name.data
    extreme = prim.Reduction.MAX if isinstance(op, xnn.ArgMaxOp) else prim.Reduction.MIN
    element = prim.element_type(op.x)
    found = Reducer(op, op.x, [axis]).reduce(
        "extreme", extreme, element, before=Elementwise(partial(_number, extreme))
    )
    after = [prod(sizes[axis + 1 :])] if axis + 1 < len(sizes) else []
    seen = (prod(sizes[:axis]), length := sizes[axis], *after)
    along = (seen[0], 1, *after)
    last = op.last is not None
    none, reduction = (-1, prim.Reduction.MAX) if last else (length, prim.Reduction.MIN)

    def index(values: Sequence[SSAValue]) -> SSAValue:
        value, sought, number = values
        chosen = select(compare("eq", value, sought), number, constant(none, i32))
        if not isinstance(element, AnyFloat):
            return chosen
        is_first = compare("eq", number, constant(0, i32))
        before_all = both(is_first, compare("ne", value, value))
        return select(before_all, constant(length if last else 0, i32), chosen)

    def place(values: Sequence[SSAValue]) -> SSAValue:
        (number,) = values
        if last and isinstance(element, AnyFloat):
            before_all = compare("eq", number, constant(length, i32))
            number = select(before_all, constant(0, i32), number)
        return to_type(number, i64)

    x = viewed(op.x, seen, part_name(name, "x"), op)
    others = [
        viewed(found, along, part_name(name, "sought"), op),
        Replacement(op).stored(np.arange(length), i32, "numbers"),
    ]
    maps = [broadcast_map(along, seen), axis_map(len(seen), 1)]
    properties = properties_of(
        op,
        operator=StringAttr(op.name.removeprefix("xnn.")),
        window=point(len(seen)),
        reduction=prim.ReductionAttr(reduction),
    )
    node = primitive(prim.ReduceOp, properties, {"rhs": x}, TensorType(i32, along))
    node = with_pre(node, x, Scalars(index, others, maps))
    node = with_post(node, Scalars(place), TensorType(i64, along))
    return view_of(insert(node, op).out, prim.shape(op.result), name)


def _number(extreme: prim.Reduction, values: Sequence[SSAValue]) -> SSAValue:
    """The element, of NaN the number that is never found."""
    (value,) = values
    if not isinstance(value.type, AnyFloat):
        return value
    none = constant(-inf if extreme == prim.Reduction.MAX else inf, value.type)
    return select(compare("eq", value, value), value, none)
