"""One of two tensors whose sizes differ: the larger one's, and how many elements of it exist."""

from __future__ import annotations

import numpy as np
from onnx import helper

from xnn.tools.onnx.expansion import Importer
from xnn.tools.onnx.sizes.building import Rules
from xnn.tools.onnx.sizes.numbers import Sized, Symbol
from xnn.tools.onnx.tensors import Unsupported


def choose(importer: Importer, condition: str, one: str, other: str, output: str) -> str:
    """A tensor where the condition holds, else another one; raises Unsupported if more than a size differs."""
    rules = Rules(importer, helper.make_node("Where", [condition, one, other], [output]))
    shapes = [importer.shape_of(name) for name in (one, other)]
    sized = [rules.sizes.of.get(name) for name in (one, other)]
    if sized == [None, None] and shapes[0] == shapes[1]:
        rules.add("Where", condition, one, other, output=output)
        return output
    axes = {each.axis for each in sized if each is not None}
    if len(shapes[0]) == len(shapes[1]):
        axes |= {i for i, (size, against) in enumerate(zip(*shapes)) if size != against}
    if len(axes) != 1 or len(shapes[0]) != len(shapes[1]):
        shown = " or ".join(str([*shape]) for shape in shapes)
        raise Unsupported(f"the shape of {output} is {shown}: data decides")
    (axis,) = axes
    bound = max(shape[axis] for shape in shapes)
    counts = [each.count if each is not None else shape[axis] for each, shape in zip(sized, shapes)]
    whole = [_extended(rules, name, axis, bound) for name in (one, other)]
    rules.add("Where", condition, *whole, output=output)
    count = counts[0]
    if counts[0] != counts[1]:
        number = rules.add("Where", condition, *(rules.scalar(each, (1,)) for each in counts))
        count = Symbol(number, bound)
    if isinstance(count, Symbol):
        rules.has_size(Sized(axis, count))
    return output


def _extended(rules: Rules, name: str, axis: int, bound: int) -> str:
    """All elements of a tensor, and others up to a bound."""
    shape = [*rules.importer.shape_of(name)]
    if (missing := bound - shape[axis]) == 0:
        return rules.plain(name)
    dtype = rules.importer.dtype_of(name)
    if not shape[axis]:
        shape[axis] = bound
        return rules.constant(np.zeros(shape), dtype)
    shape[axis] = missing
    rest = rules.constant(np.zeros(shape), dtype)
    return rules.add("Concat", rules.plain(name), rest, axis=axis)
