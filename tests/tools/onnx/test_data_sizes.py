"""Tensors whose size depends on data, against onnxruntime, at every level."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from tests.samples import examples, grid, samples
from tests.tools.onnx.levels import agree, expected_of, floats, model_of, node
from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn.interface import set_sizes
from xnn.tools.api import compile
from xnn.tools.onnx.sizes.first_rows import first_rows

SOME = np.array([[0, 2, 0, -1], [3, 0, 0, 0], [0, 0, 5, 1]], np.float32)


def check(
    nodes: Sequence[onnx.NodeProto],
    inputs: dict[str, np.ndarray],
    outputs: str,
    constants: dict[str, Any] | None = None,
    **options: Any,
) -> Any:
    model = model_of(nodes, inputs, [*outputs], constants)
    return agree(model, inputs, **options)


def refused(nodes: Sequence[onnx.NodeProto], outputs: str, message: str, **constants: Any) -> None:
    with pytest.raises(UserError, match=message):
        compile(model_of(nodes, {"x": SOME}, [*outputs], constants), level="xnn")


@pytest.mark.parametrize("x", [SOME, SOME * 0, SOME + 9, SOME[0], np.array(3.0, np.float32)])
def test_what_is_not_zero(x: np.ndarray):
    if x.ndim:
        check([node("NonZero", "x")], {"x": x}, "y")
    check([node("NonZero", "x")], {"x": np.atleast_1d(x) > 1}, "y")


@pytest.mark.parametrize("axis", [None, 0, -1])
def test_compress_by_a_condition_of_the_data(axis: int | None):
    given: dict[str, Any] = {} if axis is None else {"axis": axis}
    condition = np.array([False, True, True])
    check([node("Compress", "xc", **given)], {"x": SOME, "c": condition}, "y")


CHOSEN = [node("NonZero", "x", "n"), node("Transpose", "n", "t"), node("GatherND", "xt", "g")]
"""The elements that are not zero."""


@pytest.mark.parametrize("x", samples(1, [SOME, np.abs(SOME) + 1]))
def test_elementwise_operators_and_reductions(x: np.ndarray):
    after = [
        node("Mul", "gg", "a"),
        node("Add", "ao", "b"),
        node("Cast", "b", "c", to=TensorProto.INT32),
        node("ReduceSum", "g", "d"),
        node("ReduceMax", "c", "e"),
        node("ReduceMin", "b", "f", keepdims=0),
        node("ArgMax", "g", "h"),
        node("Softmax", "g", "i"),
        node("CumSum", "gz", "j"),
        node("ReduceMean", "g", "k", keepdims=0),
        node("Cast", "t", "u", to=TensorProto.FLOAT),
        node("ReduceMean", "uq", "l", keepdims=0),
        node("ReduceMean", "up", "m", keepdims=0),
    ]
    constants = {"o": np.float32(1), "z": np.array(0), "q": np.array([0]), "p": np.array([1])}
    check([*CHOSEN, *after], {"x": x}, "abcdefhijklm", constants, rtol=1e-6)


def test_views_and_slices():
    after = [
        node("Unsqueeze", "go", "a"),
        node("Reshape", "as", "b"),
        node("Slice", "gzh", "c"),
        node("Concat", "aa", "d", axis=1),
        node("Transpose", "d", "e"),
        node("Gather", "to", "f"),
    ]
    constants = {
        "o": np.array([1]),
        "s": np.array([-1, 1, 1]),
        "z": np.array([0]),
        "h": np.array([3]),
    }
    check([*CHOSEN, *after], {"x": SOME}, "abcdef", constants)


def test_what_exists_of_several_is_side_by_side():
    one = node("Concat", "gwg", axis=0)
    check([*CHOSEN, one], {"x": SOME}, "y", {"w": np.array([7, 8], np.float32)})


def test_the_first_of_as_many_as_there_are():
    """As exporters write it: k is the lesser of a number and of the elements that there are."""
    nodes = [
        *CHOSEN,
        node("Shape", "g", "s"),
        node("Concat", "ks", "l", axis=0),
        node("ReduceMin", "l", "m", keepdims=0),
        node("Reshape", "mo", "r"),
        node("TopK", "gr", "vi"),
        node("Shape", "v", "u"),
        node("ConstantOfShape", "u", "w"),
        node("Gather", "gi", "q"),
        node("Add", "vq", "y"),
    ]
    for k in (3, 100):
        constants = {"k": np.array([k]), "o": np.array([1])}
        check(nodes, {"x": SOME}, "viwy", constants)


def test_a_range_of_as_many_as_there_are():
    nodes = [
        *CHOSEN,
        node("Shape", "g", "s"),
        node("Squeeze", "s", "q"),
        node("Range", "zqo", "y"),
        node("Size", "t", "c"),
        node("Expand", "os", "e"),
    ]
    constants = {"z": np.array(0), "o": np.array(1)}
    check(nodes, {"x": SOME}, "yce", constants)


@pytest.mark.parametrize("x", [SOME, SOME * 0])
def test_a_branch_for_none(x: np.ndarray):
    def info(name: str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, None)

    empty = helper.make_tensor("e", TensorProto.FLOAT, [0], [])
    none = helper.make_graph(
        [helper.make_node("Constant", [], ["a"], value=empty)], "none", [], [info("a")]
    )
    some = helper.make_graph([node("Mul", "gg", "b")], "some", [], [info("b")])
    nodes = [
        *CHOSEN,
        node("Shape", "g", "s"),
        node("ReduceProd", "s", "p", keepdims=0),
        node("Equal", "pz", "c"),
        helper.make_node("If", ["c"], ["y"], then_branch=none, else_branch=some),
    ]
    check(nodes, {"x": x}, "y", {"z": np.array(0)})


@pytest.mark.parametrize(
    "in_order, x", grid(3, [0, 1], [[3.0], [[2, 2], [1, 2]], [4, 1, 4, 4, 0, 1, 9, 0]])
)
def test_what_is_unique(in_order: int, x: list[Any]):
    one = node("Unique", "x", "yfnc", sorted=in_order)
    check([one], {"x": np.array(x, np.float32)}, "yfnc")


@pytest.mark.parametrize("axis", samples(1, [-1, 0, 1]))
def test_what_is_unique_along_an_axis(axis: int):
    x = np.random.default_rng(2).integers(0, 2, (4, 3, 2)).astype(np.float32)
    check([node("Unique", "x", "yfnc", axis=axis)], {"x": x}, "yfnc")


# refusals


def test_what_works_along_such_a_size_is_refused_by_name():
    message = (
        r"the size of axis 0 of tensor g depends on data \(at most 12\): LpNormalization does not"
    )
    refused([*CHOSEN, node("LpNormalization", "g")], "y", message)
    refused([*CHOSEN, node("Slice", "gab")], "y", "Slice does not", a=[-2], b=[9])


def test_sizes_that_may_differ_do_not_meet():
    more = [
        node("Abs", "x", "a"),
        node("NonZero", "a", "b"),
        node("Transpose", "b", "c"),
        node("GatherND", "xc", "d"),
    ]
    message = "sizes of tensors g and d depend on data, and may differ"
    refused([*CHOSEN, *more, node("Add", "gd")], "y", message)
    refused([*CHOSEN, node("Add", "gw")], "y", "12 elements of w meet", w=np.ones(12, np.float32))


def test_several_samples_of_several_sizes_are_refused():
    program = compile(model_of([node("NonZero", "x")], {"x": SOME}, ["y"]), level="xnn")
    with pytest.raises(UserError, match="size of y depends on data: 2 samples have 2 sizes"):
        program.run({"x": np.stack([SOME, SOME])})


# boxes


@examples(8)
@given(
    st.integers(1, 2),
    st.integers(1, 3),
    st.sampled_from([1, 7, 30]),
    st.sampled_from([1, 4, 2**62]),
    st.sampled_from([0.0, 0.3, 0.7]),
    st.sampled_from([None, 0.4]),
    st.integers(0, 1),
)
def test_boxes(
    batch: int,
    classes: int,
    count: int,
    most: int,
    overlap: float,
    least: float | None,
    center: int,
):
    rng = np.random.default_rng(count)
    corner, size = rng.random((2, batch, count, 2)).astype(np.float32)
    boxes = np.concatenate([corner, size / 2 if center else corner + size / 2], axis=2)
    scores = np.round(rng.random((batch, classes, count)) * 20).astype(np.float32) / 20
    constants = {"m": np.array([most]), "o": np.array([overlap], np.float32)}
    names = ["b", "s", "m", "o"]
    if least is not None:
        constants["t"] = np.array([least], np.float32)
        names.append("t")
    one = helper.make_node("NonMaxSuppression", names, ["y"], center_point_box=center)
    check([one], {"b": boxes, "s": scores}, "y", constants, general=True)


@pytest.mark.parametrize("share", [0.5, 0.25, 1 / 3, 0.2, 0.6])
def test_boxes_that_overlap_as_much_as_they_may(share: float):
    """Quotients next to a number of f32, on both sides of what is rounded to it."""
    steps = np.arange(-30, 31) * np.float32(2**-24)
    wide = np.float32(share) + np.outer(steps, [0.5, 1, 2]).ravel().astype(np.float32)
    boxes = np.array([[[0, 0, 1, 1], [0, 0, 1, each]] for each in wide], np.float32)
    one = helper.make_node("NonMaxSuppression", ["b", "s", "m", "o"], ["y"])
    limits = {"m": np.array([2]), "o": np.array([share], np.float32)}
    scores = np.tile(np.array([2, 1], np.float32), (len(boxes), 1, 1))
    model = model_of([one], {"b": boxes, "s": scores}, "y", limits)
    (expected,) = expected_of(model, {"b": boxes, "s": scores})
    outputs, _ = compile(model, level="xnn").run({"b": boxes, "s": scores})
    np.testing.assert_array_equal(outputs["y"], expected)
    assert len(boxes) < len(expected) < 2 * len(boxes)


def test_only_as_many_boxes_are_selected_as_the_network_uses():
    """Also where an If returns them, as torchvision has it."""
    nodes = [
        helper.make_node("NonMaxSuppression", ["b", "s", "m", "o"], ["k"]),
        helper.make_node("Gather", ["k", "two"], ["i"], axis=1),
        node("Squeeze", "ie", "j"),
        node("Slice", "jztz", "y"),
    ]
    constants = {
        "m": np.array([2**62]),
        "o": np.array([0.3], np.float32),
        "two": np.array([2]),
        "e": np.array([1]),
        "z": np.array([0]),
        "t": np.array([3]),
    }
    corner = np.random.default_rng(0).random((1, 40, 2))
    boxes = np.concatenate([corner, corner + 0.2], axis=2).astype(np.float32)
    inputs = {"b": boxes, "s": floats(0, 1, 1, 40)}
    check(nodes, inputs, "y", constants, general=True)
    assert first_rows(model_of(nodes, inputs, "y", constants).graph) == {"k": 3}
    assert first_rows(model_of(nodes, inputs, "yk", constants).graph) == {}
    infos = [helper.make_tensor_value_info(name, TensorProto.INT64, None) for name in "nj"]
    none = helper.make_graph([node("Identity", "z", "n")], "none", [], infos[:1])
    some = helper.make_graph(nodes[:3], "some", [], infos[1:])
    either = helper.make_node("If", ["c"], ["l"], then_branch=none, else_branch=some)
    last = node("Slice", "lztz", "y")
    nodes = [node("ReduceMax", "s", "r", keepdims=0), node("Less", "ru", "c"), either, last]
    constants["u"] = np.array(-9, np.float32)
    assert first_rows(model_of(nodes, inputs, "y", constants).graph) == {"k": 3}
    check(nodes, inputs, "y", constants, general=True)


def test_a_detector_with_its_post_processing():
    """As YOLO has it: boxes and scores from a convolution, the best class of each, what is not suppressed."""
    cells, classes = 36, 3
    nodes = [
        node("Conv", "xw", "c", pads=[1, 1, 1, 1]),
        node("Reshape", "cr", "d"),  # [1, 4 + classes, cells]
        helper.make_node("Split", ["d", "p"], ["e", "f"], axis=1),
        node("Sigmoid", "f", "s"),
        node("Transpose", "e", "g", perm=[0, 2, 1]),
        node("Sigmoid", "g", "b"),
        helper.make_node("NonMaxSuppression", ["b", "s", "m", "o", "t"], ["k"], center_point_box=1),
        helper.make_node("Gather", ["k", "two"], ["i"], axis=1),
        helper.make_node("Gather", ["b", "i"], ["j"], axis=1),
        node("Squeeze", "jz", "y"),
    ]
    constants = {
        "w": floats(1, 4 + classes, 3, 3, 3),
        "r": np.array([1, 4 + classes, cells]),
        "p": np.array([4, classes]),
        "m": np.array([5]),
        "o": np.array([0.4], np.float32),
        "t": np.array([0.5], np.float32),
        "two": np.array(2),
        "z": np.array([0]),
    }
    inputs = {"x": floats(2, 1, 3, 6, 6)}
    report = check(nodes, inputs, "yk", constants, rtol=1e-4, atol=1e-5, general=True)
    assert report.json()["general_share"]["operations"] < 1


def test_a_size_that_is_more_than_there_is():
    network = model_of(
        [node("TopK", "xk", "vi", axis=0)], {"x": floats(0, 4), "k": np.array([2])}, ["v", "i"]
    )
    program = compile(network, level="xnn")
    assert len(program.run({"x": floats(0, 4), "k": np.array([3])})[0]["v"]) == 3
    with pytest.raises(UserError, match="'v' would have 5 elements along axis 0: not 0 to 4"):
        program.run({"x": floats(0, 4), "k": np.array([5])})


@pytest.mark.parametrize("sizes", [{"w": (0, "v/size")}, {"v": (0, "w")}, {"v": (1, "v/size")}])
def test_sizes_of_no_output(sizes):
    network = model_of(
        [node("TopK", "xk", "vi", axis=0)], {"x": floats(0, 4), "k": np.array([2])}, ["v"]
    )
    program = compile(network, level="xnn")
    set_sizes(program.module, sizes)
    with pytest.raises(UserError, match="no axis . of an output '.' has the size"):
        program.run({"x": floats(0, 4), "k": np.array([3])})
