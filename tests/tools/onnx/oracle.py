"""Models of a few nodes at all levels, against onnxruntime."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import NodeProto, helper, numpy_helper

from xnn.dialects import LEVELS
from xnn.dialects.prim import GeneralOp
from xnn.runtime.report.report import Report
from xnn.tools.agreement import relative_error
from xnn.tools.api import compile
from xnn.tools.onnx.importer import import_bytes

Arrays = Mapping[str, np.ndarray]


def model_of(
    nodes: Sequence[NodeProto],
    inputs: Arrays,
    outputs: Sequence[str] = ("y",),
    constants: Arrays | None = None,
    opset: int = 17,
) -> bytes:
    """A model of these nodes; what it takes has the types and shapes of `inputs`."""
    kinds = helper.np_dtype_to_tensor_dtype
    graph = helper.make_graph(
        list(nodes),
        "test",
        [helper.make_tensor_value_info(n, kinds(a.dtype), a.shape) for n, a in inputs.items()],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in (constants or {}).items()],
    )
    domains = {node.domain for node in nodes} | {""}
    opsets = [helper.make_opsetid(each, 1 if each else opset) for each in sorted(domains)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    return model.SerializeToString()


def expected_of(model: bytes, inputs: Arrays) -> dict[str, np.ndarray]:
    """The outputs of onnxruntime, without optimisation."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, map(np.asarray, session.run(names, dict(inputs))), strict=True))


def check(
    model: bytes,
    inputs: Arrays,
    tolerance: float = 1e-5,
    levels: Sequence[str] = LEVELS,
    expected: Arrays | None = None,
    **options: Any,
) -> Report:
    """The report of a run: outputs agree at all levels, nothing is on general compute, cycles are as predicted."""
    if expected is None:
        expected = expected_of(model, inputs)
    report: Report | None = None
    for level in levels:
        program = compile(import_bytes(model), level=level, **options)
        if level != "xnn":
            general = [op for op in program.module.walk() if isinstance(op, GeneralOp)]
            assert not general, [op.shown_name for op in general]
        machine = level == "dsa"
        outputs, found = program.run(dict(inputs), **({"sanitize": True} if machine else {}))
        for name, wanted in expected.items():
            actual = outputs[name]
            assert (actual.shape, actual.dtype) == (wanted.shape, wanted.dtype), level
            if wanted.dtype.kind in "biu":
                np.testing.assert_array_equal(actual, wanted, err_msg=level)
            else:
                assert relative_error(actual, wanted) <= tolerance, level
        report = found if machine else report
    assert report is not None and report.cycles == report.predicted_cycles
    return report


def floats(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def node(operator: str, inputs: str, outputs: str = "y", **attributes: Any) -> NodeProto:
    """A node whose inputs and outputs are single letters; `_` is one that is left out."""
    return onnx.helper.make_node(
        operator, [x.replace("_", "") for x in inputs], [*outputs], **attributes
    )
