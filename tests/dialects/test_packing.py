"""Packed weights: bytes and back, for every format."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects.builtin import IntegerType, Signedness, i8

from xnn.dialects.element_types import integer_range
from xnn.dialects.packing import (
    FORMATS,
    bits_of,
    expanded_type,
    format_for,
    pack,
    packed_bytes,
    unpack,
    whole_bytes,
)


@given(st.data(), st.sampled_from(sorted(FORMATS)), st.integers(1, 3), st.integers(1, 40))
def test_packing_is_undone(data, format, rows, count):
    values = np.array(
        [[data.draw(st.sampled_from(FORMATS[format])) for _ in range(count)] for _ in range(rows)]
    )
    packed = pack(values, format)
    assert packed.dtype == np.uint8 and packed.shape == (rows, packed_bytes(format, count))
    assert packed.shape[1] == -(-count * bits_of(format) // 8)
    np.testing.assert_array_equal(unpack(packed, format, count), values)


def test_bytes_are_as_written_down():
    assert pack(np.array([[1, -2, 7]]), "i4").tolist() == [[0xE1, 0x07]]
    assert pack(np.array([[1, 0, -1, 1]]), "ternary").tolist() == [[0b01_11_00_01]]
    assert pack(np.array([[1, -1, 1]]), "binary").tolist() == [[0b101]]
    assert pack(np.array([[0, 1, -64, 4]]), "power_of_two").tolist() == [[0x10, 0x3F]]


@given(st.sampled_from(sorted(FORMATS)), st.integers(1, 49))
def test_blocks_of_whole_bytes(format, taps):
    multiple = whole_bytes(format, taps)
    fit = [n for n in range(1, 9) if n * taps * bits_of(format) % 8 == 0]
    assert multiple == fit[0]


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_the_type_of_what_is_expanded_holds_it(format):
    low, high = integer_range(expanded_type(format))
    assert low <= min(FORMATS[format]) and max(FORMATS[format]) <= high


def test_formats_by_type():
    unsigned = IntegerType(4, Signedness.UNSIGNED)
    kinds = [IntegerType(2), IntegerType(3), IntegerType(4), unsigned, IntegerType(5), i8]
    assert [format_for(kind) for kind in kinds] == ["i2", "i4", "i4", "ui4", None, None]
