"""Affine expressions on arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from xdsl.ir.affine import (
    AffineBinaryOpExpr,
    AffineBinaryOpKind,
    AffineConstantExpr,
    AffineDimExpr,
    AffineExpr,
)
from xdsl.utils.exceptions import VerifyException

_FUNCTIONS: dict[AffineBinaryOpKind, Any] = {
    AffineBinaryOpKind.Add: np.add,
    AffineBinaryOpKind.Mul: np.multiply,
    AffineBinaryOpKind.Mod: np.mod,
    AffineBinaryOpKind.FloorDiv: np.floor_divide,
}


def magnitude(expr: AffineExpr, most: Sequence[int]) -> int:
    """No less than the absolute value of an affine expression, or of any part of it, for indices up to `most`."""
    if isinstance(expr, AffineConstantExpr):
        return abs(expr.value)
    if isinstance(expr, AffineDimExpr):
        return most[expr.position]
    assert isinstance(expr, AffineBinaryOpExpr)
    one, two = magnitude(expr.lhs, most), magnitude(expr.rhs, most)
    return max(one * two, one, two) if expr.kind == AffineBinaryOpKind.Mul else one + two


def evaluate_affine(expr: AffineExpr, dims: Sequence[Any]) -> Any:
    """Value of an affine expression for integers or arrays of them."""
    if isinstance(expr, AffineConstantExpr):
        return expr.value
    if isinstance(expr, AffineDimExpr):
        return dims[expr.position]
    if isinstance(expr, AffineBinaryOpExpr) and expr.kind in _FUNCTIONS:
        divides = expr.kind in (AffineBinaryOpKind.Mod, AffineBinaryOpKind.FloorDiv)
        if divides and expr.rhs == AffineConstantExpr(0):
            raise VerifyException(f"affine expression {expr} divides by zero")
        return _FUNCTIONS[expr.kind](
            evaluate_affine(expr.lhs, dims), evaluate_affine(expr.rhs, dims)
        )
    raise VerifyException(f"affine expression {expr} is not supported here")
