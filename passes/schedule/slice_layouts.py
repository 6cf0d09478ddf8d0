"""How slices lie in their slots in local memory: dense, or with a pitch, so that vectors begin in its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xnn.dialects.prim import SliceLayout
from xnn.dialects.slices import Slice
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides
from xnn.passes.schedule.local_memory import row_pitch


def slot_strides(
    slice: Slice, itemsize: int, layout: SliceLayout, target: Target
) -> tuple[Any, ...]:
    """Strides of a slice in its slot, in elements of so many bytes; sizes may be arrays of candidates."""
    sizes, axis = slice.sizes, slice.pitch_axis
    strides: tuple[Any, ...] = dense_strides(sizes)
    if axis is None or layout == SliceLayout.DENSE:
        return strides
    pitch = row_pitch(strides[axis], itemsize, target)
    outer = (pitch * step for step in dense_strides(sizes[: axis + 1]))
    return (*outer, *strides[axis + 1 :])


def slot_bytes(slice: Slice, itemsize: int, layout: SliceLayout, target: Target) -> Any:
    """Bytes of a slice in its slot, from its first element to its last; sizes may be arrays of candidates."""
    return strided_bytes(slice.sizes, slot_strides(slice, itemsize, layout, target), itemsize)


def strided_bytes(sizes: Sequence[Any], strides: Sequence[Any], itemsize: int) -> Any:
    """Bytes from the first element to the last."""
    steps = zip(sizes, strides, strict=True)
    return (1 + sum((size - 1) * stride for size, stride in steps)) * itemsize
