import numpy as np
import pytest
from xdsl.dialects.builtin import TensorType, f32, i8

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn import WeightOp
from xnn.runtime.io.weights import WeightStore, in_memory_bytes, register_in_memory


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(b"x" * 7 + np.arange(6, dtype="<f4").tobytes())
    return path


def test_files_are_mapped_at_any_offset(file):
    weight = WeightOp.in_file("w", str(file), 7, TensorType(f32, [2, 3]))
    value = WeightStore().tensor(weight)
    assert value.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert isinstance(value.base, np.memmap)
    assert not value.flags.writeable


def test_relative_names_are_relative_to_the_folder_of_the_store(file):
    weight = WeightOp.in_file("w", "weights.bin", 0, TensorType(i8, [7]))
    assert WeightStore(file.parent).tensor(weight).tobytes() == b"x" * 7


def test_bytes_in_memory():
    source = register_in_memory(b"\1\2\3", "test")
    assert source.startswith("mem:test")
    assert source != register_in_memory(b"\1\2\3", "test")
    assert in_memory_bytes(source) == b"\1\2\3"
    weight = WeightOp.in_file("w", source, 1, TensorType(i8, [2]))
    assert WeightStore().tensor(weight).tolist() == [2, 3]


def test_what_is_not_there(file):
    with pytest.raises(UserError, match="weights.bin has 31 bytes, but weight w ends at byte 32"):
        WeightStore().tensor(WeightOp.in_file("w", str(file), 8, TensorType(f32, [6])))
    with pytest.raises(UserError, match="gone.bin: No such file or directory, but weight w"):
        WeightStore().tensor(WeightOp.in_file("w", "gone.bin", 0, TensorType(f32, [6])))
    with pytest.raises(UserError, match="mem:gone were in the memory of another process"):
        WeightStore().tensor(WeightOp.in_file("w", "mem:gone", 0, TensorType(f32, [6])))


def test_empty_files(file):
    file.write_bytes(b"")
    with pytest.raises(UserError, match="has 0 bytes, but weight w ends at byte 24"):
        WeightStore().tensor(WeightOp.in_file("w", str(file), 0, TensorType(f32, [6])))
