"""Numbers that depend on data: what is known of them where sizes are made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from onnx import NodeProto, helper

from xnn.tools.onnx.folding import constant_of
from xnn.tools.onnx.tensors import Constant


@dataclass(frozen=True)
class Symbol:
    """A number that depends on data, not negative: the tensor of one element that is it, the most that it may be."""

    name: str
    most: int


@dataclass(frozen=True)
class Sized:
    """The axis of a tensor along which `count` elements exist."""

    axis: int
    count: Symbol


Numbers = np.ndarray
"""Integers and symbols: an array of objects."""


@dataclass
class Sizes:
    """What an import knows of sizes that depend on data."""

    of: dict[str, Sized] = field(default_factory=dict[str, Sized])
    """Tensors that have such a size."""
    numbers: dict[str, Numbers] = field(default_factory=dict[str, Numbers])
    """Tensors of integers, some of them symbols."""
    made: dict[object, Any] = field(default_factory=dict[object, Any])
    """What has been made of the same tensors before: the same counts, the same orders."""


def most(number: int | Symbol) -> int:
    return number.most if isinstance(number, Symbol) else int(number)


def numbers_of(name: str, sizes: Sizes, constants: Mapping[str, Constant]) -> Numbers | None:
    """The numbers that a tensor has, if they are known as far as they are no symbols."""
    if name in sizes.numbers:
        return sizes.numbers[name]
    if name not in constants or name in sizes.of:
        return None
    elements = constants[name].elements()
    return elements.astype(object) if elements.dtype.kind in "iu" else None


def _least(values: Sequence[int | Symbol]) -> int | Symbol | None:
    """One of the values that is not above any other, whatever the data; None if data decide."""
    for value in values:
        if all(
            value == other or isinstance(other, int) and most(value) <= other for other in values
        ):
            return value
    return None


def _product(values: Sequence[int | Symbol]) -> int | Symbol | None:
    others = [value for value in values if value != 1]
    if 0 in others or not others:
        return int(bool(not others))
    return others[0] if len(others) == 1 else None


def _total(values: Sequence[int | Symbol]) -> int | Symbol | None:
    others = [value for value in values if value != 0]
    return (others[0] if others else 0) if len(others) < 2 else None


def _never(values: Sequence[int | Symbol]) -> int | Symbol | None:
    return None


COMBINED: dict[str, tuple[Callable[..., int], Callable[..., int | Symbol | None]]] = {
    "Min": (lambda *v: min(v), _least),
    "Max": (lambda *v: max(v), _never),
    "Add": (lambda *v: sum(v), _total),
    "Sum": (lambda *v: sum(v), _total),
    "Mul": (lambda *v: prod(v), _product),
}
"""Of the most of all numbers the most of what an operator makes of them; which of them it is, if that is known."""
REDUCTIONS = {"ReduceMin": "Min", "ReduceMax": "Max", "ReduceSum": "Sum", "ReduceProd": "Mul"}
SAME = ("Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze")
"""Operators whose result has the elements of the first operand in order."""


def derived(node: NodeProto, given: Sequence[Numbers | None]) -> Numbers | None:
    """The numbers that a node makes of others, in a shape as it comes; None if they are not known."""
    kind, (first, *others) = node.op_type, given
    if first is None:
        return None
    if kind in SAME:
        return first.reshape(-1)
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    if kind == "Gather" and (index := others[0]) is not None:
        taken = first.take(index.astype(np.int64), axis=attributes.get("axis", 0))
        return np.array(taken, object)
    if kind == "Concat" and all(each is not None for each in others):
        return np.concatenate([each for each in given if each is not None], axis=0)
    if kind == "Slice" and all(each is not None for each in others) and first.ndim == 1:
        bounds = [int(each.item()) for each in others if each is not None]
        return first[slice(*bounds[:2], *bounds[3:])]
    values: list[int | Symbol] | None = None
    if kind in REDUCTIONS and first.ndim == 1:
        values, kind = [*first], REDUCTIONS[kind]
    elif kind in COMBINED and all(each is not None and each.size == 1 for each in given):
        values = [each.item() for each in given if each is not None]
    if values is None:
        return None
    bound, known = COMBINED[kind]
    found = known(values)
    symbol = Symbol(node.output[0], bound(*map(most, values))) if found is None else found
    return np.array([symbol], object)


def constant_of_numbers(numbers: Numbers, shape: Sequence[int]) -> Constant | None:
    """The constant that numbers are without symbols."""
    if any(isinstance(each, Symbol) for each in numbers.reshape(-1)):
        return None
    return constant_of(numbers.astype(np.int64).reshape(shape))
