"""Operators over the element types of ONNX: onnxruntime's values at all levels, or refused by name."""

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import NodeProto, TensorProto, helper, numpy_helper
from xdsl.dialects.builtin import ModuleOp

import xnn
from tests.programs import programs
from tests.samples import examples, samples
from tests.tools.onnx.levels import agree, model_of
from xnn.dialects.diagnostics import UserError
from xnn.tools.api import Hooks
from xnn.tools.program import Program

node = helper.make_node
INTEGERS = [np.dtype(f"{sign}{size}") for sign in "iu" for size in (1, 2, 4, 8)]
DTYPES = [*INTEGERS, *map(np.dtype, ("f2", "f4", "f8", "?"))]
ONE = ("Neg", "Relu", "Exp", "Sqrt", "Sigmoid", "Tanh", "Softmax", "GlobalAveragePool", "Identity")
onnxruntime.set_default_logger_severity(4)


def model(given: NodeProto, x: np.ndarray, to: int, **constants: np.ndarray) -> bytes:
    kind = helper.np_dtype_to_tensor_dtype(x.dtype)
    infos = [helper.make_tensor_value_info("x", kind, x.shape)]
    results = [helper.make_tensor_value_info("y", to or kind, None)]
    tensors = [numpy_helper.from_array(np.asarray(a), name) for name, a in constants.items()]
    graph = helper.make_graph([given], "g", infos, results, tensors)
    opset = [helper.make_opsetid("", 19)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def check(data: bytes, x: np.ndarray) -> None:
    """The levels agree, also with onnxruntime if it runs the model; or the operator is refused by name.

    What the first level runs the others run too, but where the machine multiplies no such format.
    """
    modules: list[ModuleOp] = []
    try:
        hooks = Hooks(on_level=lambda _, module: modules.append(module.clone()))
        xnn.compile(data, hooks=hooks)
    except UserError as error:
        assert '"y"' in str(error) and not modules or "multipl" in str(error), error
        return
    levels = [Program(module).run({"x": x})[0]["y"] for module in modules]
    for found in levels[1:]:
        np.testing.assert_allclose(found, levels[0], rtol=2e-3 if x.dtype == np.float16 else 1e-5)
    try:
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        expected = np.asarray(session.run(None, {"x": x})[0])
    except Exception as error:
        assert "onnxruntime" in type(error).__module__
        return
    assert levels[0].dtype == expected.dtype
    rtol = {"f2": 4e-3, "f4": 1e-4}.get(x.dtype.str[1:], 1e-6)
    np.testing.assert_allclose(levels[0], expected, rtol=rtol, atol=1e-5)


def drawn(dtype: np.dtype, shape: tuple[int, ...], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if dtype.kind in "iu":
        ends = np.iinfo(dtype)
        return rng.integers(ends.min, ends.max, shape, dtype, endpoint=True)
    return (4 * rng.standard_normal(shape)).astype(dtype)


@examples(60)
@given(st.sampled_from(ONE), st.sampled_from(DTYPES), st.integers(0, 99))
def test_operators_of_one_operand(operator: str, dtype: np.dtype, seed: int):
    x = drawn(dtype, (1, 3, 2, 5), seed)
    check(model(node(operator, ["x"], ["y"]), x, 0), x)


@examples(40)
@given(
    st.sampled_from(["Add", "Sub", "Mul", "Div", "MatMul", "Gemm", "Concat", "Clip"]),
    st.sampled_from(DTYPES),
    st.integers(0, 99),
)
def test_operators_of_two_operands(operator: str, dtype: np.dtype, seed: int):
    x, c = drawn(dtype, (3, 3), seed), drawn(dtype, (3, 3), seed + 1)
    if operator == "Div" and dtype.kind in "iu":
        c = np.maximum(c, 1)
    made = node(operator, ["x", "c"], ["y"])
    if operator == "Concat":
        made = node(operator, ["x", "c"], ["y"], axis=1)
    c = c[0, 0] if operator == "Clip" else c
    check(model(made, x, 0, c=c), x)


@examples(40)
@given(
    st.sampled_from(["MaxPool", "AveragePool"]),
    st.sampled_from(DTYPES),
    st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 3)),
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
    st.booleans(),
)
def test_pooling(operator: str, dtype: np.dtype, window, pads, ceil: bool):
    kernel, stride, dilation = ([size] for size in window)
    x = drawn(dtype, (1, 2, 9), 1)
    given = node(operator, ["x"], ["y"], kernel_shape=kernel, strides=stride, dilations=dilation,
                 pads=pads, ceil_mode=int(ceil))  # fmt: skip
    check(model(given, x, 0), x)


@pytest.mark.parametrize(
    "dtype", samples(6, sorted(DTYPES, key=str)[::2] + sorted(DTYPES, key=str)[1::2]), ids=str
)
def test_casts(dtype: np.dtype):
    """To all types, in one network; of floats to unsigned integers what is below zero is left open."""
    x, nodes = drawn(dtype, (2, 7), 3), list[NodeProto]()
    for to in DTYPES:
        source = "p" if to.kind == "u" and dtype.kind == "f" else "x"
        nodes.append(node("Cast", [source], [str(to)], to=helper.np_dtype_to_tensor_dtype(to)))
    inputs = {"x": x, "p": np.abs(x)} if dtype.kind == "f" else {"x": x}
    agree(model_of(nodes, inputs, list(map(str, DTYPES)), opset=19), inputs)


@pytest.mark.parametrize("zero", [np.int8(3), np.int16(20001), np.uint8(200), np.uint16(40000)])
def test_short_floats_are_quantised_exactly(zero):
    x = np.array([[100, 6e4, -6e4, 1.005]], np.float16)
    kind = {"u2": TensorProto.UINT16, "i2": TensorProto.INT16, "u1": TensorProto.UINT8}
    to = kind.get(zero.dtype.str[1:], TensorProto.INT8)
    expected = np.rint(x.astype(np.float32) / np.float32(np.float16(0.03))).astype(int) + int(zero)
    ends = np.iinfo(zero.dtype)
    data = model(
        node("QuantizeLinear", ["x", "s", "z"], ["y"]), x, to, s=np.array(0.03, np.float16), z=zero
    )
    for program in programs(data).values():
        found = program.run({"x": x})[0]["y"]
        np.testing.assert_array_equal(found, np.clip(expected, ends.min, ends.max))


@pytest.mark.parametrize("size", [1, 3, 7, 2**31 - 1])
def test_normalisation_wider_than_the_channels(size: int):
    x = drawn(np.dtype("f4"), (1, 2, 3, 3), 0)
    data = model(node("LRN", ["x"], ["y"], size=size, alpha=0.5), x, 0)
    check(data, x)
