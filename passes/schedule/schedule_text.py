"""What a person forces on a layer, as text: `LAYER=block=[1, 1, 64, 64, 14, 56], order=lhs_stationary, local`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from xdsl.utils.str_enum import StrEnum

from xnn.dialects.diagnostics import UserError, suggestion
from xnn.dialects.prim import Domain, ScheduleAttr

KINDS = {each.name: type(each.default) for each in fields(ScheduleAttr) if each.compare}
"""Type of each field of a schedule."""
IN_PLACE = "in_place"
MEMORIES = ("local", "external", IN_PLACE)
"""Words that say where the result of a layer is: properties of its node."""
ROWS = "rows"
"""How many rows of a local result lie in a ring."""
_FIELD = r"\s*(\w+)\s*(?:=\s*(\[[\d\s,]*\]|\w+)\s*)?"
_FIELDS = re.compile(f"{_FIELD}(?:,{_FIELD})*", re.ASCII)
_EXAMPLE = 'LAYER="block=[1, 1, 64, 64, 14, 56], order=lhs_stationary, local"'


class Forced(NamedTuple):
    """What is forced on a layer: fields of its schedule, whose block is a tuple, and where its result lies."""

    layer: str
    fields: Mapping[str, Any]
    memory: str | None
    rows: int | None
    """Of the ring of a local one."""


def split_forced(text: str) -> tuple[str, str]:
    """The layer and its fields in `LAYER=key=value, ..., local`; raises UserError for what is not of this form."""
    for equals in re.finditer("=", text):  # names may have a "=" of their own
        layer, rest = text[: equals.start()], text[equals.end() :]
        if layer and _FIELDS.fullmatch(rest):
            return layer, rest
    raise UserError(f"cannot read the schedule '{text}'", hint=f"write {_EXAMPLE}")


def parse_forced(text: str) -> Forced:
    """What `LAYER=key=value, ..., local` says; raises UserError for what no schedule has."""
    layer, rest = split_forced(text)
    values: dict[str, Any] = {}
    memory = None
    for key, value in re.findall(_FIELD, rest):
        if key in values or key in MEMORIES and memory:
            raise UserError(f'layer "{layer}": its schedule says {key} after it was said')
        if key in MEMORIES and not value:
            memory = key
        elif key in (*KINDS, ROWS):
            values[key] = _value(layer, key, value)
        else:
            known = (*KINDS, *MEMORIES, ROWS)
            hint = suggestion(key, known) or f"it may say {', '.join(known)}"
            raise UserError(f"layer \"{layer}\": a schedule has no field '{key}'", hint=hint)
    return Forced(layer, values, memory, values.pop(ROWS, None))


def _value(layer: str, key: str, text: str) -> Any:
    """Of a field of a schedule."""
    kind = KINDS.get(key, int)
    if issubclass(kind, StrEnum):
        expected = " or ".join(kind)
        if text in [*kind]:
            return kind(text)
    elif kind is Domain:
        expected = "sizes in brackets"
        if re.fullmatch(r"\[\s*\d+\s*(,\s*\d+\s*)*\]", text):
            return tuple(map(int, re.findall(r"\d+", text)))
    else:
        expected = "a whole number"
        if text.isdecimal():
            return int(text)
    raise UserError(f"layer \"{layer}\": {key} is '{text}', expected {expected}")
