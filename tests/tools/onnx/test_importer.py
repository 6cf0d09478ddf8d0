"""The import of whole models: structure, names, and what is refused."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import NodeProto, TensorProto, helper, numpy_helper

from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.tools.onnx.importer import import_bytes

node = helper.make_node


def model(
    nodes: list[NodeProto],
    *,
    inputs: dict[str, list[Any]] | None = None,
    outputs: tuple[str, ...] = ("y",),
    constants: dict[str, Any] | None = None,
    opset: int = 17,
) -> bytes:
    float_tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "test",
        [float_tensor(n, TensorProto.FLOAT, s) for n, s in (inputs or {"x": [2, 3]}).items()],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in (constants or {}).items()],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.acme", 1)]
    return helper.make_model(graph, opset_imports=opsets).SerializeToString()


def run(data: bytes, *inputs: np.ndarray) -> list[np.ndarray]:
    module = import_bytes(data)
    module.verify()
    return list(interpreter_of(module, WeightStore()).call_op("main", tuple(inputs)))


def refused(data: bytes) -> str:
    with pytest.raises(UserError) as error:
        import_bytes(data)
    return str(error.value)


X = np.arange(6, dtype=np.float32).reshape(2, 3)


# structure


def test_names_of_inputs_outputs_and_operators():
    weights = np.arange(12, dtype=np.float32).reshape(3, 4)
    data = model(
        [node("MatMul", ["x", "w"], ["a/b:0"]), node("Relu", ["a/b:0"], ["y"], name="activation")],
        constants={"w": np.pad(weights, ((0, 0), (0, 20)))},
    )
    text = str(import_bytes(data, "tiny"))
    assert '(%x: tensor<2x3xf32> {xnn.name = "x"}) -> (tensor<2x24xf32> {xnn.name = "y"})' in text
    assert '%w = xnn.weight "w" "mem:tiny:' in text
    assert 'xnn.gemm "a/b:0"' in text
    assert 'xnn.relu "y"' in text


def test_constants_are_neither_inputs_nor_kept_without_a_use():
    data = model(
        [node("Add", ["x", "c"], ["y"])],
        inputs={"x": [2, 3], "c": [3], "unused": [3]},
        constants={"c": np.ones(3, np.float32), "unused": np.ones(300, np.float32)},
    )
    text = str(import_bytes(data))
    assert "unused" not in text
    assert '%c = xnn.constant "c" dense<1.000000e+00> : tensor<3xf32>' in text
    np.testing.assert_array_equal(run(data, X)[0], X + 1)


def test_what_no_output_needs_is_not_imported():
    data = model([node("Relu", ["x"], ["y"]), node("Mystery", ["x"], ["z"], domain="com.acme")])
    assert "Mystery" not in str(import_bytes(data))


def test_outputs_may_be_inputs_and_constants():
    data = model([], outputs=("x", "c"), constants={"c": np.array([1, 2], np.float32)})
    a, c = run(data, X)
    np.testing.assert_array_equal(a, X)
    assert c.tolist() == [1, 2]


def test_nodes_in_any_order():
    data = model([node("Relu", ["a"], ["y"]), node("Neg", ["x"], ["a"])])
    np.testing.assert_array_equal(run(data, X)[0], np.maximum(-X, 0))


def test_symbolic_dimensions_keep_their_names():
    data = model([node("Flatten", ["x"], ["y"])], inputs={"x": ["N", 3, None, 2]})
    text = str(import_bytes(data))
    assert '%x: tensor<?x3x?x2xf32> {xnn.name = "x", xnn.dims = ["N", "", "x_2", ""]}' in text
    assert "tensor<?x?xf32> {xnn.name" in text


@pytest.mark.parametrize(
    "attribute",
    [
        {"value": numpy_helper.from_array(np.array([1, 2, 3], np.float32))},
        {"value": numpy_helper.from_array(np.tile(np.array([1, 2, 3], np.float32), (20, 1))[:1])},
        {"value_floats": [1.0, 2.0, 3.0]},
        {"value_float": 2.5},
    ],
)
def test_constant_nodes(attribute):
    data = model([node("Constant", [], ["c"], **attribute), node("Add", ["x", "c"], ["y"])])
    value = next(iter(attribute.values()))
    value = numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.float32(value)
    np.testing.assert_array_equal(run(data, X)[0], X + value)


def test_constant_of_shape_is_a_splat_of_any_size():
    value = numpy_helper.from_array(np.array([0.5], np.float32))
    data = model(
        [node("ConstantOfShape", ["s"], ["c"], value=value), node("MatMul", ["x", "c"], ["y"])],
        constants={"s": np.array([3, 1 << 30], np.int64)},
    )
    assert "dense<5.000000e-01> : tensor<3x1073741824xf32>" in str(import_bytes(data))


def test_large_constants_that_are_not_stored_as_they_are_in_memory():
    # float16 in int32_data: two bytes of four
    halves = np.linspace(0, 1, 99, dtype=np.float16)
    tensor = helper.make_tensor("c", TensorProto.FLOAT16, (99,), halves)
    assert tensor.int32_data
    proto = onnx.ModelProto.FromString(model([], outputs=("c",)))
    proto.graph.initializer.append(tensor)
    np.testing.assert_array_equal(run(proto.SerializeToString(), X)[0], halves)


# what is refused


def test_all_that_is_not_supported_is_named_at_once():
    message = refused(
        model(
            [
                node("Mystery", ["x"], ["a"], name="who", domain="com.acme", k=3, s="t", f=0.5),
                node("Relu", ["a"], ["b"]),
                node("OneHot", ["x", "x", "x"], ["c"]),
                node("Relu", ["x"], ["d"]),
                node("Add", ["b", "c"], ["e"]),
                node("Add", ["e", "d"], ["y"]),
            ],
            inputs={"x": [2, 3]},
        )
    )
    assert message.splitlines() == [
        "2 of 6 operators are not supported:",
        "  \"who\" (Mystery), domain com.acme {f = 0.5, k = 3, s = 't'}: "
        "com.acme::Mystery is no operator of ONNX, and no function is registered",
        '  "c" (OneHot): depth is not a constant',
    ]


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        ([node("Reshape", ["x", "x"], ["y"])], "shape is not a constant"),
        ([node("MatMul", ["x3", "x3"], ["y"])], 'axes "k" are of size 3 and 2'),
        ([node("Relu", [""], ["y"])], "input 0 is missing"),
        ([node("Concat", ["x", "x"], ["y"], axis=2)], "axis 2 is not one of 2 axes"),
        (
            [node("MaxPool", ["n"], ["y"], kernel_shape=[2], ceil_mode=1)],
            "ceil_mode over a dimension of unknown size",
        ),
    ],
)  # fmt: skip
def test_forms_that_are_not_supported(nodes, reason):
    inputs = {"x": [2, 3], "x1": [3], "x3": [1, 2, 3], "x4": [1, 1, 5, 5], "n": [1, 1, "N"]}
    message = refused(model(nodes, inputs=inputs))
    assert "not supported" in message and message.endswith(reason)


def test_a_cycle():
    data = model(
        [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]), node("Neg", ["b"], ["y"])]
    )
    assert refused(data) == 'the model has a cycle through node "b" (Relu)'


def test_a_long_chain_is_no_deep_recursion():
    names = ["x", *(f"t{i}" for i in range(3000)), "y"]
    nodes = [node("Neg", [a], [b]) for a, b in zip(names, names[1:])]
    np.testing.assert_array_equal(run(model(nodes[::-1]), X)[0], -X)


def test_a_missing_tensor():
    data = model([node("Add", ["x", "nowhere"], ["y"])], outputs=("y", "z"))
    assert refused(data) == (
        'nothing in the model makes tensor nowhere, an input of node "y" (Add); nor z, an output'
        " of the model"
    )


def test_names_that_several_tensors_share():
    twice = [node("Relu", ["x"], ["y"]), node("Neg", ["x"], ["y"])]
    assert refused(model(twice)) == "several tensors of the model have the same name: y"
    shadow = model(
        [node("Relu", ["x"], ["c"])], constants={"c": np.array([1], np.float32)}, outputs=("c",)
    )
    assert refused(shadow) == "several tensors of the model have the same name: c"


def test_shapes_that_do_not_fit():
    data = model([node("Add", ["x", "z"], ["y"], name="sum")], inputs={"x": [2, 3], "z": [4]})
    assert refused(data) == (
        "1 of 1 operators are not supported:\n"
        '  "sum" (Add): xnn.add "y": shapes [2, 3] and [4] do not broadcast'
    )


def test_inputs_without_a_shape_or_of_strings():
    proto = onnx.ModelProto.FromString(model([node("Relu", ["x"], ["y"])]))
    proto.graph.input[0].type.tensor_type.ClearField("shape")
    assert refused(proto.SerializeToString()) == "input x is not a tensor of known rank"
    proto = onnx.ModelProto.FromString(model([node("Relu", ["x"], ["y"])]))
    proto.graph.input[0].type.tensor_type.elem_type = TensorProto.STRING
    assert "input x has elements of type STRING" in refused(proto.SerializeToString())


def test_data_that_does_not_fit_the_shape_of_a_tensor():
    proto = onnx.ModelProto.FromString(
        model([node("Add", ["x", "c"], ["y"])], constants={"c": np.ones((2, 99), np.float32)})
    )
    proto.graph.initializer[0].dims[1] = 1 << 40
    assert refused(proto.SerializeToString()).startswith("tensor c: 792 bytes of data, but")
    proto.graph.initializer[0].raw_data = b"1234"
    assert '"y" (Add): tensor c: its data does not fit' in refused(proto.SerializeToString())


# what is left out, and what no output needs


def test_outputs_and_inputs_may_be_left_out_anywhere():
    data = model(
        [
            node("Dropout", ["x"], ["d", ""]),
            node("Clip", ["d", "", "most"], ["c"]),
            node("Gemm", ["c", "w", ""], ["y"]),
        ],
        constants={"most": np.float32(2.5), "w": np.eye(3, dtype=np.float32)},
    )
    np.testing.assert_array_equal(run(data, X)[0], np.minimum(X, 2.5))


def test_what_is_left_out_is_not_lost_with_what_is_not_supported():
    nodes = [
        node("Dropout", ["x"], ["d", ""], domain="com.acme"),
        node("Clip", ["x", "", "x"], ["c"]),
        node("Add", ["d", "c"], ["y"]),
    ]
    assert "1 of 3 operators are not supported" in refused(model(nodes))


@pytest.mark.parametrize(
    "unused",
    [
        TensorProto(name="s", data_type=TensorProto.STRING, dims=[1], string_data=[b"v1"]),
        helper.make_tensor("s", TensorProto.FLOAT8E4M3FN, [1], [1.0]),
        TensorProto(name="s", data_type=1, dims=[4], data_location=TensorProto.EXTERNAL),
        TensorProto(name="s", data_type=77, dims=[-4]),
    ],
    ids=["strings", "f8", "no file", "malformed"],
)
def test_what_no_output_needs_may_be_anything(unused):
    proto = onnx.ModelProto.FromString(model([node("Relu", ["x"], ["y"])]))
    proto.graph.initializer.append(unused)
    proto.graph.node.append(node("Shrug", ["s"], ["t"], domain="com.acme"))
    proto.graph.input.append(helper.make_tensor_value_info("q", TensorProto.STRING, [1]))
    np.testing.assert_array_equal(run(proto.SerializeToString(), X)[0], X)


def test_more_outputs_than_the_operator_has():
    message = refused(model([node("Relu", ["x"], ["y", "s"])], outputs=("y", "s")))
    assert message.endswith('"y" (Relu): 2 outputs, expected at most 1')


def test_two_outputs_of_one_name():
    message = refused(model([node("Relu", ["x"], ["y"])], outputs=("y", "y")))
    assert message == "several tensors of the model have the same name: y"


def test_no_default_operator_set():
    proto = onnx.ModelProto.FromString(model([node("Relu", ["x"], ["y"])]))
    del proto.opset_import[0]
    message = refused(proto.SerializeToString())
    assert message == "the model says no version of the default operator set"


def test_no_outputs():
    assert refused(model([node("Relu", ["x"], ["y"])], outputs=())) == "the model has no outputs"


def test_made_up_names_of_dimensions_are_none_of_the_models():
    data = model([node("Add", ["x", "z"], ["y"])], inputs={"x": [None, 2], "z": ["x_0", 2]})
    text = str(import_bytes(data))
    assert 'xnn.dims = ["x_0_", ""]' in text and 'xnn.dims = ["x_0", ""]' in text
