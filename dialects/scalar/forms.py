"""Building scalar operations: `add`, `maximum`, ... work on floats and on integers, with or without a sign, alike.

Operations of `arith` have no unsigned types: their operands are the bits (`prim.bitcast`), the operation has the sign.
"""

from __future__ import annotations

from collections.abc import Callable
from math import frexp

from xdsl.dialects import arith, math
from xdsl.dialects.builtin import AnyFloat, FloatAttr, IntegerAttr, IntegerType, f32, i1, i64
from xdsl.ir import Attribute, Block, Operation, SSAValue

from xnn.dialects.element_types import integer_range, is_narrow_float, is_unsigned
from xnn.dialects.scalar.operations import BitcastOp, ConvertOp, RemainderOp

Form = Callable[..., SSAValue]
"""Builds the element of the result from the elements of the operands, by scalar operations."""

EXPONENTS = 14
"""Powers of two up to there have a reciprocal in every float."""

Binary = Callable[[SSAValue, SSAValue], Operation]


def bitcast(x: SSAValue, to: Attribute) -> SSAValue:
    """The bits of x in another type."""
    if x.type == to:
        return x
    if isinstance(x.owner, BitcastOp):
        return bitcast(x.owner.x, to)
    return BitcastOp(x, to).result


def bits(x: SSAValue) -> SSAValue:
    """x as `arith` has it: the bits, if it is unsigned."""
    return bitcast(x, IntegerType(x.type.width.data)) if isinstance(x.type, IntegerType) else x


def _by_type(
    floats: Binary | None, integers: Binary, unsigned: Binary | None = None
) -> Callable[[SSAValue, SSAValue], SSAValue]:
    """The operation for the type of its operands; `unsigned` if integers without a sign have another one."""

    def build(lhs: SSAValue, rhs: SSAValue) -> SSAValue:
        if isinstance(lhs.type, AnyFloat):
            assert floats is not None
            return floats(lhs, rhs).results[0]
        operation = unsigned if unsigned is not None and is_unsigned(lhs.type) else integers
        return bitcast(operation(bits(lhs), bits(rhs)).results[0], lhs.type)

    return build


def _shift_with_sign(lhs: SSAValue, rhs: SSAValue) -> Operation:
    """Copies of the sign take the free places, all of them if there are more, or fewer than none."""
    assert isinstance(lhs.type, IntegerType)
    most = arith.ConstantOp(IntegerAttr(lhs.type.width.data - 1, lhs.type)).result
    return arith.ShRSIOp(lhs, arith.MinUIOp(rhs, most).result)


add = _by_type(arith.AddfOp, arith.AddiOp)
subtract = _by_type(arith.SubfOp, arith.SubiOp)
multiply = _by_type(arith.MulfOp, arith.MuliOp)
maximum = _by_type(arith.MaximumfOp, arith.MaxSIOp, arith.MaxUIOp)
minimum = _by_type(arith.MinimumfOp, arith.MinSIOp, arith.MinUIOp)
both = _by_type(None, arith.AndIOp)
either = _by_type(None, arith.OrIOp)
one_of_both = _by_type(None, arith.XOrIOp)
remainder = _by_type(RemainderOp, arith.RemSIOp, arith.RemUIOp)
integer_power = _by_type(None, math.IPowIOp)
shift_left = _by_type(None, arith.ShLIOp)
shift_right = _by_type(None, _shift_with_sign, arith.ShRUIOp)

_divide = _by_type(arith.DivfOp, arith.DivSIOp, arith.DivUIOp)


def divide(lhs: SSAValue, rhs: SSAValue) -> SSAValue:
    """The quotient; of floats by a constant power of two the product with its reciprocal: as exact, and cheaper."""
    number = constant_number(rhs)
    if isinstance(rhs.type, AnyFloat) and number:
        if number == 1:
            return lhs
        mantissa, exponent = frexp(number)
        if abs(mantissa) == 0.5 and abs(exponent) <= EXPONENTS:
            return multiply(lhs, constant(1 / number, rhs.type))
    return _divide(lhs, rhs)


def function(operation: Callable[[SSAValue], Operation]) -> Form:
    """The form of one operation on one float."""
    return lambda x: operation(x).results[0]


exp, expm1, log, log1p = map(function, (math.ExpOp, math.ExpM1Op, math.LogOp, math.Log1pOp))
sqrt, tanh, erf = map(function, (math.SqrtOp, math.TanhOp, math.ErfOp))


def compare(predicate: str, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
    """`predicate`: eq, ne, lt, le, gt, ge; of NaN only ne holds."""
    if isinstance(lhs.type, AnyFloat):
        order = "u" if predicate == "ne" else "o"
        return arith.CmpfOp(lhs, rhs, order + predicate).result
    order = "u" if is_unsigned(lhs.type) or lhs.type == i1 else "s"
    order = "" if predicate in ("eq", "ne") else order
    return arith.CmpiOp(bits(lhs), bits(rhs), order + predicate).result


def select(condition: SSAValue, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
    """lhs where the condition holds, else rhs."""
    return arith.SelectOp(condition, lhs, rhs).result


def constant(value: float, type: Attribute) -> SSAValue:
    """A number in a type; one that an integer type cannot hold wraps around."""
    if isinstance(type, AnyFloat):
        return arith.ConstantOp(FloatAttr(value, type)).result
    assert isinstance(type, IntegerType)
    number = int(value)
    low, high = integer_range(signless := IntegerType(type.width.data))
    if signless != i1 and not low <= number <= high:
        number = (number - low) % (high - low + 1) + low
    return bitcast(arith.ConstantOp(IntegerAttr(number, signless)).result, type)


def negate(x: SSAValue) -> SSAValue:
    if isinstance(x.type, AnyFloat):
        return arith.NegfOp(x).result
    return subtract(constant(0, x.type), x)


def absolute(x: SSAValue) -> SSAValue:
    if is_unsigned(x.type):
        return x
    return (math.AbsFOp(x) if isinstance(x.type, AnyFloat) else math.AbsIOp(x)).result


def constant_number(x: SSAValue) -> float | int | None:
    """The number that a scalar is; None if it is no constant."""
    owner = x.owner.x.owner if isinstance(x.owner, BitcastOp) else x.owner
    if not isinstance(owner, arith.ConstantOp):
        return None
    assert isinstance(owner.value, IntegerAttr | FloatAttr)
    number = owner.value.value.data
    if isinstance(number, int) and number < 0 and is_unsigned(x.type):
        assert isinstance(x.type, IntegerType)
        number += 1 << x.type.width.data
    return number


def to_type(x: SSAValue, to: Attribute) -> SSAValue:
    """The value of x in another type; an integer constant is written in that type."""
    if x.type == to:
        return x
    if isinstance(x.type, IntegerType) and (number := constant_number(x)) is not None:
        low, high = integer_range(to) if isinstance(to, IntegerType) else (number, number)
        return constant(min(max(number, low), high), to)
    return ConvertOp(x, to).result


def cast(x: SSAValue, to: Attribute) -> SSAValue:
    """x in another type, as ONNX casts.

    Floats become integers towards zero, and the nearest bound of a type that cannot hold them; of a type of less
    than a byte they wrap around. Integers wrap around. Booleans are false for 0 alone.
    """
    if x.type == to:
        return x
    if is_narrow_float(x.type):
        x = to_type(x, f32)
    source = x.type
    if source == to:
        return x
    if to == i1:
        return compare("ne", x, constant(0, source))
    if not isinstance(to, IntegerType) or source == i1:
        return to_type(x, to)
    width = to.width.data
    if not isinstance(source, IntegerType):
        whole = math.TruncOp(x).result
        return to_type(whole, to) if width >= 8 else cast(to_type(whole, i64), to)
    (low, high), (least, most) = integer_range(source), integer_range(to)
    if least <= low and high <= most:
        return to_type(x, to)
    x = bits(x)
    if width != source.width.data:
        resize = arith.TruncIOp if width < source.width.data else arith.ExtSIOp
        x = resize(x, IntegerType(width)).result
    return bitcast(x, to)


def is_constant(x: SSAValue, number: float) -> bool:
    """Whether a scalar is a constant of this value."""
    return constant_number(x) == number


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
