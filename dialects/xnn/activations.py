"""Activations: the nonlinear functions between the layers of a network."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, pi
from typing import ClassVar

from xdsl.dialects.builtin import BoolAttr, FloatAttr, IntegerType, TensorType, f32, f64
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, traits_def

from xnn.dialects import scalar
from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import NUMBERS, WRAPPING, Elements
from xnn.dialects.xnn.elementwise import BroadcastOperation, FloatOperation, UnaryOperation
from xnn.dialects.xnn.operation import NetworkOperation, shape_of, shown
from xnn.dialects.xnn.traits import LowPrecision, NeverNegative


def _where_negative(x: SSAValue, negative: SSAValue, otherwise: SSAValue) -> SSAValue:
    return scalar.select(scalar.compare("lt", x, scalar.constant(0, x.type)), negative, otherwise)


def _times(x: SSAValue, factor: float) -> SSAValue:
    return scalar.multiply(x, scalar.constant(factor, x.type))


def _plus(x: SSAValue, addend: float) -> SSAValue:
    return scalar.add(x, scalar.constant(addend, x.type))


def _sigmoid(x: SSAValue) -> SSAValue:
    one = scalar.constant(1, x.type)
    return scalar.divide(one, scalar.add(one, scalar.exp(scalar.negate(x))))


def _softplus(x: SSAValue) -> SSAValue:
    """log(1 + exp(x)), by which large x do not overflow."""
    rest = scalar.log1p(scalar.exp(scalar.negate(scalar.absolute(x))))
    return scalar.add(scalar.maximum(x, scalar.constant(0, x.type)), rest)


def _hard_sigmoid(x: SSAValue, alpha: float, beta: float) -> SSAValue:
    positive = scalar.maximum(_plus(_times(x, alpha), beta), scalar.constant(0, x.type))
    return scalar.minimum(positive, scalar.constant(1, x.type))


@irdl_op_definition
class ReluOp(UnaryOperation):
    """max(x, 0).

    `%y = xnn.relu "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.relu"
    ONNX: ClassVar = "Relu"

    ELEMENTS: ClassVar[Elements] = NUMBERS

    traits = traits_def(LowPrecision(), NeverNegative())

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return scalar.maximum(x, scalar.constant(0, x.type))

    def fold(self) -> Sequence[SSAValue] | None:
        inner = self.x.owner
        nonnegative = isinstance(inner, NetworkOperation) and inner.has_trait(NeverNegative)
        return (self.x,) if nonnegative else None


@irdl_op_definition
class LeakyReluOp(FloatOperation):
    """x, or `alpha` * x where x is negative.

    `%y = xnn.leaky_relu "y" %x {alpha = 0.01 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.leaky_relu"
    ONNX: ClassVar = "LeakyRelu"
    alpha = prop_def(FloatAttr, default_value=FloatAttr(0.01, f32))

    def infer_types(self) -> Sequence[TensorType]:
        if not isfinite(alpha := self.alpha.value.data):  # times 0 where x is positive
            raise fault(self, f"alpha must be finite, but is {alpha}")
        return super().infer_types()

    def scalar_form(self, x: SSAValue) -> SSAValue:
        zero, alpha = scalar.constant(0, x.type), scalar.constant(self.alpha.value.data, x.type)
        slope = scalar.multiply(scalar.minimum(x, zero), alpha)
        return scalar.add(scalar.maximum(x, zero), slope)


@irdl_op_definition
class PReluOp(BroadcastOperation):
    """x, or `slope` * x where x is negative; slope broadcasts to x.

    `%y = xnn.prelu "y" %x, %s : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.prelu"
    ONNX: ClassVar = "PRelu"
    ELEMENTS: ClassVar[Elements] = WRAPPING

    x = operand_def(NetworkOperation.TENSOR)
    slope = operand_def(NetworkOperation.TENSOR)

    def infer_types(self) -> Sequence[TensorType]:
        type = self.broadcast_type(self.shared_element_type(self.operands))
        if type.get_shape() != (x := shape_of(self.x)):
            raise fault(
                self, f"slope {shown(shape_of(self.slope))} does not broadcast to {shown(x)}"
            )
        return [type]

    def scalar_form(self, x: SSAValue, slope: SSAValue) -> SSAValue:
        return _where_negative(x, scalar.multiply(slope, x), x)


@irdl_op_definition
class ThresholdedReluOp(FloatOperation):
    """x, or 0 where x is not above `alpha`.

    `%y = xnn.thresholded_relu "y" %x {alpha = 1.0 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.thresholded_relu"
    ONNX: ClassVar = "ThresholdedRelu"

    alpha = prop_def(FloatAttr, default_value=FloatAttr(1.0, f32))

    def scalar_form(self, x: SSAValue) -> SSAValue:
        alpha, zero = (scalar.constant(n, x.type) for n in (self.alpha.value.data, 0))
        return scalar.select(scalar.compare("gt", x, alpha), x, zero)


@irdl_op_definition
class EluOp(FloatOperation):
    """x, or `alpha` * (exp(x) - 1) where x is negative.

    `%y = xnn.elu "y" %x {alpha = 1.0 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.elu"
    ONNX: ClassVar = "Elu"

    alpha = prop_def(FloatAttr, default_value=FloatAttr(1.0, f32))

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return _where_negative(x, _times(scalar.expm1(x), self.alpha.value.data), x)


@irdl_op_definition
class CeluOp(FloatOperation):
    """x, or `alpha` * (exp(x / alpha) - 1) where x is negative.

    `%y = xnn.celu "y" %x {alpha = 1.0 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.celu"
    ONNX: ClassVar = "Celu"

    alpha = prop_def(FloatAttr, default_value=FloatAttr(1.0, f32))

    def scalar_form(self, x: SSAValue) -> SSAValue:
        alpha = scalar.constant(self.alpha.value.data, x.type)
        curve = scalar.multiply(alpha, scalar.expm1(scalar.divide(x, alpha)))
        zero = scalar.constant(0, x.type)
        return scalar.add(scalar.maximum(x, zero), scalar.minimum(curve, zero))


@irdl_op_definition
class SeluOp(FloatOperation):
    """`gamma` * x, or `gamma` * `alpha` * (exp(x) - 1) where x is not above 0.

    `%y = xnn.selu "y" %x {alpha = 1.67326319 : f32, gamma = 1.05070102 : f32} : (tensor<1x8xf32>) -> tensor<1x8xf32>`
    """

    name = "xnn.selu"
    ONNX: ClassVar = "Selu"

    alpha = prop_def(FloatAttr, default_value=FloatAttr(1.67326319217681884765625, f32))
    gamma = prop_def(FloatAttr, default_value=FloatAttr(1.05070102214813232421875, f32))

    def scalar_form(self, x: SSAValue) -> SSAValue:
        curve = _times(scalar.expm1(x), self.alpha.value.data)
        return _times(_where_negative(x, curve, x), self.gamma.value.data)


@irdl_op_definition
class SigmoidOp(FloatOperation):
    """1 / (1 + exp(-x)).

    `%y = xnn.sigmoid "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.sigmoid"
    ONNX: ClassVar = "Sigmoid"
    FORM: ClassVar[scalar.Form] = staticmethod(_sigmoid)

    traits = traits_def(NeverNegative())


@irdl_op_definition
class HardSigmoidOp(FloatOperation):
    """min(max(`alpha` * x + `beta`, 0), 1).

    `%y = xnn.hard_sigmoid "y" %x {alpha = 0.2 : f32, beta = 0.5 : f32} : (tensor<1x8xf32>) -> tensor<1x8xf32>`
    """

    name = "xnn.hard_sigmoid"
    ONNX: ClassVar = "HardSigmoid"

    traits = traits_def(NeverNegative())

    alpha = prop_def(FloatAttr, default_value=FloatAttr(0.2, f32))
    beta = prop_def(FloatAttr, default_value=FloatAttr(0.5, f32))

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return _hard_sigmoid(x, self.alpha.value.data, self.beta.value.data)


@irdl_op_definition
class SwishOp(FloatOperation):
    """x / (1 + exp(-`alpha` * x)); with alpha 1, SiLU.

    `%y = xnn.swish "y" %x {alpha = 1.0 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.swish"
    ONNX: ClassVar = "Swish"

    alpha = prop_def(FloatAttr, default_value=FloatAttr(1.0, f32))

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return scalar.multiply(x, _sigmoid(_times(x, self.alpha.value.data)))


@irdl_op_definition
class HardSwishOp(FloatOperation):
    """x * min(max(x / 6 + 0.5, 0), 1).

    `%y = xnn.hard_swish "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.hard_swish"
    ONNX: ClassVar = "HardSwish"

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return scalar.multiply(x, _hard_sigmoid(x, 1 / 6, 0.5))


@irdl_op_definition
class GeluOp(FloatOperation):
    """x * P(X <= x) for X of the normal distribution: 0.5 * x * (1 + erf(x / sqrt(2))).

    If `approximate`, by a tanh: 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x * x * x))).

    `%y = xnn.gelu "y" %x {approximate = true} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.gelu"
    ONNX: ClassVar = "Gelu"

    approximate = prop_def(BoolAttr, default_value=BoolAttr.from_bool(False))

    def scalar_form(self, x: SSAValue) -> SSAValue:
        if self.approximate:
            cube = scalar.multiply(scalar.multiply(x, x), x)
            inner = scalar.add(x, _times(cube, 0.044715))
            curve = scalar.tanh(_times(inner, (2 / pi) ** 0.5))
        else:
            curve = scalar.erf(_times(x, 0.5**0.5))
        return scalar.multiply(_times(x, 0.5), _plus(curve, 1))


@irdl_op_definition
class MishOp(FloatOperation):
    """x * tanh(log(1 + exp(x))).

    `%y = xnn.mish "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.mish"
    ONNX: ClassVar = "Mish"

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return scalar.multiply(x, scalar.tanh(_softplus(x)))


@irdl_op_definition
class SoftplusOp(FloatOperation):
    """log(1 + exp(x)).

    `%y = xnn.softplus "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.softplus"
    ONNX: ClassVar = "Softplus"
    FORM: ClassVar[scalar.Form] = staticmethod(_softplus)

    traits = traits_def(NeverNegative())


@irdl_op_definition
class SoftsignOp(FloatOperation):
    """x / (1 + |x|).

    `%y = xnn.softsign "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.softsign"
    ONNX: ClassVar = "Softsign"

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return scalar.divide(x, _plus(scalar.absolute(x), 1))


@irdl_op_definition
class ShrinkOp(UnaryOperation):
    """x + `bias` below -`lambd`, x - `bias` above `lambd`, and 0 between; integers are rounded towards zero.

    `%y = xnn.shrink "y" %x {bias = 0.5 : f32, lambd = 0.5 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.shrink"
    ONNX: ClassVar = "Shrink"
    ELEMENTS: ClassVar[Elements] = NUMBERS

    bias = prop_def(FloatAttr, default_value=FloatAttr(0.0, f32))
    lambd = prop_def(FloatAttr, default_value=FloatAttr(0.5, f32))

    def scalar_form(self, x: SSAValue) -> SSAValue:
        value = scalar.to_type(x, f64) if isinstance(x.type, IntegerType) else x
        lambd, bias = self.lambd.value.data, self.bias.value.data
        low, high, zero = (scalar.constant(n, value.type) for n in (-lambd, lambd, 0))
        below, above = scalar.compare("lt", value, low), scalar.compare("gt", value, high)
        outside = scalar.select(above, _plus(value, -bias), zero)
        return scalar.cast(scalar.select(below, _plus(value, bias), outside), x.type)
