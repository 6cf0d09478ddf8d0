"""Scalar operations of our own, beside upstream's `arith` and `math`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from xdsl.dialects.builtin import AnyFloat, AnyFloatConstr, IntegerType, TensorType
from xdsl.interfaces import HasFolderInterface
from xdsl.ir import Attribute, SSAValue
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

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import is_byte
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


@irdl_op_definition
class BitcastOp(IRDLOperation):
    """The bits of a scalar, read in another type: operations of `arith` have no sign in their types.

    `%i = prim.bitcast %u : ui8 to i8`
    """

    name = "prim.bitcast"
    x = operand_def(IntegerType | AnyFloat)
    result = result_def(IntegerType | AnyFloat)
    traits = traits_def(Pure())
    assembly_format = "$x attr-dict `:` type($x) `to` type($result)"

    def __init__(self, x: SSAValue, to: Attribute):
        super().__init__(operands=[x], result_types=[to])

    def verify_(self) -> None:
        one, other = self.x.type, self.result.type
        widths = [
            each.width.data if isinstance(each, IntegerType) else each.bitwidth
            for each in (one, other)
            if isinstance(each, IntegerType | AnyFloat)
        ]
        if widths[0] != widths[1]:
            raise fault(self, f"{one} and {other} have not as many bits")


@irdl_op_definition
class RemainderOp(IRDLOperation):
    """`x` - n * `y` with n = `x` / `y` rounded towards zero, exact: it has the sign of x.

    `%r = prim.remainder %x, %y : f32`
    """

    name = "prim.remainder"
    T: ClassVar = VarConstraint("T", AnyFloatConstr)
    x = operand_def(T)
    y = operand_def(T)
    result = result_def(T)
    traits = traits_def(Pure())
    assembly_format = "$x `,` $y attr-dict `:` type($result)"

    def __init__(self, x: SSAValue, y: SSAValue):
        super().__init__(operands=[x, y], result_types=[x.type])
