"""Arithmetic of shapes in which a dimension may be unknown (DYNAMIC)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from math import prod

from xnn.dialects.xnn.operation import DYNAMIC

Shape = Sequence[int]


def broadcast(*shapes: Shape) -> tuple[int, ...] | None:
    """The shape to which all `shapes` broadcast as in NumPy; None if they do not."""
    result: list[int] = []
    for dims in zip_longest(*(reversed(shape) for shape in shapes), fillvalue=1):
        sizes = set(dims) - {1, DYNAMIC}
        if len(sizes) > 1:
            return None
        unknown = DYNAMIC if DYNAMIC in dims else 1
        result.append(sizes.pop() if sizes else unknown)
    return tuple(reversed(result))


def reshaped(shape: Shape, target: Shape) -> tuple[int, ...] | None:
    """The shape that ONNX Reshape returns: in `target`, 0 copies the dimension of `shape` and one -1 takes the rest.

    None if the element counts cannot agree; dimensions that depend on unknown ones are unknown.
    """
    if any(t == 0 and i >= len(shape) for i, t in enumerate(target)):
        return None
    copied = {i for i, t in enumerate(target) if t == 0}
    result = [shape[i] if t == 0 else t for i, t in enumerate(target)]
    # Copied dimensions are the same on both sides, known or not: only the others have to agree.
    source = [d for i, d in enumerate(shape) if i not in copied]
    given = prod(t for t in target if t > 0)
    holes = [i for i, t in enumerate(target) if t < 0]
    if len(holes) > 1:
        return None
    if DYNAMIC in source:
        if not holes:
            return None
        result[holes[0]] = DYNAMIC
        return tuple(result)
    count = prod(source)
    if holes:
        if given == 0 or count % given:
            return None
        result[holes[0]] = count // given
    elif count != given:
        return None
    return tuple(result)
