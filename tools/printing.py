"""Writing modules as text."""

from os import PathLike
from pathlib import Path

from xdsl.dialects.builtin import ModuleOp
from xdsl.printer import Printer

from xnn.runtime.io.files import replacing
from xnn.tools.weight_paths import printable_weights


def write_module(module: ModuleOp, path: str | PathLike[str]) -> None:
    """Write the text of `module` to a file, whole or not at all; weights are named from there."""
    path = Path(path)
    with printable_weights(module, path), replacing(path) as temporary:
        with temporary.open("w") as stream:
            Printer(stream=stream).print_op(module)
            stream.write("\n")
