"""The number formats of a layer: of what it reads, what it computes with, and what it leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xdsl.dialects import arith
from xdsl.dialects.builtin import IntegerType

from xnn.dialects.names import split_name
from xnn.dialects.prim import Primitive
from xnn.dialects.prim.node import NamedOp
from xnn.dialects.values import element_type, shape
from xnn.dialects.xnn.constants import ConstantExpressions

PER_CHANNEL = " per channel"
"""Follows the format of weights with a scale for each output channel."""


@dataclass(frozen=True, kw_only=True)
class Formats:
    """Element types as in the IR: "ui8", "f32", of packed weights "i4" or "ternary"."""

    operands: tuple[str, ...]
    """Of the factors of a product, "i8 per channel" for weights; then of the other feature maps that it reads."""
    arithmetic: str
    """Of the sums of products, else the widest float that its regions compute with, or what it moves."""
    result: str

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.operands, self.arithmetic, self.result)


def formats_of(op: NamedOp, constants: ConstantExpressions) -> Formats:
    """The formats of a node on whole tensors."""
    result = str(element_type(op.results[0]))
    if not isinstance(op, Primitive):
        read = tuple(dict.fromkeys(str(element_type(value)) for value in op.operands))
        return Formats(operands=read, arithmetic=result, result=result)
    factors = {value for _, value in op.factors}
    operands = [
        f"{form}{PER_CHANNEL}" if value in constants and _scales_channels(op, constants) else form
        for (_, value), form in zip(op.factors, op.factor_formats, strict=True)
    ]
    others = (*op.pre_operands, *op.post_operands)
    operands += [
        str(element_type(value))
        for value in dict.fromkeys(others)
        if value not in constants and value not in factors
    ]
    return Formats(operands=tuple(operands), arithmetic=str(op.arithmetic), result=result)


def _scales_channels(op: Primitive, constants: ConstantExpressions) -> bool:
    """Whether `post` multiplies sums of integers by a factor for each channel."""
    if not isinstance(op.accumulator_type, IntegerType) or not op.post.blocks:
        return False
    given = zip(op.post.block.args[-len(op.post_operands) :], op.post_operands, strict=False)
    return any(
        isinstance(use.operation, arith.MulfOp | arith.MuliOp)
        for argument, value in given
        if value in constants and max(shape(value), default=1) > 1
        for use in argument.uses
    )


def why_kept(formats: Formats, names: Sequence[str], kept: Mapping[str, str]) -> str:
    """Why a layer computes floats, or its result is one; "" if neither is so.

    It is the reason in `kept` of the first of the layer's `names`, as in the IR, that has one.
    """
    if not any(each.startswith(("f", "bf")) for each in (formats.arithmetic, formats.result)):
        return ""
    tensors = (split_name(name)[0] for name in names)
    return next((kept[each] for each in tensors if each in kept), "")
