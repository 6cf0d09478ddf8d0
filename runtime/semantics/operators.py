"""Semantics of the operators of a network: one function `compute`, which families add to by operator."""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch
from math import prod
from typing import Any

import numpy as np
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls
from xdsl.ir import Operation

from xnn.dialects.diagnostics import UserError
from xnn.dialects.element_types import dtype_of
from xnn.dialects.xnn import NetworkOperation, tensor_type


@singledispatch
def compute(op: NetworkOperation, *operands: np.ndarray) -> Any:
    """The result of an operator for arrays as its operands, or a tuple of several results.

    A subclass has the semantics of its nearest base class; another dialect's operators get theirs by
    `compute.register`, in the file that defines them.
    """
    raise UserError(f'{op.name} "{op.shown_name}" has no semantics')


def evaluated(op: NetworkOperation, *operands: np.ndarray) -> tuple[np.ndarray, ...]:
    """All results of an operator; those without elements follow from their types."""
    types = [tensor_type(result) for result in op.results]
    if not any(prod(type.get_shape()) for type in types):
        return tuple(np.empty(type.get_shape(), dtype_of(type.element_type)) for type in types)
    result = compute(op, *operands)
    return result if isinstance(result, tuple) else (result,)


def network_functions(kinds: Iterable[type[Operation]]) -> InterpreterFunctions:
    """Functions that let an interpreter `compute` the operators of a network among these operations."""
    functions = {kind.name: _function(kind) for kind in kinds if issubclass(kind, NetworkOperation)}
    return register_impls(type("NetworkFunctions", (InterpreterFunctions,), functions))()


def _function(operator: type[NetworkOperation]) -> Any:
    @impl(operator)
    def run(
        self: Any, interpreter: Interpreter, op: NetworkOperation, args: PythonValues
    ) -> PythonValues:
        return evaluated(op, *args)

    return run
