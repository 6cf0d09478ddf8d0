"""Files that appear whole or not at all."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from xnn.dialects.diagnostics import UserError

IN_MEMORY = "mem:"
"""Begins the name of a source of weights that is no file, but bytes in the memory of this process."""
WEIGHTS = ".weights"
"""Ends the names of files of weights that are written beside text."""


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it takes the name `path` when the block ends well and
    vanishes when it does not. What is no regular file (a device, a pipe) is written directly. An
    OSError of writing names `path`.
    """
    temporary = Path(path).absolute()
    final = None
    if temporary.parts[1:2] != ("dev",) and (temporary.is_file() or not temporary.exists()):
        final = Path(os.path.realpath(path))
        temporary = final.with_name(f".{final.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        if final:
            os.replace(temporary, final)
    except OSError as error:
        if error.filename is None or str(error.filename) == str(temporary):
            error.filename = os.fspath(path)
        raise
    finally:
        if final:
            with suppress(OSError):
                temporary.unlink()


def require_apart(
    outputs: Iterable[str | os.PathLike[str]], inputs: Iterable[str | os.PathLike[str]]
) -> None:
    """Raises UserError if an output is an input, weights or another output, by whatever path it is named."""
    read = {_identity(path) for path in inputs if os.path.isfile(path)}
    written = set[object]()
    for output in map(Path, outputs):
        if output.exists() and not output.is_file():  # a device or a pipe
            continue
        if (identity := _identity(output)) in read:
            raise UserError(f"{output}: is read by this run, and inputs are never overwritten")
        if identity in written:
            raise UserError(f"{output}: is the file of another output of this run")
        if Path(os.path.realpath(output)).suffix == WEIGHTS:
            raise UserError(f"{output}: names that end in {WEIGHTS} are for weights beside text")
        written.add(identity)


def _identity(path: str | os.PathLike[str]) -> object:
    """What two paths have in common if they are one file, which need not be there yet."""
    if os.path.exists(path):
        found = os.stat(path)
        return found.st_dev, found.st_ino
    return os.path.realpath(path)
