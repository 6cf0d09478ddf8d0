"""Matrix products, of stacks too: which operand is lhs, which rhs, and what must move for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product as combinations
from math import prod

from xdsl.dialects import builtin
from xdsl.ir import Operation, SSAValue

from xnn.dialects import prim, xnn
from xnn.dialects.indexing_maps import broadcast_map
from xnn.dialects.scalar import add, to_type
from xnn.dialects.xnn.operation import integers
from xnn.passes.fusion.primitive_regions import Scalars, with_post
from xnn.passes.graph.building import Replacement
from xnn.passes.lowering.primitives.conversions import converts
from xnn.passes.lowering.primitives.products import finished, in_shape, product, scaled, times

MOVE = 16
"""What moving one element by itself costs, in elements moved in long runs: most of a burst is wasted."""


@dataclass(frozen=True)
class Arrangement:
    """The order of axes in which a product takes its operands and leaves its result.

    lhs is [groups, rows, summed], rhs [batch, groups, summed, positions], the result [batch, groups,
    rows, positions]: `swapped`, lhs is the second operand.
    """

    swapped: bool
    batch: str
    groups: str
    rows: str
    summed: str
    positions: str

    def shape(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The result's as the primitive has it: all groups have their rows along axis 1."""
        positions = (_count(self.positions, sizes),) if self.positions else ()
        return _count(self.batch, sizes), _count(self.groups + self.rows, sizes), *positions

    @property
    def lhs(self) -> str:
        return self.groups + self.rows + self.summed

    @property
    def rhs(self) -> str:
        return self.batch + self.groups + self.summed + self.positions

    @property
    def out(self) -> str:
        return self.batch + self.groups + self.rows + self.positions


def _count(labels: str, sizes: Mapping[str, int]) -> int:
    return prod(sizes[label] for label in labels)


def arrangements(terms: tuple[str, str, str]) -> Iterator[Arrangement]:
    """All that keep labels in the order of one of the terms they are in."""
    *factors, out = terms
    for swapped in (False, True):
        lhs, rhs = factors[::-1] if swapped else factors
        orders = [
            dict.fromkeys(_kept(term, labels) for term in of)
            for of, labels in (
                ((lhs, rhs, out), {*lhs} & {*rhs} & {*out}),
                ((lhs, out), {*lhs} - {*rhs}),
                ((lhs, rhs), {*lhs} & {*rhs} - {*out}),
                ((rhs, out), {*rhs} - {*lhs}),
            )
        ]
        for groups, rows, summed, columns in combinations(*orders):
            for split in reversed(range(len(columns) + 1)):
                batch, positions = columns[:split], columns[split:]
                yield Arrangement(swapped, batch, groups, rows, summed, positions)


def _kept(term: str, labels: set[str]) -> str:
    return "".join(label for label in term if label in labels)


def _of_several(sizes: Mapping[str, int], a: str, b: str, out: str) -> tuple[str, str, str]:
    """Terms without the labels of axes of one element."""
    several = {label for label, size in sizes.items() if size > 1}
    return _kept(a, several), _kept(b, several), _kept(out, several)


def _cost(old: str, new: str, sizes: Mapping[str, int]) -> float:
    """Of moving elements with axes in one order into another, in elements."""
    if old == new:
        return 0
    run, (one, other) = 1, (old, new)
    while one and one[-1:] == other[-1:]:
        run, one, other = run * sizes[one[-1]], one[:-1], other[:-1]
    return prod(sizes[label] for label in old) * (1 + MOVE / run)


def least_moving(
    candidates: Iterable[Arrangement],
    terms: tuple[str, str, str],
    sizes: Mapping[str, int],
    fixed: Sequence[bool],
) -> Arrangement:
    """The arrangement that moves least: what is `fixed` moves before the network runs. That is lhs if it can be."""

    def cost(each: Arrangement) -> tuple[float, bool]:
        wanted = (each.rhs, each.lhs) if each.swapped else (each.lhs, each.rhs)
        moved = sum(
            0 if known else _cost(term, new, sizes)
            for term, new, known in zip(terms, (*wanted, each.out), (*fixed, False), strict=True)
        )
        return moved, not fixed[each.swapped]

    return min(candidates, key=cost)


def arranged_product(
    op: xnn.ProductOperation,
    operator: str,
    terms: tuple[str, str, str],
    found: Arrangement,
    sizes: Mapping[str, int],
) -> prim.Primitive:
    """The product of the first two operands, whose axes are `terms` but for those of one element, as it leaves the
    accumulators; operands that lie in another order are transposed before."""
    new = Replacement(op)
    wanted = (found.rhs, found.lhs) if found.swapped else (found.lhs, found.rhs)
    values = [
        _arranged(new, *each, sizes, part)
        for each, part in zip(
            zip(op.operands, terms, wanted, strict=False), ("a", "b"), strict=True
        )
    ]
    lhs, rhs = values[::-1] if found.swapped else values

    groups, summed = _count(found.groups, sizes), _count(found.summed, sizes)
    batch, rows, *positions = found.shape(sizes)
    ones = (1,) * len(positions)
    lhs = new.reshaped(lhs, (rows, summed, *ones), "lhs")
    rhs = new.reshaped(rhs, (batch, groups * summed, *positions), "rhs")
    window = prim.WindowAttr(kernel=ones, groups=groups)
    return product(op, operator, lhs, rhs, window, rows)


def _fixed(op: xnn.ProductOperation) -> list[bool]:
    """Which operands are known before the network runs."""
    constants = xnn.ConstantExpressions()
    return [value in constants for value in op.operands[:2]]


@converts(xnn.EinsumOp)
def _einsum(op: xnn.EinsumOp) -> Operation:
    """A product of as many groups as the labels that all terms have make up.

    Of the labels that rhs alone has, the first may be its samples and the others its positions; a result that
    lies in another order is transposed.
    """
    sizes = op.label_sizes
    terms = _of_several(sizes, *op.terms)
    out = terms[2]
    found = least_moving(arrangements(terms), terms, sizes, _fixed(op))
    node = finished(arranged_product(op, "einsum", terms, found, sizes), op)
    if found.out == out:
        return in_shape(op, node)
    new = Replacement(op)
    node.properties["name"] = builtin.StringAttr(new.name_of("products"))
    turned = new.reshaped(new.insert(node).out, [sizes[x] for x in found.out], "turned")
    perm = [found.out.index(label) for label in out]
    if prim.shape(op.result) == tuple(sizes[label] for label in out):
        return xnn.TransposeOp.of(new.name, [turned], {"perm": integers(perm)})
    lies = new.transposed(turned, perm, "lies")
    return xnn.ReshapeOp.of(new.name, [lies], {"shape": integers(prim.shape(op.result))})


@converts(xnn.GemmOp)
def _gemm(op: xnn.GemmOp) -> Operation:
    """As an einsum, but its result lies as it should for c."""
    rows, columns = prim.shape(op.result)
    sizes = {"m": rows, "n": columns, "k": prod(op.summed_sizes)}
    a, b = "km" if op.trans_a.value.data else "mk", "nk" if op.trans_b.value.data else "kn"
    terms = _of_several(sizes, a, b, "mn")
    shapes = (rows, columns), (1, rows, columns)
    fitting = [each for each in arrangements(terms) if each.shape(sizes) in shapes]
    fitting = [each for each in fitting if each.out == terms[2]]
    found = least_moving(fitting, terms, sizes, _fixed(op))
    node = arranged_product(op, "gemm", terms, found, sizes)
    if op.alpha.value.data != 1.0:
        node = scaled(node, op.alpha)
    if op.c is not None:

        def scaled_sum(values: Sequence[SSAValue]) -> SSAValue:
            addend = to_type(values[1], values[0].type)
            return add(values[0], addend if op.beta.value.data == 1 else times(addend, op.beta))

        indexing_map = broadcast_map(prim.shape(op.c), prim.shape(node.out))
        node = with_post(node, Scalars(scaled_sum, [op.c], [indexing_map]))
    return in_shape(op, finished(node, op))


def _arranged(
    new: Replacement, value: SSAValue, term: str, goal: str, sizes: Mapping[str, int], part: str
) -> SSAValue:
    """An operand whose axes of more than one element, `term`, are in the order `goal`."""
    if term == goal:
        return value
    value = new.reshaped(value, [sizes[label] for label in term], f"{part}_axes")
    return new.transposed(value, [term.index(label) for label in goal], part)
