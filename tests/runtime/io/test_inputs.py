"""Inputs, outputs and expectations of a run: xnn.runtime.io.inputs, npz, agreement."""

import io
import zipfile

import numpy as np
import pytest

from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.inputs import Port, check_inputs, load_inputs, random_inputs
from xnn.runtime.io.npz import read_arrays, write_arrays
from xnn.tools.agreement import compare, relative_error

FLOAT = np.dtype(np.float32)
IMAGE = Port("image", (1, 3, 4, 4), FLOAT)
MASK = Port("mask", (5,), np.dtype(np.int64))


def floats(values) -> np.ndarray:
    return np.array(values, np.float32)


def zeros(port: Port, *shape: int) -> np.ndarray:
    return np.zeros(shape or port.shape, port.dtype)


# what fits


def test_a_single_sample_keeps_its_shape():
    samples = check_inputs([IMAGE, MASK], {"mask": zeros(MASK), "image": zeros(IMAGE)})
    assert len(samples) == 1
    assert [{n: a.shape for n, a in s.items()} for s in samples] == [
        {"image": (1, 3, 4, 4), "mask": (5,)}
    ]
    y = np.ones((1, 10))
    assert samples.gather([{"y": y}])["y"] is y


def test_samples_in_place_of_a_leading_one_leave_the_same_way():
    image = np.arange(2 * 48, dtype=np.float32).reshape(2, 3, 4, 4)
    samples = check_inputs([IMAGE], {"image": image})
    assert [s["image"].shape for s in samples] == [(1, 3, 4, 4)] * 2
    outputs = [{"y": s["image"], "scalar": s["image"].sum()} for s in samples]
    gathered = samples.gather(outputs)
    np.testing.assert_array_equal(gathered["y"], image)
    assert gathered["scalar"].shape == (2,)


def test_samples_along_an_axis_of_their_own_leave_the_same_way():
    samples = check_inputs([IMAGE], {"image": zeros(IMAGE, 3, 1, 3, 4, 4)})
    assert len(samples) == 3
    assert samples.gather([{"y": s["image"]} for s in samples])["y"].shape == (3, 1, 3, 4, 4)


def test_the_byte_order_of_a_file_does_not_matter():
    image = np.ones(IMAGE.shape, ">f4")
    (sample,) = check_inputs([IMAGE], {"image": image})
    assert sample["image"].dtype == FLOAT and sample["image"].max() == 1


# what does not


def test_all_that_is_wrong_is_listed_at_once():
    ports = [IMAGE, MASK, Port("other", (2,), FLOAT)]
    arrays = {"imagé": zeros(IMAGE), "mask": np.zeros(5, np.int32), "other": np.zeros((3, 3))}
    with pytest.raises(UserError) as error:
        check_inputs(ports, arrays)
    assert str(error.value).splitlines() == [
        "input 'image' is missing",
        "the network has no input 'imagé': did you mean image?",
        "input 'mask' is int32[5], expected int64[5]",
        "input 'other' is float64[3, 3], expected float32[2]",
    ]
    assert error.value.hint is not None and "'image' (float32[1, 3, 4, 4])" in error.value.hint


def test_all_inputs_hold_the_same_number_of_samples():
    with pytest.raises(UserError, match="same number of samples, but: 'image' 2, 'mask' 3"):
        check_inputs([IMAGE, MASK], {"image": zeros(IMAGE, 2, 3, 4, 4), "mask": zeros(MASK, 3, 5)})


def test_no_samples_are_no_inputs():
    with pytest.raises(UserError, match=r"float32\[0, 3, 4, 4\], expected"):
        check_inputs([IMAGE], {"image": zeros(IMAGE, 0, 3, 4, 4)})


# random inputs


def test_random_inputs_are_standard_normal_and_repeatable():
    drawn = random_inputs([IMAGE, MASK], 7)
    expected = np.random.default_rng(7).standard_normal(IMAGE.shape, dtype=np.float32)
    np.testing.assert_array_equal(drawn["image"], expected)
    assert drawn["mask"].dtype == np.int64
    assert not np.array_equal(drawn["image"], random_inputs([IMAGE], 8)["image"])


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "float16", "float64"])
def test_random_inputs_have_the_type_of_their_port(dtype):
    port = Port("x", (1000,), np.dtype(dtype))
    drawn = random_inputs([port], 0)["x"]
    assert drawn.dtype == port.dtype and len(np.unique(drawn)) > 1


# files


def test_any_name_survives_a_file(tmp_path):
    arrays = {"file": np.arange(3), "scope/prob:1": floats([[1.5]]), "scalar": np.array(2)}
    write_arrays(tmp_path / "a.npz", arrays)
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]
    with np.load(tmp_path / "a.npz") as loaded:
        assert set(loaded) == set(arrays)
    for name, array in read_arrays(tmp_path / "a.npz").items():
        np.testing.assert_array_equal(array, arrays[name])


def test_inputs_come_from_a_file(tmp_path):
    np.savez_compressed(tmp_path / "in.npz", image=np.ones(IMAGE.shape, FLOAT))
    (sample,) = load_inputs(tmp_path / "in.npz", [IMAGE])
    assert sample["image"].sum() == 48


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
    write_arrays(tmp_path / "whole.npz", {"image": zeros(IMAGE)})
    whole = (tmp_path / "whole.npz").read_bytes()
    for size in range(0, len(whole) - 1, 37):
        (tmp_path / "cut.npz").write_bytes(whole[:size])
        with pytest.raises(UserError, match="cut.npz: cannot be read as .npz: "):
            load_inputs(tmp_path / "cut.npz", [IMAGE])


# expectations


def test_the_error_is_relative_to_the_largest_expected_value():
    assert relative_error(floats([1, 200.02]), floats([1, 200])) == pytest.approx(1e-4, 0.1)
    assert relative_error(np.zeros(2), np.zeros(2)) == 0
    assert relative_error(floats([0.5]), np.zeros(1)) == 0.5
    assert relative_error(np.array([np.nan, 1]), np.array([np.nan, 1])) == 0
    assert relative_error(np.array([np.nan, 1]), np.array([1, 1])) == np.inf
    assert relative_error(np.array([np.inf]), np.array([np.inf])) == 0


def test_each_output_agrees_or_not():
    outputs = {"a": floats([1]), "b": floats([1]), "more": floats([1])}
    good, bad = compare(outputs, {"a": floats([1]), "b": floats([2])}, 1e-4)
    assert good.holds and str(good) == "a: agrees, error 0.00e+00 (tolerance 0.0001)"
    assert not bad.holds and str(bad) == "b: DIFFERS, error 5.00e-01 (tolerance 0.0001)"


def test_expectations_must_fit_the_outputs():
    with pytest.raises(UserError) as error:
        compare({"y": np.zeros((1, 2))}, {"z": np.zeros(1), "y": np.zeros(2)}, 1e-4)
    assert str(error.value).splitlines() == [
        "expected output 'z' is none of y",
        "output 'y' has shape [1, 2], expected [2]",
    ]
    with pytest.raises(UserError, match="no expected outputs"):
        compare({}, {}, 1e-4)
