"""Accumulators and conversions of element types."""

import numpy as np
import pytest
from xdsl.dialects.builtin import IntegerType, Signedness, bf16, f16, f32, f64, i8, i16, i32, i64
from xdsl.ir import Attribute

from xnn.dialects.element_types import UI8, accumulator_type, convert, dtype_of, integer_range


def unsigned(width: int) -> IntegerType:
    return IntegerType(width, Signedness.UNSIGNED)


@pytest.mark.parametrize(
    ("types", "sums"),
    [
        ((i8, i8), i32),
        ((UI8, i8), i32),
        ((IntegerType(9), i8), i32),
        ((IntegerType(9), IntegerType(9)), i32),
        ((i16, i8), i64),
        ((IntegerType(17), i16), i64),
        ((i32, i32), i32),
        ((i32, i8), i32),
        ((unsigned(32), unsigned(32)), unsigned(32)),
        ((i64, i64), i64),
        ((unsigned(64), unsigned(64)), unsigned(64)),
        ((f16, f16), f32),
        ((bf16, f32), f32),
        ((f64, f64), f64),
    ],
)
def test_accumulators(types: tuple[Attribute, Attribute], sums: Attribute):
    assert accumulator_type(*types) == sums


@pytest.mark.parametrize("width", [2, 4, 8, 9, 16, 24, 25, 32, 33, 64])
@pytest.mark.parametrize("signedness", [Signedness.SIGNLESS, Signedness.UNSIGNED])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_what_no_integer_holds_becomes_its_nearest_end(width, signedness, dtype):
    type = IntegerType(width, signedness)
    low, high = integer_range(type)
    given = np.array([np.nan, -np.inf, np.inf, -1e30 if dtype != np.float16 else -6e4, 0.5, 1.5])
    found = convert(given.astype(dtype), type)
    assert found.dtype == dtype_of(type)
    least = max(low, -60000) if dtype == np.float16 else low
    assert found.tolist() == [low, low, high, least, 0, min(2, high)]
