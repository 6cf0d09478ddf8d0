"""The simulated memories: bytes, and views of them at an address."""

import numpy as np
import pytest

from xnn.runtime.machine.memory import Memory

I16 = np.dtype(np.int16)


def test_bytes_are_zero_before_they_are_written():
    assert not Memory(100).bytes.any()


def test_a_view_has_its_elements_at_address_plus_strides():
    memory = Memory(64)
    memory.view(6, I16, [2, 3], [10, 2])[...] = [[1, 2, 3], [4, 5, 6]]
    written = {place: int(memory.bytes[place]) for place in np.flatnonzero(memory.bytes)}
    assert written == {6: 1, 10: 2, 14: 3, 26: 4, 30: 5, 34: 6}  # little endian


def test_views_of_the_same_bytes_see_each_other():
    memory = Memory(8)
    whole = memory.view(0, np.dtype(np.uint8), [8], [1])
    memory.view(2, I16, [1], [1])[...] = 0x0102
    assert whole.tolist() == [0, 0, 2, 1, 0, 0, 0, 0]


def test_a_stride_of_zero_reads_one_element_again():
    memory = Memory(4)
    memory.bytes[2] = 7
    assert memory.view(2, I16, [3], [0]).tolist() == [7, 7, 7]


@pytest.mark.parametrize("address", [7, 8, -1])
def test_views_end_where_the_memory_ends(address):
    Memory(8).view(6, I16, [1], [1])
    with pytest.raises(ValueError):
        Memory(8).view(address, I16, [1], [1])


def test_memory_may_be_the_bytes_of_an_array():
    array = np.arange(6, dtype=I16).reshape(2, 3)
    view = Memory.of(array, 64).view(66, I16, [2], [3])
    assert view.tolist() == [1, 4] and np.shares_memory(view, array)
    view[...] = 7
    assert array.tolist() == [[0, 7, 2], [3, 7, 5]]
