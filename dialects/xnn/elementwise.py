"""Elementwise operators; binary ones broadcast as in NumPy."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite
from typing import ClassVar

from xdsl.dialects import arith, math
from xdsl.dialects.builtin import AffineMapAttr, FloatAttr, IntegerAttr, TensorType, f32
from xdsl.ir import SSAValue
from xdsl.irdl import base, irdl_op_definition, operand_def, opt_prop_def, prop_def, traits_def
from xdsl.traits import Commutative

from xnn.dialects import scalar
from xnn.dialects.canonicalization import ChainOperation
from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import FLOATS, NUMBERS, SIGNED, WRAPPING, Elements, is_unsigned
from xnn.dialects.indexing_maps import broadcast_map
from xnn.dialects.xnn.constants import is_splat
from xnn.dialects.xnn.operation import (
    NetworkOperation,
    Price,
    SingleOperation,
    shape_of,
    shown,
    tensor_type,
)
from xnn.dialects.xnn.shapes import broadcast
from xnn.dialects.xnn.traits import LowPrecision, NeverNegative, TakesIntegers


class ElementwiseOperation(NetworkOperation):
    """Each element of the result is a function of one element of each operand: its scalar form.

    What it computes on arrays, and in the `pre` and `post` of primitives, follows from it.
    """

    PRICE: ClassVar[Price | None] = {"cheap": 1}

    FORM: ClassVar[scalar.Form]
    """The scalar form of an operator without properties."""

    def scalar_form(self, *elements: SSAValue) -> SSAValue:
        """The element of the result, computed from the operands' by operations of `xnn.dialects.scalar`."""
        return self.FORM(*elements)

    @property
    def has_scalars(self) -> bool:
        """Whether a region may hold its scalar form: `arith` has no unsigned integers."""
        return not is_unsigned(tensor_type(self.result).element_type)

    @property
    def is_conversion(self) -> bool:
        """Whether it only converts stored elements: each user converts its own operand."""
        return False

    def indexing_map(self, index: int) -> AffineMapAttr:
        """From the indices of an element of the result to those of operand `index`."""
        return broadcast_map(shape_of(self.operands[index]), shape_of(self.result))


class UnaryOperation(ElementwiseOperation, SingleOperation):
    """One element of `x` in, one out, of the same type."""

    def infer_types(self) -> Sequence[TensorType]:
        return [tensor_type(self.x)]


class FloatOperation(UnaryOperation):
    """A function of one float."""

    ELEMENTS: ClassVar[Elements] = FLOATS


class BinaryOperation(ElementwiseOperation):
    """One element of `lhs` and of `rhs` in, one out, of the same element type; shapes broadcast."""

    ELEMENTS: ClassVar[Elements] = WRAPPING

    NEUTRAL: ClassVar[float | None] = None
    """The rhs that leaves lhs as it is, but for the sign of a zero."""

    lhs = operand_def(NetworkOperation.TENSOR)
    rhs = operand_def(NetworkOperation.TENSOR)

    def infer_types(self) -> Sequence[TensorType]:
        element_type = self.shared_element_type(self.operands)
        lhs, rhs = shape_of(self.lhs), shape_of(self.rhs)
        shape = broadcast(lhs, rhs)
        if shape is None:
            raise fault(self, f"shapes {shown(lhs)} and {shown(rhs)} do not broadcast")
        return [TensorType(element_type, shape)]

    def fold(self) -> Sequence[SSAValue] | None:
        if self.lhs.type == self.result.type and is_splat(self.rhs, self.NEUTRAL):
            return (self.lhs,)
        swaps = self.has_trait(Commutative) and self.rhs.type == self.result.type
        return (self.rhs,) if swaps and is_splat(self.lhs, self.NEUTRAL) else None


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

    traits = traits_def(LowPrecision())


@irdl_op_definition
class MulOp(BinaryOperation):
    """lhs * rhs, broadcast.

    `%y = xnn.mul "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.mul"
    ONNX: ClassVar = "Mul"
    NEUTRAL: ClassVar = 1
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.multiply)

    traits = traits_def(LowPrecision(), Commutative())


@irdl_op_definition
class DivOp(BinaryOperation):
    """lhs / rhs; integers round towards zero, broadcast.

    `%y = xnn.div "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.div"
    ONNX: ClassVar = "Div"
    NEUTRAL: ClassVar = 1
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.divide)

    PRICE: ClassVar[Price | None] = {"divide": 1}


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
class SqrtOp(FloatOperation):
    """The square root of x.

    `%y = xnn.sqrt "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.sqrt"
    ONNX: ClassVar = "Sqrt"

    PRICE: ClassVar[Price | None] = {"divide": 1}

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return math.SqrtOp(x).result


@irdl_op_definition
class ExpOp(FloatOperation):
    """e to the power of x.

    `%y = xnn.exp "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.exp"
    ONNX: ClassVar = "Exp"

    PRICE: ClassVar[Price | None] = {"transcendental": 1}

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return math.ExpOp(x).result


@irdl_op_definition
class SigmoidOp(FloatOperation):
    """1 / (1 + exp(-x)).

    `%y = xnn.sigmoid "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.sigmoid"
    ONNX: ClassVar = "Sigmoid"

    traits = traits_def(NeverNegative())

    PRICE: ClassVar[Price | None] = {"transcendental": 1, "divide": 1, "cheap": 2}

    def scalar_form(self, x: SSAValue) -> SSAValue:
        one = scalar.constant(1, x.type)
        return scalar.divide(one, scalar.add(one, math.ExpOp(scalar.negate(x)).result))


@irdl_op_definition
class TanhOp(FloatOperation):
    """The hyperbolic tangent of x.

    `%y = xnn.tanh "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.tanh"
    ONNX: ClassVar = "Tanh"

    PRICE: ClassVar[Price | None] = {"transcendental": 1}

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return math.TanhOp(x).result


@irdl_op_definition
class HardSigmoidOp(FloatOperation):
    """min(max(`alpha` * x + `beta`, 0), 1).

    `%y = xnn.hard_sigmoid "y" %x {alpha = 0.2 : f32, beta = 0.5 : f32} : (tensor<1x8xf32>) -> tensor<1x8xf32>`
    """

    name = "xnn.hard_sigmoid"
    ONNX: ClassVar = "HardSigmoid"
    PRICE: ClassVar[Price | None] = {"cheap": 4}

    traits = traits_def(NeverNegative())

    alpha = prop_def(FloatAttr, default_value=FloatAttr(0.2, f32))
    beta = prop_def(FloatAttr, default_value=FloatAttr(0.5, f32))

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return _hard_sigmoid(x, self.alpha.value.data, self.beta.value.data)


@irdl_op_definition
class HardSwishOp(FloatOperation):
    """x * min(max(x / 6 + 0.5, 0), 1).

    `%y = xnn.hard_swish "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.hard_swish"
    ONNX: ClassVar = "HardSwish"
    PRICE: ClassVar[Price | None] = {"cheap": 5}

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return scalar.multiply(x, _hard_sigmoid(x, 1 / 6, 0.5))


def _hard_sigmoid(x: SSAValue, alpha: float, beta: float) -> SSAValue:
    scaled = scalar.multiply(x, scalar.constant(alpha, x.type))
    line = scalar.add(scaled, scalar.constant(beta, x.type))
    positive = scalar.maximum(line, scalar.constant(0, x.type))
    return scalar.minimum(positive, scalar.constant(1, x.type))


@irdl_op_definition
class LeakyReluOp(FloatOperation):
    """x, or `alpha` * x where x is negative.

    `%y = xnn.leaky_relu "y" %x {alpha = 0.01 : f32} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>`
    """

    name = "xnn.leaky_relu"
    ONNX: ClassVar = "LeakyRelu"
    PRICE: ClassVar[Price | None] = {"cheap": 4}

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
class ClipOp(UnaryOperation, ChainOperation):
    """min(max(x, `min`), `max`); a bound that is absent does not bound.

    `%y = xnn.clip "relu6" %x {max = 6.0 : f32, min = 0.0 : f32} : (tensor<1x8xf32>) -> tensor<1x8xf32>`
    """

    name = "xnn.clip"

    ELEMENTS: ClassVar[Elements] = NUMBERS

    traits = traits_def(LowPrecision())

    PRICE: ClassVar[Price | None] = {"cheap": 2}

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
                x = limit(x, arith.ConstantOp(bound).result)
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
