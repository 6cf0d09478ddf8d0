"""Elementwise operators as the `pre` and `post` regions of primitives hold them: their scalar forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from xnn.runtime.semantics.arrays import array_of


def is_conversion(op: object) -> TypeGuard[ElementwiseOperation]:
    """Whether an operator gives the value of a stored element: a primitive's ends do it for each of its uses."""
    return isinstance(op, ElementwiseOperation) and op.is_conversion


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


class Fusion:
    """One element of an operator, or of a chain of them, as a scalar region computes it.

    `streamed` is the value that streams through the primitive. All other operands become operands
    of the region, but immediates, which it holds itself, and conversions of what is stored, which it
    does itself.
    """

    def __init__(self, op: ElementwiseOperation, streamed: SSAValue):
        self.op = op
        self.streamed = streamed
        self.operands: list[SSAValue] = []
        self.indexing_maps: list[AffineMapAttr] = []
        self._plan(op)

    def _plan(self, op: ElementwiseOperation) -> None:
        for index, operand in enumerate(op.operands):
            if operand is self.streamed or immediate(operand) is not None:
                continue
            if (inner := self._conversion(op, operand)) is not None:
                self._plan(inner)
            else:
                self.operands.append(operand)
                self.indexing_maps.append(op.indexing_map(index))

    def _conversion(
        self, op: ElementwiseOperation, operand: SSAValue
    ) -> ElementwiseOperation | None:
        """The conversion that gives an operand of the result's shape, if the region may do it."""
        inner = operand.owner
        if is_conversion(inner) and inner.has_scalars and shape(operand) == shape(op.result):
            return inner
        return None

    def fits(self, node: Primitive) -> bool:
        """Whether a primitive can take it: all operands may meet in one bank, each with a share of it."""
        partial_sums = 1
        return len(node.touched) + partial_sums + len(self.operands) <= MAX_RESERVATION

    def build(self, values: Sequence[SSAValue]) -> SSAValue:
        """The operator's element, computed of the streamed element and the elements of `operands`."""
        return self._build(self.op, values[0], iter(values[1:]))

    def _build(
        self, op: ElementwiseOperation, element: SSAValue, rest: Iterator[SSAValue]
    ) -> SSAValue:
        elements: list[SSAValue] = []
        for operand in op.operands:
            if operand is self.streamed:
                elements.append(element)
            elif (constant := immediate(operand)) is not None:
                elements.append(constant)
            elif (inner := self._conversion(op, operand)) is not None:
                elements.append(self._build(inner, element, rest))
            else:
                elements.append(next(rest))
        return op.scalar_form(*elements)
