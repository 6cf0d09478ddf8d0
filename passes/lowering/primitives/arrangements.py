"""In which order of axes a product takes its operands and leaves its result: the one that moves least."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product as combinations
from math import inf, prod

from xdsl.ir import SSAValue

from xnn.dialects import prim, xnn
from xnn.dialects.values import shape

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
        positions = (count_of(self.positions, sizes),) if self.positions else ()
        return count_of(self.batch, sizes), count_of(self.groups + self.rows, sizes), *positions

    @property
    def lhs(self) -> str:
        return self.groups + self.rows + self.summed

    @property
    def rhs(self) -> str:
        return self.batch + self.groups + self.summed + self.positions

    @property
    def out(self) -> str:
        return self.batch + self.groups + self.rows + self.positions


def count_of(labels: str, sizes: Mapping[str, int]) -> int:
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


def of_several(sizes: Mapping[str, int], a: str, b: str, out: str) -> tuple[str, str, str]:
    """Terms without the labels of axes of one element."""
    several = {label for label, size in sizes.items() if size > 1}
    return _kept(a, several), _kept(b, several), _kept(out, several)


def cost_of_moving(old: str, new: str, sizes: Mapping[str, int]) -> float:
    """Of moving elements with axes in one order into another, in elements."""
    if old == new:
        return 0
    run, (one, other) = 1, (old, new)
    while one and one[-1:] == other[-1:]:
        run, one, other = run * sizes[one[-1]], one[:-1], other[:-1]
    return prod(sizes[label] for label in old) * (1 + MOVE / run)


@dataclass(frozen=True)
class Moves:
    """What a product moves for an arrangement, before it and after it."""

    terms: tuple[str, str, str]
    """Axes of more than one element: of its operands and its result, as they are."""
    sizes: Mapping[str, int]
    fixed: Sequence[bool]
    """Operands that move before the network runs."""
    rows: Sequence[int]
    """Elements in a row of each operand, if a product makes it, which may as well write columns."""

    def of_operands(self, found: Arrangement) -> float:
        """What moving the operands costs, in elements."""
        wanted = (found.rhs, found.lhs) if found.swapped else (found.lhs, found.rhs)
        operands = zip(self.terms[:2], wanted, self.fixed, self.rows, strict=True)
        return sum(
            cost_of_moving(old, new, self.sizes)
            for old, new, known, row in operands
            if not known and new != _turned(old, row, self.sizes)
        )

    def of_all(self, found: Arrangement) -> float:
        """What moving the operands and the result costs; a product may as well write columns as rows."""
        moved, out = self.of_operands(found), self.terms[2]
        if not found.batch and not found.groups and out == found.positions + found.rows:
            return moved
        return moved + cost_of_moving(out, found.out, self.sizes)

    def with_operand(self, index: int, term: str) -> Moves:
        """Those with the axes of an operand in another order."""
        terms = list(self.terms)
        terms[index] = _kept(term, {*terms[index]})
        return replace(self, terms=(terms[0], terms[1], terms[2]))

    @property
    def least(self) -> float:
        """What the arrangement moves that moves least."""
        return self.of_all(self.best())

    def best(self, candidates: Iterable[Arrangement] | None = None) -> Arrangement:
        """The one of all, or some, that moves least; lhs is what moves before the network runs, if it can be."""
        found = arrangements(self.terms) if candidates is None else candidates
        return min(found, key=lambda each: (self.of_all(each), not self.fixed[each.swapped]))


def _turned(term: str, row: int, sizes: Mapping[str, int]) -> str | None:
    """The axes of a matrix, of so many elements in a row, in the order that its columns have."""
    splits = (
        term[split:] + term[:split]
        for split in range(len(term))
        if count_of(term[split:], sizes) == row
    )
    return next(splits, None)


def _row_of_product(value: SSAValue) -> int:
    """Elements in a row of a matrix that a product makes, converted or not, in whatever shape it is read; 0 of
    what is not made so, or what others read."""
    while value.has_one_use():
        op = value.owner
        if isinstance(op, xnn.GemmOp | prim.MatmulOp):
            made = shape(op.results[0])
            return made[1] if len(made) == 2 else 0
        if not isinstance(op, xnn.ReshapeOp | prim.ViewOp | xnn.ElementwiseOperation):
            return 0
        count = prod(shape(op.results[0]))
        whole = [each for each in op.operands if prod(shape(each)) == count]
        if not whole:
            return 0
        value = whole[0]
    return 0


def fixed_operands(op: xnn.NetworkOperation) -> list[bool]:
    """Which operands are known before the network runs."""
    constants = xnn.ConstantExpressions()
    return [value in constants for value in op.operands[:2]]


def terms_of(op: xnn.EinsumOp | xnn.GemmOp) -> tuple[str, str, str]:
    """Labels of the axes of two operands and the result, m, n and k those of a matrix product."""
    if isinstance(op, xnn.EinsumOp):
        return op.terms
    return "km" if op.trans_a.value.data else "mk", "nk" if op.trans_b.value.data else "kn", "mn"


def moves_of(op: xnn.EinsumOp | xnn.GemmOp) -> Moves:
    """Those of a product whose sizes are known."""
    terms = terms_of(op)
    sizes = {
        label: size
        for term, value in zip(terms, op.operands[:2], strict=False)
        for label, size in zip(term, shape(value), strict=True)
    }
    rows = [_row_of_product(value) for value in op.operands[:2]]
    return Moves(of_several(sizes, *terms), sizes, fixed_operands(op), rows)


def order_for(op: xnn.EinsumOp, read: Callable[[str], float]) -> str:
    """The order of axes of the result with which it and a product that reads it move least.

    `read`: what that product moves if the result lies so. If it has to move anyway, it does so there, where it may
    have fewer bytes.
    """
    own, moved = moves_of(op), dict[str, float]()
    for each in arrangements(own.terms):
        moved[each.out] = min(own.of_operands(each), moved.get(each.out, inf))
    as_it_is = moved.pop(own.terms[2], inf)
    moved[own.terms[2]] = min(as_it_is, own.least)
    return min(moved, key=lambda order: moved[order] + read(order))
