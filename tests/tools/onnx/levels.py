"""One ONNX model at every level, against onnxruntime: sanitizer clean, prediction exact, on primitives."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from tests.programs import programs
from xnn.dialects import LEVELS
from xnn.dialects.prim import GeneralOp


def model_of(
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, np.ndarray],
    outputs: Sequence[str],
    constants: Mapping[str, Any] | None = None,
    opset: int = 18,
) -> onnx.ModelProto:
    """A model of `nodes`; types of outputs are left to onnxruntime."""

    def info(name: str, array: np.ndarray) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
        )

    graph = helper.make_graph(
        nodes,
        "test",
        [info(name, array) for name, array in inputs.items()],
        [onnx.ValueInfoProto(name=name) for name in outputs],
        [
            onnx.numpy_helper.from_array(np.asarray(value), name)
            for name, value in (constants or {}).items()
        ],
    )
    ir_version = 8 if opset < 19 else 10
    domains = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=domains, ir_version=ir_version)


def expected_of(model: onnx.ModelProto, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """What onnxruntime computes."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    arrays = {
        name: np.asarray(array) for name, array in inputs.items()
    }  # it takes no NumPy scalars
    return [np.asarray(each) for each in session.run(None, arrays)]


def agree(
    model: onnx.ModelProto,
    inputs: Mapping[str, np.ndarray],
    *,
    rows: int = 1024,
    rtol: float = 0,
    atol: float = 0,
    general: bool = False,
    expected: Sequence[np.ndarray] | None = None,
    **options: Any,
) -> Any:
    """Compares all outputs at every level; returns the report of the machine's run.

    `rows`: of each of eight banks of local memory; `general`: whether general compute may be used;
    `expected`: instead of what onnxruntime computes; `options`: of the compiler.
    """
    if expected is None:
        expected = expected_of(model, inputs)
    report = None
    settings = [f"local.rows={rows}", "local.banks=8"]
    for level, program in programs(model, settings=settings, **options).items():
        if level == "prim" and not general:
            assert not any(isinstance(op, GeneralOp) for op in program.module.walk())
        outputs, report = program.run(dict(inputs), sanitize=level == LEVELS[-1])
        for actual, wanted in zip(outputs.values(), expected, strict=True):
            assert actual.dtype == wanted.dtype and actual.shape == wanted.shape, level
            np.testing.assert_allclose(actual, wanted, rtol=rtol, atol=atol, err_msg=level)
    assert report is not None and report.cycles == report.predicted_cycles
    return report


FLOAT = TensorProto.FLOAT


def floats(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def node(operator: str, inputs: str, outputs: str = "y", **attributes: Any) -> onnx.NodeProto:
    """A node whose inputs and outputs are single letters; `_` is one that is left out."""
    return helper.make_node(operator, [x.strip("_") for x in inputs], [*outputs], **attributes)
