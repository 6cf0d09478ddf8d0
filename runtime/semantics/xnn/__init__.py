"""Semantics of the graph level: each operator on whole tensors, in the type of the tensors, by operator family."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from xdsl.interpreter import Interpreter, InterpreterFunctions

from xnn.dialects.xnn import XNN
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.operators import compute, evaluated, network_functions
from xnn.runtime.semantics.xnn.constants import ConstantFunctions

__all__ = ["compute", "evaluated", "register"]

for family in iter_modules(__path__):
    import_module(f"{__name__}.{family.name}")


@cache  # they hold nothing: all interpreters share them
def _functions() -> InterpreterFunctions:
    return network_functions(XNN.operations)


def register(interpreter: Interpreter, store: WeightStore) -> None:
    """Gives `interpreter` the semantics of the operators of `xnn`; weights come from `store`."""
    interpreter.register_implementations(_functions())
    interpreter.register_implementations(ConstantFunctions(store), override=True)
