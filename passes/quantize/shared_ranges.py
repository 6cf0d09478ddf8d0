"""The ranges of the feature maps that become integers: which those are, and which share a scale."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from xdsl.dialects.builtin import ModuleOp, f32
from xdsl.ir import SSAValue

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn import AddOp, ConstantExpressions, NetworkOperation, tensor_type
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.linear import ProductOperation
from xnn.dialects.xnn.traits import KeepsScale, TakesIntegers, WithinRange
from xnn.passes.quantize.ranges import Range, name_of, range_of


class SharedRanges:
    """Calibrated ranges, joined where feature maps share a scale, and widened.

    `ramp`: the factor by which ranges are widened at the last operator; it grows from 1 at the first.
    """

    def __init__(
        self,
        module: ModuleOp,
        operators: Sequence[NetworkOperation],
        constants: ConstantExpressions,
        ramp: float,
    ):
        self.module = module
        self.operators = operators
        self.constants = constants
        self.ramp = ramp
        self.leader: dict[SSAValue, SSAValue] = {}
        self.ranges: dict[SSAValue, Range] = {}

    def of_feature_maps(self) -> list[tuple[SSAValue, Range]]:
        """The feature maps that become integers, in order, with their ranges; raises UserError for one without."""
        chosen = self._chosen()
        for op in self.operators:
            if op.has_trait(KeepsScale):
                for value in op.operands:
                    self._join(value, op.result)
        for value in chosen:
            self._join_range(value)
        stretch = self._ramp()
        result: list[tuple[SSAValue, Range]] = []
        for value in chosen:
            root = self._root(value)
            low, high = self.ranges[root]
            result.append((value, (low * stretch[root], high * stretch[root])))
        return result

    def _chosen(self) -> list[SSAValue]:
        """The feature maps that become integers, in order."""
        values: dict[SSAValue, None] = {}
        for op in self.operators:
            if op.has_trait(TakesIntegers):
                operands = [value for value in op.operands if value not in self.constants]
                if isinstance(op, AddOp):  # one with a constant shifts, as a bias does
                    operands = self._of_addition(operands) if len(operands) > 1 else []
                values.update(dict.fromkeys(operands))
            if op.has_trait(WithinRange):
                if any(isinstance(use.operation, NetworkOperation) for use in op.result.uses):
                    values[op.result] = None
        order: dict[SSAValue, int] = {op.result: place for place, op in enumerate(self.operators)}
        found = [value for value in values if tensor_type(value).element_type == f32]
        return sorted(found, key=lambda value: order.get(value, -1))

    def _of_addition(self, operands: Sequence[SSAValue]) -> list[SSAValue]:
        """Operands of an addition, except the sums of products that it can add to in the accumulators."""
        fusable = [
            value for value in operands
            if isinstance(value.owner, ProductOperation) and value.has_one_use()
        ]  # fmt: skip
        return [value for value in operands if value not in fusable[-1:]]

    def _root(self, value: SSAValue) -> SSAValue:
        while value in self.leader:
            value = self.leader[value]
        return value

    def _join(self, one: SSAValue, other: SSAValue) -> None:
        first, second = self._root(one), self._root(other)
        if first is not second:
            self.leader[first] = second

    def _join_range(self, value: SSAValue) -> None:
        """Extends the range of a scale by that of a feature map that has it."""
        found, name = range_of(self.module, value), name_of(self.module, value)
        if found is None:
            message = f"insert-quantization: feature map {name} has no range"
            raise UserError(message, hint="run --calibrate first")
        if not all(map(isfinite, found)):
            raise UserError(
                f"insert-quantization: feature map {name} was not finite in calibration"
            )
        root = self._root(value)
        low, high = self.ranges.get(root, (0.0, 0.0))
        self.ranges[root] = min(low, found[0]), max(high, found[1])

    def _ramp(self) -> dict[SSAValue, float]:
        """The factor by which the range of each scale is widened: that of the first feature map that has it.

        Means are widened as their operands are, so that their steps are no larger.
        """
        count = max(1, len(self.operators) - 1)
        stretch = dict.fromkeys(map(self._root, main_function(self.module).args), 1.0)
        for place, op in enumerate(self.operators):
            found = 1 + (self.ramp - 1) * place / count
            if op.has_trait(WithinRange) and not op.has_trait(KeepsScale):
                found = stretch.get(self._root(op.operands[0]), found)
            stretch.setdefault(self._root(op.result), found)
        return stretch
