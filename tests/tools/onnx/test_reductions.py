"""Reductions along any axes against onnxruntime, at every level."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import NodeProto, helper

from tests.samples import examples
from tests.tools.onnx.levels import agree, floats, model_of

node = helper.make_node
REDUCTIONS = [
    *("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd"),
    *("ReduceSumSquare", "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp"),
]
WITHOUT_INTEGERS = ("ReduceL2", "ReduceLogSum", "ReduceLogSumExp")


def check(
    one: NodeProto,
    x: np.ndarray,
    constants: dict[str, Any] | None = None,
    *,
    opset: int = 17,
    tolerance: float = 1e-5,
    rows: int = 1024,
) -> None:
    model = model_of([one], {"x": x}, ["y"], constants, opset)
    agree(model, {"x": x}, rows=rows, rtol=tolerance, atol=tolerance)


@examples(15)
@given(
    st.sampled_from(REDUCTIONS),
    st.sampled_from(["f4", "f8", "f2", "i4", "i8"]),
    st.lists(st.sampled_from([1, 2, 3, 5]), max_size=5),
    st.data(),
    st.booleans(),
    st.sampled_from([11, 13, 18]),
    st.sampled_from([8, 1024]),
)
def test_any_axes(
    operator: str, kind: str, sizes: list[int], data: Any, keepdims: bool, opset: int, rows: int
):
    if kind[0] == "i" and operator in WITHOUT_INTEGERS:
        kind = "f4"
    rng = np.random.default_rng(len(sizes))
    x = np.asarray(3 * rng.standard_normal(sizes)).astype(kind)
    if operator == "ReduceLogSum":
        x = np.asarray(np.abs(x) + x.dtype.type(0.5))
    subsets = st.sets(st.integers(-len(sizes), len(sizes) - 1), max_size=len(sizes))
    axes = data.draw(subsets if sizes else st.just(set()))
    axes = [a for a in sorted(axes) if a >= 0 or a + len(sizes) not in axes]
    as_input = opset >= 18 or opset >= 13 and operator == "ReduceSum"
    attributes: dict[str, Any] = {"keepdims": int(keepdims)}
    constants, names = {}, ["x"]
    if axes and as_input:
        constants, names = {"axes": np.array(axes, np.int64)}, ["x", "axes"]
    elif axes:
        attributes["axes"] = axes
    elif as_input:
        attributes["noop_with_empty_axes"] = data.draw(st.integers(0, 1))
    tolerance = {"f2": 5e-3, "f4": 1e-5, "f8": 1e-11}.get(kind, 0)
    one = node(operator, names, ["y"], **attributes)
    check(one, x, constants, opset=opset, tolerance=tolerance, rows=rows)


@pytest.mark.parametrize("kind", ["i1", "u1"])
@pytest.mark.parametrize("operator", ["ReduceMax", "ReduceMin"])
def test_extremes_of_bytes(operator: str, kind: str):
    x = np.random.default_rng(1).integers(-128, 128, (3, 4, 5)).astype(kind)
    check(node(operator, ["x"], ["y"], axes=[0, 2]), x, opset=13)


def test_logarithms_of_sums_of_exponentials_that_are_infinite():
    inf = np.inf
    x = np.array([[-inf, -inf], [inf, 1], [1, -inf], [-1e9, -1e9], [90, 91]], np.float32)
    check(node("ReduceLogSumExp", ["x"], ["y"], axes=[1]), x)


@pytest.mark.parametrize("sizes", [(2, 3, 4), (1, 5, 3, 2), (2, 2, 3, 4, 2)])
def test_global_pooling(sizes: tuple[int, ...]):
    x = np.random.default_rng(1).standard_normal(sizes).astype(np.float32)
    check(node("GlobalMaxPool", ["x"], ["y"]), x)
    check(node("GlobalAveragePool", ["x"], ["y"]), x)


def test_more_elements_than_local_memory_holds():
    x = np.random.default_rng(1).standard_normal((3, 2, 9000)).astype(np.float32)
    for operator in ("ReduceSum", "ReduceMean", "ReduceLogSumExp"):
        one = node(operator, ["x"], ["y"], axes=[0, 2])
        check(one, x, opset=11, tolerance=1e-4, rows=64)


def test_a_reduction_to_a_scalar_stands_beside_blocks():
    x = floats(0, 1, 76, 32)
    nodes = [node("ReduceMax", ["x"], ["m"], keepdims=0), node("Sub", ["x", "m"], ["y"])]
    agree(model_of(nodes, {"x": x}, ["y"]), {"x": x}, rows=64)


@pytest.mark.parametrize(
    "options", [{}, {"exclusive": 1}, {"reverse": 1}, {"exclusive": 1, "reverse": 1}]
)
@pytest.mark.parametrize(
    ("sizes", "axis"), [((7,), 0), ((3, 9), -1), ((2, 5, 4), 1), ((2, 1, 3), 0)]
)
@pytest.mark.parametrize("kind", ["f4", "i8"])
def test_cumulative_sums(options: dict[str, Any], sizes: tuple[int, ...], axis: int, kind: str):
    x = (9 * np.random.default_rng(1).standard_normal(sizes)).astype(kind)
    one = node("CumSum", ["x", "axis"], ["y"], **options)
    check(one, x, {"axis": np.array(axis)}, tolerance=1e-5 if kind[0] == "f" else 0)


@pytest.mark.parametrize("operator", ["ArgMax", "ArgMin"])
@pytest.mark.parametrize("last", [0, 1])
@pytest.mark.parametrize(
    ("sizes", "axis", "keepdims", "kind"),
    [
        ((7,), 0, 1, "f4"),
        ((3, 9), -1, 0, "f2"),
        ((2, 5, 4), 1, 0, "i4"),
        ((2, 1, 3), 1, 1, "u1"),
        ((3, 2, 4), 0, 1, "f8"),
    ],
)
def test_indices_of_extremes(
    operator: str, last: int, sizes: tuple[int, ...], axis: int, keepdims: int, kind: str
):
    x = np.random.default_rng(1).integers(0, 4, sizes).astype(kind)  # some are equal
    one = node(operator, ["x"], ["y"], axis=axis, keepdims=keepdims, select_last_index=last)
    check(one, x, tolerance=0)


@pytest.mark.parametrize("operator", ["ArgMax", "ArgMin"])
@pytest.mark.parametrize("last", [0, 1])
@pytest.mark.parametrize("kind", ["f4", "f8"])
def test_indices_of_extremes_among_what_is_no_number(operator: str, last: int, kind: str):
    n, inf = np.nan, np.inf
    rows = [[1, n, 2], [n, 1, 2], [1, 2, n], [n, n, n], [2, n, 1], [n, 3, 3]]
    x = np.array([*rows, [inf, n, 1], [-inf, -inf, n], [0.0, -0.0, 0.0]], kind)
    one = node(operator, ["x"], ["y"], axis=1, select_last_index=last)
    check(one, x, tolerance=0)
