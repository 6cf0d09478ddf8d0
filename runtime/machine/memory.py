"""The simulated memories: plain bytes, read and written at the addresses in the instructions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class Memory:
    """`size` bytes, zero before they are first written."""

    def __init__(self, size: int):
        self.bytes = np.zeros(size, np.uint8)

    def view(
        self, address: int, dtype: np.dtype, sizes: Sequence[int], strides: Sequence[int]
    ) -> np.ndarray:
        """The elements at an address, strides in elements; raises ValueError outside of memory."""
        item = dtype.itemsize
        return np.ndarray(
            tuple(sizes),
            dtype,
            self.bytes.data,
            address,
            tuple(stride * item for stride in strides),
        )
