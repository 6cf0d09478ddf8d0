"""Operators that hold graphs, functions and shape computations, compared with onnxruntime at every level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

import xnn
from tests.programs import programs
from xnn.dialects.diagnostics import UserError

X = np.random.default_rng(0).standard_normal((2, 3)).astype(np.float32)
node = helper.make_node


def info(name: str, shape: Sequence[int | str] | None, kind: int = TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, shape)


def model(nodes, inputs, outputs, constants=None, functions=()) -> onnx.ModelProto:
    tensors = [numpy_helper.from_array(np.asarray(v), k) for k, v in (constants or {}).items()]
    graph = helper.make_graph(nodes, "g", inputs, outputs, tensors)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("local", 1)]
    return helper.make_model(graph, opset_imports=opsets, functions=functions, ir_version=9)


def check(network: onnx.ModelProto, feed: dict[str, np.ndarray], **options) -> None:
    session = onnxruntime.InferenceSession(network.SerializeToString())
    names = [output.name for output in network.graph.output]
    expected = session.run(names, feed)
    for level, program in programs(network, **options).items():
        outputs, _ = program.run(feed, sanitize=level == "dsa")
        for name, array in zip(names, expected, strict=True):
            assert isinstance(array, np.ndarray)
            np.testing.assert_allclose(outputs[name], array, rtol=1e-5, atol=1e-6)


def branch(operator: str, name: str = "r"):
    return helper.make_graph([node(operator, ["x"], [name])], operator, [], [info(name, None)])


def test_a_constant_condition_chooses_its_branch():
    choice = node("If", ["c"], ["y"], then_branch=branch("Neg"), else_branch=branch("Exp"))
    check(model([choice], [info("x", [2, 3])], [info("y", [2, 3])], {"c": True}), {"x": X})


@pytest.mark.parametrize("condition", [True, False])
def test_a_computed_condition_selects(condition):
    choice = node("If", ["c"], ["y"], then_branch=branch("Neg"), else_branch=branch("Exp"))
    inputs = [info("x", [2, 3]), info("c", [], TensorProto.BOOL)]
    feed = {"x": X, "c": np.array(condition)}
    check(model([choice], inputs, [info("y", [2, 3])]), feed)


@pytest.mark.parametrize("condition", [True, False])
def test_a_branch_for_inputs_of_other_sizes_is_left_out(condition):
    """As in detectors of speech that have a branch for each sampling rate."""
    sizes = {True: 3, False: 5}
    weights = {f"w{n}": np.ones((n, 4), np.float32) for n in sizes.values()}
    branches = {
        yes: helper.make_graph(
            [node("MatMul", ["x", f"w{n}"], ["r"])], f"of{n}", [], [info("r", None)]
        )
        for yes, n in sizes.items()
    }
    choice = node("If", ["c"], ["y"], then_branch=branches[True], else_branch=branches[False])
    inputs = [info("x", ["a", "b"]), info("c", [], TensorProto.BOOL)]
    x = np.ones((2, sizes[condition]), np.float32)
    network = model([choice], inputs, [info("y", None)], weights)
    feed = {"x": x, "c": np.array(condition)}
    check(network, feed, input_shapes={"x": x.shape})
    with pytest.raises(UserError, match="2 of 3 operators are not supported"):
        xnn.compile(network, input_shapes={"x": (2, 4)})


def test_branches_of_different_shapes_are_refused():
    """A selection would repeat the smaller one."""
    total = helper.make_graph([node("ReduceSum", ["x"], ["r"])], "sum", [], [info("r", None)])
    choice = node("If", ["c"], ["y"], then_branch=branch("Neg"), else_branch=total)
    inputs = [info("x", [2, 3]), info("c", [], TensorProto.BOOL)]
    with pytest.raises(UserError, match=r"the shape of y is \[2, 3\] or \[1, 1\]: data decides"):
        xnn.compile(model([choice], inputs, [info("y", None)]))


def test_loops_in_loops_that_would_not_end(monkeypatch):
    monkeypatch.setattr("xnn.tools.onnx.importer.MOST_NODES", 2000)
    inner = node(
        "Loop", ["n", "yes", "v"], ["w"], body=_counted([node("Neg", ["a"], ["b"])], "a", "b")
    )
    outer = node("Loop", ["n", "yes", "x"], ["y"], body=_counted([inner], "v", "w"))
    constants = {"n": np.int64(4096), "yes": True}
    network = model([outer], [info("x", [2, 3])], [info("y", [2, 3])], constants)
    with pytest.raises(UserError, match="more than 2000 operators with its loops unrolled"):
        xnn.compile(network, level="xnn")


def _counted(nodes: Sequence[onnx.NodeProto], state: str, result: str) -> onnx.GraphProto:
    """A loop's body of one state."""
    inputs = [info(f"i{state}", [], TensorProto.INT64), info(f"c{state}", [], TensorProto.BOOL)]
    outputs = [info(f"c{state}", [], TensorProto.BOOL), info(result, [2, 3])]
    return helper.make_graph(nodes, state, [*inputs, info(state, [2, 3])], outputs)


def body(*, goes: str = "go") -> onnx.GraphProto:
    """One iteration: total = total + x, whose sums are collected; ends when `goes` is false."""
    nodes = [node("Add", ["total", "x"], ["sum"]), node("Identity", ["sum"], ["part"])]
    nodes += [
        node("ReduceSum", ["sum"], ["all"], keepdims=0),
        node("Less", ["all", "most"], ["less"]),
    ]
    inputs = [
        info("i", [], TensorProto.INT64),
        info("go", [], TensorProto.BOOL),
        info("total", [2, 3]),
    ]
    outputs = [info(goes, [], TensorProto.BOOL), info("sum", [2, 3]), info("part", [2, 3])]
    return helper.make_graph(nodes, "body", inputs, outputs)


def test_a_loop_of_known_length_is_unrolled():
    loop = node("Loop", ["n", "yes", "start"], ["y", "parts"], body=body())
    constants = {"n": np.int64(3), "yes": True, "start": np.zeros((2, 3), np.float32)}
    constants["most"] = np.float32(0)
    outputs = [info("y", [2, 3]), info("parts", [3, 2, 3])]
    check(model([loop], [info("x", [2, 3])], outputs, constants), {"x": X})


@pytest.mark.parametrize("most", [-100.0, 2.0, 100.0])
def test_a_loop_that_data_ends_runs_to_its_bound(most):
    graph = body(goes="less")
    del graph.output[2]
    loop = node("Loop", ["n", "yes", "start"], ["y"], body=graph)
    constants = {"n": np.int64(4), "yes": True, "start": np.zeros((2, 3), np.float32)}
    constants["most"] = np.float32(most)
    network = model([loop], [info("x", [2, 3])], [info("y", [2, 3])], constants)
    check(network, {"x": np.abs(X)})


def test_a_loop_without_a_bound_is_refused():
    graph = body(goes="less")
    loop = node("Loop", ["", "yes", "start"], ["y", "parts"], body=graph)
    constants = {"yes": True, "start": np.zeros((2, 3), np.float32), "most": np.float32(1)}
    outputs = [info("y", [2, 3]), info("parts", None)]
    network = model([loop], [info("x", [2, 3])], outputs, constants)
    with pytest.raises(UserError, match="the number of its iterations depends on data"):
        xnn.compile(network)


@pytest.mark.parametrize("backward", [0, 1])
def test_a_scan_runs_over_an_axis(backward):
    nodes = [node("Add", ["total", "e"], ["sum"]), node("Neg", ["sum"], ["part"])]
    inputs, outputs = [info("total", [2]), info("e", [2])], [info("sum", [2]), info("part", [2])]
    graph = helper.make_graph(nodes, "body", inputs, outputs)
    directions = {"scan_input_directions": [backward], "scan_output_directions": [backward]}
    axes = {"scan_input_axes": [1], "scan_output_axes": [1]}
    more: dict[str, Any] = {**axes, **directions}
    scan = node("Scan", ["start", "x"], ["y", "parts"], body=graph, num_scan_inputs=1, **more)
    network = model(
        [scan],
        [info("x", [2, 3])],
        [info("y", [2]), info("parts", [2, 3])],
        {"start": np.zeros(2, np.float32)},
    )
    check(network, {"x": X})


def test_functions_of_the_model_are_expanded_with_their_attributes():
    inner = node("LeakyRelu", ["a"], ["b"])
    inner.attribute.append(
        onnx.AttributeProto(name="alpha", type=onnx.AttributeProto.FLOAT, ref_attr_name="slope")
    )
    function = helper.make_function(
        "local", "Leaky", ["a"], ["c"], [inner, node("Neg", ["b"], ["c"])],
        [helper.make_opsetid("", 18)], ["slope"],
    )  # fmt: skip
    calls = [
        node("Leaky", ["x"], ["b"], domain="local", slope=0.5),
        node("Leaky", ["b"], ["y"], domain="local", slope=0.25),
    ]
    network = model(calls, [info("x", [2, 3])], [info("y", [2, 3])], functions=[function])
    check(network, {"x": X})


def test_a_function_may_return_what_it_takes():
    function = helper.make_function(
        "local",
        "Both",
        ["a"],
        ["b", "a"],
        [node("Neg", ["a"], ["b"])],
        [helper.make_opsetid("", 18)],
    )
    calls = [node("Both", ["x"], ["n", "same"], domain="local"), node("Mul", ["n", "same"], ["y"])]
    network = model(calls, [info("x", [2, 3])], [info("y", [2, 3])], functions=[function])
    outputs, _ = xnn.compile(network).run({"x": X})  # onnxruntime does not load it
    np.testing.assert_array_equal(outputs["y"], -X * X)


@pytest.mark.parametrize("size", [1 << 40, 1 << 62])
def test_constants_that_no_memory_holds_are_refused(size):
    nodes = [
        node("Range", ["zero", "size", "one"], ["r"]),
        node("ReduceSum", ["r"], ["s"]),
        node("Cast", ["s"], ["f"], to=TensorProto.FLOAT),
        node("Add", ["x", "f"], ["y"]),
    ]
    constants = {"zero": np.int64(0), "one": np.int64(1), "size": np.int64(size)}
    network = model(nodes, [info("x", [2, 3])], [info("y", None)], constants)
    with pytest.raises(UserError, match="constant r of type .* takes more than 1073741824 bytes"):
        xnn.compile(network)


@pytest.mark.parametrize("operator", ["Selu", "Softplus", "Mish", "MeanVarianceNormalization"])
def test_functions_of_onnx(operator):
    x = np.random.default_rng(1).standard_normal((2, 3, 4, 5)).astype(np.float32)
    y = info("y", [2, 3, 4, 5])
    check(model([node(operator, ["x"], ["y"])], [info("x", [2, 3, 4, 5])], [y]), {"x": x})


def shape_computation() -> onnx.ModelProto:
    """x [N, 3] as [3, N] by a reshape whose target is computed from the shape of x."""
    nodes = [
        node("Shape", ["x"], ["shape"]),
        node("Gather", ["shape", "zero"], ["n"], axis=0),
        node("Unsqueeze", ["n", "axes"], ["ns"]),
        node("Concat", ["three", "ns"], ["target"], axis=0),
        node("Reshape", ["x", "target"], ["y"]),
    ]
    constants = {"zero": np.int64(0), "axes": np.array([0]), "three": np.array([3])}
    return model(nodes, [info("x", ["N", 3])], [info("y", [3, "N"])], constants)


def test_shapes_are_computed_at_import():
    check(shape_computation(), {"x": X}, bindings={"N": 2})
    check(shape_computation(), {"x": X}, input_shapes={"x": (2, 3)})
    text = str(xnn.compile(shape_computation(), bindings={"N": 2}, level="xnn").module)
    assert "xnn.reshape" in text and "xnn.gather" not in text


def test_a_name_that_stands_for_two_sizes():
    """Some exporters call every unknown dimension by one name."""
    nodes = [node("MatMul", ["x", "y"], ["z"])]
    inputs = [info("x", ["?", "?"]), info("y", ["?", 2])]
    network = model(nodes, inputs, [info("z", ["?", 2])])
    x, y = np.ones((2, 3), np.float32), np.ones((3, 2), np.float32)
    check(network, {"x": x, "y": y}, input_shapes={"x": (2, 3), "y": (3, 2)})
    with pytest.raises(UserError) as error:
        xnn.compile(network, input_shapes={"x": (2, 3)})
    assert error.value.hint is not None and "--bind '?'=..." in error.value.hint


def test_functions_that_call_each_other():
    opset = [helper.make_opsetid("local", 1)]
    functions = [
        helper.make_function(
            "local", one, ["x"], ["y"], [node(other, ["x"], ["y"], domain="local")], opset
        )
        for one, other in (("A", "B"), ("B", "A"))
    ]
    network = model(
        [node("A", ["x"], ["y"], domain="local")],
        [info("x", [2, 3])],
        [info("y", [2, 3])],
        functions=functions,
    )
    with pytest.raises(UserError, match="the function A calls itself"):
        xnn.compile(network)


def test_a_shape_that_nobody_binds():
    with pytest.raises(
        UserError, match=r'"shape" \(Shape\): shape of \[\?, 3\] is not known'
    ) as error:
        xnn.compile(shape_computation())
    assert error.value.hint == "dimensions have no size: say --bind N=..."


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ({"z": (2, 3)}, "the network has no input called z"),
        ({"x": (2, 4)}, r"input x has shape \[\?, 3\], which is not 2,4"),
        ({"x": (2,)}, r"input x has shape \[\?, 3\], which is not 2"),
        ({"x": (-1, 3)}, "cannot read shape x=-1,3"),
    ],
)
def test_shapes_that_do_not_fit(shape, message):
    with pytest.raises(UserError, match=message):
        xnn.compile(shape_computation(), input_shapes=shape)
