"""`xnn-run --report-onnx`: the model as it was, with what each node costs."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx.parser import parse_model

from tests.networks.sequences import lstm_speech
from tests.networks.transformers import bert
from xnn.tools.xnn_run import main

DIGITS = str(Path("tools/networks/digits.onnx").resolve())
SMALL = """
    <ir_version: 10, opset_import: ["" : 18]>
    g (float[1, 2, 4, 4] x) => (float[1, 2, 2, 2] y) <float[2, 2, 3, 3] w> {
        half = Constant <value_float = 0.5> ()
        c = Conv <kernel_shape = [3, 3]> (x, w)
        r = Relu (c)
        z = Mul (r, half)
        unused = Exp (x)
        s = Reshape <allowzero = 0> (z, shape)
        y = Softmax (s)
    }
"""

NETWORKS = {
    "bert": partial(bert, layers=1, hidden=64, heads=2, inner=128, tokens=8, vocabulary=50),
    "lstm": partial(lstm_speech, frames=3, bands=8, hidden=16, layers=2, sounds=8),
}


def properties(node: onnx.NodeProto) -> dict[str, str]:
    """Of the prefix `xnn.`, without it, from wherever they stand."""
    lines = [line.partition(": ") for line in node.doc_string.split("\n")]
    found = {key: value for key, _, value in lines} | {p.key: p.value for p in node.metadata_props}
    return {key[4:]: value for key, value in found.items() if key.startswith("xnn.")}


def annotated(model: str, *flags: str) -> tuple[onnx.ModelProto, dict]:
    """The model that is written, and the report of the same run."""
    arguments = [model, "--time-only", "--report=json", "--report-file=r.json", *flags]
    assert main([*arguments, "--report-onnx=out.onnx"]) == 0
    return onnx.load("out.onnx"), json.loads(Path("r.json").read_text())


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def small(**weights) -> onnx.ModelProto:
    model = parse_model(SMALL)
    weight = np.random.default_rng(0).random((2, 2, 3, 3), np.float32)
    tensors = {"w": weight, "shape": np.array([1, 2, 2, 2])} | weights
    made = [onnx.numpy_helper.from_array(value, name) for name, value in tensors.items()]
    del model.graph.initializer[:]
    model.graph.initializer.extend(made)
    return model


def test_costs_of_nodes_add_up_to_those_of_the_run():
    model, report = annotated(DIGITS)
    found = {node.output[0]: properties(node) for node in model.graph.node}
    conv = next(each for each in report["layers"] if each["name"] == "relu2")
    assert found["conv2"]["layer"] == "relu2" and found["conv2"]["operator"] == "conv 3x3"
    for key in ("cycles", "macs", "external_bytes", "weight_bytes", "local_bytes", "bound"):
        assert found["conv2"][key] == str(conv[key])
        total = sum(int(each.get(key, 0)) for each in found.values())
        assert total == sum(layer[key] for layer in report["layers"])
    energy = sum(float(each.get("energy_pj", 0)) for each in found.values())
    assert energy == pytest.approx(report["energy_pj"]["total"], abs=len(found))
    assert found["conv2"]["limited_by"] == "bus 62%" and found["conv2"]["share"] == "50.1%"
    assert found["norm2"] == {"runs_on": "fused into matmul", "fused_into": "conv2"}
    assert found["sum4"]["fused_into"] == "pointwise4"
    assert found["flat"] == {"runs_on": "view"}
    assert found["probabilities"]["layer"].count(", ") == 2
    totals = {each.key: each.value for each in model.metadata_props}
    assert totals["xnn.cycles"] == str(report["cycles"]) and totals["xnn.target"] == "edge"


@pytest.mark.parametrize("network", NETWORKS)
def test_every_layer_stands_at_a_node(network):
    onnx.save(NETWORKS[network](), "m.onnx")
    model, report = annotated("m.onnx", "--effort=fast")
    found = [properties(node) for node in model.graph.node]
    assert sum(int(each.get("cycles", 0)) for each in found) == report["cycles"]
    assert sum(int(each.get("macs", 0)) for each in found) == report["macs"]


def test_all_else_stays_and_the_model_computes_the_same():
    model, _ = annotated(DIGITS, "--quantize=int8")
    onnx.checker.check_model(model, full_check=True)
    image = np.random.default_rng(0).random((1, 1, 8, 8), np.float32)
    one, other = (
        onnxruntime.InferenceSession(m).run(None, {"image": image}) for m in (DIGITS, "out.onnx")
    )
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))
    for node in model.graph.node:
        node.ClearField("doc_string")
    del model.metadata_props[:]
    original = onnx.load(DIGITS)
    for node in original.graph.node:
        assert not node.doc_string
    assert model == original


def test_nodes_have_properties_since_version_10_and_are_annotated_anew():
    model = small()
    model.graph.node[1].metadata_props.add(key="owner", value="me")
    model.graph.node[1].doc_string = "The first layer."
    onnx.save(model, "m.onnx")
    first, _ = annotated("m.onnx")
    Path("out.onnx").rename("m.onnx")
    second, report = annotated("m.onnx", "--set=external.bytes_per_cycle=1")
    assert first != second
    conv = second.graph.node[1]
    keys = [each.key for each in conv.metadata_props]
    assert keys[0] == "owner" and keys.count("xnn.cycles") == 1
    assert conv.doc_string == "The first layer."
    found = {node.output[0]: properties(node) for node in second.graph.node}
    assert sum(int(each.get("cycles", 0)) for each in found.values()) == report["cycles"]
    assert found["half"] == {"runs_on": "folded"} and found["unused"] == {"runs_on": "unused"}
    assert found["z"]["fused_into"] == "c"


def test_files_of_weights_go_with_the_model():
    Path("a").mkdir()
    onnx.save(small(), "a/m.onnx", save_as_external_data=True, location="m.data", size_threshold=0)
    Path("b").mkdir()
    arguments = ["a/m.onnx", "--time-only", "--report=none"]
    for path in ("a/out.onnx", "b/out.onnx", "b/again.onnx"):
        assert main([*arguments, f"--report-onnx={path}"]) == 0
        onnx.checker.check_model(path)
        assert "w" in {each.name for each in onnx.load(path).graph.initializer}
    assert {each.name for each in Path("b").iterdir()} == {"out.onnx", "again.onnx", "m.data"}


def test_weights_of_another_model_are_not_overwritten(capsys):
    Path("a").mkdir()
    onnx.save(small(), "a/m.onnx", save_as_external_data=True, location="m.data", size_threshold=0)
    Path("m.data").write_text("of another model")
    assert main(["a/m.onnx", "--time-only", "--report=none", "--report-onnx=out.onnx"]) == 1
    assert "m.data: is there already, with other weights" in capsys.readouterr().err
    assert Path("m.data").read_text() == "of another model" and not Path("out.onnx").exists()


def test_text_and_pipes_can_be_annotated():
    Path("m.onnxtxt").write_text(
        SMALL.replace("s = Reshape <allowzero = 0> (z, shape)", "s = Abs (z)").replace(
            " <float[2, 2, 3, 3] w>", " <float[2, 2, 3, 3] w = {" + ", ".join(["0.5"] * 36) + "}>"
        )
    )
    model, report = annotated("m.onnxtxt")
    assert sum(int(properties(n).get("cycles", 0)) for n in model.graph.node) == report["cycles"]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["m.mlir"], "m.mlir: is no ONNX model"),
        (["m.onnx", "--level=prim"], "level prim has no costs of nodes"),
        (["m.onnx", "--report-onnx=m.onnx"], "m.onnx: is read by this run"),
        (["m.onnx", "--report-onnx=nowhere/m.onnx"], "there is no folder nowhere"),
    ],
)
def test_bad_input_is_one_message_and_leaves_no_file(flags, message, capsys):
    from xnn.tools.xnn_opt import main as opt

    onnx.save(small(), "m.onnx")
    assert opt(["m.onnx", "-o", "m.mlir"]) == 0
    before = {each.name for each in Path().iterdir()}
    assert main(["--report-onnx=out.onnx", *flags]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: ") and message in err
    assert {each.name for each in Path().iterdir()} == before
