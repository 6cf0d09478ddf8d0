"""The first elements of each row in order, against onnxruntime, at every level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx.reference import ReferenceEvaluator

from tests.samples import examples
from tests.tools.onnx.levels import agree, model_of, node


def check(
    x: np.ndarray,
    axis: int,
    k: int,
    *,
    largest: int = 1,
    outputs: str = "yi",
    opset: int = 18,
    rows: int = 1024,
    reference: bool = False,
) -> None:
    attributes = {"axis": axis} | ({"largest": largest} if opset >= 11 else {})
    constants, inputs = {"k": np.array([k], np.int64)}, "xk"
    if opset < 10:
        constants, inputs, attributes = {}, "x", {"axis": axis, "k": k}
    one = node("TopK", inputs, "yi", **attributes)
    model = model_of([one], {"x": x}, [*outputs], constants, opset)
    expected = None
    if reference:
        expected = [np.asarray(each) for each in ReferenceEvaluator(model).run(None, {"x": x})]
    agree(model, {"x": x}, rows=rows, expected=expected)


def numbers(kind: str, sizes: tuple[int, ...], seed: int = 0) -> np.ndarray:
    """Some of them are equal; zeros have both signs."""
    x = np.random.default_rng(seed).integers(-9, 9, sizes) / 2
    return np.abs(x).astype(kind) if kind[0] == "u" else np.negative(x).astype(kind)


@examples(12)
@given(
    st.lists(st.sampled_from([1, 2, 3, 7]), min_size=1, max_size=3),
    st.sampled_from([1, 4, 33, 70]),
    st.sampled_from(["f4", "f2", "i4", "i1"]),
    st.booleans(),
    st.sampled_from([8, 1024]),
    st.data(),
)
def test_any_axis(
    others: list[int], length: int, kind: str, largest: bool, rows: int, data: st.DataObject
):
    axis, k = data.draw(st.integers(0, len(others))), data.draw(st.integers(1, length))
    sizes = (*others[:axis], length, *others[axis:])
    check(numbers(kind, sizes), axis - len(sizes), k, largest=largest, rows=rows)


@pytest.mark.parametrize("kind", ["f8", "i8", "u8", "u4"])
@pytest.mark.parametrize("largest", [0, 1])
def test_wide_and_unsigned_elements(kind: str, largest: int):
    large = 10 ** (15 if kind[1] == "8" else 7)
    x = np.round(numbers("f8", (2, 20, 3), 1) * 20) * large + numbers("f8", (2, 20, 3), 2)
    x = np.abs(x) if kind[0] == "u" else x
    check(x.astype(kind), 1, 6, largest=largest, reference=kind[0] == "u")


def test_rows_that_are_merged_block_by_block():
    check(numbers("f4", (2, 3000)), -1, 100, rows=16)
    check(numbers("f4", (700, 3)), 0, 300, rows=32, largest=0)


@pytest.mark.parametrize("opset", [9, 10, 17, 24])
def test_versions(opset: int):
    check(numbers("f4", (2, 9)), -1, 4, opset=opset)


def test_what_is_no_number_is_larger_than_all_numbers():
    n, inf = np.nan, np.inf
    x = np.array([[1, n, -inf, 2], [n, inf, -n, 1], [0.0, -0.0, 0.0, -1.0]], np.float32)
    for largest in (0, 1):
        check(x, 1, 4, largest=largest)
