"""`xnn` compiles neural networks for a primitive-defined accelerator and runs them on a simulated one.

    import xnn
    program = xnn.compile("model.onnx", target="edge")
    outputs, report = program.run({"data": x})

`xnn.check("model.onnx")` says beforehand whether it would run, and where. Importing the package loads
nothing else: xDSL, NumPy and the compiler arrive with the first use of `compile` or `check`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xnn.tools.api import compile as compile
    from xnn.tools.checking.check import check as check

__version__ = "0.1.0"
__all__ = ["__version__", "check", "compile"]


def __getattr__(name: str) -> Any:
    if name == "compile":
        from xnn.tools import api

        return api.compile
    if name == "check":
        from xnn.tools.checking.check import check

        return check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
