"""What takes the place of an operator at level prim, by class: each file beside this one registers a family."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from xdsl.ir import Attribute, Operation

from xnn.dialects.xnn.operation import NetworkOperation

Conversion = Callable[[Any], Operation | None]
"""The operation in the place of an operator, those before it inserted; None if it stays, for general compute."""

CONVERSIONS: dict[type[NetworkOperation], Conversion] = {}


ConversionT = TypeVar("ConversionT", bound=Conversion)


def converts(*operators: type[NetworkOperation]) -> Callable[[ConversionT], ConversionT]:
    """Registers the conversion of `operators`."""

    def register(function: ConversionT) -> ConversionT:
        CONVERSIONS.update(dict.fromkeys(operators, function))
        return function

    return register


def properties_of(op: NetworkOperation, **more: Attribute) -> dict[str, Attribute]:
    """Name and fused layers of an operator, and other properties."""
    return {k: v for k, v in op.properties.items() if k in ("name", "layers")} | more
