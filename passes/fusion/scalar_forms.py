"""Scalar forms of elementwise operators: what fusion puts into a `pre` or `post` region."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod

from xdsl.dialects import arith, math
from xdsl.dialects.builtin import (
    AffineMapAttr,
    AnyFloat,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    i32,
    i64,
)
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import IRDLOperation

from xnn.dialects import xnn
from xnn.dialects.dsa.operations import FULL_SHARE
from xnn.dialects.element_types import integer_range, is_unsigned, precision_bits
from xnn.dialects.prim import ConvertOp, Primitive, RoundingShiftOp, shape
from xnn.dialects.prim.scalar import scalar_constant
from xnn.dialects.xnn.operation import NetworkOperation, tensor_type
from xnn.passes.fusion.primitive_regions import axis_map, broadcast_map
from xnn.runtime.semantics.arrays import array_of

Form = Callable[[NetworkOperation, Sequence[SSAValue]], list[Operation]]


def _binary(
    floats: Callable[[SSAValue, SSAValue], Operation],
    integers: Callable[[SSAValue, SSAValue], Operation] | None = None,
) -> Form:
    def form(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
        scalar = floats if integers is None or _is_float(operands[0]) else integers
        return [scalar(operands[0], operands[1])]

    return form


def _unary(scalar: Callable[[SSAValue], Operation]) -> Form:
    return lambda op, operands: [scalar(operands[0])]


def _is_float(value: SSAValue) -> bool:
    return isinstance(value.type, AnyFloat)


def _constant(value: float, type: Attribute) -> arith.ConstantOp:
    if isinstance(type, AnyFloat):
        return arith.ConstantOp(FloatAttr(value, type))
    assert isinstance(type, IntegerType)
    return arith.ConstantOp(IntegerAttr(int(value), type))


def _relu(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
    zero = _constant(0.0, operands[0].type)
    larger = arith.MaximumfOp if _is_float(operands[0]) else arith.MaxSIOp
    return [zero, larger(operands[0], zero.result)]


def _clip(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
    assert isinstance(op, xnn.ClipOp)
    value, ops = operands[0], list[Operation]()
    larger, smaller = (
        (arith.MaximumfOp, arith.MinimumfOp) if _is_float(value) else (arith.MaxSIOp, arith.MinSIOp)
    )
    for bound, scalar in ((op.min, larger), (op.max, smaller)):
        if bound is not None:
            limit = arith.ConstantOp(bound)
            clipped = scalar(value, limit.result)
            ops += [limit, clipped]
            value = clipped.result
    return ops


def _sigmoid(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
    """1 / (1 + exp(-x))"""
    one = _constant(1.0, operands[0].type)
    negative = arith.NegfOp(operands[0])
    power = math.ExpOp(negative.result)
    total = arith.AddfOp(one.result, power.result)
    return [one, negative, power, total, arith.DivfOp(one.result, total.result)]


class _Chain:
    """Scalar operations, each on the value of the one before."""

    def __init__(self, value: SSAValue):
        self.value = value
        self.ops: list[Operation] = []

    def then(self, op: Operation) -> _Chain:
        self.ops.append(op)
        self.value = op.results[0]
        return self

    def converted(self, value: SSAValue, to: Attribute) -> SSAValue:
        """Another value in a type, converted here."""
        if value.type == to:
            return value
        constant = value.owner
        if isinstance(constant, arith.ConstantOp) and isinstance(constant.value, IntegerAttr):
            conversion = _constant(constant.value.value.data, to)
        else:
            conversion = ConvertOp(value, to)
        self.ops.append(conversion)
        return conversion.results[0]

    def to(self, type: Attribute) -> _Chain:
        self.value = self.converted(self.value, type)
        return self

    def rounded(self, zero_point: SSAValue, to: Attribute) -> list[Operation]:
        """The nearest integer plus the zero point, in the type of integers that results."""
        if not is_zero(zero_point):
            zero = self.converted(zero_point, self.value.type)
            self.then(math.RoundEvenOp(self.value)).then(arith.AddfOp(self.value, zero))
        self.then(ConvertOp(self.value, to))
        return self.ops

    def minus(self, zero_point: SSAValue, type: Attribute) -> _Chain:
        """The difference to a zero point, in a type of integers that holds it."""
        self.to(type)
        if not is_zero(zero_point):
            self.then(arith.SubiOp(self.value, self.converted(zero_point, type)))
        return self


def _type_of(op: NetworkOperation) -> Attribute:
    """Of an operator's elements."""
    return tensor_type(op.result).element_type


def is_zero(value: SSAValue) -> bool:
    """Whether a scalar is the constant 0."""
    return _is_constant(value, 0)


def _is_constant(value: SSAValue, number: int) -> bool:
    constant = value.owner
    return isinstance(constant, arith.ConstantOp) and scalar_constant(constant.value) == number


def _quantize(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
    x, scale, zero_point = operands
    chain = _Chain(x).to(scale.type)
    return chain.then(arith.DivfOp(chain.value, scale)).rounded(zero_point, _type_of(op))


def _requantize(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
    sums, multiplier, zero_point = operands
    chain = _Chain(sums).to(multiplier.type)
    return chain.then(arith.MulfOp(chain.value, multiplier)).rounded(zero_point, _type_of(op))


def _rescale(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
    sums, multiplier, zero_point = operands
    assert isinstance(op, xnn.RescaleOp)
    chain = _Chain(sums).to(i64)
    if not _is_constant(multiplier, 1):
        chain.then(arith.MuliOp(chain.value, chain.converted(multiplier, i64)))
    if distance := op.shift.value.data:
        shift = _constant(distance, i64)
        chain.ops.append(shift)
        chain.then(RoundingShiftOp(chain.value, shift.result))
    if not is_zero(zero_point):
        chain.then(arith.AddiOp(chain.value, chain.converted(zero_point, i64)))
    return chain.to(_type_of(op)).ops


def _dequantize(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
    q, scale, zero_point = operands
    assert isinstance(q.type, IntegerType)
    wide = i64 if q.type.width.data > 32 else i32
    chain = _Chain(q) if is_zero(zero_point) else _Chain(q).minus(zero_point, wide)
    chain.to(scale.type)
    return chain.then(arith.MulfOp(chain.value, scale)).ops


def _center(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
    q, zero_point = operands
    return _Chain(q).minus(zero_point, _type_of(op)).ops


def _cast(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
    chain, to = _Chain(operands[0]), _type_of(op)
    if _is_float(operands[0]) and isinstance(to, IntegerType):
        chain.then(math.TruncOp(operands[0]))
    return chain.then(ConvertOp(chain.value, to)).ops


FORMS: dict[type[IRDLOperation], Form] = {
    xnn.AddOp: _binary(arith.AddfOp, arith.AddiOp),
    xnn.SubOp: _binary(arith.SubfOp, arith.SubiOp),
    xnn.MulOp: _binary(arith.MulfOp, arith.MuliOp),
    xnn.DivOp: _binary(arith.DivfOp),
    xnn.NegOp: _unary(arith.NegfOp),
    xnn.SqrtOp: _unary(math.SqrtOp),
    xnn.ExpOp: _unary(math.ExpOp),
    xnn.TanhOp: _unary(math.TanhOp),
    xnn.ReluOp: _relu,
    xnn.ClipOp: _clip,
    xnn.SigmoidOp: _sigmoid,
    xnn.QuantizeOp: _quantize,
    xnn.RequantizeOp: _requantize,
    xnn.RescaleOp: _rescale,
    xnn.DequantizeOp: _dequantize,
    xnn.CenterOp: _center,
    xnn.CastOp: _cast,
}
ON_INTEGERS = (xnn.AddOp, xnn.SubOp, xnn.MulOp, xnn.ReluOp, xnn.ClipOp)
"""What has a scalar form for integers as well as for floats."""


def is_conversion(op: object) -> bool:
    """Whether an operator gives the value of a stored element: a primitive's ends do it for each of its uses."""
    if isinstance(op, xnn.RescaleOp):
        return precision_bits(_type_of(op)) > 16
    return isinstance(op, xnn.DequantizeOp | xnn.CenterOp | xnn.CastOp)


def scalar_form(op: NetworkOperation, operands: Sequence[SSAValue]) -> list[Operation]:
    """Scalar operations that compute one element of `op`; the last one's result is the element."""
    return FORMS[type(op)](op, operands)


def is_elementwise(op: object) -> bool:
    """Whether an operation has a scalar form for the type that it works on."""
    if not isinstance(op, NetworkOperation) or type(op) not in FORMS:
        return False
    source = tensor_type(op.operands[0]).element_type
    result = tensor_type(op.result).element_type
    if isinstance(op, xnn.CastOp):
        return not _wraps(source, result)
    if isinstance(op, xnn.QuantizationOperation):
        return True
    if isinstance(result, AnyFloat):
        return True
    signless = isinstance(result, IntegerType) and not is_unsigned(result)
    return signless and isinstance(op, ON_INTEGERS)


def _wraps(source: Attribute, result: Attribute) -> bool:
    """Whether a cast drops bits of integers, which conversion does not; booleans are no numbers."""
    if not isinstance(result, IntegerType):
        return False
    if result.width.data == 1 or not isinstance(source, IntegerType):
        return result.width.data < 8
    (low, high), (least, most) = integer_range(source), integer_range(result)
    return low < least or high > most


def index_map(op: NetworkOperation, operand: SSAValue) -> AffineMapAttr:
    """From the indices of an element of an elementwise operator to those of its operand's."""
    sizes, result = shape(operand), shape(op.result)
    if isinstance(op, xnn.QuantizationOperation) and operand is not op.operands[0] and len(sizes):
        return axis_map(len(result), op.axis.value.data)
    return broadcast_map(sizes, result)


def immediate(value: SSAValue) -> arith.ConstantOp | None:
    """A one-element constant tensor as a scalar, or None; scalars of `arith` have no unsigned types."""
    constant = value.owner
    if not isinstance(constant, xnn.ConstantOp) or prod(shape(value)) != 1:
        return None
    array, kind = array_of(constant.value), tensor_type(value).element_type
    if is_unsigned(kind):
        assert isinstance(kind, IntegerType)
        kind = i64 if kind.width.data >= 32 else i32
    return _constant(array.reshape(()).item(), kind)


class Fusion:
    """One element of an operator, or of a chain of them, as a scalar region computes it.

    `streamed` is the value that streams through the primitive. All other operands become operands
    of the region, but immediates, which it holds itself, and conversions of what is stored, which it
    does itself.
    """

    def __init__(self, op: NetworkOperation, streamed: SSAValue):
        self.op = op
        self.streamed = streamed
        self.operands: list[SSAValue] = []
        self.maps: list[AffineMapAttr] = []
        self._plan(op)

    def _plan(self, op: NetworkOperation) -> None:
        for operand in op.operands:
            if operand is self.streamed or immediate(operand) is not None:
                continue
            if (inner := self._conversion(op, operand)) is not None:
                self._plan(inner)
            else:
                self.operands.append(operand)
                self.maps.append(index_map(op, operand))

    def _conversion(self, op: NetworkOperation, operand: SSAValue) -> NetworkOperation | None:
        """The conversion that gives an operand of the result's shape, if the region may do it."""
        inner = operand.owner
        fits = is_conversion(inner) and is_elementwise(inner)
        if fits and shape(operand) == shape(op.result):
            assert isinstance(inner, NetworkOperation)
            return inner
        return None

    def fits(self, node: Primitive) -> bool:
        """Whether a primitive can take it: all operands may meet in one bank, each with a share of it."""
        partial_sums = 1
        return len(node.touched) + partial_sums + len(self.operands) <= FULL_SHARE

    def build(self, values: Sequence[SSAValue]) -> list[Operation]:
        """Scalar operations, of the streamed element and the elements of `operands`."""
        ops = self._build(self.op, values[0], iter(values[1:]))
        return [op for op in ops if op is ops[-1] or op.results[0].first_use is not None]

    def _build(
        self, op: NetworkOperation, element: SSAValue, rest: Iterator[SSAValue]
    ) -> list[Operation]:
        ops: list[Operation] = []
        scalars: list[SSAValue] = []
        for operand in op.operands:
            if operand is self.streamed:
                scalars.append(element)
            elif (constant := immediate(operand)) is not None:
                ops.append(constant)
                scalars.append(constant.result)
            elif (inner := self._conversion(op, operand)) is not None:
                ops += self._build(inner, element, rest)
                scalars.append(ops[-1].results[0])
            else:
                scalars.append(next(rest))
        return [*ops, *scalar_form(op, scalars)]
