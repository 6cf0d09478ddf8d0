"""Where the bytes of weights come from: files, mapped and never read as a whole, or buffers in memory.

A source is the file name that `xnn.weight` holds, or begins with IN_MEMORY for bytes registered in this process.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path
from zlib import crc32

import numpy as np
from xdsl.dialects.builtin import Float4E2M1FNType, TensorType

from xnn.dialects.diagnostics import UserError
from xnn.dialects.element_types import dtype_of
from xnn.dialects.packing import format_for, pack, packed_bytes, unpack
from xnn.dialects.xnn import WeightOp
from xnn.runtime.io.files import IN_MEMORY

CHANGED = "if the file has changed since, import the model again"

_in_memory: dict[str, bytes] = {}
_numbers = count()


def register_in_memory(data: bytes, name: str) -> str:
    """Keep `data` for the life of this process; returns the source that stands for it."""
    source = f"{IN_MEMORY}{name}:{next(_numbers)}"
    _in_memory[source] = data
    return source


def in_memory_bytes(source: str) -> bytes:
    """The bytes registered as `source`; raises UserError if there are none in this process."""
    try:
        return _in_memory[source]
    except KeyError:
        raise UserError(f"weights {source} were in the memory of another process") from None


def _format(type: TensorType) -> str | None:
    """The format in which elements of up to 4 bits are packed; None for others."""
    if isinstance(type.element_type, Float4E2M1FNType):
        return "ui4"  # its codes
    return format_for(type.element_type)


def stored_bytes(type: TensorType) -> int:
    """Bytes that a weight takes; elements of up to 4 bits are packed, without gaps, the first in the lowest bits."""
    count, format = type.element_count(), _format(type)
    if format is not None:
        return packed_bytes(format, count)
    return count * dtype_of(type.element_type).itemsize


def as_stored(array: np.ndarray, type: TensorType) -> bytes:
    """The bytes of a weight."""
    format, codes = _format(type), array.reshape(1, -1)
    return (array if format is None else pack(codes.view(np.uint8), format)).tobytes()


def weight_in_memory(name: str, array: np.ndarray, type: TensorType) -> WeightOp:
    """A weight that is kept for the life of this process."""
    data = as_stored(array, type)
    return WeightOp.in_file(name, register_in_memory(data, name), 0, type, crc32(data))


class WeightStore:
    """The sources of one session, each opened when a weight of it is first asked for.

    Relative names are relative to `folder`, by default the working folder.
    """

    def __init__(self, folder: Path | str = ""):
        self._folder = Path(folder)
        self._sources: dict[str, np.ndarray] = {}

    def tensor(self, weight: WeightOp) -> np.ndarray:
        """The value of `weight`, a read-only view of its source unless it is packed.

        Raises UserError if the source does not hold it, or has changed.
        """
        type = weight.result.type
        assert isinstance(type, TensorType)
        format = _format(type)
        file, name, expected = weight.file.data, weight.result_name.data, weight.crc32
        data = self.stored(file, weight.offset.value.data, stored_bytes(type), name)
        if expected is not None and crc32(data.data) != expected.value.data:
            raise UserError(f"{file} has other bytes where weight {name} was", hint=CHANGED)
        if format is not None:
            data = unpack(data[None], format, type.element_count())
        return data.view(dtype_of(type.element_type)).reshape(type.get_shape())

    def stored(self, file: str, offset: int, size: int, weight: str) -> np.ndarray:
        """The `size` bytes of `weight` from byte `offset` of `file` on; raises UserError if they are not there."""
        source, end = self._source(file, weight), offset + size
        if end > len(source):
            message = f"{file} has {len(source)} bytes, but weight {weight} ends at byte {end}"
            raise UserError(message, hint=CHANGED)
        return source[offset:end]

    def _source(self, file: str, weight: str) -> np.ndarray:
        """The bytes of `file`, which holds `weight`."""
        if file not in self._sources:
            if file.startswith(IN_MEMORY):
                self._sources[file] = np.frombuffer(in_memory_bytes(file), np.uint8)
            else:
                self._sources[file] = _mapped(self._folder / file, weight)
        return self._sources[file]


def _mapped(path: Path, weight: str) -> np.ndarray:
    """The bytes of the file `path`, mapped read-only."""
    try:
        if path.stat().st_size == 0:
            return np.empty(0, np.uint8)
        return np.memmap(path, np.uint8, "r")
    except OSError as error:
        raise UserError(
            f"{path}: {error.strerror or error}, but weight {weight} is stored there",
            hint=f"the path is relative to the .mlir file that names it; {CHANGED}",
        ) from None
