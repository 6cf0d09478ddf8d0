"""The table of scalar operations: what a region may hold, its semantics and its class of price.

A region is evaluated once for whole arrays, one NumPy call per operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import FloatAttr, IntegerAttr, IntegerType
from xdsl.ir import Attribute, Block, Operation
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import convert, dtype_of, rounding_shift, wrapped
from xnn.dialects.scalar.functions import (
    Function,
    erf,
    integer_power,
    looked_up,
    quotient,
    rounded_once,
    unsigned,
)
from xnn.dialects.scalar.operations import (
    BitcastOp,
    ConvertOp,
    LookupOp,
    RemainderOp,
    RoundingShiftOp,
)


@dataclass(frozen=True)
class Scalar:
    """Semantics of a scalar operation on arrays, and its class in the target's price list; None: it costs nothing."""

    function: Function
    price: str | None

    def function_of(self, op: Operation) -> Function:
        return self.function


class ScalarOf(Scalar):
    """One whose semantics follows from the operation itself: its types, its predicate."""

    def function_of(self, op: Operation) -> Function:
        return self.function(op)


def _transcendental(function: Function) -> Scalar:
    return Scalar(rounded_once(function), "transcendental")


def _not(function: Function) -> Function:
    return lambda lhs, rhs: ~function(lhs, rhs)


def _never(lhs: np.ndarray, rhs: np.ndarray) -> np.ndarray:
    return (lhs < rhs) & False


def _differ(lhs: np.ndarray, rhs: np.ndarray) -> np.ndarray:
    return (lhs < rhs) | (lhs > rhs)


def _numbers(lhs: np.ndarray, rhs: np.ndarray) -> np.ndarray:
    return (lhs == lhs) & (rhs == rhs)


_INTEGER_PREDICATES: Sequence[Function] = (
    np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal,
    *map(unsigned, (np.less, np.less_equal, np.greater, np.greater_equal)),
)  # fmt: skip
"""By number, as in `arith`: eq, ne, slt, sle, sgt, sge, ult, ule, ugt, uge."""
_FLOAT_PREDICATES: Sequence[Function] = (
    _never, np.equal, np.greater, np.greater_equal, np.less, np.less_equal, _differ, _numbers,
    *map(_not, (_differ, np.less_equal, np.less, np.greater_equal, np.greater)),
    np.not_equal, _not(_numbers), _not(_never),
)  # fmt: skip
"""By number, as in `arith`: false, oeq, ogt, oge, olt, ole, one, ord, ueq, ugt, uge, ult, ule, une, uno, true."""


def _compare_integers(op: arith.CmpiOp) -> Function:
    return _INTEGER_PREDICATES[op.predicate.value.data]


def _compare_floats(op: arith.CmpfOp) -> Function:
    return _FLOAT_PREDICATES[op.predicate.value.data]


def _wrap(op: arith.TruncIOp | arith.ExtSIOp) -> Function:
    return lambda x: wrapped(np.asarray(x), op.result.type)


def _reread(op: BitcastOp) -> Function:
    if isinstance(op.x.type, IntegerType) and isinstance(op.result.type, IntegerType):
        return lambda x: wrapped(np.asarray(x), op.result.type)
    return lambda x: np.asarray(x).view(dtype_of(op.result.type))


SCALARS: dict[type[Operation], Scalar] = {
    arith.ConstantOp: ScalarOf(lambda op: _constant(op), None),
    ConvertOp: ScalarOf(lambda op: lambda x: convert(np.asarray(x), op.result.type), "cheap"),
    BitcastOp: ScalarOf(_reread, None),
    arith.TruncIOp: ScalarOf(_wrap, "cheap"),
    arith.ExtSIOp: ScalarOf(_wrap, "cheap"),
    arith.AddfOp: Scalar(np.add, "cheap"),
    arith.SubfOp: Scalar(np.subtract, "cheap"),
    arith.MulfOp: Scalar(np.multiply, "cheap"),
    arith.DivfOp: Scalar(np.divide, "divide"),
    arith.NegfOp: Scalar(np.negative, "cheap"),
    arith.MaximumfOp: Scalar(np.maximum, "cheap"),
    arith.MinimumfOp: Scalar(np.minimum, "cheap"),
    arith.CmpfOp: ScalarOf(_compare_floats, "cheap"),
    RemainderOp: Scalar(np.fmod, "divide"),
    arith.AddiOp: Scalar(np.add, "cheap"),
    arith.SubiOp: Scalar(np.subtract, "cheap"),
    arith.MuliOp: Scalar(np.multiply, "cheap"),
    arith.MaxSIOp: Scalar(np.maximum, "cheap"),
    arith.MaxUIOp: Scalar(unsigned(np.maximum), "cheap"),
    arith.MinSIOp: Scalar(np.minimum, "cheap"),
    arith.MinUIOp: Scalar(unsigned(np.minimum), "cheap"),
    arith.DivSIOp: Scalar(quotient, "divide"),
    arith.DivUIOp: Scalar(unsigned(np.floor_divide), "divide"),
    arith.RemSIOp: Scalar(np.fmod, "divide"),
    arith.RemUIOp: Scalar(unsigned(np.fmod), "divide"),
    arith.CmpiOp: ScalarOf(_compare_integers, "cheap"),
    arith.AndIOp: Scalar(np.bitwise_and, "cheap"),
    arith.OrIOp: Scalar(np.bitwise_or, "cheap"),
    arith.XOrIOp: Scalar(np.bitwise_xor, "cheap"),
    arith.ShLIOp: Scalar(unsigned(np.left_shift), "cheap"),
    arith.ShRSIOp: Scalar(np.right_shift, "cheap"),
    arith.ShRUIOp: Scalar(unsigned(np.right_shift), "cheap"),
    arith.SelectOp: Scalar(np.where, "cheap"),
    RoundingShiftOp: Scalar(rounding_shift, "cheap"),
    LookupOp: Scalar(looked_up, "cheap"),
    math.AbsFOp: Scalar(np.abs, "cheap"),
    math.AbsIOp: Scalar(np.abs, "cheap"),
    math.CeilOp: Scalar(np.ceil, "cheap"),
    math.FloorOp: Scalar(np.floor, "cheap"),
    math.RoundEvenOp: Scalar(np.rint, "cheap"),
    math.TruncOp: Scalar(np.trunc, "cheap"),
    math.SqrtOp: Scalar(np.sqrt, "divide"),
    math.IPowIOp: Scalar(integer_power, "transcendental"),
    math.PowFOp: _transcendental(np.power),
    math.ExpOp: _transcendental(np.exp),
    math.ExpM1Op: _transcendental(np.expm1),
    math.LogOp: _transcendental(np.log),
    math.Log1pOp: _transcendental(np.log1p),
    math.ErfOp: _transcendental(erf),
    math.SinOp: _transcendental(np.sin),
    math.CosOp: _transcendental(np.cos),
    math.TanOp: _transcendental(np.tan),
    math.AsinOp: _transcendental(np.arcsin),
    math.AcosOp: _transcendental(np.arccos),
    math.AtanOp: _transcendental(np.arctan),
    math.SinhOp: _transcendental(np.sinh),
    math.CoshOp: _transcendental(np.cosh),
    math.TanhOp: _transcendental(np.tanh),
    math.AsinhOp: _transcendental(np.arcsinh),
    math.AcoshOp: _transcendental(np.arccosh),
    math.AtanhOp: _transcendental(np.arctanh),
}


def scalar_constant(attribute: Attribute) -> np.generic:
    """The NumPy scalar of a numeric attribute, in the attribute's own type."""
    if isinstance(attribute, FloatAttr):
        return dtype_of(attribute.type).type(attribute.value.data)
    if isinstance(attribute, IntegerAttr):
        return dtype_of(attribute.type).type(attribute.value.data)
    raise VerifyException(f"not a scalar constant: {attribute}")


def _constant(op: arith.ConstantOp) -> Function:
    value = scalar_constant(op.value)
    return lambda: value


def verify_scalars(holder: Operation, block: Block, where: str) -> None:
    """Raises VerifyException unless every operation of a block of `holder` is in the table."""
    for op in block.ops:
        if op.next_op is not None and type(op) not in SCALARS:
            raise fault(holder, f"'{op.name}' is not a scalar operation that {where} can hold")


def price_class(op: Operation) -> str | None:
    """The class of a scalar operation in the target's price list; None for what costs nothing: constants, the end."""
    scalar = SCALARS.get(type(op))
    return None if scalar is None else scalar.price


ArrayFunction = Callable[[Sequence[np.ndarray]], np.ndarray]
"""A scalar function on arrays as its arguments."""


def array_function(block: Block) -> ArrayFunction:
    """From arrays as the block's arguments to what its terminator yields; nothing warns of infinities and NaN."""
    *ops, terminator = block.ops
    values = [*block.args, *(op.results[0] for op in ops)]
    place_of = {value: place for place, value in enumerate(values)}
    steps = [
        (SCALARS[type(op)].function_of(op), [place_of[operand] for operand in op.operands])
        for op in ops
    ]
    returned = place_of[terminator.operands[0]]

    def run(arguments: Sequence[np.ndarray]) -> np.ndarray:
        arrays: list[Any] = list(arguments)
        with np.errstate(all="ignore"):
            for function, operands in steps:
                arrays.append(function(*[arrays[operand] for operand in operands]))
        return arrays[returned]

    return run
