"""Networks as the two exporters of PyTorch write them: names, shared weights, constants that nodes make."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import xnn
from tests.tools.onnx.levels import model_of, node
from xnn.dialects import LEVELS
from xnn.dialects.xnn.interface import main_function
from xnn.tools.onnx.importer import import_bytes

N: Any = helper.make_node
WINDOW = {"dilations": [1, 1], "group": 1, "kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
rng = np.random.default_rng(3)
CONV, BIAS = rng.standard_normal((4, 3, 3, 3), np.float32), rng.standard_normal(4, np.float32)
DEEP, DENSE = (
    rng.standard_normal((4, 1, 3, 3), np.float32),
    rng.standard_normal((10, 64), np.float32),
)


def integers(name: str, values: Sequence[int]) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, np.int64), name)


def scalar(value: float) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(value, np.float32))


def torchscript() -> onnx.ModelProto:
    """torch.onnx.export(dynamo=False): paths of modules, numbers, equal weights by Identity, constants by nodes."""
    nodes = [
        N("Identity", ["onnx::Conv_40"], ["onnx::Conv_43"], name="Identity_0"),
        N(
            "Conv",
            ["input.1", "onnx::Conv_39", "onnx::Conv_40"],
            ["/f/f.0/Conv_output_0"],
            "/f/f.0/Conv",
            **WINDOW,
        ),
        N(
            "Constant",
            [],
            ["/f/f.1/Constant_output_0"],
            "/f/f.1/Constant",
            value=scalar(0),
        ),
        N(
            "Constant",
            [],
            ["/f/f.1/Constant_1_output_0"],
            "/f/f.1/Constant_1",
            value=scalar(6),
        ),
        N(
            "Clip",
            ["/f/f.0/Conv_output_0", "/f/f.1/Constant_output_0", "/f/f.1/Constant_1_output_0"],
            ["/f/f.1/Clip_output_0"],
            "/f/f.1/Clip",
        ),
        N(
            "Conv",
            ["/f/f.1/Clip_output_0", "f.2.weight", "onnx::Conv_43"],
            ["30"],
            "/f/f.2/Conv",
            strides=[2, 2],
            **(WINDOW | {"group": 4}),
        ),
        N("Constant", [], ["/Constant_output_0"], "/Constant", value=integers("", [0, -1])),
        N("Reshape", ["30", "/Constant_output_0"], ["/Reshape_output_0"], "/Reshape", allowzero=0),
        N(
            "Gemm",
            ["/Reshape_output_0", "head.weight", ""],
            ["37"],
            "/head/Gemm",
            alpha=1.0,
            beta=1.0,
            transB=1,
        ),
    ]
    weights = {
        "onnx::Conv_39": CONV,
        "onnx::Conv_40": BIAS,
        "f.2.weight": DEEP,
        "head.weight": DENSE,
    }
    graph = helper.make_graph(
        nodes,
        "main_graph",
        [helper.make_tensor_value_info("input.1", TensorProto.FLOAT, ["batch_size", 3, 8, 8])],
        [helper.make_tensor_value_info("37", TensorProto.FLOAT, ["Gemm37_dim_0", 10])],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="pytorch")


def dynamo() -> onnx.ModelProto:
    """torch.onnx.export(dynamo=True): names of ATen operators, symbols, all attributes, an unused function."""
    nodes = [
        N(
            "Conv",
            ["x", "f.0.weight", "f.0.bias"],
            ["getitem"],
            "node_Conv_12",
            auto_pad="NOTSET",
            strides=[1, 1],
            **WINDOW,
        ),
        N("Clip", ["getitem", "val_0", "val_1"], ["hardtanh"], "node_hardtanh"),
        N(
            "Conv",
            ["hardtanh", "f.2.weight", "f.0.bias"],
            ["conv2d_1"],
            "node_conv2d_1",
            auto_pad="NOTSET",
            strides=[2, 2],
            **(WINDOW | {"group": 4}),
        ),
        N("Reshape", ["conv2d_1", "val_12"], ["view"], "node_view", allowzero=1),
        N(
            "Gemm",
            ["view", "head.weight"],
            ["linear"],
            "node_linear",
            alpha=1.0,
            beta=1.0,
            transA=0,
            transB=1,
        ),
    ]
    for each in nodes:
        each.metadata_props.add(key="pkg.torch.onnx.name_scopes", value="['', 'f', 'f.0']")
    weights: dict[str, Any] = {
        "f.0.weight": CONV,
        "f.0.bias": BIAS,
        "f.2.weight": DEEP,
        "head.weight": DENSE,
    }
    constants: dict[str, Any] = {
        "val_0": np.float32(0),
        "val_1": np.float32(6),
        "val_12": np.array([-1, 64]),
    }
    sizes = ["s77", 4, 8, 8]
    graph = helper.make_graph(
        nodes,
        "main_graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["s77", 3, 8, 8])],
        [helper.make_tensor_value_info("linear", TensorProto.FLOAT, ["s77", 10])],
        [numpy_helper.from_array(np.asarray(a), name) for name, a in (weights | constants).items()],
        value_info=[helper.make_tensor_value_info("getitem", TensorProto.FLOAT, sizes)],
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("pkg.torch", 1)]
    unused = helper.make_function(
        "pkg.torch", "scope", ["a"], ["b"], [N("Relu", ["a"], ["b"])], opsets[:1]
    )
    return helper.make_model(graph, opset_imports=opsets, ir_version=10, functions=[unused])


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("exporter, batch", [(torchscript, "batch_size"), (dynamo, "s77")])
def test_networks_as_exporters_write_them(exporter, batch: str, level: str):
    model = exporter()
    onnx.checker.check_model(model)
    (port,) = model.graph.input
    x = {port.name: rng.standard_normal((2, 3, 8, 8), np.float32)}
    expected: Any = ReferenceEvaluator(model).run(None, x)
    program = xnn.compile(model, target="edge", level=level, bindings={batch: 2})
    outputs, report = program.run(x)
    (output,) = model.graph.output
    np.testing.assert_allclose(outputs[output.name], *expected, rtol=1e-4, atol=1e-4)
    if level == LEVELS[-1]:
        named = {name for node in model.graph.node for name in node.output}
        assert {layer.name for layer in report.layers} <= named
        assert report.cycles == report.predicted_cycles


def test_all_parts_of_a_shape_that_is_split_are_known():
    nodes = [
        node("Shape", "x", "s"),
        node("Split", "s", "abc", num_outputs=3),
        node("Concat", "cab", "t", axis=0),
        node("Reshape", "xt"),
    ]
    x = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    module = import_bytes(model_of(nodes, {"x": x}, ["y"]).SerializeToString())
    assert [op.name for op in main_function(module).body.block.ops] == [
        "xnn.reshape",
        "func.return",
    ]
