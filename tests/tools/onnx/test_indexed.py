"""Operators by indices against onnxruntime, at every level."""

from typing import Any

import numpy as np
import pytest
from onnx import helper

from tests.tools.onnx.levels import agree, model_of

node = helper.make_node
X = np.arange(60).reshape(3, 4, 5).astype(np.float32)


def ints(values: Any) -> np.ndarray:
    return np.array(values, np.int64)


CASES: dict[str, tuple[Any, dict[str, np.ndarray]]] = {
    "elements": (
        node("GatherElements", ["x", "i"], ["y"], axis=1),
        {"i": ints([[[3, -1, 0, 1, 2]], [[0, 0, -4, 3, 1]]])},
    ),
    "slices": (node("GatherND", ["x", "i"], ["y"]), {"i": ints([[[0, -1], [2, 1]]])}),
    "single": (node("GatherND", ["x", "i"], ["y"]), {"i": ints([[-1], [0]])}),
    "batch": (
        node("GatherND", ["x", "i"], ["y"], batch_dims=1),
        {"i": ints([[[1, 2]], [[-4, 0]], [[3, -1]]])},
    ),
    "several": (
        node("GatherND", ["x", "i"], ["y"], batch_dims=1),
        {"i": ints([[[1], [2]], [[-4], [0]], [[3], [-1]]])},
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("stated", [True, False], ids=["constant", "computed"])
def test_gathers(case: str, stated: bool):
    one, indices = CASES[case]
    inputs = {"x": X} if stated else {"x": X, **indices}
    agree(model_of([one], inputs, ["y"], indices if stated else {}), inputs)


@pytest.mark.parametrize("axis", [0, -1, 1])
def test_one_hot(axis: int):
    inputs = {"i": ints([[0, 2, -1], [5, -4, 1]])}
    constants = {"d": np.array(3), "v": np.array([2, 5], np.float32)}
    one = node("OneHot", ["i", "d", "v"], ["y"], axis=axis)
    agree(model_of([one], inputs, ["y"], constants), inputs)


@pytest.mark.parametrize("upper", [0, 1])
@pytest.mark.parametrize("k", [None, -1, 2])
def test_triangles(upper: int, k: int | None):
    names, constants = ["x"], {}
    if k is not None:
        names, constants = ["x", "k"], {"k": np.array(k)}
    one = node("Trilu", names, ["y"], upper=upper)
    agree(model_of([one], {"x": X}, ["y"], constants), {"x": X})


@pytest.mark.parametrize("time", [0, 1])
def test_sequences_in_reverse(time: int):
    lengths = ints([2, 3, 1, 3]) if time == 0 else ints([4, 1, 2])
    one = node("ReverseSequence", ["x", "n"], ["y"], time_axis=time, batch_axis=1 - time)
    agree(model_of([one], {"x": X}, ["y"], {"n": lengths}), {"x": X})


def test_what_is_known_at_import():
    nodes = [
        node("Compress", ["x", "c"], ["a"], axis=1),
        node("Compress", ["x", "d"], ["b"]),
        node("EyeLike", ["m"], ["e"], k=1),
        node("Add", ["m", "e"], ["f"]),
    ]
    inputs = {"x": X, "m": X[0]}
    constants = {"c": np.array([False, True, True]), "d": np.arange(60) % 7 == 3}
    agree(model_of(nodes, inputs, ["a", "b", "f"], constants), inputs)
