"""Packed weights: integers of few bits, several to a byte, and the tables to expand them.

A format is a table from codes to the integers that they stand for; its size determines the bits of a code.
A row of weights takes whole bytes: the first code in the lowest bits, the last byte filled up with
zero bits.
"""

from __future__ import annotations

from math import gcd
from typing import Any

import numpy as np
from xdsl.dialects.builtin import IntegerType, Signedness
from xdsl.ir import Attribute

from xnn.dialects.element_types import integer_range, is_unsigned

_POWERS = tuple(2**exponent for exponent in range(7))

LEVELS: dict[str, tuple[int, ...]] = {
    "binary": (-1, 1),
    "ternary": (-1, 0, 1),
    "power_of_two": (*(-power for power in reversed(_POWERS)), 0, *_POWERS),
}
"""The integers that restricted weights may be, in rising order."""

FORMATS: dict[str, tuple[int, ...]] = {
    "i2": (0, 1, -2, -1),
    "ui2": (0, 1, 2, 3),
    "i4": (*range(8), *range(-8, 0)),
    "ui4": tuple(range(16)),
    "binary": LEVELS["binary"],
    "ternary": (0, 1, 0, -1),
    "power_of_two": (0, *_POWERS, 0, *(-power for power in _POWERS)),
}
"""Name of a format -> the integer that each code stands for."""


def bits_of(format: str) -> int:
    """Bits of a code."""
    return (len(FORMATS[format]) - 1).bit_length()


def expanded_type(format: str) -> IntegerType:
    """The narrowest type of the integers that a format stands for."""
    low, high = min(FORMATS[format]), max(FORMATS[format])
    if low >= 0:
        return IntegerType(high.bit_length(), Signedness.UNSIGNED)
    return IntegerType(max(high.bit_length(), (-low - 1).bit_length()) + 1)


def format_for(element_type: Attribute) -> str | None:
    """The format of fewest bits that holds all integers of a type; None if only whole bytes do."""
    if not isinstance(element_type, IntegerType) or element_type.width.data < 2:
        return None
    low, high = integer_range(element_type)
    sign = "u" if is_unsigned(element_type) else ""
    names = (f"{sign}i{bits}" for bits in (2, 4))
    return next((n for n in names if low >= min(FORMATS[n]) and high <= max(FORMATS[n])), None)


def packed_bytes(format: str, count: Any) -> Any:
    """Bytes of a row of `count` weights; counts may be arrays."""
    return -(-count * bits_of(format) // 8)


def whole_bytes(format: str, taps: int) -> int:
    """The least number of channels, of `taps` weights each, that fill whole bytes."""
    return 8 // gcd(8, taps * bits_of(format))


def pack(values: np.ndarray, format: str) -> np.ndarray:
    """Rows [rows, count] of integers of a format as bytes [rows, ceil(count * bits / 8)]."""
    bits = bits_of(format)
    codes = np.zeros(256, np.uint8)  # by the integer's lowest byte
    for code in reversed(range(len(FORMATS[format]))):
        codes[FORMATS[format][code] % 256] = code
    found = codes[values.astype(np.int16) % 256]
    planes = (found[:, :, None] >> np.arange(bits, dtype=np.uint8)) & 1
    return np.packbits(planes.reshape(len(values), -1), axis=1, bitorder="little")


def unpack(rows: np.ndarray, format: str, count: int) -> np.ndarray:
    """The first `count` integers of packed rows: [rows, count]."""
    bits = bits_of(format)
    table = np.array([[FORMATS[format][byte >> at & 2**bits - 1] for at in range(0, 8, bits)]
                      for byte in range(256)], np.int8)  # fmt: skip
    return table[rows].reshape(len(rows), -1)[:, :count]
