"""Files of named arrays: any name survives, nothing in them is trusted."""

import io
import zipfile

import numpy as np
import pytest

from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.inputs import Port, load_inputs
from xnn.runtime.io.npz import read_arrays, read_headers, write_arrays

IMAGE = Port("image", (1, 3, 4, 4), np.dtype(np.float32))


def test_headers_tell_shapes_and_types(tmp_path):
    write_arrays(tmp_path / "a.npz", {"a": np.zeros((2, 3), np.int8), "b": np.zeros((), bool)})
    assert read_headers(tmp_path / "a.npz") == {
        "a": ((2, 3), np.dtype(np.int8)),
        "b": ((), np.dtype(bool)),
    }


def test_arrays_of_any_order_and_byte_order(tmp_path):
    transposed = np.asfortranarray(np.arange(6, dtype=">i2").reshape(2, 3))
    write_arrays(tmp_path / "a.npz", {"a": transposed})
    np.testing.assert_array_equal(read_arrays(tmp_path / "a.npz")["a"], [[0, 1, 2], [3, 4, 5]])


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_arrays(tmp_path / "none.npz")


def test_any_name_survives_a_file(tmp_path):
    arrays = {
        "file": np.arange(3),
        "scope/prob:1": np.array([[1.5]], np.float32),
        "scalar": np.array(2),
    }
    write_arrays(tmp_path / "a.npz", arrays)
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]
    with np.load(tmp_path / "a.npz") as loaded:
        assert set(loaded) == set(arrays)
    for name, array in read_arrays(tmp_path / "a.npz").items():
        np.testing.assert_array_equal(array, arrays[name])


def archive(path, data: bytes):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("image.npy", data)
    return path


def test_huge_declared_sizes_are_refused_before_anything_is_read(tmp_path):
    header = io.BytesIO()
    huge = {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**6)}
    np.lib.format.write_array_header_1_0(header, huge)
    with pytest.raises(UserError, match=r"is float32\[1000000, 1000000\], expected"):
        load_inputs(archive(tmp_path / "huge.npz", header.getvalue()), [IMAGE])


def test_pickles_are_never_loaded(tmp_path):
    np.savez(tmp_path / "evil.npz", image=np.array([{}], object))
    with pytest.raises(UserError, match="evil.npz"):
        read_arrays(tmp_path / "evil.npz")


@pytest.mark.parametrize("content", [b"", b"PK", b"garbage" * 100, b"\x93NUMPY"])
def test_what_is_no_npz_is_named(tmp_path, content):
    (tmp_path / "bad.npz").write_bytes(content)
    archive(tmp_path / "member.npz", content)
    for name in ("bad.npz", "member.npz"):
        with pytest.raises(UserError, match=f"{name}: cannot be read as .npz: "):
            load_inputs(tmp_path / name, [IMAGE])


def test_a_truncated_file_is_named(tmp_path):
    write_arrays(tmp_path / "whole.npz", {"image": np.zeros(IMAGE.shape, IMAGE.dtype)})
    whole = (tmp_path / "whole.npz").read_bytes()
    for size in range(0, len(whole) - 1, 37):
        (tmp_path / "cut.npz").write_bytes(whole[:size])
        with pytest.raises(UserError, match="cut.npz: cannot be read as .npz: "):
            load_inputs(tmp_path / "cut.npz", [IMAGE])
