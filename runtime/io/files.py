"""Files that appear whole or not at all."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from xnn.dialects.diagnostics import UserError

IN_MEMORY = "mem:"
"""Begins the name of a source of weights that is no file, but bytes in the memory of this process."""


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path`; it takes the name `path` when the block ends well and
    vanishes when it does not. What is no regular file (a device, a pipe) is written directly.
    """
    direct = Path(path).absolute()
    if direct.parts[1:2] == ("dev",) or (direct.exists() and not direct.is_file()):
        yield direct
        return
    final = Path(os.path.realpath(path))
    temporary = final.with_name(f".{final.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        os.replace(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)


def require_apart(
    outputs: Iterable[str | os.PathLike[str]], inputs: Iterable[str | os.PathLike[str]]
) -> None:
    """Raises UserError if one of `outputs` is one of `inputs`, by whatever path it is named."""
    read = [path for path in inputs if os.path.isfile(path)]
    for output in outputs:
        if os.path.isfile(output) and any(os.path.samefile(output, path) for path in read):
            raise UserError(f"{output}: is read by this run, and inputs are never overwritten")
