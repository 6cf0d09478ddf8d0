"""The number formats that a network is quantised to, and options of the passes that quantise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from xnn.dialects.diagnostics import UserError


def require_choice(name: str, option: str, value: str, choices: Iterable[str]) -> None:
    """Raises UserError unless an option of the pass `name` has one of its values."""
    if value not in choices:
        raise UserError(f"{name}: {option} must be one of {', '.join(choices)}, not '{value}'")


@dataclass(frozen=True)
class NumberFormats:
    """Which integers feature maps and weights become, and how ranges and scales are shared."""

    bits: int = 8
    """Of feature maps, and of weights unless they have bits or levels of their own."""
    weight_bits: int | None = None
    levels: str | None = None
    """What weights are restricted to: binary, ternary or power_of_two."""
    per_channel: bool = True
    """A scale of weights for each output channel, not one for all."""
    signed: bool = False
    """Feature maps that are never negative have a sign too."""
    ramp: float = 1.0
    """How much wider ranges are made: from 1 at the first layer to this at the last."""
    dynamic: bool = False
    """Scales of feature maps are dynamic: computed in each run."""

    @property
    def number_formats(self) -> dict[str, Any]:
        """These options, for another pass that has them."""
        return {field.name: getattr(self, field.name) for field in fields(NumberFormats)}
