"""General compute: prices by class of operation over the lanes, operations by format."""

from dataclasses import replace

import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import GeneralOp
from xnn.dialects.target import General, OperationCycles, Target
from xnn.dialects.xnn import XNN
from xnn.dialects.xnn.operation import NetworkOperation
from xnn.runtime.engines.engine import NodeCost
from xnn.runtime.engines.general import ENGINE
from xnn.runtime.targets import load_target
from xnn.tools.parsing import make_context

EDGE = load_target("edge")


def machine(lanes: int = 4) -> Target:
    """A target whose prices are told apart by their digits."""
    prices = OperationCycles(cheap=1, divide=10, transcendental=100)
    return replace(EDGE, general=General(lanes), operation_cycles=prices)


def cost(op: GeneralOp, target: Target) -> NodeCost:
    return ENGINE.cost(op, None, (), (), target)


def node(operator: str, inputs: str, result: str) -> GeneralOp:
    """A node of one operator: `operator` is its text up to the types, %a and %b its operands inside."""
    types = inputs.split(", ")
    outer, inner = (
        ", ".join(f"%{n} : {t}" for n, t in zip(names, types)) for names in ("xz", "ab")
    )
    operands = ", ".join(f"%{name}" for name in "xz"[: len(types)])
    text = f"""
      func.func @main({outer}) -> {result} {{
        %y = prim.general "y" ins({operands} : {inputs}) {{
        ^bb0({inner}):
          %r = {operator} : ({inputs}) -> {result}
          prim.yield %r : {result}
        }} -> {result}
        func.return %y : {result}
      }}"""
    module = Parser(make_context(), text).parse_module()
    module.verify()
    assert isinstance(module, ModuleOp)
    return next(op for op in module.walk() if isinstance(op, GeneralOp))


X = "tensor<2x8x4x4xf32>"
POOL = "kernel_shape = array<i64: 2, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>"


@pytest.mark.parametrize(
    ("operator", "inputs", "result", "each"),
    [
        ('xnn.relu "r" %a', X, X, 1),
        ('xnn.clip "r" %a {max = 6.0 : f32}', X, X, 1),
        ('xnn.add "r" %a, %b', f"{X}, tensor<8x1x1xf32>", X, 1),
        ('xnn.div "r" %a, %b', f"{X}, {X}", X, 10),
        ('xnn.sqrt "r" %a', X, X, 10),
        ('xnn.tanh "r" %a', X, X, 100),
        ('xnn.sigmoid "r" %a', X, X, 112),
        ('xnn.softmax "r" %a {axis = 1 : i64}', X, X, 113),
        (
            'xnn.lrn "r" %a {alpha = 1.0 : f32, beta = 0.5 : f32, bias = 1.0 : f32, size = 5 : i64}',
            X,
            X,
            120,
        ),
        ('xnn.concat "r" %a, %b {axis = 1 : i64}', f"{X}, {X}", "tensor<2x16x4x4xf32>", 1),
    ],
)
def test_cycles_by_class_of_operation(operator: str, inputs: str, result: str, each: int):
    op = node(operator, inputs, result)
    elements = 256 if "xnn.concat" not in operator else 512
    assert cost(op, machine(lanes=4)).terms == {"operations": elements * each // 4}
    assert cost(op, machine(lanes=1000)).cycles == -(-elements * each // 1000)
    assert ENGINE.least_cycles(op, machine(lanes=1000)) == -(-elements * each // 1000)
    assert cost(op, machine()).operations == {"f32": elements * each}


def test_operations_are_of_the_format_of_what_they_compute():
    op = node('xnn.relu "r" %a', "tensor<2x3xi8>", "tensor<2x3xi8>")
    assert cost(op, machine()).operations == {"i8": 6}


def test_all_operations_count_alike_as_operations():
    # an exponential, an addition, a division
    assert ENGINE.operations(node('xnn.sigmoid "r" %a', X, X)) == 256 * 4


def test_it_moves_nothing_through_local_memory():
    result = cost(node('xnn.relu "r" %a', X, X), machine())
    assert (result.rows, result.read_rows, result.drain, result.macs) == ((), 0, 0, 0)


def test_a_node_takes_a_cycle_at_least():
    op = node('xnn.relu "r" %a', "tensor<1xf32>", "tensor<1xf32>")
    assert cost(op, machine(lanes=100)).cycles == 1


def test_an_operator_without_a_price_is_refused_by_name():
    op = node(
        'xnn.gemm "r" %a, %b {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true}',
        "tensor<2x4xf32>, tensor<3x4xf32>",
        "tensor<2x3xf32>",
    )
    with pytest.raises(UserError, match='prim.general "y": xnn.gemm is not for general compute'):
        cost(op, EDGE)


def test_every_operator_that_may_end_up_here_has_a_price():
    # these are a primitive's or a view's, whatever their sizes; the rest are no computation
    converted = {"xnn.conv", "xnn.gemm", "xnn.einsum", "xnn.global_average_pool", "xnn.gather"}
    converted |= {"xnn.transpose"}
    values = {"xnn.constant", "xnn.weight", "xnn.parameter"}
    operators = {op for op in XNN.operations if issubclass(op, NetworkOperation)}
    priced = {op for op in operators if op.PRICE or op.price is not NetworkOperation.price}
    missing = {op.name for op in operators - priced} - converted - values
    assert not missing
