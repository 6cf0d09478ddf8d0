"""Indexing maps of operands, as in linalg: from the indices of an element to those of an operand's."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import AffineMapAttr
from xdsl.ir.affine import AffineConstantExpr, AffineExpr, AffineMap


def broadcast_map(operand: Sequence[int], element: Sequence[int]) -> AffineMapAttr:
    """Indexing map of an operand that broadcasts, as NumPy does, to the shape of the element."""
    offset = len(element) - len(operand)
    results: list[AffineExpr] = [
        AffineConstantExpr(0)
        if size == 1 != element[offset + i]
        else AffineExpr.dimension(offset + i)
        for i, size in enumerate(operand)
    ]
    return AffineMapAttr(AffineMap(len(element), 0, tuple(results)))


def axis_map(rank: int, axis: int) -> AffineMapAttr:
    """Indexing map of an operand with one element for each index along one axis of the element's."""
    return AffineMapAttr(AffineMap(rank, 0, (AffineExpr.dimension(axis),)))
