"""The scan of the wire format: it finds what onnx finds, and refuses what is no model."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from xnn.dialects.diagnostics import UserError
from xnn.tools.onnx.wire import LARGE, parse_model, read_model


def model_with(*tensors: TensorProto) -> onnx.ModelProto:
    """A model that adds up `tensors`."""
    names = [tensor.name for tensor in tensors]
    graph = helper.make_graph(
        [helper.make_node("Sum", names, ["y"])],
        "sum",
        [],
        [helper.make_empty_tensor_value_info("y")],
        list(tensors),
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])


def places(data: bytes) -> dict[str, tuple[int, int]]:
    """Offset and length of each tensor that is not in the stripped model."""
    model = parse_model(memoryview(data), "test")
    found = {}
    for tensor in model.graph.initializer:
        if tensor.data_location == TensorProto.EXTERNAL:
            entries = {entry.key: entry.value for entry in tensor.external_data}
            found[tensor.name] = (int(entries["offset"]), int(entries["length"]))
    return found


def test_raw_data_and_packed_floats_stay_in_the_file():
    values = np.arange(20, dtype=np.float32).reshape(4, 5)
    raw = numpy_helper.from_array(values, "raw")
    packed = helper.make_tensor("packed", TensorProto.FLOAT, (4, 5), values.ravel())
    doubles = helper.make_tensor("doubles", TensorProto.DOUBLE, (4, 5), values.ravel())
    assert packed.float_data and doubles.double_data
    data = model_with(raw, packed, doubles).SerializeToString()
    found = places(data)
    for name, dtype in (("raw", "<f4"), ("packed", "<f4"), ("doubles", "<f8")):
        offset, length = found[name]
        np.testing.assert_array_equal(
            np.frombuffer(data[offset : offset + length], dtype), values.ravel()
        )


def test_small_tensors_and_packed_integers_stay_in_the_model():
    small = numpy_helper.from_array(np.zeros(LARGE // 4 - 1, np.float32), "small")
    integers = helper.make_tensor("integers", TensorProto.INT64, (99,), range(99))
    model = model_with(small, integers)
    data = model.SerializeToString()
    assert places(data) == {}
    assert parse_model(memoryview(data), "test").graph == model.graph


def test_tensors_of_constant_nodes_stay_in_the_file():
    value = numpy_helper.from_array(np.arange(99, dtype=np.float32), "value")
    model = model_with()
    model.graph.node.insert(0, helper.make_node("Constant", [], ["c"], value=value))
    data = model.SerializeToString()
    stripped = parse_model(memoryview(data), "test")
    assert stripped.graph.node[0].attribute[0].t.data_location == TensorProto.EXTERNAL
    assert stripped.graph.node[1] == model.graph.node[1]


def test_everything_but_the_tensors_is_the_same():
    model = model_with(numpy_helper.from_array(np.zeros(99, np.float32), "w"))
    model.producer_name, model.doc_string = "test", "a" * 1000
    stripped = parse_model(memoryview(model.SerializeToString()), "test")
    for each in (model, stripped):
        del each.graph.initializer[:]
    assert stripped == model


def test_a_model_whose_graph_is_split_over_two_fields():
    # protobuf merges messages that occur twice
    first = model_with(numpy_helper.from_array(np.zeros(99, np.float32), "v"))
    second = onnx.ModelProto()
    second.graph.initializer.append(numpy_helper.from_array(np.ones(99, np.float32), "w"))
    data = first.SerializeToString() + second.SerializeToString()
    assert [*places(data)] == ["v", "w"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.onnx"


def test_missing_file(path):
    with pytest.raises(UserError, match="model.onnx: No such file"):
        read_model(path)


def test_folder(tmp_path):
    with pytest.raises(UserError, match="directory"):
        read_model(tmp_path)


def test_empty_file(path):
    path.write_bytes(b"")
    with pytest.raises(UserError, match="model.onnx: the file is empty"):
        read_model(path)


@pytest.mark.parametrize(
    "content", [b"builtin.module {}", b"\0" * 100, b"\xff" * 100, b"PK\x03\x04"]
)
def test_other_content(path, content):
    path.write_bytes(content)
    with pytest.raises(UserError, match="model.onnx: truncated, or not an ONNX model"):
        read_model(path)


def test_a_message_that_is_no_model(path):
    path.write_bytes(numpy_helper.from_array(np.zeros(3, np.int32), "w").SerializeToString())
    with pytest.raises(UserError, match="not an ONNX model"):
        read_model(path)


def test_no_truncation_ends_in_anything_but_a_user_error(path):
    data = model_with(numpy_helper.from_array(np.zeros(99, np.float32), "w")).SerializeToString()
    for length in range(1, len(data)):
        path.write_bytes(data[:length])
        try:
            read_model(path)
        except UserError:
            continue
        # A cut between two fields of the model leaves a smaller model.
        assert onnx.ModelProto.FromString(data[:length]).HasField("graph")


def test_no_random_byte_ends_in_anything_but_a_user_error():
    data = model_with(numpy_helper.from_array(np.zeros(99, np.float32), "w")).SerializeToString()
    rng = np.random.default_rng(0)
    for _ in range(500):
        damaged = bytearray(data)
        damaged[rng.integers(len(data))] = rng.integers(256)
        try:
            parse_model(memoryview(bytes(damaged)), "test")
        except UserError:
            pass
