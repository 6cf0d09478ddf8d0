"""Comparisons, logic on booleans, bits of integers, and the choice between two values."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import ClassVar

from xdsl.dialects.builtin import StringAttr, TensorType, i1
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, traits_def
from xdsl.traits import Commutative

from xnn.dialects import scalar
from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import ANY, BITS, INTEGERS, NUMBERS, Elements
from xnn.dialects.values import INTEGER
from xnn.dialects.xnn.elementwise import (
    BinaryOperation,
    BroadcastOperation,
    FloatOperation,
    UnaryOperation,
)
from xnn.dialects.xnn.operation import NetworkOperation, integer, shape_of, tensor_type


class ComparisonOperation(BinaryOperation):
    """Whether lhs and rhs compare so, broadcast; of NaN nothing holds."""

    ELEMENTS: ClassVar[Elements] = NUMBERS

    PREDICATE: ClassVar[str]

    def infer_types(self) -> Sequence[TensorType]:
        self.shared_element_type(self.operands)
        return [self.broadcast_type(i1)]

    def scalar_form(self, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
        return scalar.compare(self.PREDICATE, lhs, rhs)


@irdl_op_definition
class EqualOp(ComparisonOperation):
    """Whether lhs is equal to rhs, broadcast; false if one is NaN.

    `%y = xnn.equal "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>`
    """

    name = "xnn.equal"
    ONNX: ClassVar = "Equal"
    ELEMENTS: ClassVar[Elements] = ANY
    PREDICATE: ClassVar = "eq"

    traits = traits_def(Commutative())


@irdl_op_definition
class LessOp(ComparisonOperation):
    """Whether lhs is less than rhs, broadcast; false if one is NaN.

    `%y = xnn.less "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>`
    """

    name = "xnn.less"
    ONNX: ClassVar = "Less"
    PREDICATE: ClassVar = "lt"


@irdl_op_definition
class LessOrEqualOp(ComparisonOperation):
    """Whether lhs is less than or equal to rhs, broadcast; false if one is NaN.

    `%y = xnn.less_or_equal "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>`
    """

    name = "xnn.less_or_equal"
    ONNX: ClassVar = "LessOrEqual"
    PREDICATE: ClassVar = "le"


@irdl_op_definition
class GreaterOp(ComparisonOperation):
    """Whether lhs is greater than rhs, broadcast; false if one is NaN.

    `%y = xnn.greater "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>`
    """

    name = "xnn.greater"
    ONNX: ClassVar = "Greater"
    PREDICATE: ClassVar = "gt"


@irdl_op_definition
class GreaterOrEqualOp(ComparisonOperation):
    """Whether lhs is greater than or equal to rhs, broadcast; false if one is NaN.

    `%y = xnn.greater_or_equal "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xi1>`
    """

    name = "xnn.greater_or_equal"
    ONNX: ClassVar = "GreaterOrEqual"
    PREDICATE: ClassVar = "ge"


@irdl_op_definition
class AndOp(BinaryOperation):
    """lhs and rhs, broadcast: of booleans, or of each bit of integers.

    `%y = xnn.and "y" %a, %b : (tensor<1x1x4x4xi1>, tensor<4x4xi1>) -> tensor<1x1x4x4xi1>`
    """

    name = "xnn.and"
    ONNX: ClassVar = "And"
    ELEMENTS: ClassVar[Elements] = BITS
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.both)

    traits = traits_def(Commutative())


@irdl_op_definition
class OrOp(BinaryOperation):
    """lhs or rhs, broadcast: of booleans, or of each bit of integers.

    `%y = xnn.or "y" %a, %b : (tensor<1x1x4x4xi1>, tensor<4x4xi1>) -> tensor<1x1x4x4xi1>`
    """

    name = "xnn.or"
    ONNX: ClassVar = "Or"
    ELEMENTS: ClassVar[Elements] = BITS
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.either)

    traits = traits_def(Commutative())


@irdl_op_definition
class XorOp(BinaryOperation):
    """Either lhs or rhs but not both, broadcast: of booleans, or of each bit of integers.

    `%y = xnn.xor "y" %a, %b : (tensor<1x1x4x4xi1>, tensor<4x4xi1>) -> tensor<1x1x4x4xi1>`
    """

    name = "xnn.xor"
    ONNX: ClassVar = "Xor"
    ELEMENTS: ClassVar[Elements] = BITS
    FORM: ClassVar[scalar.Form] = staticmethod(scalar.one_of_both)

    traits = traits_def(Commutative())


@irdl_op_definition
class NotOp(UnaryOperation):
    """Not x: of booleans, or of each bit of integers.

    `%y = xnn.not "y" %x : (tensor<4x4xi1>) -> tensor<4x4xi1>`
    """

    name = "xnn.not"
    ONNX: ClassVar = "Not"
    ELEMENTS: ClassVar[Elements] = BITS

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return scalar.one_of_both(x, scalar.constant(1 if x.type == i1 else -1, x.type))

    def fold(self) -> Sequence[SSAValue] | None:
        return (inner.x,) if isinstance(inner := self.x.owner, NotOp) else None


@irdl_op_definition
class BitShiftOp(BinaryOperation):
    """The bits of lhs shifted by rhs places, broadcast, to the `direction` left or right.

    Zeros take the free places, on the left of integers with a sign copies of it.

    `%y = xnn.bit_shift "y" %a, %b {direction = "left"} : (tensor<8xui8>, tensor<ui8>) -> tensor<8xui8>`
    """

    name = "xnn.bit_shift"
    ELEMENTS: ClassVar[Elements] = INTEGERS

    direction = prop_def(StringAttr)

    def infer_types(self) -> Sequence[TensorType]:
        if self.direction.data not in ("left", "right"):
            raise fault(self, f"direction must be left or right, not {self.direction.data}")
        return super().infer_types()

    def scalar_form(self, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
        shift = scalar.shift_left if self.direction.data == "left" else scalar.shift_right
        return shift(lhs, rhs)


@irdl_op_definition
class IsNaNOp(FloatOperation):
    """Whether x is not a number.

    `%y = xnn.is_nan "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xi1>`
    """

    name = "xnn.is_nan"
    ONNX: ClassVar = "IsNaN"

    def infer_types(self) -> Sequence[TensorType]:
        return [TensorType(i1, shape_of(self.x))]

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return scalar.compare("ne", x, x)


@irdl_op_definition
class IsInfOp(FloatOperation):
    """Whether x is infinite: negative if `detect_negative` is 1, positive if `detect_positive` is 1.

    `%y = xnn.is_inf "y" %x {detect_negative = 0 : i64} : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xi1>`
    """

    name = "xnn.is_inf"
    ONNX: ClassVar = "IsInf"

    detect_negative = prop_def(INTEGER, default_value=integer(1))
    detect_positive = prop_def(INTEGER, default_value=integer(1))

    def infer_types(self) -> Sequence[TensorType]:
        return [TensorType(i1, shape_of(self.x))]

    def scalar_form(self, x: SSAValue) -> SSAValue:
        wanted = (self.detect_negative, -inf), (self.detect_positive, inf)
        found = [
            scalar.compare("eq", x, scalar.constant(end, x.type))
            for asked, end in wanted
            if asked.value.data
        ]
        return scalar.either(*found) if len(found) == 2 else [*found, scalar.constant(0, i1)][0]


@irdl_op_definition
class WhereOp(BroadcastOperation):
    """x where the condition holds, else y; all three broadcast.

    ```mlir
    %y = xnn.where "y" %c, %a, %b
       : (tensor<4x4xi1>, tensor<1x8x4x4xf32>, tensor<f32>) -> tensor<1x8x4x4xf32>
    ```
    """

    name = "xnn.where"
    ONNX: ClassVar = "Where"

    condition = operand_def(NetworkOperation.TENSOR)
    x = operand_def(NetworkOperation.TENSOR)
    y = operand_def(NetworkOperation.TENSOR)

    def infer_types(self) -> Sequence[TensorType]:
        if (kind := tensor_type(self.condition).element_type) != i1:
            raise fault(self, f"condition has elements of type {kind}, expected i1")
        return [self.broadcast_type(self.shared_element_type((self.x, self.y)))]

    FORM: ClassVar[scalar.Form] = staticmethod(scalar.select)
