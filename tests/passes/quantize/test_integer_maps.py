"""Networks of an attention, a recurrence and a detector in 8 bits: products of integers, noise, all levels."""

import numpy as np
import onnx
import pytest
from xdsl.dialects.builtin import IntegerType

from tests.tools.onnx.levels import agree, expected_of, floats, model_of
from xnn.dialects.xnn.linear import ProductOperation
from xnn.tools.agreement import sqnr_db
from xnn.tools.api import compile

make = onnx.helper.make_node
Model = tuple[onnx.ModelProto, dict[str, np.ndarray]]


def attention() -> Model:
    """Four heads whose scores a mask of -inf hides in part, with a residual connection."""
    x = floats(0, 1, 16, 32)
    mask = np.triu(np.full((16, 16), -np.inf, np.float32), 1)
    nodes = [make("MatMul", ["x", f"w{part}"], [f"p{part}"]) for part in "qkv"]
    nodes += [make("Add", [f"p{part}", "b"], [f"a{part}"]) for part in "qkv"]
    nodes += [make("Reshape", [f"a{part}", "heads"], [f"h{part}"]) for part in "qkv"]
    for part, perm in (("q", [0, 2, 1, 3]), ("k", [0, 2, 3, 1]), ("v", [0, 2, 1, 3])):
        nodes.append(make("Transpose", [f"h{part}"], [f"t{part}"], perm=perm))
    nodes += [
        make("MatMul", ["tq", "tk"], ["scores"]),
        make("Add", ["scores", "mask"], ["masked"]),
        make("Softmax", ["masked"], ["shares"], axis=-1),
        make("MatMul", ["shares", "tv"], ["mixed"]),
        make("Transpose", ["mixed"], ["rows"], perm=[0, 2, 1, 3]),
        make("Reshape", ["rows", "flat"], ["joined"]),
        make("MatMul", ["joined", "wo"], ["projected"]),
        make("Add", ["projected", "x"], ["residual"]),
        make("LayerNormalization", ["residual", "scale"], ["y"], axis=-1),
    ]
    constants = {f"w{part}": floats(i, 32, 32) / 5 for i, part in enumerate("qkvo", 1)}
    constants |= {"b": floats(5, 32) / 5, "mask": mask, "scale": np.ones(32, np.float32)}
    constants |= {"heads": np.array([1, 16, 4, 8]), "flat": np.array([1, 16, 32])}
    return model_of(nodes, {"x": x}, ["y"], constants), {"x": x}


def recurrence() -> Model:
    x = floats(0, 3, 1, 8)
    constants = {"w": floats(1, 1, 64, 8) / 3, "r": floats(2, 1, 64, 16) / 4}
    nodes = [make("LSTM", ["x", "w", "r"], ["", "h"], hidden_size=16)]
    return model_of(nodes, {"x": x}, ["h"], constants), {"x": x}


def detector() -> Model:
    """Boxes and scores, of very different ranges, from one product; outputs in one tensor."""
    x = floats(0, 1, 8, 6, 6)
    nodes = [
        make("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]),
        make("Sigmoid", ["c"], ["s"]),
        make("Split", ["s", "parts"], ["boxes", "scores"], axis=1),
        make("Mul", ["boxes", "stride"], ["pixels"]),
        make("Concat", ["pixels", "scores"], ["all"], axis=1),
        make("Reshape", ["all", "rows"], ["y"]),
    ]
    constants = {"w": floats(1, 12, 8, 3, 3) / 5, "stride": np.float32(300)}
    constants |= {"parts": np.array([4, 8]), "rows": np.array([1, 12, 36])}
    return model_of(nodes, {"x": x}, ["y"], constants), {"x": x}


@pytest.mark.parametrize(
    "build, least",
    [(attention, 36), (recurrence, 32), (detector, 40)],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_all_levels_compute_in_integers(build, least, tmp_path):
    model, inputs = build()
    samples = tmp_path / "samples.npz"
    np.savez(samples, **inputs)
    options = {"quantize": "int8", "calibrate": samples}
    program = compile(model, level="xnn", **options)
    products = [op for op in program.module.walk() if isinstance(op, ProductOperation)]
    assert products
    assert all(isinstance(op.accumulator_type, IntegerType) for op in products)
    (value,) = program.run(inputs)[0].values()
    (expected,) = expected_of(model, inputs)
    assert sqnr_db(expected, value) > least
    agree(model, inputs, expected=[value], atol=1e-5 * np.abs(value).max(), **options)
