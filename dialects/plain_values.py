"""Plain values of Python as attributes, and back."""

from __future__ import annotations

from typing import Any

from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    Float64Type,
    FloatAttr,
    IntegerAttr,
    StringAttr,
    i64,
)
from xdsl.ir import Attribute

from xnn.dialects.diagnostics import UserError


def attribute_of(value: Any) -> Attribute:
    """The attribute of a number, a string, or a tuple or dictionary of such; without entries that are None."""
    if isinstance(value, dict):
        return DictionaryAttr({k: attribute_of(v) for k, v in value.items() if v is not None})
    if isinstance(value, tuple):
        return ArrayAttr(map(attribute_of, value))
    if isinstance(value, str):
        return StringAttr(value)
    return IntegerAttr(value, i64) if isinstance(value, int) else FloatAttr(value, Float64Type())


def value_of(attribute: Attribute, name: str) -> Any:
    """The plain value of an attribute; raises UserError, with its name, if it has none."""
    match attribute:
        case DictionaryAttr():
            return {key: value_of(each, key) for key, each in attribute.data.items()}
        case ArrayAttr():
            return tuple(value_of(each, name) for each in attribute)
        case StringAttr():
            return attribute.data
        case IntegerAttr() | FloatAttr():
            return attribute.value.data
    raise UserError(f"'{name}' has a value of another kind: {attribute}")
