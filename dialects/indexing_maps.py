"""Indexing maps of operands, as in linalg: from the indices of an element to those of an operand's."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import AffineMapAttr
from xdsl.ir.affine import AffineConstantExpr, AffineExpr, AffineMap

TABLE_ENTRIES = 256
"""One for each byte."""


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


def table_map(rank: int) -> AffineMapAttr:
    """Indexing map of a table: every element of this rank has the whole of it, from 0 on."""
    return AffineMapAttr(AffineMap(rank, 0, (AffineConstantExpr(0),)))


def is_table(indexing_map: AffineMap, operand: Sequence[int]) -> bool:
    """Whether an operand of this shape is a table."""
    return tuple(operand) == (TABLE_ENTRIES,) and indexing_map.results == (AffineConstantExpr(0),)
