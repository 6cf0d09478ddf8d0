"""Named arrays in .npz files: read without unpickling, written whole or not at all."""

import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from os import PathLike
from typing import IO, TypeVar

import numpy as np

from xnn.dialects.diagnostics import UserError, one_line
from xnn.runtime.io.files import open_input, replacing

Arrays = dict[str, np.ndarray]
T = TypeVar("T")

_HEADER_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def read_headers(path: str | PathLike[str]) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
    """Shape and type of each array in an .npz file, without its data.

    Raises UserError or OSError with the file's name.
    """

    def header(stream: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
        shape, _, dtype = _HEADER_READERS[np.lib.format.read_magic(stream)](stream)
        return shape, dtype

    return _each_member(path, header)


def read_arrays(path: str | PathLike[str]) -> Arrays:
    """All arrays in an .npz file; raises UserError or OSError with the file's name."""
    return _each_member(path, lambda stream: np.lib.format.read_array(stream, allow_pickle=False))


def write_arrays(path: str | PathLike[str], arrays: Mapping[str, np.ndarray]) -> None:
    """Write an .npz file; unlike with np.savez any name will do, and devices and pipes."""
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asarray(array), allow_pickle=False)
    with replacing(path) as temporary:
        temporary.write_bytes(data.getbuffer())


def _each_member(path: str | PathLike[str], read: Callable[[IO[bytes]], T]) -> dict[str, T]:
    """What `read` makes of each member of the archive, by the name of the array."""
    result: dict[str, T] = {}
    try:
        with open_input(path) as file, zipfile.ZipFile(file) as archive:
            for member in archive.namelist():
                with archive.open(member) as stream:
                    result[member.removesuffix(".npy")] = read(stream)
    except (ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise UserError(f"{path}: cannot be read as .npz: {one_line(error)}") from None
    return result
