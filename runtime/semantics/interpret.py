"""xDSL's interpreter for the levels above the machine: values are whole NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.interpreters.func import FuncFunctions

from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.operators import network_functions

Registrar = Callable[[Interpreter, WeightStore], None]

REGISTRARS = {
    "xnn": "xnn.runtime.semantics.xnn:register_xnn",
    "prim": "xnn.runtime.semantics.prim:register_prim",
    "dma": "xnn.runtime.semantics.dma:register_dma",
}
"""Per dialect, the function that gives an interpreter the meaning of its operations."""


def interpreter_of(module: ModuleOp, store: WeightStore) -> Interpreter:
    """An interpreter that knows what occurs in `module`; weights come from `store`."""
    interpreter = Interpreter(module)
    interpreter.register_implementations(FuncFunctions())
    kinds = {type(op): None for op in module.walk()}
    for dialect in ({kind.dialect_name() for kind in kinds} | {"xnn"}) & REGISTRARS.keys():
        module_name, _, function = REGISTRARS[dialect].partition(":")
        getattr(import_module(module_name), function)(interpreter, store)
    others = (kind for kind in kinds if kind.dialect_name() not in REGISTRARS)
    interpreter.register_implementations(network_functions(others))
    return interpreter
