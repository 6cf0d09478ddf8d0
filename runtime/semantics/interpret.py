"""xDSL's interpreter for the levels above the machine: values are whole NumPy arrays."""

from __future__ import annotations

from importlib import import_module

from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.interpreters.func import FuncFunctions

from xnn.dialects.xnn import NetworkOperation
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.operators import network_functions

DIALECTS = ("xnn", "prim", "dma")
"""Each has a module of its name here, whose `register` gives an interpreter the semantics of its operations; a
later one may replace those of an earlier one."""


def interpreter_of(module: ModuleOp, store: WeightStore) -> Interpreter:
    """An interpreter that knows what occurs in `module`; weights come from `store`."""
    interpreter = Interpreter(module)
    interpreter.register_implementations(FuncFunctions())
    kinds = {type(op): None for op in module.walk()}
    present = {kind.dialect_name() for kind in kinds} | {"xnn"}
    for dialect in filter(present.__contains__, DIALECTS):
        import_module(f"xnn.runtime.semantics.{dialect}").register(interpreter, store)
    others = (kind for kind in kinds if kind.dialect_name() not in DIALECTS)
    if networks := tuple(kind for kind in others if issubclass(kind, NetworkOperation)):
        interpreter.register_implementations(network_functions(networks))
    return interpreter
