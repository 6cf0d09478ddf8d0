"""What is verified once is verified again as soon as anything changes that its verification depends on."""

from collections.abc import Callable
from io import BytesIO

import pytest
from xdsl.dialects import arith
from xdsl.dialects.builtin import ModuleOp, StringAttr, TensorType, f32, f64
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.prim import MatmulOp
from xnn.runtime.targets import load_target
from xnn.tools.parsing import make_context, parse_module

NETWORK = """
func.func @main(%w : tensor<8x4x1x1xf32>, %x : tensor<1x4x4x4xf32>) -> tensor<1x8x4x4xf32> {
  %y = prim.matmul "y" "conv" ins(%w, %x : tensor<8x4x1x1xf32>, tensor<1x4x4x4xf32>)
    window <kernel = [1, 1]> post [](:) {
  ^bb0(%0: f32):
    %1 = arith.addf %0, %0 : f32
    prim.yield %1 : f32
  } schedule <block = [1, 1, 8, 4, 4, 4], outermost = rows, order = lhs_stationary,
    groups_per_tile = 1, slots = 2> -> tensor<1x8x4x4xf32>
  func.return %y : tensor<1x8x4x4xf32>
}
"""


def _node(module: ModuleOp) -> MatmulOp:
    return next(op for op in module.walk() if isinstance(op, MatmulOp))


def _change_a_result(module: ModuleOp) -> None:
    node = _node(module)
    assert node.result is not None
    node.result._type = TensorType(f32, [1, 8, 4, 5])


def _change_an_operand(module: ModuleOp) -> None:
    node = _node(module)
    node.operands[1] = node.operands[0]


def _change_a_property(module: ModuleOp) -> None:
    _node(module).properties["window"] = StringAttr("none")


def _change_a_type_within(module: ModuleOp) -> None:
    add = next(op for op in module.walk() if isinstance(op, arith.AddfOp))
    add.result._type = f64


def _change_the_target(module: ModuleOp) -> None:
    load_target("edge").with_field("matmul.accumulator_rows", "4").attach(module)


@pytest.mark.parametrize(
    "change",
    [
        _change_a_result,
        _change_an_operand,
        _change_a_property,
        _change_a_type_within,
        _change_the_target,
    ],
)
def test_a_change_is_found(change: Callable[[ModuleOp], None]):
    module = parse_module(BytesIO(NETWORK.encode()), make_context())
    load_target("edge").attach(module)
    module.verify()
    change(module)
    with pytest.raises(VerifyException):
        module.verify()
