"""Scalar operations: what `pre` and `post` regions hold, and what elementwise operators are defined by.

One table, op class -> semantics and price, lists what a region may hold. A region is
evaluated once for whole arrays, one NumPy call per operation. The functions `add`, `maximum`, ...
build operations on floats and on integers alike, `place` inserts them into a block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import (
    AnyFloat,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    TensorType,
)
from xdsl.interfaces import HasFolderInterface
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

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import convert, dtype_of, is_byte, rounding_shift
from xnn.dialects.indexing_maps import TABLE_ENTRIES


@irdl_op_definition
class ConvertOp(IRDLOperation, HasFolderInterface):
    """A scalar in another type, as primitives convert their operands and results.

    Floats become the nearest integer, ties to even; what an integer type cannot hold becomes its
    nearest bound, NaN its least. Unlike the conversions of `arith` it knows unsigned types and leaves
    nothing undefined.

    `%q = prim.convert %v : f32 to ui8`
    """

    name = "prim.convert"
    x = operand_def(IntegerType | AnyFloat)
    result = result_def(IntegerType | AnyFloat)
    traits = traits_def(Pure())
    assembly_format = "$x attr-dict `:` type($x) `to` type($result)"

    def __init__(self, x: SSAValue, to: Attribute):
        super().__init__(operands=[x], result_types=[to])

    def fold(self) -> Sequence[SSAValue] | None:
        return (self.x,) if self.x.type == self.result.type else None


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


@irdl_op_definition
class LookupOp(IRDLOperation):
    """The entry of a table of 256 whose number is the byte `x`, its bits read without a sign.

    `%y = prim.lookup %t[%x] : tensor<256xf32>[i8] to f32`
    """

    name = "prim.lookup"
    table = operand_def(TensorType)
    x = operand_def(IntegerType)
    result = result_def(IntegerType | AnyFloat)
    traits = traits_def(Pure())
    assembly_format = (
        "$table `[` $x `]` attr-dict `:` type($table) `[` type($x) `]` `to` type($result)"
    )

    def __init__(self, table: SSAValue, x: SSAValue):
        assert isinstance(type := table.type, TensorType)
        super().__init__(operands=[table, x], result_types=[type.element_type])

    def verify_(self) -> None:
        if self.table.type != (expected := TensorType(self.result.type, (TABLE_ENTRIES,))):
            raise fault(self, f"table has type {self.table.type}, expected {expected}")
        if not is_byte(self.x.type):
            raise fault(self, f"an entry has the number of a byte, not of type {self.x.type}")


@dataclass(frozen=True)
class Scalar:
    """Semantics of a scalar operation on arrays, and its class in the target's price list."""

    function: Callable[..., Any]
    price: str


def quotient(lhs: np.ndarray, rhs: np.ndarray) -> np.ndarray:
    """lhs / rhs of integers, rounded towards zero."""
    floor = lhs // rhs
    return floor + ((floor < 0) & (floor * rhs != lhs)).astype(lhs.dtype)


def looked_up(table: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The entries of a table for bytes."""
    return table[np.asarray(x).view(np.uint8)]


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
    arith.DivSIOp: Scalar(quotient, "divide"),
    RoundingShiftOp: Scalar(rounding_shift, "cheap"),
    LookupOp: Scalar(looked_up, "cheap"),
    math.RoundEvenOp: Scalar(np.rint, "cheap"),
    math.TruncOp: Scalar(np.trunc, "cheap"),
    math.SqrtOp: Scalar(np.sqrt, "divide"),
    math.ExpOp: Scalar(np.exp, "transcendental"),
    math.LogOp: Scalar(np.log, "transcendental"),
    math.PowFOp: Scalar(np.power, "transcendental"),
    math.TanhOp: Scalar(np.tanh, "transcendental"),
}


Form = Callable[..., SSAValue]
"""Builds the element of the result from the elements of the operands, by scalar operations."""


def _by_type(
    floats: Callable[[SSAValue, SSAValue], Operation],
    integers: Callable[[SSAValue, SSAValue], Operation],
) -> Callable[[SSAValue, SSAValue], SSAValue]:
    def build(lhs: SSAValue, rhs: SSAValue) -> SSAValue:
        operation = floats if isinstance(lhs.type, AnyFloat) else integers
        return operation(lhs, rhs).results[0]

    return build


add = _by_type(arith.AddfOp, arith.AddiOp)
subtract = _by_type(arith.SubfOp, arith.SubiOp)
multiply = _by_type(arith.MulfOp, arith.MuliOp)
divide = _by_type(arith.DivfOp, arith.DivSIOp)
maximum = _by_type(arith.MaximumfOp, arith.MaxSIOp)
minimum = _by_type(arith.MinimumfOp, arith.MinSIOp)


def constant(value: float, type: Attribute) -> SSAValue:
    if isinstance(type, AnyFloat):
        return arith.ConstantOp(FloatAttr(value, type)).result
    assert isinstance(type, IntegerType)
    return arith.ConstantOp(IntegerAttr(int(value), type)).result


def negate(x: SSAValue) -> SSAValue:
    if isinstance(x.type, AnyFloat):
        return arith.NegfOp(x).result
    return arith.SubiOp(constant(0, x.type), x).result


def to_type(x: SSAValue, to: Attribute) -> SSAValue:
    """The value of x in another type; an integer constant is written in that type."""
    if x.type == to:
        return x
    if isinstance(owner := x.owner, arith.ConstantOp) and isinstance(owner.value, IntegerAttr):
        return constant(owner.value.value.data, to)
    return ConvertOp(x, to).result


def is_constant(x: SSAValue, number: float) -> bool:
    """Whether a scalar is a constant of this value."""
    return isinstance(x.owner, arith.ConstantOp) and scalar_constant(x.owner.value) == number


def place(block: Block, value: SSAValue) -> SSAValue:
    """Append the operations that compute a value, unless they are in a block already, and return the value."""
    pending = [value.owner]
    while pending:  # chains may be long
        op = pending[-1]
        if not isinstance(op, Operation) or op.parent is not None:
            pending.pop()
        elif missing := [owner for owner in _owners(op) if owner.parent is None]:
            pending += reversed(missing)
        else:
            block.add_op(op)
    return value


def _owners(op: Operation) -> list[Operation]:
    """The operations that an operation's operands come from."""
    owners = (operand.owner for operand in op.operands)
    return [owner for owner in owners if isinstance(owner, Operation)]


def scalar_constant(attribute: Attribute) -> np.generic:
    """The NumPy scalar of a numeric attribute, in the attribute's own type."""
    if isinstance(attribute, FloatAttr):
        return dtype_of(attribute.type).type(attribute.value.data)
    if isinstance(attribute, IntegerAttr):
        return dtype_of(attribute.type).type(attribute.value.data)
    raise VerifyException(f"not a scalar constant: {attribute}")


def verify_scalars(holder: Operation, block: Block, where: str) -> None:
    """Raises VerifyException unless every operation of a block of `holder` is in the table."""
    for op in block.ops:
        if (
            op.next_op is None
            or isinstance(op, arith.ConstantOp | ConvertOp)
            or type(op) in SCALARS
        ):
            continue
        raise fault(holder, f"'{op.name}' is not a scalar operation that {where} can hold")


def price_class(op: Operation) -> str | None:
    """The class of a scalar operation in the target's price list; None for what costs nothing: constants, the end."""
    if isinstance(op, ConvertOp):
        return "cheap"
    scalar = SCALARS.get(type(op))
    return None if scalar is None else scalar.price


def array_function(block: Block) -> Callable[[Sequence[np.ndarray]], np.ndarray]:
    """From arrays as the block's arguments to what its terminator yields; nothing warns of infinities and NaN."""
    *ops, terminator = block.ops
    values = [*block.args, *(op.results[0] for op in ops)]
    place_of = {value: place for place, value in enumerate(values)}
    steps = [(_function(op), [place_of[operand] for operand in op.operands]) for op in ops]
    returned = place_of[terminator.operands[0]]

    def run(arguments: Sequence[np.ndarray]) -> np.ndarray:
        arrays: list[Any] = list(arguments)
        with np.errstate(all="ignore"):
            for function, operands in steps:
                arrays.append(function(*[arrays[operand] for operand in operands]))
        return arrays[returned]

    return run


def _function(op: Operation) -> Callable[..., Any]:
    """What a scalar operation computes, on arrays as its operands."""
    if isinstance(op, arith.ConstantOp):
        value = scalar_constant(op.value)
        return lambda: value
    if isinstance(op, ConvertOp):
        return lambda x: convert(np.asarray(x), op.result.type)
    return SCALARS[type(op)].function
