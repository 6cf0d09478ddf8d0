"""In which order of axes a product takes its operands and leaves its result: the one that moves least."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product as combinations
from math import prod

from xnn.dialects import xnn

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


def fixed_operands(op: xnn.NetworkOperation) -> list[bool]:
    """Which operands are known before the network runs."""
    constants = xnn.ConstantExpressions()
    return [value in constants for value in op.operands[:2]]


def einsum_arrangement(op: xnn.EinsumOp) -> Arrangement:
    """That of an einsum whose sizes are known, in the labels of axes of more than one element."""
    terms = of_several(op.label_sizes, *op.terms)
    return least_moving(arrangements(terms), terms, op.label_sizes, fixed_operands(op))
