"""What puts elements at indices, against onnxruntime, at every level."""

from typing import Any

import numpy as np
import pytest
from onnx import NodeProto, helper

from tests.samples import grid
from tests.tools.onnx.levels import agree, expected_of, floats, model_of, node

X = floats(0, 4, 5)
REDUCTIONS = ("none", "add", "mul", "max", "min")


def check(
    one: NodeProto, x: np.ndarray, index: np.ndarray, u: np.ndarray, known: bool, **options: Any
) -> None:
    opset = options.pop("opset", 18)
    inputs = {"x": x, "u": u} | ({} if known else {"i": index})
    model = model_of([one], inputs, ["y"], {"i": index} if known else {}, opset)
    agree(model, inputs, rtol=1e-6, **options)


@pytest.mark.parametrize("reduction, axis, known", grid(7, REDUCTIONS, [0, -1], [True, False]))
def test_elements(reduction: str, axis: int, known: bool):
    rng, size, sizes = np.random.default_rng(1), X.shape[axis], (3, 4)
    index = rng.integers(-size, size, sizes)
    if reduction == "none":  # which of several updates counts is not defined
        each = [rng.permutation(size)[: sizes[axis]] for _ in range(sizes[-1 - axis])]
        index = np.stack(each, axis=1 + axis)
    one = node("ScatterElements", "xiu", axis=axis, reduction=reduction)
    check(one, X, index, floats(1, 3, 4), known)


@pytest.mark.parametrize("reduction, known", grid(5, REDUCTIONS, [True, False]))
def test_slices(reduction: str, known: bool):
    index = np.array([[3], [1]] if reduction == "none" else [[3], [1], [-1], [0], [3]])
    one = node("ScatterND", "xiu", reduction=reduction)
    check(one, X, index, floats(1, len(index), 5), known)


@pytest.mark.parametrize("known", [True, False])
def test_single_elements_by_several_indices(known: bool):
    index = np.array([[[0, 1], [-1, 2]], [[2, 4], [1, 1]]])
    check(node("ScatterND", "xiu"), X, index, floats(1, 2, 2), known)
    check(node("ScatterND", "xiu"), X.astype(np.int64), index, np.ones((2, 2), np.int64), known)


def test_a_step_of_a_cache_is_few_updates_of_many_rows():
    cache, new = floats(0, 300, 64), floats(1, 2, 64)
    check(node("ScatterND", "xiu"), cache, np.array([[17], [18]]), new, False)


def test_many_updates_stay_on_general_compute():
    index = np.random.default_rng(1).permutation(400)
    one = node("ScatterElements", "xiu", axis=0)
    check(one, floats(0, 400), index, floats(1, 400), False, general=True)


@pytest.mark.parametrize("opset", [9, 10])
def test_older_versions(opset: int):
    index = np.array([[1, 0, 2, 0, 3], [0, 2, 1, 2, 0]])
    check(node("Scatter", "xiu", axis=0), X, index, floats(1, 2, 5), False, opset=opset)


@pytest.mark.parametrize("size", [None, [1, 2, 5, 5]])
def test_maxima_back_at_their_places(size: list[int] | None):
    window: dict[str, Any] = {"kernel_shape": [2, 2], "strides": [2, 2]}
    nodes = [
        helper.make_node("MaxPool", ["x"], ["p", "i"], **window),
        node("MaxUnpool", "pi" if size is None else "pis", **window),
    ]
    inputs = {"x": floats(0, 1, 2, 4, 4)}
    constants = {} if size is None else {"s": np.array(size)}
    (expected,) = expected_of(
        model_of([*nodes[:1], node("MaxUnpool", "pi", **window)], inputs, "y"), inputs
    )
    if size is not None:  # as ONNX's own test has it: onnxruntime takes indices into the larger one
        expected = np.pad(expected, [(0, most - of) for most, of in zip(size, expected.shape)])
    agree(model_of(nodes, inputs, ["y"], constants), inputs, expected=[expected])


@pytest.mark.parametrize(
    ("columns", "options"),
    [(20, {}), (30, {"pads": [0, 1, 1, 0]}), (4, {"strides": [2, 2], "dilations": [1, 2]})],
)
def test_blocks_back_to_an_image(columns: int, options: dict[str, Any]):
    inputs = {"x": floats(0, 2, 12, columns)}
    constants = {"s": np.array([5, 6]), "b": np.array([2, 2])}
    model = model_of([node("Col2Im", "xsb", **options)], inputs, ["y"], constants)
    agree(model, inputs, rtol=1e-5, atol=1e-6)


def test_a_cut_in_the_middle():
    inputs = {"x": X}
    model = model_of([node("CenterCropPad", "xs")], inputs, ["y"], {"s": np.array([3, 8])})
    agree(model, inputs)
