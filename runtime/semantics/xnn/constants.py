"""Meaning of xnn.constant, xnn.weight and xnn.parameter."""

from __future__ import annotations

from xdsl.dialects.func import FuncOp
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from xnn.dialects.xnn import ConstantOp, ParameterOp, WeightOp
from xnn.dialects.xnn.interface import result_names
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.arrays import array_of


@register_impls
class ConstantFunctions(InterpreterFunctions):
    """Constants out of the text, weights out of `store`, parameters out of `@weights`, which runs once."""

    def __init__(self, store: WeightStore):
        self._store = store
        self._parameters: PythonValues | None = None

    @impl(ConstantOp)
    def constant(
        self, interpreter: Interpreter, op: ConstantOp, args: PythonValues
    ) -> PythonValues:
        return (array_of(op.value),)

    @impl(WeightOp)
    def weight(self, interpreter: Interpreter, op: WeightOp, args: PythonValues) -> PythonValues:
        return (self._store.tensor(op),)

    @impl(ParameterOp)
    def parameter(
        self, interpreter: Interpreter, op: ParameterOp, args: PythonValues
    ) -> PythonValues:
        if self._parameters is None:
            self._parameters = interpreter.call_op("weights")
        weights = interpreter.get_op_for_symbol("weights")
        assert isinstance(weights, FuncOp)
        return (self._parameters[result_names(weights).index(op.result_name.data)],)
