"""The number formats that a network is quantised to, as options of passes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class NumberFormats:
    """What integers maps and weights become, and how ranges and scales are shared."""

    bits: int = 8
    """Of maps, and of weights unless they have bits or levels of their own."""
    weight_bits: int | None = None
    levels: str | None = None
    """What weights are restricted to: binary, ternary or power_of_two."""
    per_channel: bool = True
    """A scale of weights for each output channel, not one for all."""
    signed: bool = False
    """Maps that are never negative have a sign too."""
    ramp: float = 1.0
    """How much wider ranges are made: from 1 at the first layer to this at the last."""
    dynamic: bool = False
    """Scales of maps follow each run."""

    @property
    def number_formats(self) -> dict[str, Any]:
        """These options, for another pass that has them."""
        return {field.name: getattr(self, field.name) for field in fields(NumberFormats)}
