"""Arithmetic: sums, products, quotients, extremes, rounding."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import ClassVar

from xdsl.dialects import math
from xdsl.dialects.builtin import (
    FloatAttr,
    IntegerAttr,
    IntegerType,
    TensorType,
    f32,
    f64,
)
from xdsl.ir import SSAValue
from xdsl.irdl import base, irdl_op_definition, opt_prop_def, prop_def, traits_def
from xdsl.traits import Commutative

from xnn.dialects import scalar
from xnn.dialects.canonicalization import ChainOperation
from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import (
    NUMBERS,
    SIGNED,
    WRAPPING,
    Elements,
    is_unsigned,
    precision_bits,
)
from xnn.dialects.values import INTEGER
from xnn.dialects.xnn.constants import is_splat
from xnn.dialects.xnn.elementwise import BinaryOperation, FloatOperation, UnaryOperation
from xnn.dialects.xnn.operation import integer, tensor_type
from xnn.dialects.xnn.traits import LowPrecision, NeverNegative, TakesIntegers


@irdl_op_definition
class AddOp(BinaryOperation):
    """lhs + rhs, broadcast.

    `%y = xnn.add "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.add"
    ONNX: ClassVar = "Add"
    NEUTRAL: ClassVar = 0
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.add)

    traits = traits_def(LowPrecision(), TakesIntegers(), Commutative())


@irdl_op_definition
class SubOp(BinaryOperation):
    """lhs - rhs, broadcast.

    `%y = xnn.sub "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.sub"
    ONNX: ClassVar = "Sub"
    NEUTRAL: ClassVar = 0
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.subtract)

    traits = traits_def(LowPrecision(), TakesIntegers())


@irdl_op_definition
class MulOp(BinaryOperation):
    """lhs * rhs, broadcast.

    `%y = xnn.mul "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.mul"
    ONNX: ClassVar = "Mul"
    NEUTRAL: ClassVar = 1
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.multiply)

    traits = traits_def(LowPrecision(), TakesIntegers(), Commutative())


@irdl_op_definition
class DivOp(BinaryOperation):
    """lhs / rhs; integers round towards zero, broadcast.

    `%y = xnn.div "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.div"
    ONNX: ClassVar = "Div"
    NEUTRAL: ClassVar = 1
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.divide)


@irdl_op_definition
class ModOp(BinaryOperation):
    """The remainder of lhs / rhs, broadcast: with the sign of rhs, or with that of lhs if `fmod` is 1.

    `%y = xnn.mod "y" %a, %b {fmod = 1 : i64} : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.mod"
    ONNX: ClassVar = "Mod"

    fmod = prop_def(INTEGER, default_value=integer(0))

    def scalar_form(self, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
        rest = scalar.remainder(lhs, rhs)
        if self.fmod.value.data or is_unsigned(lhs.type):
            return rest
        zero = scalar.constant(0, lhs.type)
        signs = (scalar.compare("lt", value, zero) for value in (rest, rhs))
        differ = scalar.both(scalar.one_of_both(*signs), scalar.compare("ne", rest, zero))
        return scalar.select(differ, scalar.add(rest, rhs), rest)


@irdl_op_definition
class PowOp(BinaryOperation):
    """lhs to the power of rhs, broadcast, in the type of lhs; the types may differ.

    Integers to the power of integers wrap around; to the power of floats they are rounded towards zero. Squares and
    cubes, of a constant rhs, are products.

    `%y = xnn.pow "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<f32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.pow"
    ONNX: ClassVar = "Pow"

    def infer_types(self) -> Sequence[TensorType]:
        return [self.broadcast_type(tensor_type(self.lhs).element_type)]

    def scalar_form(self, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
        if is_splat(self.rhs, 2):
            return scalar.multiply(lhs, lhs)
        if is_splat(self.rhs, 3):
            return scalar.multiply(scalar.multiply(lhs, lhs), lhs)
        if isinstance(lhs.type, IntegerType) and isinstance(rhs.type, IntegerType):
            return scalar.integer_power(lhs, scalar.to_type(rhs, lhs.type))
        kind = f64 if precision_bits(lhs.type, rhs.type) > 32 else f32
        kind = lhs.type if lhs.type == rhs.type else kind
        power = math.PowFOp(scalar.to_type(lhs, kind), scalar.to_type(rhs, kind)).result
        return scalar.cast(power, lhs.type)


@irdl_op_definition
class MaxOp(BinaryOperation):
    """The larger of lhs and rhs, broadcast; NaN if one is.

    `%y = xnn.max "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.max"
    ONNX: ClassVar = "Max"
    ELEMENTS: ClassVar[Elements] = NUMBERS
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.maximum)

    traits = traits_def(LowPrecision(), Commutative())


@irdl_op_definition
class MinOp(BinaryOperation):
    """The smaller of lhs and rhs, broadcast; NaN if one is.

    `%y = xnn.min "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.min"
    ONNX: ClassVar = "Min"
    ELEMENTS: ClassVar[Elements] = NUMBERS
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.minimum)

    traits = traits_def(LowPrecision(), Commutative())


@irdl_op_definition
class ClipOp(UnaryOperation, ChainOperation):
    """min(max(x, `min`), `max`); a bound that is absent does not bound.

    `%y = xnn.clip "relu6" %x {max = 6.0 : f32, min = 0.0 : f32} : (tensor<1x8xf32>) -> tensor<1x8xf32>`
    """

    name = "xnn.clip"

    ELEMENTS: ClassVar[Elements] = NUMBERS

    traits = traits_def(LowPrecision())

    min = opt_prop_def(base(FloatAttr) | base(IntegerAttr))
    max = opt_prop_def(base(FloatAttr) | base(IntegerAttr))

    def infer_types(self) -> Sequence[TensorType]:
        type = tensor_type(self.x)
        for name, bound in (("min", self.min), ("max", self.max)):
            if bound is not None and bound.type != type.element_type:
                raise fault(self, f"{name} has type {bound.type}, expected {type.element_type}")
        return [type]

    def scalar_form(self, x: SSAValue) -> SSAValue:
        for bound, limit in ((self.min, scalar.maximum), (self.max, scalar.minimum)):
            if bound is not None:
                x = limit(x, scalar.constant(bound.value.data, x.type))
        return x

    @property
    def bounds(self) -> tuple[float, float]:
        """`min` and `max`, infinite where absent."""
        low, high = self.min, self.max
        return (low.value.data if low else -inf), (high.value.data if high else inf)

    def fold(self) -> Sequence[SSAValue] | None:
        return (self.x,) if self.bounds == (-inf, inf) else None

    def merged(self, inner: ClipOp) -> ClipOp:
        low, high = self.bounds
        given = {b.value.data: b for b in (inner.min, inner.max, self.min, self.max) if b}
        bounds = zip(("min", "max"), (min(max(b, low), high) for b in inner.bounds))
        return self.in_place_of(inner, {name: given[b] for name, b in bounds if b in given})


@irdl_op_definition
class NegOp(UnaryOperation):
    """-x.

    `%y = xnn.neg "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.neg"
    ONNX: ClassVar = "Neg"

    ELEMENTS: ClassVar[Elements] = SIGNED
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.negate)

    def fold(self) -> Sequence[SSAValue] | None:
        return (inner.x,) if isinstance(inner := self.x.owner, NegOp) else None


@irdl_op_definition
class AbsOp(UnaryOperation):
    """The absolute value of x.

    `%y = xnn.abs "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.abs"
    ONNX: ClassVar = "Abs"
    ELEMENTS: ClassVar[Elements] = WRAPPING
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.absolute)


@irdl_op_definition
class SignOp(UnaryOperation):
    """-1, 0 or 1: the sign of x.

    `%y = xnn.sign "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.sign"
    ONNX: ClassVar = "Sign"
    ELEMENTS: ClassVar[Elements] = WRAPPING

    def scalar_form(self, x: SSAValue) -> SSAValue:
        zero, one = (scalar.constant(number, x.type) for number in (0, 1))
        positive = scalar.select(scalar.compare("gt", x, zero), one, zero)
        if is_unsigned(x.type):
            return positive
        return scalar.select(scalar.compare("lt", x, zero), scalar.negate(one), positive)


@irdl_op_definition
class ReciprocalOp(FloatOperation):
    """1 / x.

    `%y = xnn.reciprocal "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.reciprocal"
    ONNX: ClassVar = "Reciprocal"

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return scalar.divide(scalar.constant(1, x.type), x)


@irdl_op_definition
class SqrtOp(FloatOperation):
    """The square root of x.

    `%y = xnn.sqrt "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.sqrt"
    ONNX: ClassVar = "Sqrt"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.sqrt)

    traits = traits_def(NeverNegative())


@irdl_op_definition
class CeilOp(FloatOperation):
    """The least integer that is not below x.

    `%y = xnn.ceil "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.ceil"
    ONNX: ClassVar = "Ceil"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.function(math.CeilOp))


@irdl_op_definition
class FloorOp(FloatOperation):
    """The largest integer that is not above x.

    `%y = xnn.floor "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.floor"
    ONNX: ClassVar = "Floor"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.function(math.FloorOp))


@irdl_op_definition
class RoundOp(FloatOperation):
    """The nearest integer to x, ties to even.

    `%y = xnn.round "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.round"
    ONNX: ClassVar = "Round"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.function(math.RoundEvenOp))
