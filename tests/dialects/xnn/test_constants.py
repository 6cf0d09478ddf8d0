import tracemalloc
from io import BytesIO

import numpy as np
import pytest
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    IntegerType,
    ModuleOp,
    Signedness,
    TensorType,
    bf16,
    f16,
    f32,
    f64,
    i1,
)
from xdsl.ir import Block
from xdsl.parser import Parser
from xdsl.utils.exceptions import ParseError, VerifyException

from xnn.dialects.element_types import dtype_of, integer_range
from xnn.dialects.xnn import AddOp, ConstantExpressions, ConstantOp, ParameterOp, WeightOp
from xnn.runtime.semantics.arrays import array_of, dense_of
from xnn.tools.parsing import make_context, parse_module

TYPE = TensorType(f32, [4])


def test_a_splat_is_kept_as_one_element():
    # xDSL writes splats out, also those that the text says with one number
    written_out = DenseIntOrFPElementsAttr.from_list(TensorType(f32, [1000, 1000]), [0.5])
    assert len(written_out) == 1_000_000
    constant = ConstantOp.of("c", (), {"value": written_out})
    assert len(constant.value) == 1
    constant.verify()
    several = DenseIntOrFPElementsAttr.from_list(TYPE, [1, 1, 1, 2])
    assert len(ConstantOp.of("d", (), {"value": several}).value) == 4


def test_constants_of_a_wrong_number_of_values():
    value = DenseIntOrFPElementsAttr.from_list(TYPE, [1.0, 2.0, 3.0])
    with pytest.raises(VerifyException, match='xnn.constant "c": has 3 values for 4 elements'):
        ConstantOp.of("c", (), {"value": value}).verify()


def test_a_weight_without_a_file():
    with pytest.raises(VerifyException, match='xnn.weight "w": names no file'):
        WeightOp.in_file("w", "", 0, TYPE).verify()


def test_constant_expressions():
    block = Block(arg_types=[TYPE])
    weight, parameter = WeightOp.in_file("w", "f", 0, TYPE), ParameterOp.named("p", TYPE)
    constant = AddOp.of("a", [weight.result, parameter.result])
    varying = AddOp.of("b", [constant.result, block.args[0]])
    after = AddOp.of("c", [varying.result, constant.result])
    expected = {weight: True, parameter: True, constant: True, varying: False, after: False}
    constants = ConstantExpressions()
    for op, known in reversed(expected.items()):
        assert (op.result in constants) == known
        assert (op.result in ConstantExpressions()) == known
    assert block.args[0] not in constants


def test_a_long_chain_is_no_deep_recursion():
    value = WeightOp.in_file("w", "f", 0, TYPE).result
    for _ in range(3000):
        value = AddOp.of("a", [value, value]).result
    assert value in ConstantExpressions()


# constants in text

CONTEXT = make_context()
KINDS = [
    *(bf16, f16, f32, f64, i1),
    *(IntegerType(bits) for bits in (2, 3, 4, 7, 8, 9, 16, 32, 64)),
    *(IntegerType(bits, Signedness.UNSIGNED) for bits in (2, 4, 8, 16, 32, 64)),
]


def through_text(elements: DenseIntOrFPElementsAttr, parse) -> DenseIntOrFPElementsAttr:
    text = str(ModuleOp([ConstantOp.of("c", (), {"value": elements})]))
    (constant,) = parse(text).body.block.ops
    assert isinstance(constant, ConstantOp)
    assert str(constant.parent_op()) == text
    return constant.value


def parse_as_xdsl_does(text: str) -> ModuleOp:
    return Parser(CONTEXT, text).parse_module()


def parse_as_we_do(text: str) -> ModuleOp:
    return parse_module(BytesIO(text.encode()), CONTEXT)


@pytest.mark.parametrize("parse", [parse_as_xdsl_does, parse_as_we_do])
@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("shape", [(), (1,), (2, 3), (7,), (40, 5)], ids=str)
def test_constants_come_back_bit_for_bit(kind, shape, parse):
    dtype, count = dtype_of(kind), int(np.prod(shape))
    rng = np.random.default_rng(count)
    if isinstance(kind, IntegerType):
        low, high = integer_range(kind) if kind.width.data > 1 else (0, 1)
        drawn = rng.integers(low, high, 20, dtype, endpoint=True)
        pool = np.concatenate([drawn, np.array([low, high], dtype)])
    else:
        size = dtype.itemsize
        bits = rng.integers(0, 256, 20 * size, np.uint8).view(dtype)
        special = np.array([0, -0.0, 1, np.inf, -np.inf, np.nan, 0.1, 1e-6], dtype)
        large = np.array([123456792], "<f8").astype(dtype if size > 2 else "<f4")[: size // 4]
        pool = np.concatenate(
            [bits, special, large.astype(dtype), np.frombuffer(b"\xff" * size, dtype)]
        )
    for first in range(0, len(pool), 7):
        array = np.resize(np.roll(pool, -first), shape)
        constant = through_text(dense_of(array, kind), parse)
        assert array_of(constant).tobytes() == array.tobytes(), array


def test_zeros_of_both_signs_are_no_splat():
    array = np.array([0.0, -0.0], np.float32)
    assert array_of(through_text(dense_of(array, f32), parse_as_we_do)).tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "elements, expected",
    [
        ("[0x7f800000, 0xFF800000, 1.0, 2]", [np.inf, -np.inf, 1, 2]),
        ("0x4CEB79A3", [123456792] * 4),
        ('"0x0000807F"', [np.inf] * 4),
    ],
)
def test_floats_as_mlir_writes_them(elements, expected):
    text = f'%c = xnn.constant "c" dense<{elements}> : tensor<4xf32>'
    constant = parse_as_we_do(text).body.block.first_op
    assert isinstance(constant, ConstantOp)
    np.testing.assert_array_equal(array_of(constant.value), np.array(expected, np.float32))


def test_bits_that_are_no_float_are_refused():
    with pytest.raises(ParseError, match="expected the bits of f32"):
        parse_as_we_do('%c = xnn.constant "c" dense<0x123456789> : tensor<4xf32>')


@pytest.mark.parametrize("one", ["1.5", '"0x0000C03F"', "0x3FC00000"])
def test_a_splat_is_never_written_out(one):
    text = f'%c = xnn.constant "c" dense<{one}> : tensor<100000x100000xf32>'
    tracemalloc.start()
    module = parse_as_we_do(text)
    module.verify()
    assert "dense<1.500000e+00> : tensor<100000x100000xf32>" in str(module)
    assert tracemalloc.get_traced_memory()[1] < 2e7
    tracemalloc.stop()
