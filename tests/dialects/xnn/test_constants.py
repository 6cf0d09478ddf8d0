import pytest
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, TensorType, f32
from xdsl.ir import Block
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.xnn import AddOp, ConstantExpressions, ConstantOp, ParameterOp, WeightOp

TYPE = TensorType(f32, [4])


def test_a_splat_is_kept_as_one_element():
    # xDSL writes splats out, also those that the text says with one number
    written_out = DenseIntOrFPElementsAttr.from_list(TensorType(f32, [1000, 1000]), [0.5])
    assert len(written_out) == 1_000_000
    constant = ConstantOp.dense("c", written_out)
    assert len(constant.value) == 1
    constant.verify()
    assert (
        len(ConstantOp.dense("d", DenseIntOrFPElementsAttr.from_list(TYPE, [1, 1, 1, 2])).value)
        == 4
    )


def test_constants_of_a_wrong_number_of_values():
    value = DenseIntOrFPElementsAttr.from_list(TYPE, [1.0, 2.0, 3.0])
    with pytest.raises(VerifyException, match='xnn.constant "c": has 3 values for 4 elements'):
        ConstantOp.dense("c", value).verify()


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
