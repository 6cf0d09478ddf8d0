"""The ranges of the feature maps that become integers: which of them share a scale."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn import NetworkOperation
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.traits import KeepsScale, WithinRange
from xnn.passes.quantize.integer_maps import IntegerMaps
from xnn.passes.quantize.ranges import Range, name_of, range_of

COARSER = 4.0
"""How many times wider than its own range that of a result may be whose scale an operand takes over."""


class SharedRanges:
    """Calibrated ranges, joined where feature maps share a scale, and widened.

    What only moves elements keeps their scale. Of several operands each has that of the result unless
    that is much too coarse for it: then it gets another scale on the way.

    `ramp`: the factor by which ranges are widened at the last operator; it grows from 1 at the first.
    """

    def __init__(self, module: ModuleOp, maps: IntegerMaps, ramp: float):
        self.module = module
        self.maps = maps
        self.ramp = ramp
        self.leader: dict[SSAValue, SSAValue] = {}
        self.ranges: dict[SSAValue, Range] = {}

    def of_feature_maps(self) -> list[tuple[SSAValue, Range]]:
        """The feature maps that become integers, in order, with their ranges; raises UserError for one without."""
        chosen = self._in_order()
        for op in self.maps.operators:
            if op.has_trait(KeepsScale) and op.result in self.maps.chosen:
                for value in self.maps.real_operands(op):
                    if self._fits(value, op):
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

    def share(self, one: SSAValue, other: SSAValue) -> bool:
        """Whether two feature maps have one scale."""
        return self._root(one) is self._root(other)

    def _in_order(self) -> Sequence[SSAValue]:
        """The feature maps that become integers, arguments first."""
        made = (*main_function(self.module).args, *(op.result for op in self.maps.operators))
        return [value for value in made if value in self.maps.chosen]

    def _fits(self, value: SSAValue, op: NetworkOperation) -> bool:
        """Whether an operand has the scale of the result of an operator that moves it."""
        if len(self.maps.real_operands(op)) == 1:
            return True
        fresh = not (isinstance(by := value.owner, NetworkOperation) and by.has_trait(KeepsScale))
        if fresh and value.has_one_use():
            return True
        (low, high), (least, most) = self._range_of(value), self._range_of(op.result)
        return max(most, 0) - min(least, 0) <= COARSER * (max(high, 0) - min(low, 0))

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
        found, root = self._range_of(value), self._root(value)
        low, high = self.ranges.get(root, (0.0, 0.0))
        self.ranges[root] = min(low, found[0]), max(high, found[1])

    def _range_of(self, value: SSAValue) -> Range:
        found, name = range_of(self.module, value), name_of(self.module, value)
        if found is None:
            message = f"insert-quantization: feature map {name} has no range"
            raise UserError(message, hint="run --calibrate first")
        if not all(map(isfinite, found)):
            raise UserError(
                f"insert-quantization: feature map {name} was not finite in calibration"
            )
        return found

    def _ramp(self) -> dict[SSAValue, float]:
        """The factor by which the range of each scale is widened: that of the first feature map that has it.

        Means are widened as their operands are, so that their steps are no larger.
        """
        count = max(1, len(self.maps.operators) - 1)
        stretch = dict.fromkeys(map(self._root, main_function(self.module).args), 1.0)
        for place, op in enumerate(self.maps.operators):
            found = 1 + (self.ramp - 1) * place / count
            if op.has_trait(WithinRange) and not op.has_trait(KeepsScale):
                found = stretch.get(self._root(op.operands[0]), found)
            stretch.setdefault(self._root(op.result), found)
        return stretch
