"""The values that `@weights` returns, each evaluated by itself so that no two need be in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from xdsl.interpreter import Interpreter
from xdsl.interpreters.func import FuncFunctions
from xdsl.ir import Operation, SSAValue

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn import ParameterOp
from xnn.dialects.xnn.interface import function, results_by_name


class Parameters:
    """Values of a module's parameters, by name, and of its other constant expressions."""

    def __init__(self, interpreter: Interpreter):
        self._interpreter = interpreter
        weights = function(interpreter.module, "weights")
        self._values = {} if weights is None else results_by_name(weights)
        self._kept: dict[str, np.ndarray] = {}

    @staticmethod
    def of(interpreter: Interpreter) -> Parameters:
        """Those of the interpreter's module."""
        return interpreter.get_data(FuncFunctions, "parameters", lambda: Parameters(interpreter))

    def value(self, name: str) -> np.ndarray:
        """The parameter of that name; raises UserError if there is none."""
        if name not in self._values:
            raise UserError(f'@weights returns no parameter "{name}"')
        return self.evaluate(self._values[name])

    def kept(self, name: str) -> np.ndarray:
        """The same, evaluated at the first call and kept."""
        if name not in self._kept:
            self._kept[name] = self.value(name)
        return self._kept[name]

    def evaluate(self, value: SSAValue) -> np.ndarray:
        """The value of a constant expression, which may read parameters."""
        return np.asarray(self._evaluate(value, {}))

    def _evaluate(self, value: SSAValue, known: dict[SSAValue, Any]) -> Any:
        if isinstance(value.owner, ParameterOp):
            return self.value(value.owner.result_name.data)
        if value not in known:
            op = value.owner
            assert isinstance(op, Operation)
            operands = tuple(self._evaluate(operand, known) for operand in op.operands)
            known.update(zip(op.results, self._interpreter.run_op(op, operands), strict=True))
        return known[value]
