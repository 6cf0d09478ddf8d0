"""The judge of the graph level: onnxruntime, on models of one operator that come in through the importer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from xdsl.dialects.builtin import ModuleOp, f32, i8, i32
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region

from xnn.dialects.xnn import NetworkOperation
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.arrays import dense_of
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.tools.onnx.importer import import_bytes

Arrays = Mapping[str, NDArray[Any]]
Agree = Callable[..., None]


def model_of(
    operator: str, inputs: Arrays, constants: Arrays, opset: int, attributes: Mapping[str, Any]
) -> onnx.ModelProto:
    """A model of one operator whose operands are `inputs` and then `constants`, "" for one left out."""
    node = helper.make_node(operator, [*inputs, *constants], ["y"], **attributes)
    graph = helper.make_graph(
        [node],
        "one",
        [
            helper.make_tensor_value_info(
                name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
            )
            for name, array in inputs.items()
        ],
        [helper.make_empty_tensor_value_info("y")],
        [numpy_helper.from_array(array, name) for name, array in constants.items() if name],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    return onnx.shape_inference.infer_shapes(model)


def expected(model: onnx.ModelProto, inputs: Arrays) -> NDArray[Any]:
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    (output,) = session.run(["y"], dict(inputs))
    return np.asarray(output)


@pytest.fixture
def agree() -> Agree:
    """Asserts that an operator returns here what it returns in onnxruntime."""

    def check(
        operator: str,
        inputs: Arrays,
        constants: Arrays | None = None,
        *,
        opset: int = 17,
        tolerance: float = 1e-5,
        **attributes: Any,
    ) -> None:
        model = model_of(operator, inputs, constants or {}, opset, attributes)
        module = import_bytes(model.SerializeToString())
        module.verify()
        (ours,) = interpreter_of(module, WeightStore()).call_op("main", tuple(inputs.values()))
        theirs = expected(model, inputs)
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)

    return check


@pytest.fixture
def draw() -> Callable[..., NDArray[np.float32]]:
    """Draws a float tensor of the given shape, the same for the same test."""
    rng = np.random.default_rng(1)
    return lambda *shape: rng.standard_normal(shape, dtype=np.float32)


@pytest.fixture
def network() -> Callable[..., ModuleOp]:
    """Builds a network of one operator from example inputs, for what no ONNX operator says."""

    def build(
        inputs: Sequence[NDArray[Any]], operator: Callable[..., NetworkOperation]
    ) -> ModuleOp:
        types = [dense_of(array, element_types[array.dtype.name]).type for array in inputs]
        block = Block(arg_types=types)
        op = operator(*block.args)
        block.add_ops([op, ReturnOp(op.result)])
        main = FuncOp("main", (types, [op.result.type]), Region(block))
        module = ModuleOp([main])
        module.verify()
        return module

    element_types = {"float32": f32, "int8": i8, "int32": i32}
    return build
