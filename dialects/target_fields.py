"""Reading the fields of a target: which there are, and what they may be."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

from xnn.dialects.diagnostics import UserError

MOST_OF_ANY = 2**53
"""Fits a 64-bit attribute of a module, and is exact as a float."""
MOST_OF_COUNTS = 2**16
"""Products of two, and of them with sizes of tensors, fit 64 bits."""
MOST = {
    "dma.channels": 1024,  # every tool makes a list of them
    **dict.fromkeys(("local.rows", "matmul.accumulator_rows"), 2**31 - 1),
    **dict.fromkeys(("external.capacity_bytes", "clock_hz"), MOST_OF_ANY),
}
"""Whole numbers with another limit."""
MAY_BE_ZERO = ("area_mm2.", "energy_pj.", "static_mw", "matmul.idle_fraction")
"""Fields, or sections of them, that cost nothing at zero."""

SectionT = TypeVar("SectionT")


def number_of(text: str, path: str) -> int | float:
    """The number that a text spells for the field `path`; raises UserError if it is none."""
    try:
        return int(text.replace("_", ""), 0)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            raise UserError(f"target field '{path}': '{text}' is not a number") from None


@cache
def _types_of(section: type) -> dict[str, Any]:
    """The types of a section's fields, by name."""
    return get_type_hints(section)


def read_section(cls: type[SectionT], values: dict[str, Any], prefix: str) -> SectionT:
    """A section of so many fields, whose names begin with `prefix`; raises UserError for an unknown,
    missing or impossible one.
    """
    known = _types_of(cls)
    for key in values:
        if key not in known:
            raise UserError(
                f"unknown target field '{prefix}{key}'", hint=f"known here: {', '.join(known)}"
            )
    result: dict[str, Any] = {}
    for key, kind in known.items():
        path = f"{prefix}{key}"
        if type(None) in get_args(kind):
            if values.get(key) is None:
                result[key] = None
                continue
            kind = get_args(kind)[0]
        if key not in values:
            raise UserError(f"target field '{path}' is missing")
        value = values[key]
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            if not isinstance(value, dict):
                raise UserError(f"target field '{path}' is a section, not a value")
            result[key] = read_section(kind, value, f"{path}.")
        elif kind is str:
            result[key] = str(value)
        else:
            result[key] = _checked(value, kind, path)
    return cls(**result)


def _checked(value: Any, kind: type, path: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UserError(f"target field '{path}' must be a number, not {value!r}")
    if kind is int and value % 1 != 0:  # nor is it for an infinity
        raise UserError(f"target field '{path}' must be a whole number, not {value}")
    most = MOST.get(path, MOST_OF_COUNTS if kind is int else MOST_OF_ANY)
    if path.startswith(MAY_BE_ZERO) or path.endswith("latency_cycles"):
        bound, is_enough = "at least 0", value >= 0
    elif kind is float:
        bound, is_enough = "positive", value > 0
    else:
        bound, is_enough = "at least 1", value >= 1
    if not is_enough or not value <= most:
        bound = f"at most {most}" if is_enough else bound
        raise UserError(f"target field '{path}' must be {bound}, not {value}")
    return kind(value)
