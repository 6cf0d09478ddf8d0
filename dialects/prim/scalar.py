"""The scalar operations of `pre` and `post` regions: one table, op class -> meaning and price.

What stands in the table may stand in a region: the table is verifier, meaning, price and fusion
rule in one. A region is evaluated once for whole arrays, one NumPy call per operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import (
    AnyFloat,
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IntegerAttr,
    IntegerType,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    VarConstraint,
    base,
    irdl_op_definition,
    operand_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.element_types import convert, dtype_of, rounding_shift


@irdl_op_definition
class ConvertOp(IRDLOperation):
    """The value of a scalar in another type, as the converters of the primitives' ends give it.

    What is no integer rounds to the nearest, ties to even; what an integer type can't hold becomes
    its nearest end, not-a-number its least. Unlike the conversions of `arith` it knows the signs of
    the types and leaves nothing undefined.

    `%q = prim.convert %v : f32 to ui8`
    """

    name = "prim.convert"
    x = operand_def(IntegerType | AnyFloat)
    result = result_def(IntegerType | AnyFloat)
    traits = traits_def(Pure())
    assembly_format = "$x attr-dict `:` type($x) `to` type($result)"

    def __init__(self, x: SSAValue, to: Attribute):
        super().__init__(operands=[x], result_types=[to])


@irdl_op_definition
class RoundingShiftOp(IRDLOperation):
    """The nearest integer to `x` / 2^`shift`, ties to even.

    `%r = prim.rounding_shift %p, %s : i64`
    """

    name = "prim.rounding_shift"
    T: ClassVar = VarConstraint("T", base(IntegerType))
    x = operand_def(T)
    shift = operand_def(T)
    result = result_def(T)
    traits = traits_def(Pure())
    assembly_format = "$x `,` $shift attr-dict `:` type($result)"

    def __init__(self, x: SSAValue, shift: SSAValue):
        super().__init__(operands=[x, shift], result_types=[x.type])


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
    RoundingShiftOp: Scalar(rounding_shift, "cheap"),
    math.RoundEvenOp: Scalar(np.rint, "cheap"),
    math.TruncOp: Scalar(np.trunc, "cheap"),
    math.SqrtOp: Scalar(np.sqrt, "divide"),
    math.ExpOp: Scalar(np.exp, "transcendental"),
    math.TanhOp: Scalar(np.tanh, "transcendental"),
}


def scalar_constant(attribute: Attribute) -> np.generic:
    """The NumPy scalar of a numeric attribute, in the attribute's own type."""
    if isinstance(attribute, FloatAttr):
        return dtype_of(attribute.type).type(attribute.value.data)
    if isinstance(attribute, IntegerAttr):
        return dtype_of(attribute.type).type(attribute.value.data)
    raise VerifyException(f"not a scalar constant: {attribute}")


def verify_scalars(block: Block, where: str) -> None:
    """Every operation of the block stands in the table; raises VerifyException naming it if not."""
    for op in block.ops:
        if (
            op.next_op is None
            or isinstance(op, arith.ConstantOp | ConvertOp)
            or type(op) in SCALARS
        ):
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
        elif isinstance(op, ConvertOp):
            values[op.result] = convert(np.asarray(values[op.x]), op.result.type)
        else:
            function = SCALARS[type(op)].function
            values[op.results[0]] = function(*(values[operand] for operand in op.operands))
    raise VerifyException("a scalar region must end in a terminator")
