"""Elementwise operators at all levels, off general compute: onnxruntime's values, or NumPy's if it has no kernel."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import ModelProto, NodeProto, helper
from xdsl.dialects.math import PowFOp

import xnn
from tests.programs import programs
from tests.samples import examples, samples
from tests.tools.onnx.levels import agree as agree_at_all_levels
from tests.tools.onnx.levels import expected_of, model_of
from xnn.dialects import prim

node = helper.make_node
Arrays = Mapping[str, np.ndarray]
INTEGERS = [np.dtype(f"{sign}{size}") for sign in "iu" for size in (1, 2, 4, 8)]
FLOATS = [np.dtype(each) for each in ("f4", "f8", "f2", ml_dtypes.bfloat16)]


def model(nodes: Sequence[NodeProto], inputs: Arrays) -> ModelProto:
    """A network with each node's result as an output."""
    return model_of(nodes, inputs, [each.output[0] for each in nodes], opset=24)


def levels(nodes: Sequence[NodeProto], inputs: Arrays) -> Arrays:
    """The outputs, on which all levels agree."""
    first: Arrays = {}
    for level, program in programs(model(nodes, inputs)).items():
        outputs, report = program.run(inputs, sanitize=level == "dsa")
        assert report.cycles == report.predicted_cycles
        assert level != "dsa" or not report.general_share["operations"]
        first = first or outputs
        for name, value in outputs.items():
            assert value.dtype == first[name].dtype
            wide = (np.asarray(each, np.float64) for each in (value, first[name]))
            np.testing.assert_allclose(*wide, rtol=1e-6, err_msg=f"{name} at {level}")
    return first


def onnxruntime_of(each: NodeProto, inputs: Arrays) -> np.ndarray:
    """Raises an exception of onnxruntime if it has no kernel for these types."""
    given = {name: np.asarray(inputs[name]) for name in dict.fromkeys(each.input) if name}
    return expected_of(model([each], given), given)[0]


def agree(
    nodes: Sequence[NodeProto],
    inputs: Arrays,
    ours: Mapping[str, Any] | None = None,
    rtol: float = 1e-3,
    atol: float = 1e-4,
) -> None:
    """Compares with onnxruntime, or with functions of NumPy by operator (`ours`) where it has no kernel."""
    found = levels(nodes, inputs)
    for each in nodes:
        name = each.output[0]
        try:
            expected = onnxruntime_of(each, inputs)
        except Exception as error:  # onnxruntime has many classes, of no base but this
            assert "onnxruntime" in type(error).__module__, error
            assert ours is not None, error
            with np.errstate(all="ignore"):
                expected = np.asarray(ours[each.op_type](*(inputs[i] for i in each.input)))
        assert found[name].dtype == expected.dtype, each
        assert found[name].shape == expected.shape, each
        if expected.dtype.kind in "iub":
            np.testing.assert_array_equal(found[name], expected, err_msg=str(each))
        else:
            wide = (np.asarray(array, np.float64) for array in (found[name], expected))
            np.testing.assert_allclose(*wide, rtol=rtol, atol=atol, err_msg=str(each))


def drawn(dtype: np.dtype, shape: Sequence[int], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(bool)
    if dtype.kind in "iu":
        ends = np.iinfo(dtype)
        whole = rng.integers(ends.min, ends.max, shape, dtype, endpoint=True)
        small = rng.integers(0 if dtype.kind == "u" else -3, 3, shape).astype(dtype)
        return np.where(rng.integers(0, 2, shape), whole, small).astype(dtype)
    return np.asarray(np.round(3 * rng.standard_normal(shape), 1)).astype(dtype)


@st.composite
def shapes(draw, count: int) -> list[tuple[int, ...]]:
    """Shapes that broadcast, of rank 0 to 6."""
    whole = draw(st.lists(st.integers(1, 3), max_size=6))
    result = []
    for _ in range(count):
        kept = draw(st.lists(st.booleans(), min_size=len(whole), max_size=len(whole)))
        shape = [size if keep else 1 for size, keep in zip(whole, kept, strict=True)]
        result.append(tuple(shape[draw(st.integers(0, len(shape))) :]))
    return result


ANY_FLOAT = """Abs Asinh Atan Ceil Celu Cos Elu Erf Exp Floor Gelu HardSigmoid HardSwish IsInf IsNaN
    LeakyRelu Mish Neg Relu Round Selu Shrink Sigmoid Sign Sin Sinh Cosh Softplus Softsign Swish Tan Tanh
    ThresholdedRelu Identity""".split()
POSITIVE = ["Log", "Sqrt", "Reciprocal"]
WITHIN_ONE = ["Acos", "Asin", "Atanh"]
TOLERANCE = {"f4": (1e-3, 1e-4), "f8": (1e-3, 1e-4), "f2": (4e-3, 4e-3), "bfloat16": (4e-2, 4e-2)}


@pytest.mark.parametrize("dtype", samples(2, [FLOATS[0], *FLOATS[:0:-1]]), ids=str)
def test_functions_of_one_float(dtype: np.dtype):
    """The judge computes in f32."""
    x = drawn(dtype, (2, 3, 1, 7), 3)
    inputs = {
        "x": x,
        "positive": np.abs(x) + dtype.type(1),
        "small": np.tanh(x.astype("f4")).astype(dtype) * dtype.type(0.5),
    }
    operands = dict.fromkeys(ANY_FLOAT, "x") | dict.fromkeys(WITHIN_ONE, "small")
    operands |= dict.fromkeys([*POSITIVE, "Acosh"], "positive")
    nodes = [node(operator, [operand], [operator]) for operator, operand in operands.items()]
    nodes.append(node("Gelu", ["x"], ["tanh"], approximate="tanh"))
    found = levels(nodes, inputs)
    wide = {name: each.astype(np.float32) for name, each in inputs.items()}
    rtol, atol = TOLERANCE[dtype.name if dtype.kind == "V" else dtype.str[1:]]
    for each in nodes:
        if each.op_type == "Swish":  # onnxruntime has none
            expected = wide["x"] / (1 + np.exp(-wide["x"]))
        else:
            expected = onnxruntime_of(each, wide)
        name = each.output[0]
        assert found[name].dtype == (expected.dtype if expected.dtype.kind == "b" else dtype)
        array = np.asarray(found[name], np.float64)
        np.testing.assert_allclose(array, expected, rtol=rtol, atol=atol, err_msg=name)


@examples(6)
@given(shapes(2), st.integers(0, 99))
def test_arithmetic_of_floats(sizes, seed: int):
    dtype = np.dtype("f4")
    a, b = (drawn(dtype, size, seed + i) for i, size in enumerate(sizes))
    inputs = {"a": a, "b": b, "base": np.abs(a) + dtype.type(0.5)}
    operators = (
        "Add Sub Mul Div Max Min Sum Mean Equal Less LessOrEqual Greater GreaterOrEqual".split()
    )
    nodes = [node(operator, ["a", "b"], [operator]) for operator in operators]
    nodes += [node("Pow", ["base", "b"], ["Pow"]), node("Mod", ["a", "b"], ["Mod"], fmod=1)]
    agree(nodes, inputs)


NUMPY = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": lambda a, b: np.trunc(a.astype(object) / b.astype(object)).astype(a.dtype),
    "Max": np.maximum,
    "Min": np.minimum,
    "Equal": np.equal,
    "Less": np.less,
    "LessOrEqual": np.less_equal,
    "Greater": np.greater,
    "GreaterOrEqual": np.greater_equal,
    "Mod": np.mod,
    "Abs": np.abs,
    "Sign": np.sign,
    "Neg": np.negative,
    "Relu": lambda a: np.maximum(a, a.dtype.type(0)),
    "BitwiseAnd": np.bitwise_and,
    "BitwiseOr": np.bitwise_or,
    "BitwiseXor": np.bitwise_xor,
    "BitwiseNot": np.invert,
}


@examples(6)
@given(shapes(2), st.sampled_from(INTEGERS), st.integers(0, 99))
def test_arithmetic_of_integers(sizes, dtype: np.dtype, seed: int):
    a, b = (drawn(dtype, size, seed + i) for i, size in enumerate(sizes))
    divisor = np.maximum(b, 1)
    binary = [name for name in NUMPY if name not in ("Abs", "Sign", "Neg", "Relu", "BitwiseNot")]
    right = {"Div": "divisor", "Mod": "divisor"}
    nodes = [node(name, ["a", right.get(name, "b")], [name]) for name in binary]
    unary = ["Abs", "Sign", "BitwiseNot", *(["Neg", "Relu"] if dtype.kind == "i" else [])]
    nodes += [node(name, ["a"], [name]) for name in unary]
    agree(nodes, {"a": a, "b": b, "divisor": divisor}, NUMPY)


@pytest.mark.parametrize("dtype", ["i1", "i4", "i8"])
def test_remainders_have_the_sign_of_either_side(dtype: str):
    a = drawn(np.dtype(dtype), (2, 40), 1)
    b = drawn(np.dtype(dtype), (2, 40), 2) | 1
    nodes = [node("Mod", ["a", "b"], ["floor"]), node("Mod", ["a", "b"], ["fmod"], fmod=1)]
    agree(nodes, {"a": a, "b": b})


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8", "i1", "i4"])
def test_shifts(dtype: str):
    a = drawn(np.dtype(dtype), (2, 40), 1)
    places = np.arange(40).astype(dtype) % (a.itemsize * 8)
    nodes = [node("BitShift", ["a", "b"], [way], direction=way) for way in ("LEFT", "RIGHT")]
    shift = {"LEFT": np.left_shift, "RIGHT": np.right_shift}
    found = levels(nodes, {"a": a, "b": places})
    for way, function in shift.items():
        np.testing.assert_array_equal(found[way], function(a, places))


@examples(6)
@given(shapes(3), st.sampled_from([*INTEGERS, *FLOATS[:3], np.dtype("?")]), st.integers(0, 99))
def test_choice_and_logic(sizes, dtype: np.dtype, seed: int):
    condition, other = (drawn(np.dtype("?"), size, seed) for size in sizes[:2])
    x, y = (drawn(dtype, size, seed + 1) for size in sizes[1:])
    nodes = [node(name, ["c", "d"], [name]) for name in ("And", "Or", "Xor")]
    nodes += [node("Not", ["c"], ["Not"]), node("Where", ["c", "x", "y"], ["Where"])]
    nodes.append(node("Equal", ["c", "d"], ["same"]))
    inputs = {"c": condition, "d": other, "x": x, "y": y}
    agree(nodes, inputs, {"Where": np.where, "Equal": np.equal})


@pytest.mark.parametrize(
    ("base", "exponent"),
    [
        ("f4", "i8"),
        ("f4", "f8"),
        ("f4", "i4"),
        ("i4", "f4"),
        ("i4", "i4"),
        ("i8", "f4"),
        ("i8", "i4"),
    ],
)
def test_powers_of_mixed_types(base: str, exponent: str):
    a = drawn(np.dtype(base), (3, 20), 1)
    a = np.abs(a if base[0] == "f" else a % 9) + a.dtype.type(1)
    b = np.arange(20).astype(exponent) % 5
    agree([node("Pow", ["a", "b"], ["y"])], {"a": a, "b": b})


def test_slopes_and_bounds_may_be_computed():
    x = drawn(np.dtype("f4"), (2, 3, 4), 0)
    inputs = {"x": x, "slope": x[0, :, :1], "low": np.array(-1, "f4"), "high": np.array(1, "f4")}
    nodes = [
        node("PRelu", ["x", "slope"], ["prelu"]),
        node("Clip", ["x", "low", "high"], ["clip"]),
        node("Clip", ["x", "", "high"], ["below"]),
        node("CastLike", ["x", "slope"], ["cast"]),
    ]
    agree(nodes, inputs)


def test_infinities_and_not_a_number():
    x = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 1, -1], np.float32)
    nodes = [node("IsNaN", ["x"], ["nan"]), node("Relu", ["x"], ["relu"])]
    for negative, positive in product((0, 1), repeat=2):
        name = f"{negative}{positive}"
        nodes.append(
            node("IsInf", ["x"], [name], detect_negative=negative, detect_positive=positive)
        )
    names = ("Equal", "Less", "GreaterOrEqual", "Max", "Min")
    nodes += [node(name, ["x", "y"], [name]) for name in names]
    agree(nodes, {"x": x, "y": x[::-1].copy()})


def fused(nodes: Sequence[NodeProto], inputs: Arrays, constants: Arrays) -> list[str]:
    """The primitives of a network, whose values are onnxruntime's at all levels."""
    network = model_of(nodes, inputs, ["y"], constants)
    agree_at_all_levels(network, inputs, rtol=1e-3, atol=1e-4)
    nodes_of = xnn.compile(network.SerializeToString(), level="prim").module.walk()
    kinds = prim.Primitive | prim.GeneralOp | prim.DataMovement
    return [op.name for op in nodes_of if isinstance(op, kinds)]


CONVOLUTION = node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1])
AFTER_A_CONVOLUTION = {
    "gelu by erf": [
        node("Div", ["c", "root"], ["d"]),
        node("Erf", ["d"], ["e"]),
        node("Add", ["e", "one"], ["a"]),
        node("Mul", ["c", "a"], ["m"]),
        node("Mul", ["m", "half"], ["y"]),
    ],
    "gelu by tanh": [
        node("Pow", ["c", "three"], ["p"]),
        node("Mul", ["p", "small"], ["q"]),
        node("Add", ["c", "q"], ["s"]),
        node("Mul", ["s", "root"], ["t"]),
        node("Tanh", ["t"], ["u"]),
        node("Add", ["u", "one"], ["v"]),
        node("Mul", ["half", "c"], ["h"]),
        node("Mul", ["h", "v"], ["y"]),
    ],
    "silu": [node("Sigmoid", ["c"], ["s"]), node("Mul", ["c", "s"], ["y"])],
    "hard swish": [node("HardSigmoid", ["c"], ["s"]), node("Mul", ["c", "s"], ["y"])],
    "mish": [
        node("Softplus", ["c"], ["s"]),
        node("Tanh", ["s"], ["t"]),
        node("Mul", ["c", "t"], ["y"]),
    ],
    "slopes": [node("PRelu", ["c", "slope"], ["y"])],
    "comparison": [node("Greater", ["c", "half"], ["g"]), node("Cast", ["g"], ["y"], to=1)],
    "choice": [node("Less", ["c", "half"], ["g"]), node("Where", ["g", "c", "small"], ["y"])],
    "constant mask": [node("Where", ["mask", "c", "least"], ["y"])],
}


@pytest.mark.parametrize("name", AFTER_A_CONVOLUTION)
def test_diamonds_are_fused_into_a_product(name: str):
    x, w = drawn(np.dtype("f4"), (1, 16, 6, 6), 0), drawn(np.dtype("f4"), (8, 16, 3, 3), 1)
    numbers = {"root": 1.4, "one": 1, "half": 0.5, "three": 3, "small": 0.04, "least": -1e9}
    constants = {name: np.array(number, np.float32) for name, number in numbers.items()}
    constants |= {"w": w / 100, "slope": w[:, :1, :1, 0], "mask": np.tri(6) > 0}
    assert fused([CONVOLUTION, *AFTER_A_CONVOLUTION[name]], {"x": x}, constants) == ["prim.matmul"]


@pytest.mark.parametrize("exponent", [np.float32(2), np.int64(3)])
def test_squares_and_cubes_are_products(exponent: np.generic):
    x = drawn(np.dtype("f4"), (2, 5), 0)
    constants = {"e": np.asarray(exponent)}
    network = model_of([node("Pow", ["x", "e"], ["y"])], {"x": x}, ["y"], constants)
    agree_at_all_levels(network, {"x": x}, rtol=1e-6)
    squares = (x * x, x * x * x)[int(exponent) - 2]
    for program in programs(network.SerializeToString()).values():
        np.testing.assert_array_equal(program.run({"x": x})[0]["y"], squares)
    program = xnn.compile(network.SerializeToString(), level="prim")
    assert not any(isinstance(op, PowFOp) for op in program.module.walk())


def test_the_remainder_of_floats_with_the_sign_of_the_divisor():
    a = np.array([7, -7, 7, -7, 0, 6, -0.5, np.inf], np.float32)
    b = np.array([3, 3, -3, -3, 3, -3, np.inf, 2], np.float32)
    with np.errstate(invalid="ignore"):
        expected = np.mod(a, b)
    inputs = {"a": a, "b": b}
    remainder = model_of([node("Mod", ["a", "b"], ["y"])], inputs, ["y"])
    agree_at_all_levels(remainder, inputs, expected=[expected])
