"""Files and pipes: outputs that appear whole or not at all, inputs that are read once."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import IO

from xnn.dialects.diagnostics import UserError

IN_MEMORY = "mem:"
"""Begins the name of a source of weights that is no file, but bytes in the memory of this process."""
WEIGHTS = ".weights"
"""Ends the names of files of weights that are written beside text."""


def is_stream(path: str | os.PathLike[str]) -> bool:
    """Whether `path` is a pipe or a device, or a name for one, which has no files beside it."""
    other = os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)
    return other or os.path.abspath(path).startswith(("/dev/std", "/dev/fd/"))


def open_input(path: str | os.PathLike[str]) -> IO[bytes]:
    """The bytes of a file, or of a pipe, which are kept; raises OSError, or UserError for a device."""
    if not is_stream(path):
        return open(path, "rb")
    if not os.path.isfile(path) and not Path(path).is_fifo():
        raise UserError(f"{path}: is a device, expected a file or a pipe")
    here = os.stat(path)
    return BytesIO(_bytes_of_stream(os.fspath(path), (here.st_dev, here.st_ino)))


@cache
def _bytes_of_stream(path: str, _number: tuple[int, int]) -> bytes:
    """All that a pipe holds; kept for the life of this process, as it cannot be read again.

    Another pipe of the same path, as /dev/fd/5, has another number.
    """
    return Path(path).read_bytes()


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it takes the name `path` when the block ends well and
    vanishes when it does not. A stream is written directly. An OSError of writing names `path`.
    """
    temporary = Path(path)
    final = None
    if not is_stream(path):
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


def require_places(outputs: Iterable[str | os.PathLike[str]]) -> None:
    """Raises UserError for an output that could not be written: to be asked before the long work."""
    for path in map(Path, outputs):
        if is_stream(path):
            continue
        folder = Path(os.path.realpath(path)).parent
        if not folder.is_dir():
            raise UserError(f"{path}: there is no folder {path.parent}")
        if path.is_dir():
            raise UserError(f"{path}: is a folder, expected a file")
        if not os.access(folder, os.W_OK):
            raise UserError(f"{path}: nothing can be written to the folder {path.parent}")


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
