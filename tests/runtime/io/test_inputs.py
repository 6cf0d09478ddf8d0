"""The inputs of a run: given, drawn, and from a file."""

import numpy as np
import pytest

from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.inputs import Port, check_inputs, load_inputs, random_inputs

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


def test_inputs_come_from_a_file(tmp_path):
    np.savez_compressed(tmp_path / "in.npz", image=np.ones(IMAGE.shape, FLOAT))
    (sample,) = load_inputs(tmp_path / "in.npz", [IMAGE])
    assert sample["image"].sum() == 48
