"""Unique: rows in order, of which those that differ from the one before come first."""

from __future__ import annotations

from math import prod

import numpy as np
from onnx import TensorProto

from xnn.tools.onnx.sizes.building import Rules
from xnn.tools.onnx.sizes.numbers import Sized
from xnn.tools.onnx.tensors import Unsupported

MOST_COLUMNS = 64
"""Elements of a row, at most: each is a sort."""


def expand_unique(rules: Rules) -> None:
    """Sorted by their values, or by where each stands first."""
    shape, add, constant = rules.shape(0), rules.add, rules.constant
    table, length, columns = rules.name(0), prod(shape), 1
    if rules.sized(0) is not None:
        raise Unsupported("the size of its input depends on data")
    axis = rules.axis(len(shape)) if "axis" in rules.attributes and len(shape) > 1 else None
    if axis is not None:
        perm = [axis, *(i for i in range(len(shape)) if i != axis)]
        table = add("Transpose", table, perm=perm)
        length, columns = shape[axis], prod(shape) // shape[axis]
        if columns > MOST_COLUMNS:
            raise Unsupported(f"{columns} elements of each slice, supported are {MOST_COLUMNS}")
    table = add("Reshape", table, constant([length, columns]))
    rows, order = _in_order(rules, table, length, columns)
    differs = constant([True], np.bool_)
    if length > 1:
        before, after = (
            add("Slice", rows, constant([i]), constant([length - 1 + i]), constant([0]))
            for i in range(2)
        )
        other = add("Cast", add("Not", add("Equal", before, after)), to=TensorProto.INT32)
        other = add("ReduceMax", other, constant([1]), keepdims=0)
        differs = add("Concat", differs, add("Cast", other, to=TensorProto.BOOL), axis=0)
    places, number = rules.positions(differs, length)
    exists = rules.exists(length, number)
    group = add("CumSum", add("Cast", differs, to=TensorProto.INT32), constant(0))
    group = add("Sub", add("Cast", group, to=TensorProto.INT64), constant(1))
    firsts, counts = add("Gather", order, places), _counts(rules, places, exists, length)
    if not rules.attributes.get("sorted", 1):
        stands = add("Cast", add("Where", exists, firsts, constant(length)), to=TensorProto.INT32)
        _, by_place = rules.first(stands, length, least=True)
        group = add("Gather", _inverse(rules, by_place, length), group)
        places, firsts, counts = (
            add("Gather", each, by_place) for each in (places, firsts, counts)
        )
    found = add("Gather", rows, places)
    if axis is None:
        found = add("Reshape", found, constant([-1]))
    else:
        found = add("Reshape", found, constant([shape[i] for i in perm]))
        found = add("Transpose", found, perm=[perm.index(i) for i in range(len(shape))])
    inverse = add("Gather", group, _inverse(rules, order, length))
    made = {0: found, 1: firsts, 2: inverse, 3: counts}
    for place, output in enumerate(rules.node.output):
        if output:
            add("Identity", made[place], output=output)
            if place != 2:
                rules.has_size(Sized(axis or 0 if place == 0 else 0, number), [output])


def _in_order(rules: Rules, table: str, length: int, columns: int) -> tuple[str, str]:
    """Rows of a table in order, and their numbers: stable sorts by one column after the other, the first one last."""
    order = ""
    for column in range(columns - 1, -1, -1):
        which = rules.constant(column)
        keys = rules.add("Gather", table, which, axis=1)
        if order:
            keys = rules.add("Gather", keys, order)
        _, now = rules.first(keys, length, least=True)
        order = rules.add("Gather", order, now) if order else now
    return rules.add("Gather", table, order), order


def _counts(rules: Rules, places: str, exists: str, length: int) -> str:
    """How many rows there are from each of `places` to the next one that exists."""
    end = rules.constant([length])
    if length > 1:
        one, axis = rules.constant([1]), rules.constant([0])
        later, is_later = (
            rules.add("Concat", rules.add("Slice", each, one, end, axis), last, axis=0)
            for each, last in ((places, end), (exists, rules.constant([False], np.bool_)))
        )
        end = rules.add("Where", is_later, later, end)
    return rules.add("Sub", end, places)


def _inverse(rules: Rules, order: str, length: int) -> str:
    """Where each of the numbers from 0 on stands in an order of them."""
    narrow = rules.add("Cast", order, to=TensorProto.INT32)
    return rules.first(narrow, length, least=True)[1]
