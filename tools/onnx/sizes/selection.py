"""Operators that make tensors whose size depends on data: what they choose comes first, by the sort primitive."""

from __future__ import annotations

from functools import partial
from math import inf, prod

import numpy as np
from onnx import TensorProto
from xdsl.dialects.builtin import FloatAttr, UnitAttr, f32
from xdsl.ir import Attribute

from xnn.dialects import xnn
from xnn.tools.onnx.sizes.building import Plain, Rule, Rules, registers
from xnn.tools.onnx.sizes.numbers import Sized, Symbol, most
from xnn.tools.onnx.sizes.operators import fill_of
from xnn.tools.onnx.sizes.unique import expand_unique
from xnn.tools.onnx.tensors import Unsupported

MAKERS: dict[str, Rule] = {}
"""By operator: what imports a node whose results have such a size."""
maker = partial(registers, MAKERS)


def _is_constant(rules: Rules, *places: int) -> bool:
    known = (rules.name(place) for place in places)
    return all(name in rules.importer.constants for name in known if name)


def _mask(rules: Rules, place: int) -> str:
    """Whether elements of an input are not zero, and exist."""
    return rules.add("Cast", rules.filled(rules.name(place), 0), to=TensorProto.BOOL)


@maker("NonZero")
def non_zero(rules: Rules) -> None:
    """The places of elements in order are split into their indices along each axis."""
    if _is_constant(rules, 0):
        raise Plain
    (output,), name, shape = rules.node.output, rules.name(0), rules.shape(0)
    count = prod(shape)

    def make() -> tuple[str, Symbol]:
        flat = rules.add("Reshape", _mask(rules, 0), rules.constant([-1]))
        return rules.positions(flat, count)

    order, number = rules.once(("non_zero", name), make)
    rows: list[str] = []
    for axis, size in enumerate(shape):
        after, row = prod(shape[axis + 1 :]), order
        if after > 1:
            row = rules.add("Div", row, rules.constant(after))
        if axis:
            row = rules.add("Mod", row, rules.constant(size))
        rows.append(rules.add("Reshape", row, rules.constant([1, count])))
    whole = rules.add("Concat", *rows, axis=0) if len(rows) > 1 else rows[0]
    rules.add("Identity", whole, output=output)
    rules.has_size(Sized(1, number))


@maker("Compress")
def compress(rules: Rules) -> None:
    if _is_constant(rules, 1):
        raise Plain
    (output,), (length,), shape = rules.node.output, rules.shape(1), rules.shape(0)
    if rules.sized(0) is not None:
        raise Unsupported("the size of its input depends on data")
    data, axis = rules.name(0), 0
    if "axis" in rules.attributes:
        axis = rules.axis(len(shape))
    else:
        data = rules.add("Reshape", data, rules.constant([-1]))
    order, number = rules.once(
        ("compress", rules.name(1)), lambda: rules.positions(_mask(rules, 1), length)
    )
    rules.add("Gather", data, order, output=output, axis=axis)
    rules.has_size(Sized(axis, number))


@maker("TopK")
def top_k(rules: Rules) -> None:
    """At most the first k; what does not exist comes after all that does."""
    sized, shape = rules.sized(0), rules.shape(0)
    numbers = rules.numbers(rules.name(1))
    if sized is None and _is_constant(rules, 1):
        raise Plain
    axis = rules.axis(len(shape), -1)
    number = numbers.item() if numbers is not None else Symbol(rules.name(1), shape[axis])
    data = rules.name(0)
    if sized is not None and sized.axis == axis:
        fill = -inf if rules.attributes.get("largest", 1) else inf
        data = rules.filled(data, fill_of(fill, rules.importer.dtype_of(data)))
    bound = min(most(number), shape[axis])
    rules.again([rules.plain(data), rules.constant([bound])])
    if sized is not None and sized.axis != axis:
        if isinstance(number, Symbol):
            raise Unsupported("two sizes depend on data")
        rules.has_size(sized)
    elif isinstance(number, Symbol):
        rules.has_size(Sized(axis, number))


@maker("NonMaxSuppression")
def non_max_suppression(rules: Rules) -> None:
    """Boxes in the order of their scores; of each class those that no better one overlaps, then of all classes."""
    (output,) = rules.node.output
    batch, classes, count = scores = rules.shape(1)
    limit, overlap, threshold = (_one(rules, place) for place in (2, 3, 4))
    bound = rules.importer.first_rows.get(output, count)
    most = min(count, int(limit or 0), bound)
    if most < 1:
        raise Unsupported("no box is selected")
    size = rules.sized(1)
    ordered, order = rules.first(rules.filled(rules.name(1), -inf), count)
    candidates = rules.constant(np.ones(scores), np.bool_)
    if threshold is not None:
        candidates = rules.add("Greater", ordered, rules.constant(threshold, np.float32))
    if size is not None:
        candidates = rules.add("And", candidates, rules.exists(count, size.count))
    properties: dict[str, Attribute] = {
        "most": xnn.integer(most),
        "overlap": FloatAttr(overlap or 0.0, f32),
    }
    if rules.attributes.get("center_point_box", 0):
        properties["centers"] = UnitAttr()
    operands = [rules.plain(rules.name(0)), order, candidates]
    kept = rules.build(xnn.NonMaxSuppressionOp, operands, properties, "keep")
    box = rules.add("Reshape", kept, rules.constant([-1]))
    is_kept = rules.add("GreaterOrEqual", box, rules.constant(0))
    total = batch * classes * most
    if batch * classes == 1:
        number, row = rules.number_of(is_kept, total), rules.constant(np.zeros(total))
    else:
        positions, number = rules.positions(is_kept, total)
        row = rules.add("Div", positions, rules.constant(most))
        box = rules.add("Gather", box, positions)
    columns = [
        rules.add("Div", row, rules.constant(classes)),
        rules.add("Mod", row, rules.constant(classes)),
        box,
    ]
    ones = rules.constant([total, 1])
    rules.add("Concat", *(rules.add("Reshape", c, ones) for c in columns), output=output, axis=1)
    rules.has_size(Sized(0, number))


def _one(rules: Rules, place: int) -> float | None:
    """The number that an input is, None if it is left out."""
    if not (name := rules.name(place)):
        return None
    if name not in rules.importer.constants:
        raise Unsupported(f"{name} is not a constant")
    return rules.importer.constants[name].elements().item()


@maker("Unique")
def unique(rules: Rules) -> None:
    if _is_constant(rules, 0):
        raise Plain
    expand_unique(rules)
