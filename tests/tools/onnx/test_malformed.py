"""Nodes that no checker has seen: each is refused by name, none ends in a traceback."""

import numpy as np
import onnx
import pytest
from onnx import AttributeProto, helper, numpy_helper

from tests.tools.onnx.test_importer import X, model, node, refused, run
from xnn.tools.onnx.importer import import_bytes

FLOATS, NONE = np.ones((3, 2), np.float32), np.zeros(0, np.float32)
refers = node("Softmax", ["x"], ["y"])
refers.attribute.append(AttributeProto(name="axis", ref_attr_name="q", type=AttributeProto.INT))
unknown_kind = node("Softmax", ["x"], ["y"])
unknown_kind.attribute.append(AttributeProto(name="axis"))
two_values = node("Constant", [], ["y"], value_float=1.0, value_int=2)
of_shape = node("ConstantOfShape", ["s"], ["y"], value=helper.make_tensor("v", 1, [0], []))


twice = node("Softmax", ["x"], ["y"], axis=0)
twice.attribute.append(helper.make_attribute("axis", 1))


@pytest.mark.parametrize(
    ("bad", "constants", "reason"),
    [
        (node("Constant", [], ["y"]), {}, "expected one attribute"),
        (two_values, {}, "expected one attribute"),
        (node("ConstantOfShape", [""], ["y"]), {}, "shape is missing"),
        (of_shape, {"s": np.array([3])}, "expected one element"),
        (node("ConstantOfShape", ["s"], ["y"]), {"s": np.array([1 << 40, 1 << 40])}, "too large"),
        (node("ConstantOfShape", ["s"], ["y"]), {"s": np.array([2.0])}, "no list of integers"),
        (node("Sum", [], ["y"]), {}, "0 inputs, expected at least 1"),
        (node("Relu", ["x", "x"], ["y"]), {}, "2 inputs, expected at most 1"),
        (node("Relu", ["x"], ["y", "s"]), {}, "2 outputs, expected at most 1"),
        (node("Gemm", ["x", "w"], ["y"], alpha="1"), {"w": FLOATS}, "alpha is no FLOAT"),
        (node("Flatten", ["x"], ["y"], axis=[1]), {}, "axis is no INT"),
        (node("Transpose", ["x"], ["y"], perm=1), {}, "perm is no INTS"),
        (node("Transpose", ["x"], ["y"], perm=[0, 0]), {}, "is not a permutation of the 2 axes"),
        (node("Softmax", ["x"], ["y"], axis=7), {}, "axis 7 is not one of 2 axes"),
        (node("Relu", ["x"], ["y"], slope=1.0), {}, "operator set 17 has no attribute slope"),
        (node("Concat", ["x", "x"], ["y"]), {}, "attribute axis is missing"),
        (node("LeakyRelu", ["x"], ["y"], alpha=np.inf), {}, "alpha must be finite, but is inf"),
        (node("LRN", ["x"], ["y"]), {}, "attribute size is missing"),
        (node("Cast", ["x"], ["y"], to=8), {}, "elements of type STRING"),
        (refers, {}, "axis is no INT"),
        (twice, {}, "attribute axis stands there more than once"),
        (unknown_kind, {}, "axis is no INT"),
        (node("Dropout", ["x", "r"], ["y"]), {"r": np.array([0.5, 0.5])}, "not one number"),
        (node("Clip", ["x", "a"], ["y"]), {"a": np.int64(0)}, "not one number of type f32"),
        (node("Unsqueeze", ["x", "a"], ["y"]), {"a": np.array([0, 0])}, "not all different"),
        (node("Reshape", ["x", "a"], ["y"]), {"a": np.array([6.0])}, "no list of integers"),
        (
            node("Gather", ["x", "a"], ["y"]),
            {"a": np.array([1, -3])},
            "-3 is outside of an axis of 2",
        ),
        (
            node("Gather", ["x", "a"], ["y"], axis=1),
            {"a": np.full(1000, 3)},
            "index 3 is outside of an axis of 3",
        ),
        (node("ArgMax", ["c"], ["y"]), {"c": NONE.reshape(0, 3)}, "argmax of an empty sequence"),
        (
            node("AveragePool", ["i"], ["y"], kernel_shape=[2], pads=[9, 9]),
            {},
            "leave windows of [2] without an element",
        ),
        (
            node("AveragePool", ["i"], ["y"], kernel_shape=[1 << 60], pads=[1 << 59, 1 << 59]),
            {},
            "padded [1152921504606846988]: beyond 2147483647 elements",
        ),
        (
            node("Conv", ["i", "w"], ["y"], auto_pad="SAME_UPPER", strides=[7]),
            {"w": np.ones((1, 2, 1), np.float32)},
            "which skips 4",
        ),
    ],
)
def test_a_malformed_node_is_refused_by_name(bad, constants, reason):
    data = model([bad], inputs={"x": [2, 3], "i": [1, 2, 12]}, constants=constants)
    message = refused(data)
    assert message.startswith('1 of 1 operators are not supported:\n  "y"')
    assert reason in message


def test_all_malformed_nodes_are_named_at_once():
    nodes = [node("Exp", ["x"], ["a"], k=1), node("Neg", [], ["b"]), node("Add", ["a", "b"], ["y"])]
    assert len(refused(model(nodes)).splitlines()) == 3


def test_sizes_that_can_not_be_counted():
    data = model([node("Flatten", ["x"], ["y"])], inputs={"x": [1, 4, 1 << 62, 5]})
    assert refused(data) == "input x of shape [1, 4, 4611686018427387904, 5] is too large"
    proto = onnx.ModelProto.FromString(model([node("Add", ["x", "c"], ["y"])]))
    proto.graph.initializer.append(numpy_helper.from_array(NONE, "c"))
    proto.graph.initializer[0].dims[:] = [1 << 40, 1 << 40]
    assert refused(proto.SerializeToString()).startswith("tensor c of shape")


@pytest.mark.parametrize(
    ("dims", "indices", "reason"),
    [
        ([3], [3], "an index is outside of [3]"),
        ([3], [-1], "an index is outside of [3]"),
        ([3, 2], [[0, 2]], "an index is outside of [3, 2]"),
        ([3], [0, 1], "1 elements, but indices of shape [2]"),
        ([3, 0], [0], "dimensions [3, 0] are not 1 to 268435456 elements"),
        ([1 << 40, 1 << 40], [0], "dimensions [1099511627776, 1099511627776] are not 1 to"),
    ],
)
def test_sparse_tensors_that_are_none(dims, indices, reason):
    proto = onnx.ModelProto.FromString(model([node("Add", ["x", "c"], ["y"])]))
    values = numpy_helper.from_array(np.ones(1, np.float32), "c")
    places = numpy_helper.from_array(np.array(indices), "i")
    proto.graph.sparse_initializer.append(helper.make_sparse_tensor(values, places, dims))
    assert refused(proto.SerializeToString()).startswith(f"tensor c: {reason}")


def test_a_dimension_of_minus_one_is_unknown():
    text = str(import_bytes(model([node("Neg", ["x"], ["y"])], inputs={"x": [-1, 3]})))
    assert '%x: tensor<?x3xf32> {xnn.name = "x", xnn.dims = ["x_0", ""]}' in text


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [((), X), (("", ""), X), (("", "one"), np.minimum(X, 1)), (("one", ""), np.maximum(X, 1))]
    + [(("nan", ""), X * np.nan), (("two", "one"), np.full_like(X, 1)), (("", "inf"), X)],
)  # fmt: skip
def test_bounds_of_clip(bounds, expected):
    numbers = {"one": 1, "two": 2, "nan": np.nan, "inf": np.inf}
    constants = {name: np.array(value, np.float32) for name, value in numbers.items()}
    data = model([node("Clip", ["x", *bounds], ["y"])], constants=constants)
    np.testing.assert_array_equal(run(data, X)[0], expected)
