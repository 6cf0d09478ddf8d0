"""Facts about operators that passes ask for: each is stated on the operator's class, no pass keeps a list."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.traits import OpTrait


@dataclass(frozen=True)
class LowPrecision(OpTrait):
    """Works as well on short floats (f16, bf16), with sums of products in f32."""


@dataclass(frozen=True)
class TakesIntegers(OpTrait):
    """In a quantised network its feature maps are integers."""


@dataclass(frozen=True)
class WithinRange(LowPrecision, TakesIntegers):
    """No element of the result is outside the range of the operands' elements."""


@dataclass(frozen=True)
class KeepsScale(WithinRange):
    """Its elements are elements of its operands: integers of one scale keep that scale."""


@dataclass(frozen=True)
class NeverNegative(OpTrait):
    """Has no negative elements, whatever its operands."""
