"""What `xnn-run --compare-float` and `--labels` report, beside what NumPy makes of the same rules."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from onnx.parser import parse_model

import xnn
from tests.programs import compiled
from xnn.runtime.io.npz import write_arrays
from xnn.tools.agreement import Noise
from xnn.tools.xnn_run import main

NETWORKS = Path(__file__).parents[2] / "tools" / "networks"
DIGITS = str(NETWORKS / "digits.onnx")
RANDOM = np.random.default_rng(5)


def network(text: str, **weights: np.ndarray) -> onnx.ModelProto:
    model = parse_model(f'<ir_version: 8, opset_import: ["" : 13]> net {text}')
    model.graph.initializer.extend(
        numpy_helper.from_array(array.astype(np.float32), name) for name, array in weights.items()
    )
    return model


W = RANDOM.standard_normal((8, 16), np.float32)
V = RANDOM.standard_normal((16, 3), np.float32)
PERCEPTRON = network(
    "(float[1, 8] x) => (float[1, 3] y) { h = Gemm(x, w)  r = Relu(h)  y = Gemm(r, v) }", w=W, v=V
)


def reported(capsys, *arguments: str) -> dict:
    """The accuracy in the report of a run, which must be JSON that any reader takes."""
    assert main([*arguments, "--report=json"]) == 0
    out = capsys.readouterr().out
    return json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))["accuracy"]


def deviations(accuracy: dict) -> dict[str, dict]:
    return {layer["name"]: layer["deviation"] for layer in accuracy["layers"]}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> None:
    """Models, samples and labels in the working folder."""
    monkeypatch.chdir(tmp_path)
    onnx.save(PERCEPTRON, "perceptron.onnx")
    images, labels = digits()
    write_arrays("few.npz", {"image": images[:16]})
    write_arrays("images.npz", {"image": images[:24]})
    write_arrays("labels.npz", {"any": labels[:24]})


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Held-out images and their labels."""
    with np.load(NETWORKS / "digits.npz") as data:
        return data["images"], data["labels"]


# of layers


def quantized(x: np.ndarray, low: float, high: float) -> tuple[np.ndarray, float, float]:
    """Integers of 8 bits for a range, with their scale and zero point, by the rule in words."""
    least, most = (-128, 127) if low < 0 else (0, 255)
    scale = float(np.float32((high - low) / 255))
    zero = np.clip(np.rint(least - low / scale), least, most)
    return np.clip(np.rint(x / scale) + zero, least, most), scale, float(zero)


def decibels(expected: np.ndarray, found: np.ndarray) -> float:
    return 10 * np.log10(np.sum(expected**2) / np.sum((expected - found) ** 2))


def test_layers_of_a_perceptron(capsys):
    calibrating = RANDOM.uniform(-1, 1, (1, 8)).astype(np.float32)
    x = np.concatenate([calibrating, RANDOM.uniform(-2, 2, (5, 8)).astype(np.float32)])
    write_arrays("few.npz", {"x": calibrating})
    write_arrays("x.npz", {"x": x})
    flags = "perceptron.onnx --calibrate=few.npz --inputs=x.npz --compare-float"
    accuracy = reported(capsys, *flags.split(), "--quantize=int8 correct-biases=false")
    found = deviations(accuracy)
    assert list(found) == ["x", "h", "r", "y"]

    x, w, v = (each.astype(np.float64) for each in (x, W, V))
    h, top = x @ w, np.maximum(calibrating @ W, 0).max()
    low, high = float(calibrating.min()), float(calibrating.max())
    q, scale, zero = quantized(x, low, high)
    of_w, of_v = (np.abs(each).max(axis=0) / 127 for each in (w, v))
    values = {"x": (q - zero) * scale}
    values["h"] = values["x"] @ (np.rint(w / of_w) * of_w)
    q_r, scale_r, _ = quantized(values["h"], 0.0, float(top))
    values["r"] = q_r * scale_r
    values["y"] = values["r"] @ (np.rint(v / of_v) * of_v)
    expected = {"x": x, "h": h, "r": np.maximum(h, 0), "y": np.maximum(h, 0) @ v}
    for name, deviation in found.items():
        errors = np.abs(expected[name] - values[name])
        assert deviation["sqnr_db"] == pytest.approx(decibels(expected[name], values[name]), 1e-4)
        assert deviation["largest_error"] == pytest.approx(errors.max(), 1e-4)
    beyond = (x < low - scale / 2) | (x > high + scale / 2)
    assert found["x"]["clipped"] == beyond.mean() > 0.2
    beyond = (expected["r"] > top + scale_r / 2) & (q_r == 255)
    assert found["r"]["clipped"] == pytest.approx(beyond.mean()) and beyond.any()
    assert found["h"]["clipped"] == found["y"]["clipped"] == 0
    (output,) = accuracy["outputs"]
    assert output["deviation"] == pytest.approx(found["y"], 1e-5)
    assert accuracy["first_jump"]["layer"] == "x"


BRANCHES = network(
    """(float[1, 4, 8, 8] x) => (float[1, 6] y)
    {
      a = Conv<pads = [1, 1, 1, 1]>(x, w)
      b = Relu(a)
      c = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(b)
      d = AveragePool<kernel_shape = [2, 2], strides = [2, 2]>(a)
      e = Concat<axis = 1>(c, d)
      f = Conv(e, v)
      g = Add(f, d)
      h = Transpose<perm = [0, 2, 3, 1]>(g)
      i = Flatten(h)
      y = MatMul(i, u)
    }""",
    w=RANDOM.standard_normal((4, 4, 3, 3)),
    v=RANDOM.standard_normal((4, 8, 1, 1)),
    u=RANDOM.standard_normal((64, 6)),
)


@pytest.mark.parametrize(("form", "least"), [("int8", 20), ("int16", 65), ("f16", 55)])
def test_every_layer_is_compared_whatever_becomes_of_it(form, least, capsys):
    onnx.save(BRANCHES, "net.onnx")
    write_arrays("x.npz", {"x": RANDOM.standard_normal((1, 4, 8, 8), np.float32)})
    flags = f"--quantize={form} --inputs=x.npz --compare-float --level=xnn".split()
    flags += ["--calibrate=x.npz"] if form.startswith("int") else []
    found = deviations(reported(capsys, "net.onnx", *flags))
    assert list(found) == list("xabcdefghiy")
    for name, deviation in found.items():
        assert float(deviation["sqnr_db"]) > least, name
        assert deviation["clipped"] == 0, name


def test_feature_maps_with_dynamic_scales_are_compared_as_real_values(
    capsys,
):
    flags = "--quantize=int8 dynamic=true|--inputs=images.npz|--compare-float|--level=xnn"
    found = deviations(reported(capsys, DIGITS, *flags.split("|")))
    assert found.keys() >= {"norm1", "relu1", "pool1", "relu4", "logits"}
    assert all(30 < each["sqnr_db"] < 60 for each in found.values())


def test_more_bits_are_nearer(capsys):
    found = {}
    for form in ("int8", "int8w4", "f16", "bf16"):
        flags = ["--level=xnn", f"--quantize={form}", "--inputs=images.npz", "--compare-float"]
        flags += ["--calibrate=images.npz"] if form.startswith("int") else []
        found[form] = deviations(reported(capsys, DIGITS, *flags))
    for better, worse in (("int8", "int8w4"), ("f16", "bf16"), ("f16", "int8")):
        assert found[better].keys() == found[worse].keys() >= {"norm1", "relu4", "flat", "logits"}
        for name in found[better].keys() - {"image"}:
            assert found[better][name]["sqnr_db"] > found[worse][name]["sqnr_db"], name


def test_values_too_large_for_the_format_are_clipped(capsys):
    onnx.save(network("(float[1, 4] x) => (float[1, 4] y) { y = Add(x, x) }"), "net.onnx")
    write_arrays("x.npz", {"x": np.array([[1, 4e4, 2, 0]], np.float32)})
    flags = ["net.onnx", "--quantize=f16", "--inputs=x.npz", "--compare-float", "--level=xnn"]
    accuracy = reported(capsys, *flags)
    assert deviations(accuracy) == {
        "x": {"sqnr_db": "inf", "largest_error": 0, "clipped": 0},
        "y": {"sqnr_db": "-inf", "largest_error": "inf", "clipped": 0.25},
    }
    assert accuracy["first_jump"] == {"layer": "y", "sqnr_db": "-inf", "read_sqnr_db": "inf"}


# where the error jumps


def test_the_first_layer_whose_error_jumps_is_named(capsys):
    """Inputs within the range that was calibrated, which add up to more than they did then."""
    weights = {"w": np.ones((8, 4)), "v": np.ones((4, 2))}
    text = "(float[1, 8] x) => (float[1, 2] y) { h = Gemm(x, w)  r = Relu(h)  y = Gemm(r, v) }"
    onnx.save(network(text, **weights), "net.onnx")
    write_arrays("few.npz", {"x": np.array([[1, -1, 1, -1, 1, -1, 1, -0.9]], np.float32)})
    write_arrays("x.npz", {"x": np.linspace(0.1, 0.9, 8, dtype=np.float32)[None]})
    flags = ["--quantize=int8", "--inputs=x.npz", "--compare-float"]
    accuracy = reported(capsys, "net.onnx", *flags, "--calibrate=few.npz")
    found = deviations(accuracy)
    jump = {name: found[name]["sqnr_db"] for name in ("r", "h")}
    assert accuracy["first_jump"] == {
        "layer": "r", "sqnr_db": jump["r"], "read_sqnr_db": jump["h"]
    }  # fmt: skip
    assert jump["r"] < 1 and found["r"]["clipped"] == 1

    assert main(["net.onnx", *flags, "--calibrate=few.npz"]) == 0
    shown = capsys.readouterr().out
    line = f"layer r: {jump['r']:.1f} dB, its inputs have {jump['h']:.1f} dB\n"
    assert f"\nthe error jumps first at {line}" in shown
    assert reported(capsys, "net.onnx", *flags, "--calibrate=x.npz")["first_jump"] is None
    assert main(["net.onnx", *flags, "--calibrate=x.npz"]) == 0
    assert "\nno layer's error jumps\n" in capsys.readouterr().out


# of outputs


@pytest.mark.parametrize("level", ["xnn", "dsa"])
def test_outputs_of_the_digits_network(level, capsys):
    images, labels = digits()
    logits = {}
    for form in ("int8w4", None):
        calibrate = "few.npz" if form else None
        program = compiled(DIGITS, quantize=form, calibrate=calibrate, level=level)
        logits[form] = program.run({"image": images[:24]})[0]["logits"]
    flags = "--quantize=int8w4 --calibrate=few.npz --inputs=images.npz --labels=labels.npz --effort=fast"
    accuracy = reported(capsys, DIGITS, "--level", level, "--compare-float", *flags.split())
    output = accuracy["outputs"][0]
    assert [each["name"] for each in accuracy["outputs"]] == ["logits", "probabilities"]
    sqnr = decibels(logits[None].astype(np.float64), logits["int8w4"])
    assert output["deviation"]["sqnr_db"] == pytest.approx(sqnr, 1e-4)
    classes = {form: each.argmax(axis=1) for form, each in logits.items()}
    assert output["top1_agreement"] == np.mean(classes["int8w4"] == classes[None])
    assert output["accuracy"] == np.mean(classes["int8w4"] == labels[:24])
    assert output["float_accuracy"] == np.mean(classes[None] == labels[:24])


def test_labels_need_no_comparison(capsys):
    images, labels = digits()
    logits = xnn.compile(DIGITS, level="xnn").run({"image": images[:24]})[0]["logits"]
    share = np.mean(logits.argmax(axis=1) == labels[:24])
    flags = [DIGITS, "--level=xnn", "--inputs=images.npz", "--labels=labels.npz"]
    accuracy = reported(capsys, *flags)
    assert [each["accuracy"] for each in accuracy["outputs"]] == [share, share]
    assert accuracy["layers"] == [] and accuracy["outputs"][0]["deviation"] is None
    assert main(flags) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown[-3:] == [
        "output         accuracy",
        f"logits         {share:>8.2%}",
        f"probabilities  {share:>8.2%}",
    ]


def test_without_being_asked_for_there_is_no_accuracy(capsys):
    assert reported(capsys, "perceptron.onnx") is None


def test_only_a_quantised_network_is_compared(capsys):
    assert main(["perceptron.onnx", "--compare-float"]) == 1
    error = "error: --compare-float is for --quantize FORMAT, which is missing\n"
    assert capsys.readouterr().err == error


# the noise itself


def test_noise_adds_up():
    expected, found = RANDOM.standard_normal((2, 4, 5))
    whole, parts = Noise(), Noise()
    whole.add(expected, found, np.abs(found) > 1)
    for one, other in zip(expected, found):
        parts.add(one, other, np.abs(other) > 1)
    assert parts.sqnr_db == pytest.approx(whole.sqnr_db)
    assert parts.sqnr_db == pytest.approx(decibels(expected, found))
    assert parts.largest_error == whole.largest_error == np.abs(expected - found).max()
    assert parts.clipped == whole.clipped == np.mean(np.abs(found) > 1)


@pytest.mark.parametrize(
    ("expected", "found", "sqnr", "largest", "clipped"),
    [
        ([1, 2], [1, 2], np.inf, 0, 0),
        ([], [], np.inf, 0, 0),
        ([0, 0], [0, 0.5], -np.inf, 0.5, 0),
        ([1, np.inf], [1, np.inf], np.inf, 0, 0),
        ([1, np.nan], [1, np.nan], np.inf, 0, 0),
        ([1, 2], [1, np.nan], -np.inf, np.inf, 0.5),
        ([1, -np.inf], [1, np.inf], -np.inf, np.inf, 0),
        ([10, np.inf], [9, np.inf], 20, 1, 0),
    ],
)
def test_noise_of_what_is_not_finite(expected, found, sqnr, largest, clipped):
    noise = Noise()
    noise.add(np.array(expected, np.float32), np.array(found, np.float32))
    assert (noise.sqnr_db, noise.largest_error, noise.clipped) == (sqnr, largest, clipped)


def test_an_output_whose_size_depends_on_data_is_not_compared(capsys):
    some = "(float[3, 4] x) => (int64[2, n] y) { z = Add(x, x)  r = Relu(z)  y = NonZero(r) }"
    onnx.save(network(some), "some.onnx")
    (output,) = reported(capsys, "some.onnx", "--quantize=int8", "--compare-float")["outputs"]
    assert output["name"] == "y" and output["deviation"] is None


@pytest.mark.parametrize("form", ["int8", "f16"])
def test_scalars_and_tensors_without_elements(form, tmp_path, capsys, recwarn):
    text = """(float[2, 3] x) => (float s, float[0, 3] n) {
        s = ReduceSum <keepdims = 0> (x)
        zero = Constant <value_ints = [0]> ()
        starts = Constant <value_ints = [0]> ()
        n0 = Slice (x, starts, zero, starts)
        n = Relu (n0)
    }"""
    onnx.save(network(text), tmp_path / "net.onnx")
    accuracy = reported(capsys, str(tmp_path / "net.onnx"), f"--quantize={form}", "--compare-float")
    assert [each["name"] for each in accuracy["outputs"]] == ["s", "n"]
    assert not recwarn.list
