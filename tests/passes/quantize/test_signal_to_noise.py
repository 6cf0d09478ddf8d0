"""Signal-to-quantisation-noise ratio of logits: against onnxruntime, and what corrections gain."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import version_converter

import xnn
from xnn.runtime.io.npz import write_arrays
from xnn.tools.agreement import sqnr_db
from xnn.tools.networks import light

onnxruntime = pytest.importorskip("onnxruntime")
quantization = pytest.importorskip("onnxruntime.quantization")

FAST = {"squeezenet"}
CALIBRATING, EVALUATING = range(4), 99
"""Seeds of random images."""


def run(model: Path, inputs: dict[str, np.ndarray], output: str) -> np.ndarray:
    """An output of a model as onnxruntime computes it, without instructions that saturate inside."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return session.run([output], inputs)[0]


class Reader(quantization.CalibrationDataReader):
    def __init__(self, samples):
        self.samples = iter(samples)

    def get_next(self):
        return next(self.samples, None)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in light.names()],
)
def test_better_than_onnxruntime(name, tmp_path):
    """Static quantisation, MinMax, per channel, with the same samples: by 3 dB."""
    model = light.build(name)
    output = model.graph.output[-1].name
    samples = [light.sample_input(model, seed) for seed in CALIBRATING]
    inputs = light.sample_input(model, EVALUATING)
    source, result = tmp_path / "float.onnx", tmp_path / "quantized.onnx"
    onnx.save(version_converter.convert_version(model, 13), source)
    quantization.quantize_static(
        source,
        result,
        Reader(samples),
        quant_format=quantization.QuantFormat.QDQ,
        activation_type=quantization.QuantType.QUInt8,
        weight_type=quantization.QuantType.QInt8,
        calibrate_method=quantization.CalibrationMethod.MinMax,
        per_channel=True,
    )
    expected = run(source, inputs, output)
    theirs = sqnr_db(expected, run(result, inputs, output))
    calibrating = tmp_path / "samples.npz"
    write_arrays(calibrating, {k: np.concatenate([s[k] for s in samples]) for k in inputs})
    for form in ("int8", "int8 rounding=gptq"):
        program = xnn.compile(source, quantize=form, calibrate=calibrating, level="xnn")
        ours = sqnr_db(expected, program.run(inputs)[0][output])
        print(f"{name}: {form} {ours:.2f} dB, onnxruntime {theirs:.2f} dB")
        assert ours >= theirs + 3
