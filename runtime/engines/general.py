"""General compute: the control processor's lanes, for what maps to no primitive.

Meaning: that of the operators themselves. Cost: `general_cycles`, per element by class of operation.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import ceil, prod

from xdsl.ir import Operation

from xnn.dialects import xnn
from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import GeneralOp, YieldOp, shape
from xnn.dialects.target import Target
from xnn.dialects.values import value_bytes

Prices = dict[str, float]
"""Operations of each class of price per element of the result."""


def _pool(op: Operation) -> Prices:
    assert isinstance(op, xnn.PoolOperation)
    return {"cheap": prod(op.kernel_shape.get_values())}


def _lrn(op: Operation) -> Prices:
    """Sum of squares of `size` channels, one power, one division."""
    assert isinstance(op, xnn.LrnOp)
    return {"cheap": 2 * op.size.value.data, "transcendental": 1, "divide": 1}


CHEAP: Prices = {"cheap": 1}
GATHER: Prices = {"gather": 1}

PRICES: dict[type[Operation], Prices | Callable[[Operation], Prices]] = {
    xnn.AddOp: CHEAP,
    xnn.SubOp: CHEAP,
    xnn.MulOp: CHEAP,
    xnn.DivOp: {"divide": 1},
    xnn.NegOp: CHEAP,
    xnn.ReluOp: CHEAP,
    xnn.ClipOp: {"cheap": 2},
    xnn.SqrtOp: {"divide": 1},
    xnn.ExpOp: {"transcendental": 1},
    xnn.TanhOp: {"transcendental": 1},
    xnn.SigmoidOp: {"transcendental": 1, "divide": 1, "cheap": 1},
    xnn.BatchNormOp: {"cheap": 2},
    xnn.SoftmaxOp: {"transcendental": 1, "divide": 1, "cheap": 3},
    xnn.LrnOp: _lrn,
    xnn.MaxPoolOp: _pool,
    xnn.AveragePoolOp: _pool,
    xnn.SumPoolOp: _pool,
    xnn.QuantizeOp: {"divide": 1, "cheap": 2},
    xnn.DequantizeOp: {"cheap": 2},
    xnn.RequantizeOp: {"cheap": 3},
    xnn.RescaleOp: {"cheap": 3},
    xnn.CenterOp: CHEAP,
    xnn.RestrictOp: {"divide": 1, "cheap": 8},
    xnn.PackOp: {"cheap": 2},
    xnn.CastOp: CHEAP,
    xnn.TransposeOp: GATHER,
    xnn.ConcatOp: CHEAP,
    xnn.ReshapeOp: CHEAP,
    xnn.IdentityOp: CHEAP,
    xnn.DropoutOp: CHEAP,
}


def general_bytes(op: GeneralOp) -> tuple[int, int]:
    """Bytes that a node reads from and writes to external memory."""
    read = sum(value_bytes(value) for value in op.inputs)
    return read, value_bytes(op.out)


def _priced(op: GeneralOp) -> list[tuple[str, float]]:
    """Operations of a node by class of price."""
    result: list[tuple[str, float]] = []
    for inner in op.block.ops:
        if isinstance(inner, YieldOp | xnn.ConstantOp):
            continue
        prices = PRICES.get(type(inner))
        if prices is None:
            raise UserError(f"{op.name} {op.result_name}: {inner.name} is not for general compute")
        if callable(prices):
            prices = prices(inner)
        elements = prod(shape(inner.results[0]))
        result += [(name, count * elements) for name, count in prices.items()]
    return result


def general_operations(op: GeneralOp) -> int:
    """Elementary operations of a node."""
    return int(sum(count for _, count in _priced(op)))


def general_cycles(op: GeneralOp, target: Target) -> int:
    """Cycles of a node: its operations over the lanes, or its bytes over the port, if more."""
    table = target.general.cycles_per_element
    lanes = ceil(
        sum(count * getattr(table, name) for name, count in _priced(op)) / target.general.lanes
    )
    port = ceil(sum(general_bytes(op)) / Fraction(str(target.general.bytes_per_cycle)))
    return max(lanes, port, 1)
