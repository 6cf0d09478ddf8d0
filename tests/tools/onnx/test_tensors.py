"""Where the bytes of tensors are; above all, that a model cannot reach outside its folder."""

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import set_external_data

from tests.tools.onnx.levels import agree, model_of
from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.tools.onnx.importer import import_bytes, import_model
from xnn.tools.parsing import make_context, parse_module

WEIGHTS = np.arange(32, dtype=np.float32)


def save(folder: Path, **place: Any) -> Path:
    """A model that returns a weight whose 32 floats are at `place`, external data's own keys."""
    tensor = numpy_helper.from_array(WEIGHTS, "w")
    set_external_data(tensor, **place)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    graph = helper.make_graph(
        [helper.make_node("Identity", ["w"], ["y"])],
        "weights",
        [],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, (32,))],
        [tensor],
    )
    path = folder / "model.onnx"
    onnx.save(helper.make_model(graph), path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a model, with some weights in it and some outside."""
    (tmp_path / "model" / "data").mkdir(parents=True)
    for file in ("secret.bin", "model/w.bin", "model/data/w.bin"):
        (tmp_path / file).write_bytes(b"x" * 16 + WEIGHTS.tobytes())
    return tmp_path / "model"


@pytest.mark.parametrize("location", ["w.bin", "data/w.bin", "data/../w.bin", "./w.bin"])
def test_data_below_the_folder(folder, location):
    module = import_model(save(folder, location=location, offset=16, length=128))
    (y,) = interpreter_of(module, WeightStore()).call_op("main")
    np.testing.assert_array_equal(y, WEIGHTS)


def test_the_folder_is_that_of_the_model_not_the_working_folder(folder, monkeypatch):
    save(folder, location="w.bin", offset=16)
    monkeypatch.chdir(folder.parent)
    module = import_model("model/model.onnx")
    monkeypatch.chdir("/")
    (y,) = interpreter_of(module, WeightStore()).call_op("main")
    np.testing.assert_array_equal(y, WEIGHTS)


@pytest.mark.parametrize("location", ["../secret.bin", "data/../../secret.bin", "/etc/passwd"])
def test_data_outside_the_folder(folder, location):
    with pytest.raises(UserError, match="tensor w: its data file .* is outside the model's folder"):
        import_model(save(folder, location=location))


def test_links_out_of_the_folder(folder):
    os.symlink("../secret.bin", folder / "link.bin")
    os.symlink("..", folder / "up")
    for location in ("link.bin", "up/secret.bin"):
        with pytest.raises(UserError, match="outside the model's folder"):
            import_model(save(folder, location=location))


def test_a_folder_whose_name_only_begins_alike(folder):
    sibling = folder.parent / "model2"
    sibling.mkdir()
    (sibling / "w.bin").write_bytes(WEIGHTS.tobytes())
    with pytest.raises(UserError, match="outside the model's folder"):
        import_model(save(folder, location="../model2/w.bin"))


def test_no_location(folder):
    with pytest.raises(UserError, match="tensor w: '' is no name of a data file"):
        import_model(save(folder, location=""))


@pytest.mark.parametrize("location", ["missing.bin", "data"])
def test_no_such_file(folder, location):
    with pytest.raises(UserError, match=f"tensor w: its data file {location} does not exist"):
        import_model(save(folder, location=location))


def test_file_too_small(folder):
    with pytest.raises(UserError, match="w.bin has 144 bytes, but weight w ends at byte 148"):
        import_model(save(folder, location="w.bin", offset=20))


@pytest.mark.parametrize(
    "offset, fault",
    [(-4, "tensor w: its data begins at byte -4"), (10**30, "w ends at byte 10+128")],
)
def test_offset_outside_the_file(folder, offset, fault):
    with pytest.raises(UserError, match=fault):
        import_model(save(folder, location="w.bin", offset=offset))


def test_length_that_does_not_fit_the_type(folder):
    with pytest.raises(UserError, match="tensor w: 64 bytes of data, but tensor<32xf32> takes 128"):
        import_model(save(folder, location="w.bin", length=64))


def test_a_model_in_memory_has_no_files(folder):
    data = save(folder, location="w.bin", offset=16).read_bytes()
    with pytest.raises(UserError, match="tensor w: a model given as bytes"):
        import_bytes(data)


def test_a_model_saved_anew_is_not_read_at_the_old_offsets(tmp_path):
    info = helper.make_tensor_value_info("w", TensorProto.FLOAT, [32])
    graph = helper.make_graph([], "g", [], [info], [numpy_helper.from_array(WEIGHTS, "w")])
    path = tmp_path / "model.onnx"
    onnx.save(helper.make_model(graph, producer_name="one"), path)
    text = parse_module(BytesIO(str(import_model(path)).encode()), make_context())
    onnx.save(helper.make_model(graph, producer_name="another"), path)
    with pytest.raises(UserError, match="model.onnx has other bytes where weight w was") as fault:
        interpreter_of(text, WeightStore()).call_op("main")
    assert fault.value.hint == "if the file has changed since, import the model again"


def test_weights_that_moved_or_shrank_are_named(folder):
    module = import_model(save(folder, location="w.bin", offset=16))
    (folder / "w.bin").write_bytes(b"x" * 15 + WEIGHTS.tobytes() + b"x")
    with pytest.raises(UserError, match="w.bin has other bytes where weight w was"):
        interpreter_of(module, WeightStore()).call_op("main")
    (folder / "w.bin").write_bytes(b"x" * 100)
    with pytest.raises(UserError, match="w.bin has 100 bytes, but weight w ends at byte 144"):
        interpreter_of(module, WeightStore()).call_op("main")
    (folder / "w.bin").unlink()
    with pytest.raises(UserError, match="w.bin: No such file or directory, but weight w is stored"):
        interpreter_of(module, WeightStore()).call_op("main")


@pytest.mark.parametrize("places", [[1, 5], [[0, 1], [1, 2]]])
def test_sparse_tensors_become_dense(places):
    values = numpy_helper.from_array(np.array([7, 8], np.float32), "c")
    sparse = helper.make_sparse_tensor(values, numpy_helper.from_array(np.array(places)), [2, 3])
    model = model_of(
        [
            helper.make_node("Constant", [], ["d"], sparse_value=sparse),
            helper.make_node("Add", ["x", "c"], ["z"]),
            helper.make_node("MatMul", ["z", "t"], ["y"]),
            helper.make_node("Transpose", ["d"], ["t"]),
        ],
        {"x": np.ones((2, 3), np.float32)},
        ["y"],
    )
    model.graph.sparse_initializer.append(sparse)
    expected = np.array([[56, 8], [7, 72]], np.float32)
    agree(model, {"x": np.ones((2, 3), np.float32)}, expected=[expected])
