"""Transcendental functions of one float."""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects import math
from xdsl.irdl import irdl_op_definition, traits_def

from xnn.dialects import scalar
from xnn.dialects.xnn.elementwise import FloatOperation
from xnn.dialects.xnn.traits import NeverNegative


@irdl_op_definition
class ExpOp(FloatOperation):
    """e to the power of x.

    `%y = xnn.exp "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.exp"
    ONNX: ClassVar = "Exp"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.exp)

    traits = traits_def(NeverNegative())


@irdl_op_definition
class LogOp(FloatOperation):
    """The natural logarithm of x.

    `%y = xnn.log "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.log"
    ONNX: ClassVar = "Log"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.log)


@irdl_op_definition
class ErfOp(FloatOperation):
    """The error function of x.

    `%y = xnn.erf "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.erf"
    ONNX: ClassVar = "Erf"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.erf)


@irdl_op_definition
class SinOp(FloatOperation):
    """The sine of x, in radians.

    `%y = xnn.sin "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.sin"
    ONNX: ClassVar = "Sin"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.function(math.SinOp))


@irdl_op_definition
class CosOp(FloatOperation):
    """The cosine of x, in radians.

    `%y = xnn.cos "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.cos"
    ONNX: ClassVar = "Cos"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.function(math.CosOp))


@irdl_op_definition
class TanOp(FloatOperation):
    """The tangent of x, in radians.

    `%y = xnn.tan "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.tan"
    ONNX: ClassVar = "Tan"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.function(math.TanOp))


@irdl_op_definition
class AsinOp(FloatOperation):
    """The angle, in radians, whose sine is x.

    `%y = xnn.asin "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.asin"
    ONNX: ClassVar = "Asin"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.function(math.AsinOp))


@irdl_op_definition
class AcosOp(FloatOperation):
    """The angle, in radians, whose cosine is x.

    `%y = xnn.acos "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.acos"
    ONNX: ClassVar = "Acos"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.function(math.AcosOp))


@irdl_op_definition
class AtanOp(FloatOperation):
    """The angle, in radians, whose tangent is x.

    `%y = xnn.atan "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.atan"
    ONNX: ClassVar = "Atan"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.function(math.AtanOp))


@irdl_op_definition
class SinhOp(FloatOperation):
    """The hyperbolic sine of x.

    `%y = xnn.sinh "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.sinh"
    ONNX: ClassVar = "Sinh"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.function(math.SinhOp))


@irdl_op_definition
class CoshOp(FloatOperation):
    """The hyperbolic cosine of x.

    `%y = xnn.cosh "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.cosh"
    ONNX: ClassVar = "Cosh"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.function(math.CoshOp))


@irdl_op_definition
class TanhOp(FloatOperation):
    """The hyperbolic tangent of x.

    `%y = xnn.tanh "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.tanh"
    ONNX: ClassVar = "Tanh"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.tanh)


@irdl_op_definition
class AsinhOp(FloatOperation):
    """The number whose hyperbolic sine is x.

    `%y = xnn.asinh "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.asinh"
    ONNX: ClassVar = "Asinh"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.function(math.AsinhOp))


@irdl_op_definition
class AcoshOp(FloatOperation):
    """The number, not negative, whose hyperbolic cosine is x.

    `%y = xnn.acosh "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.acosh"
    ONNX: ClassVar = "Acosh"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.function(math.AcoshOp))


@irdl_op_definition
class AtanhOp(FloatOperation):
    """The number whose hyperbolic tangent is x.

    `%y = xnn.atanh "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.atanh"
    ONNX: ClassVar = "Atanh"
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.function(math.AtanhOp))
