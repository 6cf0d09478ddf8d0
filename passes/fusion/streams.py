"""Where fusion follows the graph: operators that have one streamed value in, and one result out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from xdsl.ir import Operation, SSAValue

from xnn.dialects.prim import shape
from xnn.dialects.xnn.constants import ConstantExpressions
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.operation import NetworkOperation
from xnn.passes.fusion.primitive_regions import Scalars
from xnn.passes.fusion.scalar_forms import is_elementwise, scalars_of
from xnn.passes.fusion.views import in_shape


@dataclass(frozen=True)
class Step:
    """Elementwise operators of one shape to fuse at once, in order.

    Nothing else uses the results of those before the last.
    """

    ops: list[ElementwiseOperation]
    streamed: SSAValue

    @property
    def result(self) -> SSAValue:
        return self.ops[-1].result

    @property
    def names(self) -> list[str]:
        """Of the operators, and of the layers fused into them; the result's is the last."""
        return [name for op in self.ops for name in (*op.layer_names, op.result_name.data)]

    def scalars(self, value: SSAValue) -> Scalars | None:
        """What they compute for elements of the shape of a value, a view of the streamed one; None if they cannot."""
        return in_shape(scalars_of(self.ops, self.streamed), shape(self.result), shape(value))


def step_after(value: SSAValue, places: Mapping[Operation, int]) -> Step | None:
    """The fewest elementwise operators of the value's shape through which all its uses go; None if there are none.

    `places`: of the operations in the block.
    """
    ops: list[ElementwiseOperation] = []
    pending = {use.operation for use in value.uses}
    while pending and all(is_elementwise(op) for op in pending):
        op = min(pending, key=lambda each: places[each])
        if not is_elementwise(op) or shape(op.result) != shape(value):
            return None
        ops.append(op)
        if len(pending) == 1:
            return Step(ops, value)
        pending.remove(op)
        pending.update(use.operation for use in op.result.uses)
    return None


def step_before(value: SSAValue, constants: ConstantExpressions) -> Step | None:
    """The fewest elementwise operators that compute a value from one streamed value; None if there are none.

    What else they use is constant, or has one element for many, such as a factor for each channel.
    """
    ops: list[ElementwiseOperation] = []
    pending = [value]
    while pending:
        owner = next((each.owner for each in pending if _may_absorb(each, value, ops)), None)
        if not is_elementwise(owner):
            return None
        ops.insert(0, owner)
        pending = _streamed(ops, constants)
        if len(pending) == 1:
            return Step(ops, pending[0]) if shape(pending[0]) == shape(value) else None
    return None


def is_scalar(value: SSAValue, op: NetworkOperation) -> bool:
    """Whether an operand of an elementwise operator has one element, for many of the result."""
    return prod(shape(value)) == 1 < prod(shape(op.result))


def _streamed(ops: list[ElementwiseOperation], constants: ConstantExpressions) -> list[SSAValue]:
    """Operands that come from elsewhere, and are neither constant nor repeated."""
    inside = {op.result for op in ops}
    operands = {operand: op for op in ops for operand in op.operands if operand not in inside}
    return [v for v, op in operands.items() if v not in constants and not _is_repeated(v, op)]


def _is_repeated(value: SSAValue, op: NetworkOperation) -> bool:
    """Whether an operand of an elementwise operator has one element for many of the result."""
    return prod(shape(value)) < prod(shape(op.result))


def _may_absorb(value: SSAValue, last: SSAValue, ops: list[ElementwiseOperation]) -> bool:
    """Whether the producer of a value is elementwise, and has no use but `ops`, which compute `last`."""
    inside = value is last or all(use.operation in ops for use in value.uses)
    return inside and is_elementwise(value.owner) and shape(value) == shape(last)
