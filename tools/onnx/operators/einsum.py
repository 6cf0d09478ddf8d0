"""Einsum: products of two operands at a time, after diagonals and sums of single ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_letters

import numpy as np
from xdsl.dialects.builtin import StringAttr, i64
from xdsl.ir import SSAValue

from xnn.dialects import xnn
from xnn.passes.graph.building import Parts
from xnn.tools.onnx.node import Node, Unsupported, imports


@dataclass(frozen=True)
class Term:
    """A value whose axes have labels, each once."""

    value: SSAValue
    labels: str

    @property
    def sizes(self) -> dict[str, int]:
        return dict(zip(self.labels, xnn.shape_of(self.value), strict=True))


def _parsed(equation: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """Labels of the operands and of the result; what `...` stands for has letters of its own."""
    left, arrow, out = "".join(equation.split()).partition("->")
    terms = left.split(",")
    if len(terms) != len(ranks) or not re.fullmatch(r"[A-Za-z.,]*", left + out):
        raise Unsupported(f'equation "{equation}" for {len(ranks)} inputs')
    free = [x for x in ascii_letters if x not in equation]
    counts = [
        rank - len(term.replace("...", "")) if "..." in term else 0
        for term, rank in zip(terms, ranks)
    ]
    most = max(counts)
    if most > len(free) or min(counts) < 0:
        raise Unsupported(f'equation "{equation}" for inputs of ranks {list(ranks)}')
    dots = "".join(free[:most])
    named = [term.replace("...", dots[most - n :]) for term, n in zip(terms, counts)]
    if any(len(term) != rank or "." in term for term, rank in zip(named, ranks)):
        raise Unsupported(f'equation "{equation}" for inputs of ranks {list(ranks)}')
    if arrow:
        return named, out.replace("...", dots)
    everything = "".join(named)
    once = sorted(x for x in set(everything) - {*dots} if everything.count(x) == 1)
    return named, dots + "".join(once)


class _Terms:
    """Operands on the way to a result, whose values are parts of `parts`."""

    def __init__(self, parts: Parts, sizes: Mapping[str, int]):
        self.parts, self.sizes, self.count = parts, sizes, 0

    def _name(self) -> str:
        self.count += 1
        return f"step{self.count}"

    def moved(self, term: Term, labels: str) -> Term:
        """With the axes in another order."""
        if term.labels == labels:
            return term
        perm = [term.labels.index(label) for label in labels]
        return Term(self.parts.transposed(term.value, perm, self._name()), labels)

    def shaped(self, term: Term, labels: str) -> Term:
        """With axes of one element more or less, labels in the same order."""
        sizes = term.sizes
        shape = [sizes.get(label, 1) for label in labels]
        return Term(self.parts.reshaped(term.value, shape, self._name()), labels)

    def of(self, value: SSAValue, labels: str) -> Term:
        """An operand without labels that come twice, whose diagonal is taken, nor axes that broadcast."""
        while twice := next((x for x in labels if labels.count(x) > 1), None):
            value, labels = self._diagonal(value, labels, twice)
        term = Term(value, labels)
        kept = "".join(x for x in labels if term.sizes[x] != 1 or self.sizes[x] == 1)
        return term if kept == labels else self.shaped(term, kept)

    def _diagonal(self, value: SSAValue, labels: str, label: str) -> tuple[SSAValue, str]:
        one, other = _places(labels, label)
        shape = xnn.shape_of(value)
        if shape[one] != shape[other]:
            raise Unsupported(f'axes "{label}" of sizes {shape[one]} and {shape[other]}')
        rest = [i for i in range(len(labels)) if i not in (one, other)]
        value = self.parts.transposed(value, [one, other, *rest], self._name())
        size = shape[one]
        sizes = [shape[i] for i in rest]
        value = self.parts.reshaped(value, (size * size, *sizes), self._name())
        indices = self.parts.constant(np.arange(size) * (size + 1), i64, f"{self._name()}_indices")
        properties = {"axis": xnn.integer(0)}
        value = self.parts.build(xnn.GatherOp, [value, indices], properties, part=self._name())
        return value, label + "".join(labels[i] for i in rest)

    def summed(self, term: Term, needed: Collection[str]) -> Term:
        """With sums along the axes whose labels nothing else needs."""
        axes = [i for i, label in enumerate(term.labels) if label not in needed]
        if not axes:
            return term
        properties = {"axes": xnn.integers(axes)}
        value = self.parts.build(xnn.ReduceSumOp, [term.value], properties, part=self._name())
        return Term(value, "".join(x for x in term.labels if x in needed))

    def product(self, a: Term, b: Term, needed: Collection[str], out: str) -> Term:
        """Of two terms, with the labels that are needed: in the order of `out`, if these are its."""
        both = {*a.labels} & {*b.labels}
        a = self.summed(a, {*needed, *both})
        b = self.summed(b, {*needed, *both})
        kept = [x for x in dict.fromkeys(a.labels + b.labels) if x in needed]
        order = out if {*kept} == {*out} else "".join(kept)
        if both <= {*order} and {*order} in ({*a.labels}, {*b.labels}):
            values = [
                self.shaped(self.moved(each, _in_order(each.labels, order)), order).value
                for each in (a, b)
            ]
            return Term(self.parts.build(xnn.MulOp, values, part=self._name()), order)
        equation = {"equation": StringAttr(f"{a.labels},{b.labels}->{order}")}
        operands = [a.value, b.value]
        return Term(self.parts.build(xnn.EinsumOp, operands, equation, part=self._name()), order)


def _places(labels: str, label: str) -> tuple[int, int]:
    first = labels.index(label)
    return first, labels.index(label, first + 1)


def _in_order(labels: str, order: str) -> str:
    return "".join(x for x in order if x in labels)


@imports("Einsum")
def einsum(node: Node) -> SSAValue:
    values = [node.value(i) for i in range(node.input_count)]
    shapes = [xnn.shape_of(value) for value in values]
    named, out = _parsed(node.attribute("equation", ""), [len(shape) for shape in shapes])
    if len(set(out)) != len(out) or not {*out} <= {*"".join(named)}:
        raise Unsupported(f'a result with labels "{out}"')
    sizes: dict[str, int] = {}
    for labels, shape in zip(named, shapes, strict=True):
        if xnn.DYNAMIC in shape:
            raise Unsupported("an operand of unknown size")
        for label, size in zip(labels, shape, strict=True):
            if size != (before := sizes.setdefault(label, size)) and 1 not in (size, before):
                raise Unsupported(f'axes "{label}" of sizes {before} and {size}')
            sizes[label] = max(size, before)
    terms = _Terms(node, sizes)
    first, *others = (terms.of(*each) for each in zip(values, named, strict=True))
    for i, other in enumerate(others):
        needed = {*out}.union(*(each.labels for each in others[i + 1 :]))
        first = terms.product(first, other, needed, out)
    result = terms.summed(first, out)
    result = terms.moved(result, _in_order(result.labels, out))
    return node.reshaped(result.value, [sizes[label] for label in out])
