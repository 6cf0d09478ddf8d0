"""Networks made integer: accuracy, exactness at all levels, and what scale and schedule may not change."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from xdsl.dialects.builtin import AnyFloat, ModuleOp
from xdsl.parser import Parser

import xnn
from tests.programs import compiled, programs
from tests.samples import grid, samples
from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import MatmulOp
from xnn.passes.quantize.calibrate import METHODS, Calibrate
from xnn.passes.quantize.insert_quantization import InsertQuantization
from xnn.passes.quantize.quantize import Quantize
from xnn.runtime.engines.work import ATTRIBUTE, Work
from xnn.runtime.io.npz import write_arrays
from xnn.tools.agreement import sqnr_db
from xnn.tools.parsing import make_context, read_module
from xnn.tools.pass_specs import INTEGER_FORMATS
from xnn.tools.xnn_opt import main

NETWORKS = Path(__file__).parents[3] / "tools" / "networks"
DIGITS = NETWORKS / "digits.onnx"


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    """Held-out images and their labels."""
    data = np.load(NETWORKS / "digits.npz")
    return data["images"].astype(np.float32), data["labels"]


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    path = tmp_path_factory.mktemp("images") / "images.npz"
    write_arrays(path, {"image": digits()[0][:64]})
    return path


@cache
def in_integers(quantize: str, images: Path) -> ModuleOp:
    """The network made integer, at the graph level."""
    return xnn.compile(DIGITS, level="xnn", quantize=quantize, calibrate=images).module


@cache
def accuracy(**options) -> float:
    images, labels = digits()
    outputs, _ = xnn.compile(DIGITS, level="xnn", **options).run({"image": images})
    return float((outputs["logits"].argmax(axis=1) == labels).mean())


def quantised(model: Path, **options) -> ModuleOp:
    """A network after the pass `quantize`."""
    context = make_context()
    module, _ = read_module(model, context)
    Quantize(**options).apply(context, module)
    module.verify()
    return module


@pytest.mark.parametrize(
    ("form", "loss"),
    [
        ("int8", 0.003),
        pytest.param("int16", 0.003, marks=pytest.mark.slow),
        pytest.param("int8w4", 0.02, marks=pytest.mark.slow),
    ],
)
def test_accuracy_hardly_suffers(images, form, loss):
    assert accuracy(quantize=form, calibrate=images) >= accuracy() - loss


@pytest.mark.parametrize(
    ("form", "gain"), [pytest.param("int8", 4, marks=pytest.mark.slow), ("int8w4", 6)]
)
def test_corrections_raise_sqnr_db(images, form, gain):
    inputs = {"image": digits()[0][64:164]}
    expected = xnn.compile(DIGITS, level="xnn").run(inputs)[0]["logits"]

    @cache
    def ratio(quantize: str) -> float:
        form = f"{quantize} method=absmax"  # so that clipping does not hide the rest
        program = xnn.compile(DIGITS, level="xnn", quantize=form, calibrate=images)
        return sqnr_db(expected, program.run(inputs)[0]["logits"])

    plain = ratio(f"{form} correct-biases=false")
    assert ratio(form) > plain + gain
    assert ratio(f"{form} rounding=gptq correct-biases=false") > plain + gain
    assert ratio(f"{form} rounding=gptq") > ratio(form)


def test_random_inputs_correct_no_biases():
    texts = [
        str(xnn.compile(DIGITS, level="xnn", quantize=form).module)
        for form in ("int8", "int8 correct-biases=false", "int8 correct-biases=true")
    ]
    assert texts[0] == texts[1] != texts[2]


def test_fitted_weights_survive_as_text(images, tmp_path):
    """Those above 4 KiB lie in a file beside the text."""
    form = f"weight-bits=4 rounding=gptq calibrate={images}"
    text = tmp_path / "net.mlir"
    assert main([str(DIGITS), f"--quantize={form}", "-o", str(text)]) == 0
    assert (tmp_path / "net.weights").exists()
    inputs = {"image": digits()[0][:2]}
    expected = xnn.compile(DIGITS, quantize="int8w4 rounding=gptq", calibrate=images, level="xnn")
    outputs, _ = compiled(text, level="dsa").run(inputs)
    np.testing.assert_array_equal(outputs["logits"], expected.run(inputs)[0]["logits"])


@pytest.mark.parametrize(
    "quantize",
    [
        pytest.param(form, marks=() if form == "int8w4" else pytest.mark.slow)
        for form in [*INTEGER_FORMATS, "int8w4 rounding=gptq", "int8-ternary rounding=gptq"]
    ],
)
def test_all_levels_and_schedules_agree_bit_for_bit(images, quantize):
    sample = {"image": digits()[0][:2]}
    module = in_integers(quantize, images)
    expected = xnn.compile(module, level="xnn").run(sample)[0]
    for settings in ((), ("local.rows=16",), ("matmul.n=16", "local.banks=4")):
        for level, program in programs(module, settings=settings).items():
            outputs, report = program.run(sample, sanitize=level == "dsa")
            np.testing.assert_array_equal(outputs["logits"], expected["logits"])
            assert report.cycles == report.predicted_cycles


@pytest.mark.parametrize("compute_scale", samples(1, ["shift", "power_of_two"]))
def test_integers_alone_agree_at_all_levels(images, compute_scale):
    module = quantised(DIGITS, calibrate=str(images), compute_scale=compute_scale)
    sample = {"image": digits()[0]}
    expected = xnn.compile(module, level="xnn").run(sample)[0]["logits"]
    assert (expected.argmax(axis=1) == digits()[1]).mean() >= accuracy() - 0.01
    at = programs(module, settings=("local.rows=16",))
    for level, program in at.items():
        outputs, report = program.run({"image": digits()[0][:2]}, sanitize=level == "dsa")
        np.testing.assert_array_equal(outputs["logits"], expected[:2])
        assert report.cycles == report.predicted_cycles
    # Between the first rounding and the logits no float is computed with.
    layers = [op for op in at["prim"].module.walk() if isinstance(op, MatmulOp)]
    for layer in layers[1:-1]:
        kinds = {result.type for op in layer.walk() if op is not layer for result in op.results}
        assert kinds and not any(isinstance(kind, AnyFloat) for kind in kinds)


def test_scales_of_each_run():
    """Inputs of any size are rounded as finely as those that a calibration knows."""
    module = quantised(DIGITS, dynamic=True)
    images, labels = digits()
    levels = programs(module)
    logits = levels["xnn"].run({"image": images})[0]["logits"]
    assert (logits.argmax(axis=1) == labels).mean() >= accuracy() - 0.003
    number = xnn.compile(DIGITS, level="xnn")
    for size in (100.0, 0.01):
        sample = {"image": images[:1] * np.float32(size)}
        expected = number.run(sample)[0]["logits"]
        for level, lowered in levels.items():
            outputs, report = lowered.run(sample, sanitize=level == "dsa")
            error = np.abs(outputs["logits"] - expected).max()
            assert error < 0.05 * np.abs(expected).max()
            assert report.cycles == report.predicted_cycles
    zero = {"image": np.zeros_like(images[:1])}
    assert np.isfinite(levels["dsa"].run(zero)[0]["logits"]).all()


def test_dynamic_scales_take_a_free_compute_scale():
    with pytest.raises(UserError, match="compute-scale=shift needs scales that are known before"):
        quantised(DIGITS, dynamic=True, compute_scale="shift")


def test_a_format_that_the_target_does_not_have_is_told(tmp_path, images):
    target = tmp_path / "integers.toml"
    text = (NETWORKS.parents[1] / "runtime" / "targets" / "edge.toml").read_text()
    lines = text.splitlines(keepends=True)
    target.write_text("".join(line for line in lines if not line.startswith("mac_f")))
    with pytest.raises(
        UserError,
        match='layer "relu1" multiplies f32, which target integers does not have; it has i8, i16, i32',
    ):
        xnn.compile(DIGITS, target=str(target))
    assert compiled(DIGITS, target=str(target), quantize="int8", calibrate=images).level == "dsa"


def calibrated(tmp_path, value: float, quantize: str = "int8") -> dict[str, np.ndarray]:
    """Outputs for an image of one value, which is what is calibrated with."""
    path = tmp_path / "calibrating.npz"
    image = np.full((1, 1, 8, 8), value, np.float32)
    write_arrays(path, {"image": image})
    program = xnn.compile(DIGITS, quantize=quantize, calibrate=path, level="xnn")
    return program.run({"image": image})[0]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_inputs_that_are_not_finite_calibrate_nothing(tmp_path, method, value):
    with pytest.raises(UserError, match="feature map image was not finite in calibration"):
        calibrated(tmp_path, value, f"int8 method={method}")


@pytest.mark.parametrize("method, value", grid(6, METHODS, [0, 1e-44, 1e7]))
def test_maps_of_one_value_have_a_scale(tmp_path, method, value):
    outputs = calibrated(tmp_path, value, f"int8 method={method}")
    assert np.isfinite(outputs["logits"]).all()


def test_unknown_options_are_refused():
    with pytest.raises(UserError, match="compute-scale must be one of .*, not 'log'"):
        quantised(DIGITS, compute_scale="log")
    with pytest.raises(UserError, match="levels must be one of .*, not 'septenary'"):
        quantised(DIGITS, levels="septenary")
    with pytest.raises(UserError, match="samples must be at least 1, not 0"):
        quantised(DIGITS, samples=0)
    with pytest.raises(UserError, match="seed must be at least 0, not -1"):
        quantised(DIGITS, seed=-1)


@pytest.mark.parametrize("text", ["[1.0 : f32]", '["a", "b"]', "5 : i32", "[2.0 : f32, 1.0 : f32]"])
def test_what_is_no_range_is_told(text):
    context = make_context()
    module, _ = read_module(DIGITS, context)
    Calibrate(samples=1).apply(context, module)
    edited = re.sub(r"xnn.range = \[.*?\]", f"xnn.range = {text}", str(module))
    module = Parser(context, edited).parse_module()
    with pytest.raises(
        UserError, match="xnn.range of feature map image must be its least and largest"
    ):
        InsertQuantization().apply(context, module)


def test_options_that_are_floats_need_no_point():
    for quantize in ("int8 ramp=2", "int8 ramp=2.0"):
        assert xnn.compile(DIGITS, level="xnn", quantize=quantize).module


@pytest.mark.parametrize("short", samples(1, ["bf16", "f16"]))
def test_short_floats_agree_at_all_levels(short):
    sample = {"image": digits()[0][:2]}
    at = programs(DIGITS, quantize=short, settings=("local.rows=16",))
    expected = at["xnn"].run(sample)[0]["logits"]
    for level, program in at.items():
        outputs, _ = program.run(sample, sanitize=level == "dsa")
        # Sums of float32 may be found in another order, and then round to the other side.
        np.testing.assert_allclose(outputs["logits"], expected, rtol=0, atol=2e-2)
    assert accuracy(quantize=short) >= accuracy() - 0.003


def test_a_power_of_two_scales_everything(tmp_path):
    """Without clipping the integers inside are the same, so outputs scale exactly."""
    model = Path(tmp_path) / "net.mlir"
    window = "{dilations = array<i64: 1, 1>, groups = 1 : i64, pads = array<i64: 1, 1, 1, 1>, "
    window += "strides = array<i64: 1, 1>}"
    maps, weights = "tensor<1x4x6x6xf32>", "tensor<4x4x3x3xf32>"
    model.write_text(f"""
        func.func @main(%x : {maps} {{xnn.name = "x"}}) -> ({maps} {{xnn.name = "y"}}) {{
          %w = xnn.constant "w" dense<0.25> : {weights}
          %c = xnn.conv "c" %x, %w {window} : ({maps}, {weights}) -> {maps}
          %r = xnn.relu "r" %c : ({maps}) -> {maps}
          %y = xnn.conv "y" %r, %w {window} : ({maps}, {weights}) -> {maps}
          func.return %y : {maps}
        }}""")
    x = np.random.default_rng(0).standard_normal((1, 4, 6, 6), np.float32)

    def output(factor: float) -> np.ndarray:
        path = tmp_path / f"{factor}.npz"
        write_arrays(path, {"x": x * np.float32(factor)})
        program = xnn.compile(model, quantize="int8", calibrate=path, level="prim")
        return program.run({"x": x * np.float32(factor)})[0]["y"]

    for factor in (0.125, 8.0):
        np.testing.assert_array_equal(output(factor), output(1.0) * np.float32(factor))


@pytest.mark.parametrize("rounding", ["", pytest.param(" rounding=gptq", marks=pytest.mark.slow)])
def test_packed_weights_take_fewer_bytes(images, rounding):
    """Biases and multipliers are the same in all; weights have 8, 4, 2 bits or one."""
    sizes: dict[str, int] = {}
    for quantize in INTEGER_FORMATS:
        program = compiled(in_integers(f"{quantize}{rounding}", images), level="dma")
        layers = (op for op in program.module.walk() if ATTRIBUTE in op.attributes)
        sizes[quantize] = sum(Work.of(layer).constant_bytes for layer in layers)
    weights = 2 * (sizes["int8"] - sizes["int8w4"])
    assert sizes["int8-power-of-two"] == sizes["int8w4"]
    assert sizes["int8"] - sizes["int8-ternary"] == pytest.approx(weights * 3 / 4, rel=0.01)
    assert sizes["int8"] - sizes["int8-binary"] == pytest.approx(weights * 7 / 8, rel=0.01)


def test_wrong_inputs_and_formats_are_refused(tmp_path):
    path = tmp_path / "wrong.npz"
    write_arrays(path, {"image": np.zeros((1, 1, 9, 9), np.float32)})
    with pytest.raises(UserError, match=r"input 'image' is float32\[1, 1, 9, 9\], expected"):
        xnn.compile(DIGITS, quantize="int8", calibrate=path, level="xnn")
    with pytest.raises(UserError, match="there is no format 'int9'"):
        xnn.compile(DIGITS, quantize="int9", level="xnn")
    with pytest.raises(UserError, match="rounding must be one of nearest, gptq, not 'up'"):
        xnn.compile(DIGITS, quantize="int8 rounding=up", level="xnn")
    with pytest.raises(UserError, match="there is no format 'f16 rounding=gptq'"):
        xnn.compile(DIGITS, quantize="f16 rounding=gptq", level="xnn")
    with pytest.raises(UserError, match="steps"):
        xnn.compile(DIGITS, quantize="int8 steps=3", level="xnn")
    with pytest.raises(UserError, match="the inputs to calibrate with are named twice"):
        xnn.compile(DIGITS, quantize="int8 calibrate=one.npz", calibrate=path, level="xnn")
    module = xnn.compile(DIGITS, level="prim").module
    with pytest.raises(UserError, match="only a network at the graph level can be quantised"):
        xnn.compile(module, quantize="int8")
