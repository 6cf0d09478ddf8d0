"""Elementwise operators as the `pre` and `post` regions of primitives hold them: their scalar forms."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TypeGuard

from xdsl.dialects.builtin import AffineMapAttr, IntegerType, i32, i64
from xdsl.ir import SSAValue

from xnn.dialects import scalar
from xnn.dialects.dsa.operations import MAX_RESERVATION
from xnn.dialects.element_types import is_unsigned
from xnn.dialects.prim import Primitive, shape
from xnn.dialects.xnn import ConstantOp, tensor_type
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.operation import NetworkOperation
from xnn.passes.fusion.primitive_regions import Scalars
from xnn.runtime.semantics.arrays import array_of


def is_conversion(op: object) -> TypeGuard[ElementwiseOperation]:
    """Whether an operator returns the value of a stored element: each user converts its own operand."""
    return isinstance(op, ElementwiseOperation) and op.is_conversion


def is_absorbed(op: NetworkOperation) -> bool:
    """Whether an operator is a conversion for others alone, each of which converts its own operand."""
    return is_conversion(op) and all(
        isinstance(use.operation, NetworkOperation) for use in op.result.uses
    )


def is_elementwise(op: object) -> TypeGuard[ElementwiseOperation]:
    """Whether an operation has a scalar form for the types that it works on."""
    return isinstance(op, ElementwiseOperation) and op.has_scalars


def immediate(value: SSAValue) -> SSAValue | None:
    """A one-element constant tensor as a scalar, or None; scalars of `arith` have no unsigned types."""
    constant = value.owner
    if not isinstance(constant, ConstantOp) or prod(shape(value)) != 1:
        return None
    array, kind = array_of(constant.value), tensor_type(value).element_type
    if is_unsigned(kind):
        assert isinstance(kind, IntegerType)
        kind = i64 if kind.width.data >= 32 else i32
    return scalar.constant(array.reshape(()).item(), kind)


def scalars_of(op: ElementwiseOperation, streamed: SSAValue) -> Scalars:
    """The scalar form of an operator, with `streamed` for the operand that streams through the primitive.

    All other operands become operands of the region, except immediates, which it holds itself, and
    conversions, which it computes itself.
    """
    operands = list(_operands(op, streamed))
    return Scalars(
        lambda values: _scalar(op, streamed, values[0], iter(values[1:])),
        [value for value, _ in operands],
        [indexing_map for _, indexing_map in operands],
    )


def fits(more: Scalars, node: Primitive) -> bool:
    """Whether a primitive can fuse them: all its operands may meet in one bank, each with a reservation."""
    partial_sums = 1
    return len(node.touched) + partial_sums + len(more.operands) <= MAX_RESERVATION


def _operands(
    op: ElementwiseOperation, streamed: SSAValue
) -> Iterator[tuple[SSAValue, AffineMapAttr]]:
    for index, operand in enumerate(op.operands):
        if operand is streamed or immediate(operand) is not None:
            continue
        if (inner := _conversion(op, operand)) is not None:
            yield from _operands(inner, streamed)
        else:
            yield operand, op.indexing_map(index)


def _conversion(op: ElementwiseOperation, operand: SSAValue) -> ElementwiseOperation | None:
    """The conversion that produces an operand of the result's shape, if the region may do it."""
    inner = operand.owner
    if is_conversion(inner) and inner.has_scalars and shape(operand) == shape(op.result):
        return inner
    return None


def _scalar(
    op: ElementwiseOperation, streamed: SSAValue, element: SSAValue, rest: Iterator[SSAValue]
) -> SSAValue:
    """The operator's element, from the streamed element and those of `_operands` in order."""
    elements: list[SSAValue] = []
    for operand in op.operands:
        if operand is streamed:
            elements.append(element)
        elif (constant := immediate(operand)) is not None:
            elements.append(constant)
        elif (inner := _conversion(op, operand)) is not None:
            elements.append(_scalar(inner, streamed, element, rest))
        else:
            elements.append(next(rest))
    return op.scalar_form(*elements)
