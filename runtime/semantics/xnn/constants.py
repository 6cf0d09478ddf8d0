"""Semantics of xnn.constant, xnn.weight and xnn.parameter."""

from __future__ import annotations

from typing import Any

from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from xnn.dialects.xnn import ConstantOp, ParameterOp, WeightOp
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.arrays import array_of
from xnn.runtime.semantics.parameters import Parameters


@register_impls
class ConstantFunctions(InterpreterFunctions):
    """Constants out of the text, weights out of `store`, parameters out of `@weights`."""

    def __init__(self, store: WeightStore):
        self._store = store

    @impl(ConstantOp)
    def constant(self, interpreter: Interpreter, op: ConstantOp, args: PythonValues) -> Any:
        return (array_of(op.value),)

    @impl(WeightOp)
    def weight(self, interpreter: Interpreter, op: WeightOp, args: PythonValues) -> Any:
        return (self._store.tensor(op),)

    @impl(ParameterOp)
    def parameter(self, interpreter: Interpreter, op: ParameterOp, args: PythonValues) -> Any:
        return (Parameters.of(interpreter).kept(op.result_name.data),)
