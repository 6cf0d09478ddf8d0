"""Conversion and quantisation, against Python's own numbers of any size."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects.builtin import (
    IntegerType,
    Signedness,
    TensorType,
    bf16,
    f16,
    f32,
    f64,
    i8,
    i16,
    i32,
    i64,
)
from xdsl.utils.test_value import create_ssa_value

from xnn.dialects.element_types import (
    accumulator_type,
    convert,
    dtype_of,
    integer_range,
    precision_bits,
)
from xnn.dialects.packing import LEVELS
from xnn.dialects.xnn import CastOp, NetworkOperation, QuantizeOp, RequantizeOp, RescaleOp, integer
from xnn.runtime.semantics.xnn import compute
from xnn.runtime.semantics.xnn.quantization import restrict

UI8, UI16 = (IntegerType(width, Signedness.UNSIGNED) for width in (8, 16))
NARROW = [i8, i16, UI8, UI16, IntegerType(4), IntegerType(9), IntegerType(5, Signedness.UNSIGNED)]
FLOATS = st.floats(width=32, allow_nan=False)
SCALES = st.floats(2**-20, 2**20, width=32)


def computed(operator: type[NetworkOperation], operands, **properties) -> np.ndarray:
    """What an operator returns for operands (array, element type)."""
    values = [create_ssa_value(TensorType(kind, np.shape(array))) for array, kind in operands]
    op = operator.of("y", values, properties)
    return compute(op, *(np.asarray(array, dtype_of(kind)) for array, kind in operands))


def clipped(value: int, kind: IntegerType) -> int:
    low, high = integer_range(kind)
    return min(max(value, low), high)


@given(FLOATS, st.sampled_from([*NARROW, i32, i64]))
def test_conversion_rounds_half_to_even_and_saturates(x, kind):
    expected = x if np.isinf(x) else round(Fraction(x))  # Python rounds half to even as well
    low, high = integer_range(kind)
    wanted = high if expected > high else low if expected < low else expected
    assert int(convert(np.array([x], np.float32), kind)[0]) == wanted


@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from([*NARROW, i32, i64]))
def test_conversion_of_integers_saturates(value, kind):
    assert int(convert(np.array([value], np.int64), kind)[0]) == clipped(value, kind)


@pytest.mark.parametrize(("kind", "lowest"), [(i8, -128), (UI8, 0), (i32, -(2**31))])
def test_what_is_no_number_becomes_the_lowest(kind, lowest):
    assert convert(np.array([np.nan], np.float32), kind)[0] == lowest


@given(
    st.lists(FLOATS.filter(lambda x: abs(x) < 2**30), min_size=1),
    SCALES,
    st.sampled_from(NARROW),
    st.data(),
)
def test_values_in_range_move_by_half_a_step_at_most(values, scale, kind, data):
    low, high = integer_range(kind)
    zero = data.draw(st.integers(low, high))
    x, s, z = np.array(values, np.float32), np.float32(scale), np.array(zero)
    q = computed(QuantizeOp, [(x, f32), (s, f32), (z, kind)])
    back = (q.astype(np.float64) - zero) * float(s)
    inside = (x >= (low - zero) * float(s)) & (x <= (high - zero) * float(s))
    # The quotient is a float32: it may be off by its last bit.
    allowed = float(s) / 2 + np.abs(x.astype(np.float64)) * 2.0**-22
    assert (np.abs(back - x)[inside] <= allowed[inside]).all()


@given(st.integers(-(2**31), 2**31 - 1), SCALES, st.sampled_from(NARROW), st.data())
def test_requantisation_is_the_exact_rule(sums, multiplier, kind, data):
    """clip(round(float32(sums) * float32(multiplier)) + zero), with the product rounded once."""
    zero = data.draw(st.integers(*integer_range(kind)))
    product = np.float32(sums) * np.float32(multiplier)
    expected = clipped(round(Fraction(float(product))) + zero, kind)
    found = computed(RequantizeOp, [([sums], i32), (multiplier, f32), (zero, kind)])
    # Beyond 2^24 the sum with the zero point is no float32, but then it is clipped.
    assert int(found[0]) == expected


@pytest.mark.parametrize(
    ("kinds", "sums", "bits"),
    [
        ((i8, i8), i32, 8),
        ((UI8, i8), i32, 8),
        ((IntegerType(9), IntegerType(4)), i32, 8),
        ((i16, i8), i64, 16),
        ((IntegerType(17), UI16), i64, 16),
        ((f16, f16), f32, 16),
        ((bf16, bf16), f32, 16),
    ],
)
def test_accumulators_and_precision(kinds, sums, bits):
    assert precision_bits(*kinds) == bits
    assert accumulator_type(*kinds) == sums


def test_casts_truncate_floats_and_wrap_integers():
    floats, integers = ([1.9, -1.9, 300.5], f64), ([300, -129], i32)
    np.testing.assert_array_equal(computed(CastOp, [floats], to=i8), [1, -1, 127])
    np.testing.assert_array_equal(computed(CastOp, [integers], to=i8), [44, 127])


@given(
    st.lists(st.floats(-200, 200, width=32), min_size=1, max_size=20),
    st.floats(0.125, 8, width=32),
    st.sampled_from(sorted(LEVELS)),
)
def test_restriction_takes_the_nearest_level(values, scale, levels):
    x, step = np.array(values, np.float32), np.array(scale, np.float32)
    found = restrict(x, step, levels).astype(np.float64)
    choices = np.array(LEVELS[levels], np.float64)
    quotient = (x / step).astype(np.float64)
    assert set(found) <= set(choices)
    np.testing.assert_array_equal(
        np.abs(quotient - found), np.abs(quotient[:, None] - choices).min(axis=1)
    )


@given(
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=8),
    st.integers(-(2**30), 2**30),
    st.integers(0, 62),
    st.sampled_from([(i8, 5), (UI8, 128), (i32, 0)]),
)
def test_rescaling_is_exact(sums, multiplier, shift, kind):
    to, zero_point = kind
    low, high = integer_range(to)
    operands = [(sums, i32), (multiplier, i32), (zero_point, to)]
    found = computed(RescaleOp, operands, shift=integer(shift))
    for number, result in zip(sums, found.tolist(), strict=True):
        # Python rounds fractions half to even.
        exact = round(Fraction(number * multiplier, 2**shift)) + zero_point
        assert result == min(max(exact, low), high)
