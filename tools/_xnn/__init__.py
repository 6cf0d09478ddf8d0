"""`xnn` compiles neural networks for a primitive-defined accelerator and runs them on a simulated one.

    import xnn
    program = xnn.compile("model.onnx", target="edge")
    outputs, report = program.run({"data": x})

`xnn.check("model.onnx")` says beforehand whether it would run, and where; `xnn.advise` what would make it
faster. `xnn.parse` reads a network from a string; `xnn.operator` registers an operator of your own.
Importing the package loads nothing else: xDSL, NumPy and the compiler arrive with the first use of one of
these.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xnn.runtime.python_operators import operator as operator
    from xnn.tools.advice.advice import advise as advise
    from xnn.tools.api import compile as compile
    from xnn.tools.checking.check import check as check
    from xnn.tools.text import parse as parse

_PLACES = {
    "advise": "xnn.tools.advice.advice",
    "check": "xnn.tools.checking.check",
    "compile": "xnn.tools.api",
    "operator": "xnn.runtime.python_operators",
    "parse": "xnn.tools.text",
}
__version__ = "0.1.0"
__all__ = ["__version__", "advise", "check", "compile", "operator", "parse"]


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
