"""Arrays of the caller, in which borrowed tensors lie."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np

from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa import BufferOp, OutputOp, Role
from xnn.dialects.element_types import dtype_of
from xnn.dialects.values import type_bytes
from xnn.runtime.io.inputs import describe


def verify_arrays(
    tensors: Mapping[str, tuple[BufferOp | OutputOp, BufferOp]], arrays: Mapping[str, np.ndarray]
) -> None:
    """Raises UserError unless tensors, each with its buffer, can lie in arrays as these are."""
    for name, array in arrays.items():
        tensor, buffer = tensors[name]
        if buffer.borrowed is None or type_bytes(tensor.type) != buffer.bytes:
            raise UserError(
                f"'{name}' cannot lie in an array: no whole buffer there is borrowed",
                hint="--borrowed NAME makes one so",
            )
        _verify_array(name, tensor, array)
        if buffer.role.data != Role.INPUT and not array.flags.writeable:
            raise UserError(f"the array for '{name}' is read-only, but a run writes it")
    for one, other in combinations(arrays, 2):
        if np.may_share_memory(arrays[one], arrays[other]):
            raise UserError(f"the arrays for '{one}' and '{other}' share bytes")


def _verify_array(name: str, tensor: BufferOp | OutputOp, array: np.ndarray) -> None:
    shape, dtype = tensor.type.get_shape(), dtype_of(tensor.type.element_type)
    if (array.shape, array.dtype) != (shape, dtype):
        found, expected = describe(array.shape, array.dtype), describe(shape, dtype)
        raise UserError(f"the array for '{name}' is {found}, expected {expected}")
    if not array.flags.c_contiguous:
        raise UserError(f"the array for '{name}' is not contiguous", hint="np.ascontiguousarray")
