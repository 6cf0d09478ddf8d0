"""xnn-run --keep-maps: feature maps beside the outputs, in their file and in what --expect compares."""

import numpy as np
import onnx
import pytest
from onnx.parser import parse_model

from xnn.runtime.io.npz import read_arrays, write_arrays
from xnn.tools.xnn_run import main

MODEL = parse_model("""
    <ir_version: 8, opset_import: ["" : 13]>
    small (float[1, 4] x) => (float[1, 4] y) { c = Relu(x)  m = MatMul(c, w)  y = Softmax(m) }
""")
W = np.arange(16, dtype=np.float32).reshape(4, 4)
X = np.array([[1, -2, 3, 4]], np.float32)
MAPS = {"a,b": np.maximum(X, 0), "m": np.maximum(X, 0) @ W}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = onnx.ModelProto()
    model.CopyFrom(MODEL)
    model.graph.initializer.append(onnx.numpy_helper.from_array(W, "w"))
    model.graph.node[0].output[0] = model.graph.node[1].input[0] = "a,b"
    onnx.save(model, "small.onnx")
    write_arrays("x.npz", {"x": X})


def run(*arguments: str) -> int:
    return main(["small.onnx", "--inputs=x.npz", "--report=none", *arguments])


def test_maps_are_stored_with_the_outputs():
    keep = ["--keep-maps=m,y", "--keep-maps", "a,b", "--keep-maps=m"]
    assert run("--level=xnn", *keep, "--outputs=out.npz") == 0
    found = read_arrays("out.npz")
    assert list(found) == ["y", "m", "a,b"]
    for name, value in MAPS.items():
        np.testing.assert_allclose(found[name], value, 1e-6)


def test_expected_maps_are_compared(capsys):
    write_arrays("maps.npz", {"m": MAPS["m"]})
    assert run("--keep-maps=m", "--expect=maps.npz") == 0
    assert "m: agrees" in capsys.readouterr().err
    assert run("--expect=maps.npz") == 1
    assert capsys.readouterr().err == "error: expected output 'm' is none of y\n"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--keep-maps=m"], "--keep-maps is for --outputs F.npz, which is missing"),
        (["--keep-maps=m", "--time-only"], "--keep-maps is about values, which --time-only does not compute"),
        (["--keep-maps=", "--outputs=out.npz"], "no layer is called ''\nhint: there are m, "),
        (["--keep-maps=mm", "--outputs=out.npz"], "no layer is called 'mm'"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept(arguments, message, capsys, tmp_path):
    assert run(*arguments) == 1
    assert capsys.readouterr().err.startswith(f"error: {message}")
    assert not (tmp_path / "out.npz").exists()
