"""Element types: their NumPy types, the precision they need of primitives, and the types of their sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeGuard

import ml_dtypes
import numpy as np
from xdsl.dialects import builtin
from xdsl.ir import Attribute

from xnn.dialects.diagnostics import UserError

UI8 = builtin.IntegerType(8, builtin.Signedness.UNSIGNED)
"""Bytes."""

_FLOATS = {
    builtin.BFloat16Type: np.dtype(ml_dtypes.bfloat16),
    builtin.Float16Type: np.dtype("<f2"),
    builtin.Float32Type: np.dtype("<f4"),
    builtin.Float64Type: np.dtype("<f8"),
    builtin.Float8E4M3FNType: np.dtype(ml_dtypes.float8_e4m3fn),
    builtin.Float8E4M3FNUZType: np.dtype(ml_dtypes.float8_e4m3fnuz),
    builtin.Float8E5M2Type: np.dtype(ml_dtypes.float8_e5m2),
    builtin.Float8E5M2FNUZType: np.dtype(ml_dtypes.float8_e5m2fnuz),
    builtin.Float8E8M0FNUType: np.dtype(ml_dtypes.float8_e8m0fnu),
    builtin.Float4E2M1FNType: np.dtype(ml_dtypes.float4_e2m1fn),
}
_CONTAINERS = (8, 16, 32, 64)
"""Bits of the integers that arrays have; others are stored in the next larger."""


def is_unsigned(element_type: Attribute) -> bool:
    """Whether elements are unsigned integers; signless ones are read as signed."""
    return (
        isinstance(element_type, builtin.IntegerType)
        and element_type.signedness.data == builtin.Signedness.UNSIGNED
    )


def is_byte(element_type: Attribute) -> bool:
    """Whether elements are integers of 8 bits, with or without a sign."""
    return isinstance(element_type, builtin.IntegerType) and element_type.width.data == 8


def dtype_of(element_type: Attribute) -> np.dtype:
    """The NumPy type of elements of `element_type`; signless integers are read as signed."""
    if isinstance(element_type, builtin.IntegerType):
        width = element_type.width.data
        if width == 1:
            return np.dtype(np.bool_)
        for container in _CONTAINERS:
            if width <= container:
                return np.dtype(f"<{'u' if is_unsigned(element_type) else 'i'}{container // 8}")
    if (found := _FLOATS.get(type(element_type))) is not None:
        return found
    raise UserError(f"cannot compute with elements of type {element_type}")


class Elements(NamedTuple):
    """Element types that an operator works on, and what messages call them."""

    name: str
    holds: Callable[[Attribute], bool]


def is_narrow_float(type: Attribute) -> TypeGuard[builtin.AnyFloat]:
    """Whether elements are floats of a byte or less: they are stored, moved and converted, nothing else."""
    return isinstance(type, builtin.AnyFloat) and type.bitwidth <= 8


def _is_float(type: Attribute) -> bool:
    return isinstance(type, builtin.AnyFloat) and not is_narrow_float(type)


def _is_number(type: Attribute) -> bool:
    return _is_float(type) or isinstance(type, builtin.IntegerType) and type.width.data > 1


def _in_whole_bytes(type: Attribute) -> bool:
    """Whether arithmetic of arrays wraps around where the type does."""
    return (
        _is_float(type) or isinstance(type, builtin.IntegerType) and type.width.data in _CONTAINERS
    )


ANY = Elements("elements", lambda type: True)
BITS = Elements(
    "booleans and integers of whole bytes",
    lambda type: isinstance(type, builtin.IntegerType) and type.width.data in (1, *_CONTAINERS),
)
FLOATS = Elements("floats of 16 bits or more", _is_float)
NUMBERS = Elements("numbers", _is_number)
WRAPPING = Elements("floats and integers of whole bytes", _in_whole_bytes)
INTEGERS = Elements(
    "integers of whole bytes",
    lambda type: isinstance(type, builtin.IntegerType) and type.width.data in _CONTAINERS,
)
SIGNED = Elements(
    "floats and integers with a sign", lambda type: _in_whole_bytes(type) and not is_unsigned(type)
)
NARROW_OR_FLOATS = Elements(
    "floats and integers of 2 to 31 bits",
    lambda type: (
        _is_float(type) or isinstance(type, builtin.IntegerType) and 1 < type.width.data < 32
    ),
)


def integer_range(element_type: builtin.IntegerType) -> tuple[int, int]:
    """The least and the largest integer of a type."""
    width = element_type.width.data
    if is_unsigned(element_type):
        return 0, 2**width - 1
    return -(2 ** (width - 1)), 2 ** (width - 1) - 1


def precision_bits(*element_types: Attribute) -> int:
    """Bits that a primitive must work at for operands of these types: the widest decides.

    A multiplier for w bits also has signed factors of w + 1 bits: differences of a w-bit integer and
    its zero point.
    """
    return max(_precision(element_type) for element_type in element_types)


def _precision(element_type: Attribute) -> int:
    if isinstance(element_type, builtin.IntegerType):
        width = element_type.width.data
        return next((bits for bits in _CONTAINERS if width <= bits + (bits < 32)), 64)
    assert isinstance(element_type, builtin.AnyFloat)
    return max(16, element_type.bitwidth)


def accumulator_type(*element_types: Attribute) -> Attribute:
    """The type of sums of products: four times as wide for integers, at least f32 for floats.

    Integers wider than 16 bits accumulate in their own type, where sums wrap around.
    """
    bits = precision_bits(*element_types)
    if all(isinstance(element_type, builtin.IntegerType) for element_type in element_types):
        sign = (
            builtin.Signedness.UNSIGNED
            if all(map(is_unsigned, element_types))
            else builtin.Signedness.SIGNLESS
        )
        return {8: builtin.i32, 16: builtin.i64}.get(bits) or builtin.IntegerType(bits, sign)
    return builtin.f64 if bits == 64 else builtin.f32


def convert(array: np.ndarray, element_type: Attribute) -> np.ndarray:
    """Elements as values of another type.

    Floats become the nearest integer, ties to even; what an integer type cannot hold becomes its
    nearest bound (NaN its least).
    """
    dtype = dtype_of(element_type)
    if not isinstance(element_type, builtin.IntegerType) or element_type.width.data == 1:
        return array.astype(dtype, copy=False)
    low, high = integer_range(element_type)
    if array.dtype.kind in "iub":
        held = np.iinfo(array.dtype) if array.dtype.kind != "b" else None
        if held is not None and (held.min < low or held.max > high):
            array = np.clip(array, max(low, held.min), min(high, held.max))
        return array.astype(dtype, copy=False)
    if array.dtype.itemsize < 4:
        array = array.astype(np.float32)
    if element_type.width.data > 24:  # its bounds are not exact in float32
        array = array.astype(np.float64, copy=False)
    array = np.fmin(np.fmax(np.rint(array), low), high)
    with np.errstate(invalid="ignore"):
        result = array.astype(dtype)
    if element_type.width.data == 64:  # nor is 2^63 - 1 in float64: it rounds up and would wrap
        result = np.where(array >= float(high), dtype.type(high), result)
    return result


def wrapped(array: np.ndarray, element_type: Attribute) -> np.ndarray:
    """Integers as values of another integer type: their lowest bits."""
    assert isinstance(element_type, builtin.IntegerType)
    dtype, width = dtype_of(element_type), element_type.width.data
    if width in _CONTAINERS:
        return array.astype(dtype, copy=False)
    low, _ = integer_range(element_type)
    wide = array.astype(np.int64, copy=False)
    return ((wide - low & 2**width - 1) + low).astype(dtype)


def rounding_shift(x: np.ndarray, shift: np.ndarray | np.integer) -> np.ndarray:
    """The nearest integers to x / 2^shift, ties to even."""
    half = (np.left_shift(x.dtype.type(1), shift) >> 1) - (shift > 0)
    odd = np.right_shift(x, shift) & (shift > 0)
    return np.right_shift(x + half + odd, shift)
