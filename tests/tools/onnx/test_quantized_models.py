"""Models that onnxruntime quantised, in both of its forms: equal to its exact integer setting."""

from functools import cache
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import xnn
from tests.programs import compiled, programs
from tests.samples import grid
from tests.tools.onnx.levels import agree, expected_of, model_of
from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa import BufferOp
from xnn.tools.onnx.importer import import_bytes

onnxruntime = pytest.importorskip("onnxruntime")
quantization = pytest.importorskip("onnxruntime.quantization")

SHAPE = (1, 3, 16, 16)


class Builder:
    """A small ONNX network with seeded weights."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(0)
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, *shape: int) -> str:
        array = self.rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))
        self.weights.append(numpy_helper.from_array(array.astype(np.float32), name))
        return name

    def bias(self, name: str, size: int) -> str:
        array = self.rng.uniform(-0.2, 0.2, size).astype(np.float32)
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def add(self, operator: str, inputs: list[str], output: str, **attributes) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def conv(self, x: str, y: str, rows: int, channels: int, kernel: int, groups: int = 1) -> str:
        w = self.weight(f"{y}_w", rows, channels // groups, kernel, kernel)
        pads, shape = [kernel // 2] * 4, [kernel] * 2
        inputs = [x, w, self.bias(f"{y}_b", rows)]
        return self.add("Conv", inputs, y, kernel_shape=shape, pads=pads, group=groups)

    def model(self, last: str, channels: int) -> onnx.ModelProto:
        self.add("GlobalAveragePool", [last], "g")
        self.add("Flatten", ["g"], "f")
        w, b = self.weight("fc_w", 10, channels), self.bias("fc_b", 10)
        self.add("Gemm", ["f", w, b], "y", transB=1)
        graph = helper.make_graph(
            self.nodes,
            "small",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, SHAPE)],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 10])],
            self.weights,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def network(kind: str) -> onnx.ModelProto:
    build = Builder()
    x = build.add("Relu", [build.conv("x", "c1", 8, 3, 3)], "r1")
    x = build.add("MaxPool", [x], "p1", kernel_shape=[2, 2], strides=[2, 2])
    if kind == "residual":
        x = build.add("Add", [build.conv(x, "c2", 8, 8, 3), x], "a")
    elif kind == "depthwise":
        x = build.add("Relu", [build.conv(x, "c2", 8, 8, 3, groups=8)], "r2")
        x = build.conv(x, "c3", 8, 8, 1)
    elif kind == "concat":
        left, right = build.conv(x, "c2", 4, 8, 1), build.conv(x, "c3", 4, 8, 3)
        x = build.add("Concat", [left, right], "cat", axis=1)
    else:
        x = build.conv(x, "c2", 8, 8, 3)
    return build.model(build.add("Relu", [x], "r4"), 8)


class Samples(quantization.CalibrationDataReader):
    def __init__(self) -> None:
        rng = np.random.default_rng(1)
        self.samples = iter([{"x": rng.standard_normal(SHAPE, np.float32)} for _ in range(8)])

    def get_next(self):
        return next(self.samples, None)


@cache
def quantized(kind: str, form: str, activations: str, per_channel: bool, folder: Path) -> bytes:
    source, result = folder / "float.onnx", folder / "quantized.onnx"
    onnx.save(network(kind), source)
    quantization.quantize_static(
        source,
        result,
        Samples(),
        quant_format=quantization.QuantFormat[form],
        activation_type=quantization.QuantType[activations],
        weight_type=quantization.QuantType.QInt8,
        per_channel=per_channel,
    )
    return result.read_bytes()


def exact(model: bytes, x: np.ndarray) -> np.ndarray:
    """Without the saturating instructions that onnxruntime takes on some processors."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.add_session_config_entry("session.x64quantprecision", "1")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


KINDS, TYPES = ["plain", "residual", "depthwise", "concat"], ["QUInt8", "QInt8"]


@pytest.mark.parametrize(
    "kind, form, activations, per_channel",
    grid(6, KINDS, ["QDQ", "QOperator"], TYPES, [False, True]),
)
def test_equal_to_the_exact_rule(kind, form, activations, per_channel, tmp_path):
    model = quantized(kind, form, activations, per_channel, tmp_path)
    x = np.random.default_rng(99).standard_normal(SHAPE, np.float32)
    at = programs(model)
    outputs, report = at["dsa"].run({"x": x}, sanitize=True)
    above = at["xnn"].run({"x": x})[0]
    np.testing.assert_array_equal(outputs["y"], above["y"])
    # Every product is one of 8-bit integers.
    operators = {layer.op.split()[0] for layer in report.layers}
    assert operators <= {"conv", "gemm", "max_pool", "sum_pool"}
    assert report.macs and report.auxiliary_macs is not None
    assert report.energy_pj["mac"] == 0.25 * (report.macs + report.auxiliary_macs)
    if (
        form == "QOperator" and activations == "QInt8"
    ):  # onnxruntime has no such Gemm: take its other form
        model = quantized(kind, "QDQ", activations, per_channel, tmp_path)
    np.testing.assert_array_equal(outputs["y"], exact(model, x))


@pytest.mark.parametrize("kind, weights", grid(2, KINDS, TYPES))
def test_scales_of_each_input(kind, weights, tmp_path):
    """DynamicQuantizeLinear, ConvInteger, MatMulInteger: sums exact, what is between them float32."""
    source, result = tmp_path / "float.onnx", tmp_path / "dynamic.onnx"
    onnx.save(network(kind), source)
    quantization.quantize_dynamic(source, result, weight_type=quantization.QuantType[weights])
    model = result.read_bytes()
    operators = {node.op_type for node in onnx.load_from_string(model).graph.node}
    assert {"DynamicQuantizeLinear", "ConvInteger", "MatMulInteger"} <= operators
    program = compiled(model, level="dsa")
    for size in (1.0, 0.01):
        x = np.random.default_rng(99).standard_normal(SHAPE, np.float32) * np.float32(size)
        outputs, report = program.run({"x": x}, sanitize=True)
        expected = exact(model, x)
        np.testing.assert_allclose(
            outputs["y"], expected, rtol=0, atol=1e-5 * np.abs(expected).max()
        )
        assert report.cycles == report.predicted_cycles


@pytest.mark.parametrize(
    "form, stored",
    grid(3, [("int4", 0), ("uint4", 8), ("uint4", 3)], ["in the model", "beside it"]),
)
def test_weights_of_4_bits(form, stored, tmp_path):
    """Two in a byte in the file; in memory as well, if what they stand for takes no more bits."""
    kind, zero_point = form
    rng = np.random.default_rng(0)
    dtype = np.dtype(getattr(ml_dtypes, kind))
    low = 0 if kind == "uint4" else -8
    w = rng.integers(low, low + 16, (16, 8, 3, 3)).astype(dtype)
    parameters = {
        "wq": w,
        "ws": rng.uniform(0.01, 0.1, 16).astype(np.float32),
        "wz": np.full(16, zero_point, dtype),
        "xs": np.array(0.05, np.float32),
        "xz": np.array(3, np.uint8),
    }
    graph = helper.make_graph(
        [
            helper.make_node("QuantizeLinear", ["x", "xs", "xz"], ["xq"]),
            helper.make_node("DequantizeLinear", ["xq", "xs", "xz"], ["xd"]),
            helper.make_node("DequantizeLinear", ["wq", "ws", "wz"], ["wd"], axis=0),
            helper.make_node("Conv", ["xd", "wd"], ["y"], pads=[1] * 4),
        ],
        "four_bits",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 8, 10, 10])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 16, 10, 10])],
        [numpy_helper.from_array(array, name) for name, array in parameters.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    data, path = model.SerializeToString(), tmp_path / "four_bits.onnx"
    onnx.save(model, path, save_as_external_data=stored != "in the model", size_threshold=256)
    x = rng.standard_normal((1, 8, 10, 10), np.float32)
    program = compiled(path, level="dsa")
    outputs, _ = program.run({"x": x}, sanitize=True)
    np.testing.assert_allclose(outputs["y"], exact(data, x), rtol=0, atol=1e-5)
    sizes = {
        op.result_name.data: op.bytes for op in program.module.walk() if isinstance(op, BufferOp)
    }
    packed = sizes.get("y#sums_packed")
    assert packed == (None if zero_point == 3 else w.size // 2)


@pytest.mark.parametrize(
    ("scale", "zero_point", "message"),
    [
        (0.0, np.uint8(3), "scale 0.0 .* is not positive and finite"),
        (-1.0, np.uint8(3), "scale -1.0 .* is not positive and finite"),
        (np.inf, np.uint8(3), "scale inf .* is not positive and finite"),
        (1.0, np.float32(3), "zero point .* of type f32"),
    ],
)
def test_impossible_parameters_are_reported(scale, zero_point, message):
    weights = [
        numpy_helper.from_array(np.array(scale, np.float32), "s"),
        numpy_helper.from_array(np.array(zero_point), "z"),
    ]
    graph = helper.make_graph(
        [helper.make_node("QuantizeLinear", ["x", "s", "z"], ["y"])],
        "wrong",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [4])],
        [helper.make_tensor_value_info("y", TensorProto.UINT8, [4])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    with pytest.raises(UserError, match=message):
        import_bytes(model.SerializeToString())


def test_sums_that_may_overflow_are_reported_at_compile_time():
    w = numpy_helper.from_array(np.ones((70_000, 2), np.int8), "w")
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["x", "w"], ["y"])],
        "long",
        [helper.make_tensor_value_info("x", TensorProto.UINT8, [1, 70_000])],
        [helper.make_tensor_value_info("y", TensorProto.INT32, [1, 2])],
        [w],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    with pytest.raises(UserError, match='layer "y": sums of 70000 products .* may overflow'):
        xnn.compile(model.SerializeToString(), level="prim")


def integer_product(a: tuple[int, ...], b: tuple[int, ...], zeros: np.ndarray) -> bytes:
    """MatMulInteger of an input of shape `a` and one of shape `b`, which has several zero points."""
    none = numpy_helper.from_array(np.zeros((), np.uint8), "none")
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "b", "none", "zeros"], ["y"])],
        "product",
        [
            helper.make_tensor_value_info("a", TensorProto.UINT8, a),
            helper.make_tensor_value_info("b", TensorProto.INT8, b),
        ],
        [helper.make_tensor_value_info("y", TensorProto.INT32, None)],
        [none, numpy_helper.from_array(zeros, "zeros")],
    )
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


@pytest.mark.parametrize("rows", [4, 5])
def test_stacks_have_a_zero_point_for_each_column(rows):
    """Also where there are as many rows."""
    rng, zeros = np.random.default_rng(rows), np.arange(5, dtype=np.int8)
    a = rng.integers(0, 256, (2, 3, rows)).astype(np.uint8)
    b = rng.integers(-128, 128, (2, rows, 5)).astype(np.int8)
    program = xnn.compile(integer_product(a.shape, b.shape, zeros), level="prim")
    expected = a.astype(np.int32) @ (b.astype(np.int32) - zeros)
    np.testing.assert_array_equal(program.run({"a": a, "b": b})[0]["y"], expected)


@pytest.mark.parametrize("several", ["rows", "columns"])
def test_products_have_a_scale_for_each_row_or_column(several):
    """Also where there are as many rows as columns: by the exact rule."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(-128, 128, (5, 7)), rng.integers(-128, 128, (7, 5))
    scales = rng.uniform(0.01, 0.05, 5).astype(np.float32)
    one = np.array(0.02, np.float32)
    parameters = {
        "as": scales if several == "rows" else one,
        "az": np.zeros(5 if several == "rows" else (), np.int8),
        "bs": scales if several == "columns" else one,
        "bz": np.zeros(5 if several == "columns" else (), np.int8),
        "ys": np.array(0.5, np.float32),
        "yz": np.array(3, np.int8),
    }
    names = ["a", "as", "az", "b", "bs", "bz", "ys", "yz"]
    graph = helper.make_graph(
        [helper.make_node("QLinearMatMul", names, ["y"])],
        "scales",
        [
            helper.make_tensor_value_info(n, TensorProto.INT8, v.shape)
            for n, v in (("a", a), ("b", b))
        ],
        [helper.make_tensor_value_info("y", TensorProto.INT8, [5, 5])],
        [numpy_helper.from_array(array, name) for name, array in parameters.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    program = compiled(model.SerializeToString(), level="dsa")
    inputs = {"a": a.astype(np.int8), "b": b.astype(np.int8)}
    multiplier = scales * one / parameters["ys"]
    along = multiplier[:, None] if several == "rows" else multiplier
    expected = np.clip(np.rint((a @ b).astype(np.float32) * along) + 3, -128, 127)
    np.testing.assert_array_equal(program.run(inputs, sanitize=True)[0]["y"], expected)


def test_one_matrix_serves_a_stack():
    rng, zeros = np.random.default_rng(0), np.arange(5, dtype=np.int8)
    a = rng.integers(0, 256, (2, 3, 4, 6)).astype(np.uint8)
    b = rng.integers(-128, 128, (6, 5)).astype(np.int8)
    program = compiled(integer_product(a.shape, b.shape, zeros), level="dsa")
    expected = a.astype(np.int32) @ (b.astype(np.int32) - zeros)
    np.testing.assert_array_equal(program.run({"a": a, "b": b}, sanitize=True)[0]["y"], expected)


@pytest.mark.parametrize(("a", "b"), [((2, 3, 4), (4,)), ((4,), (2, 4, 5)), ((3, 4), (4,))])
def test_integer_products_of_vectors(a, b):
    rng = np.random.default_rng(0)
    inputs = {
        "a": rng.integers(0, 256, a).astype(np.uint8),
        "b": rng.integers(-128, 128, b).astype(np.int8),
    }
    program = compiled(integer_product(a, b, np.zeros((), np.int8)), level="dsa")
    expected = inputs["a"].astype(np.int32) @ inputs["b"].astype(np.int32)
    np.testing.assert_array_equal(program.run(inputs, sanitize=True)[0]["y"], expected)


SCALES = {"s": np.float32(0.05), "t": np.float32(0.02), "z": np.uint8(100), "o": np.uint8(3)}


@pytest.mark.parametrize(
    ("operator", "inputs", "attributes"),
    [
        ("QLinearLeakyRelu", "xszto", {"alpha": 0.3}),
        ("QLinearWhere", "cxszxtoto", {}),
        ("MatMulIntegerToFloat", "xwsrzvb", {}),
        ("DynamicQuantizeMatMul", "fwrvb", {}),
    ],
)
def test_other_operators_of_onnxruntime(operator, inputs, attributes):
    """Its results may be a step away: it rounds slopes otherwise."""
    rng = np.random.default_rng(0)
    given = {
        "x": rng.integers(0, 256, (5, 6)).astype(np.uint8),
        "c": rng.integers(0, 2, (5, 6)).astype(bool),
        "f": rng.standard_normal((5, 6)).astype(np.float32),
    }
    constants = {
        **SCALES,
        "w": rng.integers(-60, 60, (6, 4)).astype(np.int8),
        "v": np.int8(2),
        "r": rng.uniform(0.01, 0.02, 4).astype(np.float32),
        "b": rng.standard_normal(4).astype(np.float32),
    }
    if operator == "DynamicQuantizeMatMul":
        constants["v"] = np.zeros(4, np.int8)
    given = {name: array for name, array in given.items() if name in inputs}
    made = helper.make_node(operator, [*inputs], ["y"], domain="com.microsoft", **attributes)
    model = model_of([made], given, ["y"], constants)
    (expected,) = expected_of(model, given)
    real = expected.dtype == np.float32
    agree(model, given, rows=256, atol=1e-4 if real else 1)
