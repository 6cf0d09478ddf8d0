"""The simulated memories: plain bytes, read and written at the addresses in the instructions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class Memory:
    """`size` bytes from address `start` on, zero before they are first written."""

    def __init__(self, size: int, start: int = 0):
        self.bytes = np.zeros(size, np.uint8)
        self.start = start

    @classmethod
    def of(cls, array: np.ndarray, start: int) -> Memory:
        """The bytes of a contiguous array, from address `start` on."""
        memory = cls(0, start)
        memory.bytes = array.reshape(-1).view(np.uint8)
        return memory

    def view(
        self, address: int, dtype: np.dtype, sizes: Sequence[int], strides: Sequence[int]
    ) -> np.ndarray:
        """The elements at an address, strides in elements; raises ValueError outside of memory."""
        item = dtype.itemsize
        return np.ndarray(
            tuple(sizes),
            dtype,
            self.bytes.data,
            address - self.start,
            tuple(stride * item for stride in strides),
        )
