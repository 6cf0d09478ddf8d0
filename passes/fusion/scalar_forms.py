"""Elementwise operators as the `pre` and `post` regions of primitives hold them: their scalar forms."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import prod
from typing import TypeGuard

from xdsl.dialects.builtin import AffineMapAttr
from xdsl.ir import SSAValue

from xnn.dialects import scalar
from xnn.dialects.prim import Primitive, shape
from xnn.dialects.target import MAX_RESERVATION
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
    """Whether an operation has a scalar form."""
    return isinstance(op, ElementwiseOperation)


def immediate(value: SSAValue) -> SSAValue | None:
    """A one-element constant tensor as a scalar, or None."""
    constant = value.owner
    if not isinstance(constant, ConstantOp) or prod(shape(value)) != 1:
        return None
    number = array_of(constant.value).reshape(()).item()
    return scalar.constant(number, tensor_type(value).element_type)


def scalars_of(ops: Sequence[ElementwiseOperation], streamed: SSAValue) -> Scalars:
    """The scalar form of operators in order, with `streamed` for the operand that streams through the primitive.

    The last one's result is theirs; no other operator uses those of the ones before. All operands that
    come from elsewhere become operands of the region, except immediates, which it holds itself, and
    conversions, which it computes itself. Each operator is computed once.
    """
    form = _Form(streamed)
    for op in ops:
        form.add(op)
    return Scalars(
        form.build,
        [value for value, _ in form.operands],
        [indexing_map for _, indexing_map in form.operands],
    )


def fits(more: Scalars, node: Primitive) -> bool:
    """Whether a primitive can fuse them."""
    return has_room(node, len(more.operands))


def has_room(node: Primitive, count: int) -> bool:
    """Whether a primitive can have so many more operands: all may meet in one bank, each with a reservation."""
    partial_sums = 1
    return len(node.touched) + partial_sums + count <= MAX_RESERVATION


class _Form:
    """Operators as a scalar function: of the streamed element and of those of `operands`, in order."""

    def __init__(self, streamed: SSAValue):
        self.streamed = streamed
        self.operands: dict[tuple[SSAValue, AffineMapAttr], None] = {}
        self._arguments: dict[ElementwiseOperation, list[Hashable]] = {}
        """For each operator, where its operands come from: see `_argument`."""

    def add(self, op: ElementwiseOperation) -> None:
        """The operator after those that it uses."""
        arguments = [self._argument(op, index) for index in range(len(op.operands))]
        self._arguments[op] = arguments

    def _argument(self, op: ElementwiseOperation, index: int) -> Hashable:
        """The streamed value, an operator, an immediate, or an operand with its indexing map."""
        operand = op.operands[index]
        if operand is self.streamed or immediate(operand) is not None:
            return operand
        if operand.owner in self._arguments:
            return operand.owner
        if (inner := _conversion(op, operand)) is not None:
            self.add(inner)
            return inner
        access = operand, op.indexing_map(index)
        self.operands[access] = None
        return access

    def build(self, values: Sequence[SSAValue]) -> SSAValue:
        """The last operator's element."""
        element = values[0]
        elements = dict[Hashable, SSAValue](
            zip((self.streamed, *self.operands), values, strict=True)
        )
        for op, arguments in self._arguments.items():
            element = op.scalar_form(*(_element(each, elements) for each in arguments))
            elements[op] = element
        return element


def _element(argument: Hashable, elements: dict[Hashable, SSAValue]) -> SSAValue:
    if argument in elements:
        return elements[argument]
    assert isinstance(argument, SSAValue) and (constant := immediate(argument)) is not None
    return constant


def _conversion(op: ElementwiseOperation, operand: SSAValue) -> ElementwiseOperation | None:
    """The conversion that produces an operand of the result's shape, if the region may do it."""
    inner = operand.owner
    if is_conversion(inner) and shape(operand) == shape(op.result):
        return inner
    return None
