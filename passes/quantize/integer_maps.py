"""Which feature maps of a network become integers, and for whom."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, prod

from xdsl.dialects.builtin import ModuleOp, f32
from xdsl.ir import Operation, SSAValue

from xnn.dialects.xnn import ConstantExpressions, NetworkOperation, ReshapeOp, shape_of, tensor_type
from xnn.dialects.xnn.elementwise import BinaryOperation, ElementwiseOperation
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.linear import ProductOperation
from xnn.dialects.xnn.traits import KeepsScale, TakesIntegers
from xnn.passes.quantize.ranges import range_of


class IntegerMaps:
    """The feature maps that become integers: those of which an operator multiplies or adds integers.

    An operator that moves elements moves integers if its result becomes integers, at once or after
    elementwise operators, or if its operands do; a view does not decide it.
    `operators` are those that are no constant expressions, in order. Elementwise operators whose result is
    [batch, features] of up to `small` elements work on real values: the errors of a state, which they make
    anew step by step, would add up.
    """

    def __init__(
        self,
        module: ModuleOp,
        operators: Sequence[NetworkOperation],
        constants: ConstantExpressions,
        small: int,
    ):
        self.module = module
        self.operators = operators
        self.constants = constants
        self.small = small
        self._sources: dict[SSAValue, SSAValue] = {}
        for op in operators:
            self._source(op.result)  # in order, so that none asks for many others
        self.masks = self._masks()
        self.chosen = self._chosen()

    def real_operands(self, op: Operation) -> list[SSAValue]:
        """The float32 operands that are feature maps, each once."""
        found = (value for value in op.operands if value not in self.constants)
        return [v for v in dict.fromkeys(found) if tensor_type(v).element_type == f32]

    def moves_integers(self, op: NetworkOperation) -> bool:
        """Whether an operator moves integers that keep their scale."""
        return op.has_trait(KeepsScale) and op.result in self.chosen

    def reads_integers(self, op: Operation) -> bool:
        """Whether an operator reads its chosen operands as integers."""
        if not isinstance(op, NetworkOperation):
            return False  # outputs of the network
        return not self.is_state(op)

    def is_state(self, op: NetworkOperation) -> bool:
        """Whether an operator works element by element on what may be a state."""
        if not isinstance(op, ElementwiseOperation):
            return False
        shape = shape_of(op.result)
        return len(shape) <= 2 and prod(shape) <= self.small

    def _chosen(self) -> set[SSAValue]:
        chosen = set[SSAValue]()
        rounded = set[SSAValue]()  # only elementwise operators and views before they are integers
        for op in reversed(self.operators):
            wanted: list[SSAValue] = []
            if isinstance(op, ReshapeOp | ElementwiseOperation) and not self.is_state(op):
                if op.result in chosen or op.result in rounded:
                    rounded.update(self.real_operands(op))
            if op.has_trait(KeepsScale):
                moves = not isinstance(op, ReshapeOp) and op.result in rounded
                if moves or op.result in chosen:
                    wanted = self.real_operands(op)
            elif op.has_trait(TakesIntegers):
                wanted = self._wanted(op)
            chosen.update(value for value in wanted if value not in self.masks)
        for op in self.operators:
            if op.has_trait(KeepsScale) and tensor_type(op.result).element_type == f32:
                if all(value in chosen for value in self.real_operands(op)) and _goes_on(op):
                    chosen.add(op.result)
        return chosen

    def _masks(self) -> set[SSAValue]:
        """The feature maps that operators of the network made, and were not finite in calibration."""
        arguments = main_function(self.module).args
        values = [*arguments, *(op.result for op in self.operators)]
        found = {value: range_of(self.module, value) for value in values}
        unbounded = {
            value for value, ends in found.items() if ends and not all(map(isfinite, ends))
        }
        return unbounded - {*arguments}

    def _wanted(self, op: NetworkOperation) -> list[SSAValue]:
        """The operands that an operator takes as integers."""
        operands = self.real_operands(op)
        if not isinstance(op, BinaryOperation):
            return operands
        size = prod(shape_of(op.result))
        whole = [value for value in operands if prod(shape_of(value)) == size]
        sources = {self._source(value) for value in whole}
        if len(sources) < 2 or self.is_state(op):
            return []  # a function of one feature map, which its producer computes
        sums = [v for v in whole if isinstance(self._source(v).owner, ProductOperation)]
        fusable = [value for value in sums if value.has_one_use()]
        return [value for value in whole if value not in fusable[-1:]]

    def _source(self, value: SSAValue) -> SSAValue:
        """The feature map of which each element decides one of `value`: through elementwise operators and views."""
        if value not in self._sources:
            op, found = value.owner, value
            if isinstance(op, ElementwiseOperation | ReshapeOp):
                sources = {self._source(operand) for operand in self.real_operands(op)}
                if len(sources) == 1:
                    found = sources.pop()
            self._sources[value] = found
        return self._sources[value]


def _goes_on(op: NetworkOperation) -> bool:
    """Whether an operator of the network uses the result."""
    return any(isinstance(use.operation, NetworkOperation) for use in op.result.uses)
