"""What scalar operations compute, on whole arrays.

Transcendental functions of f16, bf16 and f32 are evaluated in f64 and rounded once; those of f64 have the error of
NumPy's own, and `erf` that of the rational functions below. `docs/number-formats.md` states the errors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Function = Callable[..., Any]


def rounded_once(function: Function) -> Function:
    """A function of floats, evaluated in f64 and rounded to the type of its operands."""

    def run(x: np.ndarray, *more: np.ndarray) -> np.ndarray:
        type = np.asarray(x).dtype
        result = function(*(np.asarray(each, np.float64) for each in (x, *more)))
        return result.astype(type, copy=False)

    return run


def unsigned(function: Function) -> Function:
    """A function of the bits of integers read without a sign; its result is read with one again."""

    def run(*operands: np.ndarray) -> np.ndarray:
        type = np.asarray(operands[0]).dtype
        bits = type if type.kind == "b" else np.dtype(f"u{type.itemsize}")
        result = np.asarray(function(*(np.asarray(each).view(bits) for each in operands)))
        return result.view(type) if result.dtype == bits else result

    return run


def quotient(lhs: np.ndarray, rhs: np.ndarray) -> np.ndarray:
    """lhs / rhs of integers, rounded towards zero."""
    floor = lhs // rhs
    return floor + ((floor < 0) & (floor * rhs != lhs)).astype(lhs.dtype)


def integer_power(base: np.ndarray, exponent: np.ndarray) -> np.ndarray:
    """base^exponent of integers, which wraps around; of a negative exponent rounded towards zero, 0 of base 0."""
    result = np.power(base, np.maximum(exponent, 0))
    of_ones = np.where(exponent & 1, base, 1)  # 1 and -1 are their own inverses
    return np.where(exponent < 0, np.where(np.abs(base) == 1, of_ones, 0), result)


def looked_up(table: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The entries of a table for bytes."""
    return table[np.asarray(x).view(np.uint8)]


# Sun's fdlibm, s_erf.c: rational functions, lowest power first, on intervals of |x|.
_NEAR_ZERO = (
    (1.28379167095512558561e-01, -3.25042107247001499370e-01, -2.84817495755985104766e-02,
     -5.77027029648944159157e-03, -2.37630166566501626084e-05),
    (1.0, 3.97917223959155352819e-01, 6.50222499887672944485e-02, 5.08130628187576562776e-03,
     1.32494738004321644526e-04, -3.96022827877536812320e-06),
)  # fmt: skip
_NEAR_ONE = (
    (-2.36211856075265944077e-03, 4.14856118683748331666e-01, -3.72207876035701323847e-01,
     3.18346619901161753674e-01, -1.10894694282396677476e-01, 3.54783043256182359371e-02,
     -2.16637559486879084300e-03),
    (1.0, 1.06420880400844228286e-01, 5.40397917702171048937e-01, 7.18286544141962662868e-02,
     1.26171219808761642112e-01, 1.36370839120290507362e-02, 1.19844998467991074170e-02),
)  # fmt: skip
_BEFORE_3 = (
    (-9.86494403484714822705e-03, -6.93858572707181764372e-01, -1.05586262253232909814e+01,
     -6.23753324503260060396e+01, -1.62396669462573470355e+02, -1.84605092906711035994e+02,
     -8.12874355063065934246e+01, -9.81432934416914548592e+00),
    (1.0, 1.96512716674392571292e+01, 1.37657754143519042600e+02, 4.34565877475229228821e+02,
     6.45387271733267880336e+02, 4.29008140027567833386e+02, 1.08635005541779435134e+02,
     6.57024977031928170135e+00, -6.04244152148580987438e-02),
)  # fmt: skip
_BEYOND_3 = (
    (-9.86494292470009928597e-03, -7.99283237680523006574e-01, -1.77579549177547519889e+01,
     -1.60636384855821916062e+02, -6.37566443368389627722e+02, -1.02509513161107724954e+03,
     -4.83519191608651397019e+02),
    (1.0, 3.03380607434824582924e+01, 3.25792512996573918826e+02, 1.53672958608443695994e+03,
     3.19985821950859553908e+03, 2.55305040643316442583e+03, 4.74528541206955367215e+02,
     -2.24409524465858183362e+01),
)  # fmt: skip
_ERF_OF_ONE = 8.45062911510467529297e-01  # to 24 bits, as _NEAR_ONE needs it
_ERF_IS_ONE = 6.0
"""From here on erf rounds to 1."""


def _rational(of: tuple[Sequence[float], Sequence[float]], x: np.ndarray) -> np.ndarray:
    numerator, denominator = (np.polynomial.polynomial.polyval(x, each) for each in of)
    return numerator / denominator


def _erf_tail(of: tuple[Sequence[float], Sequence[float]], x: np.ndarray) -> np.ndarray:
    """1 - erf(x) by its asymptotic form, in two factors, so that x * x is exact."""
    bits = np.ascontiguousarray(x).view(np.int64) & np.int64(~0xFFFFFFFF)
    short = bits.view(np.float64)
    rest = np.exp((short - x) * (short + x) + _rational(of, 1 / (x * x)))
    return np.exp(-short * short - 0.5625) * rest / x


def erf(x: np.ndarray) -> np.ndarray:
    """The error function of f64."""
    size, result = np.abs(x).reshape(-1), np.ones(x.size)
    pieces: tuple[tuple[float, Function], ...] = (
        (0.84375, lambda v: v + v * _rational(_NEAR_ZERO, v * v)),
        (1.25, lambda v: _ERF_OF_ONE + _rational(_NEAR_ONE, v - 1)),
        (1 / 0.35, lambda v: 1 - _erf_tail(_BEFORE_3, v)),
        (_ERF_IS_ONE, lambda v: 1 - _erf_tail(_BEYOND_3, v)),
    )
    start = 0.0
    for end, piece in pieces:
        inside = (size >= start) & (size < end)
        if inside.any():
            result[inside] = piece(size[inside])
        start = end
    result[np.isnan(size)] = np.nan
    return np.copysign(result.reshape(x.shape), x)
