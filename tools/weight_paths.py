"""Names of weight files: absolute in memory, relative to the text's own folder when printed.

So a .mlir file and its weights move together, and a module read here may be printed there. Weights
that have no file (`mem:...`, of models given as bytes) are spilled beside the printed text.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Operation
from xdsl.printer import Printer

from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.files import IN_MEMORY, WEIGHTS, replacing, require_apart


def resolve_weights(module: ModuleOp, folder: Path) -> None:
    """Make the weight file names of `module`, which are relative to `folder`, absolute."""
    for op, file in _weights(module):
        if not file.startswith(IN_MEMORY):
            path = folder / file
            op.properties["file"] = StringAttr(str(path.parent.resolve() / path.name))


@contextmanager
def printable_weights(module: ModuleOp, output: str | os.PathLike[str] | None) -> Iterator[None]:
    """Within the block `module` names its weights as text in the file `output` must name them.

    `output` None is stdout, where names are relative to the working folder. Weights in memory are
    written to files named after `output`; raises UserError if there is no such file.
    """
    weights = list(_weights(module))
    if output is not None:
        require_apart([output], weight_files(module))
    in_memory = sorted({file for _, file in weights if file.startswith(IN_MEMORY)})
    if in_memory and output is None:
        raise UserError(
            "some weights stand in no file as they are in memory, so text on stdout cannot name them",
            hint="give an output file with -o: they are written beside it",
        )
    folder = Path.cwd() if output is None else Path(output).parent.resolve()
    spilled = _spill(in_memory, Path(output)) if output is not None else {}
    try:
        for op, file in weights:
            name = spilled.get(file) or os.path.relpath(file, folder)
            op.properties["file"] = StringAttr(name)
        yield
    finally:
        for op, file in weights:
            op.properties["file"] = StringAttr(file)


def write_module(module: ModuleOp, path: str | os.PathLike[str]) -> None:
    """Write the text of `module` to a file, whole or not at all; weights are named from there."""
    path = Path(path)
    with printable_weights(module, path), replacing(path) as temporary:
        with temporary.open("w") as stream:
            Printer(stream=stream).print_op(module)
            stream.write("\n")


def weight_files(module: ModuleOp) -> set[str]:
    """The files that `module` takes weights from."""
    return {file for _, file in _weights(module) if not file.startswith(IN_MEMORY)}


def _weights(module: ModuleOp) -> Iterator[tuple[Operation, str]]:
    """Every operation that names a file of weights, with that name."""
    for op in module.walk():
        if op.name == "xnn.weight":
            file = op.properties["file"]
            assert isinstance(file, StringAttr)
            yield op, file.data


def _spill(sources: list[str], output: Path) -> dict[str, str]:
    """Write weights in memory beside `output`; maps each source to the name of its file.

    A file that is there stays as it is: it serves if it holds the same bytes, else another name is found.
    """
    from xnn.runtime.io.weights import in_memory_bytes

    names: dict[str, str] = {}
    numbers = count()
    for source in sources:
        data = in_memory_bytes(source)
        for number in numbers:
            path = output.with_suffix(f".{number}{WEIGHTS}" if number else WEIGHTS)
            if not os.path.lexists(path):
                with replacing(path) as temporary:
                    temporary.write_bytes(data)
            elif not path.is_file() or path.read_bytes() != data:
                continue
            names[source] = path.name
            break
    return names
