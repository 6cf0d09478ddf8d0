"""The real values of the integers of feature maps, once quantisation is folded.

A requantisation, and a rounding of what was multiplied by the reciprocal of its scale, have the scale of
their result as an attribute; all other scales follow from the operators around.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.dialects.builtin import AnyFloat, FloatAttr, IntegerAttr, ModuleOp, i64
from xdsl.ir import OpResult, SSAValue

from xnn.dialects import xnn
from xnn.dialects.xnn.traits import KeepsScale
from xnn.passes.integers.parameters import known
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.arrays import broadcast
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.runtime.semantics.parameters import Parameters

SCALE = "xnn.scale"
"""Attribute of a requantisation or rounding: the scale of its result."""
ZERO_POINT = "xnn.zero_point"
"""Attribute of a rounding: the zero point of its result, if what is rounded has it added already."""


def note_scale(result: OpResult, scale: SSAValue) -> None:
    """Attaches the scale of a result to its operator, if it is one constant in the text."""
    array, element_type = known(scale), xnn.tensor_type(scale).element_type
    if array is not None and array.ndim == 0 and isinstance(element_type, AnyFloat):
        result.op.attributes[SCALE] = FloatAttr(float(array), element_type)


def note_zero_point(result: OpResult, zero_point: np.ndarray) -> None:
    """Attaches the zero point of a result to its operator, which does not add it itself."""
    result.op.attributes[ZERO_POINT] = IntegerAttr(int(zero_point), i64)


def has_own_scale(value: SSAValue) -> bool:
    """Whether the scale of integers follows from what makes them, whatever uses them."""
    producer = value.owner
    if isinstance(producer, xnn.NetworkOperation) and producer.has_trait(KeepsScale):
        return has_own_scale(producer.operands[0])
    return isinstance(producer, xnn.QuantizeOp | xnn.RequantizeOp | xnn.RescaleOp)


@dataclass(frozen=True)
class Scale:
    """Integers q stand for scale * (q - zero_point); both broadcast to q."""

    scale: np.ndarray
    zero_point: np.ndarray

    def real_values(self, q: np.ndarray) -> np.ndarray:
        """The real values of the integers, as float64."""
        return (q.astype(np.float64) - self.zero_point) * self.scale


class Scales:
    """The scales of the integer feature maps of a network at the graph level."""

    def __init__(self, module: ModuleOp):
        self._constants = xnn.ConstantExpressions()
        self._parameters = Parameters.of(interpreter_of(module, WeightStore()))

    def of(self, value: SSAValue) -> Scale | None:
        """The scale of an integer feature map, None if it is unknown before the network runs.

        The scale of narrow integers follows from their producer, that of sums from their users.
        """
        producer = value.owner
        if isinstance(producer, xnn.QuantizeOp):
            return self._given(producer) or self._stated(producer)
        if isinstance(producer, xnn.RequantizeOp | xnn.RescaleOp):
            return self._given(producer)
        if isinstance(producer, xnn.NetworkOperation) and producer.has_trait(KeepsScale):
            moved = self.of(producer.operands[0])
            return moved if moved is not None and moved.scale.ndim == 0 else None
        return self._by_use(value)

    def _by_use(self, value: SSAValue) -> Scale | None:
        for use in value.uses:
            user = use.operation
            if isinstance(user, xnn.DequantizeOp) and use.index == 0:
                return self._stated(user)
            if isinstance(user, xnn.RequantizeOp | xnn.RescaleOp) and use.index == 0:
                given = self._given(user)
                if given is not None and user.multiplier in self._constants:
                    multiplier = self._broadcast(user, 1)
                    if isinstance(user, xnn.RescaleOp):
                        multiplier = multiplier / 2**user.shift.value.data
                    return Scale(given.scale * multiplier, np.asarray(0))
            if isinstance(user, xnn.ReluOp) and (found := self._by_use(user.result)) is not None:
                return found
        return None

    def _given(self, op: xnn.QuantizeOp | xnn.RequantizeOp | xnn.RescaleOp) -> Scale | None:
        """The scale that the result of a rounding has as an attribute."""
        scale = op.attributes.get(SCALE)
        if not isinstance(scale, FloatAttr) or op.zero_point not in self._constants:
            return None
        added = op.attributes.get(ZERO_POINT)
        zero_point = added.value.data if isinstance(added, IntegerAttr) else self._broadcast(op, 2)
        return Scale(np.asarray(scale.value.data), np.asarray(zero_point))

    def _stated(self, op: xnn.QuantizeOp | xnn.DequantizeOp) -> Scale | None:
        if op.scale not in self._constants or op.zero_point not in self._constants:
            return None
        return Scale(self._broadcast(op, 1), self._broadcast(op, 2))

    def _broadcast(self, op: xnn.QuantizationOperation, index: int) -> np.ndarray:
        """Operand `index`: a scalar, or broadcast to the result."""
        array = self._parameters.evaluate(op.operands[index]).astype(np.float64)
        return (
            broadcast(op.indexing_map(index), array, len(xnn.shape_of(op.result)))
            if array.ndim
            else array
        )
