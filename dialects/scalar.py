"""The scalar operations of `pre` and `post` regions: one table, op class -> meaning and price.

What stands in the table may stand in a region: the table is verifier, meaning, price and fusion
rule in one. A region is evaluated once for whole arrays, one NumPy call per operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, FloatAttr, IntegerAttr
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.utils.exceptions import VerifyException


@dataclass(frozen=True)
class Scalar:
    """Meaning of a scalar operation on arrays, and its class in the target's price list."""

    function: Callable[..., Any]
    price: str


SCALARS: dict[type[Operation], Scalar] = {
    arith.AddfOp: Scalar(np.add, "cheap"),
    arith.SubfOp: Scalar(np.subtract, "cheap"),
    arith.MulfOp: Scalar(np.multiply, "cheap"),
    arith.DivfOp: Scalar(np.divide, "divide"),
    arith.NegfOp: Scalar(np.negative, "cheap"),
    arith.MaximumfOp: Scalar(np.maximum, "cheap"),
    arith.MinimumfOp: Scalar(np.minimum, "cheap"),
    arith.AddiOp: Scalar(np.add, "cheap"),
    arith.SubiOp: Scalar(np.subtract, "cheap"),
    arith.MuliOp: Scalar(np.multiply, "cheap"),
    arith.MaxSIOp: Scalar(np.maximum, "cheap"),
    arith.MinSIOp: Scalar(np.minimum, "cheap"),
    math.SqrtOp: Scalar(np.sqrt, "divide"),
    math.ExpOp: Scalar(np.exp, "transcendental"),
    math.TanhOp: Scalar(np.tanh, "transcendental"),
}


def scalar_constant(attribute: Attribute) -> np.generic:
    """The NumPy scalar of a numeric attribute, in the attribute's own type."""
    if isinstance(attribute, FloatAttr):
        return np.dtype(f"f{attribute.type.bitwidth // 8}").type(attribute.value.data)
    if isinstance(attribute, IntegerAttr):
        return np.dtype(f"i{attribute.type.width.data // 8}").type(attribute.value.data)
    raise VerifyException(f"not a scalar constant: {attribute}")


def verify_scalars(block: Block, where: str) -> None:
    """Every operation of the block stands in the table; raises VerifyException naming it if not."""
    for op in block.ops:
        if op.next_op is None or isinstance(op, arith.ConstantOp) or type(op) in SCALARS:
            continue
        raise VerifyException(f"'{op.name}' is not a scalar operation that {where} can hold")


def evaluate(block: Block, arguments: Sequence[np.ndarray]) -> np.ndarray:
    """Value that the block's terminator yields, for arrays as its arguments."""
    values: dict[SSAValue, Any] = dict(zip(block.args, arguments, strict=True))
    for op in block.ops:
        if op.next_op is None:
            return values[op.operands[0]]
        if isinstance(op, arith.ConstantOp):
            assert not isinstance(op.value, DenseIntOrFPElementsAttr)
            values[op.result] = scalar_constant(op.value)
        else:
            function = SCALARS[type(op)].function
            values[op.results[0]] = function(*(values[operand] for operand in op.operands))
    raise VerifyException("a scalar region must end in a terminator")
