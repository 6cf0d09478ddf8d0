"""Where fusion follows the graph: operators that have one streamed value in, and one result out."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from xdsl.ir import Operation, SSAValue

from xnn.dialects.prim import shape
from xnn.dialects.xnn.constants import ConstantExpressions
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.operation import NetworkOperation
from xnn.passes.fusion.scalar_forms import is_elementwise

Operators = list[ElementwiseOperation]
"""In program order; nothing else uses the results of those before the last."""


def operators_after(value: SSAValue, places: Mapping[Operation, int]) -> Operators | None:
    """The fewest elementwise operators of the value's shape through which all its uses go; None if there are none.

    `places`: of the operations in the block.
    """
    result: Operators = []
    pending = {use.operation for use in value.uses}
    while pending:
        op = min(pending, key=lambda each: places[each])
        if not is_elementwise(op) or shape(op.result) != shape(value):
            return None
        result.append(op)
        if len(pending) == 1:
            return result
        pending.remove(op)
        pending.update(use.operation for use in op.result.uses)
    return None


def operators_before(value: SSAValue, constants: ConstantExpressions) -> Operators | None:
    """The fewest elementwise operators that compute a value from one streamed value; None if there are none.

    What else they use is constant, or has one element for many.
    """
    result: Operators = []
    pending = [value]
    while pending:
        owner = next((each.owner for each in pending if _may_absorb(each, value, result)), None)
        if not is_elementwise(owner):
            return None
        result.insert(0, owner)
        pending = streamed_into(result, constants)
        if len(pending) == 1:
            return result if shape(pending[0]) == shape(value) else None
    return None


def streamed_into(ops: Operators, constants: ConstantExpressions) -> list[SSAValue]:
    """What operators stream: all operands that come from elsewhere, and are neither constant nor of one element."""
    inside = {op.result for op in ops}
    operands = {operand: op for op in ops for operand in op.operands if operand not in inside}
    return [v for v, op in operands.items() if v not in constants and not is_scalar(v, op)]


def is_scalar(value: SSAValue, op: NetworkOperation) -> bool:
    """Whether an operand of an elementwise operator has one element, for many of the result."""
    return prod(shape(value)) == 1 < prod(shape(op.result))


def _may_absorb(value: SSAValue, last: SSAValue, ops: Operators) -> bool:
    """Whether the producer of a value is elementwise, and has no use but `ops`, which compute `last`."""
    inside = value is last or all(use.operation in ops for use in value.uses)
    return inside and is_elementwise(value.owner) and shape(value) == shape(last)
