"""Operators that work on each element for itself; binary ones broadcast as NumPy does."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import FloatAttr, IntegerAttr, TensorType
from xdsl.irdl import base, irdl_op_definition, operand_def, opt_prop_def

from xnn.dialects.xnn.operation import NetworkOperation, shape_of, shown, tensor_type
from xnn.dialects.xnn.shapes import broadcast


class UnaryOperation(NetworkOperation):
    """One element of `x` in, one out, of the same type."""

    x = operand_def(NetworkOperation.TENSOR)

    def infer_types(self) -> Sequence[TensorType]:
        return [tensor_type(self.x)]


class BinaryOperation(NetworkOperation):
    """One element of `lhs` and of `rhs` in, one out, of the same element type; shapes broadcast."""

    lhs = operand_def(NetworkOperation.TENSOR)
    rhs = operand_def(NetworkOperation.TENSOR)

    def infer_types(self) -> Sequence[TensorType]:
        element_type = self.shared_element_type(self.operands)
        lhs, rhs = shape_of(self.lhs), shape_of(self.rhs)
        shape = broadcast(lhs, rhs)
        if shape is None:
            raise self.error(f"shapes {shown(lhs)} and {shown(rhs)} do not broadcast")
        return [TensorType(element_type, shape)]


@irdl_op_definition
class AddOp(BinaryOperation):
    """lhs + rhs, broadcast.

    Example:
    ```mlir
    %y = xnn.add "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
    """

    name = "xnn.add"


@irdl_op_definition
class SubOp(BinaryOperation):
    """lhs - rhs, broadcast.

    Example:
    ```mlir
    %y = xnn.sub "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
    """

    name = "xnn.sub"


@irdl_op_definition
class MulOp(BinaryOperation):
    """lhs * rhs, broadcast.

    Example:
    ```mlir
    %y = xnn.mul "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
    """

    name = "xnn.mul"


@irdl_op_definition
class DivOp(BinaryOperation):
    """lhs / rhs; integers round towards zero, broadcast.

    Example:
    ```mlir
    %y = xnn.div "y" %a, %b : (tensor<1x8x4x4xf32>, tensor<8x1x1xf32>) -> tensor<1x8x4x4xf32>
    ```
    """

    name = "xnn.div"


@irdl_op_definition
class ReluOp(UnaryOperation):
    """max(x, 0).

    Example:
    ```mlir
    %y = xnn.relu "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
    """

    name = "xnn.relu"


@irdl_op_definition
class SqrtOp(UnaryOperation):
    """The square root of x.

    Example:
    ```mlir
    %y = xnn.sqrt "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
    """

    name = "xnn.sqrt"


@irdl_op_definition
class ExpOp(UnaryOperation):
    """e to the power of x.

    Example:
    ```mlir
    %y = xnn.exp "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
    """

    name = "xnn.exp"


@irdl_op_definition
class SigmoidOp(UnaryOperation):
    """1 / (1 + exp(-x)).

    Example:
    ```mlir
    %y = xnn.sigmoid "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
    """

    name = "xnn.sigmoid"


@irdl_op_definition
class TanhOp(UnaryOperation):
    """The hyperbolic tangent of x.

    Example:
    ```mlir
    %y = xnn.tanh "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
    """

    name = "xnn.tanh"


@irdl_op_definition
class NegOp(UnaryOperation):
    """-x.

    Example:
    ```mlir
    %y = xnn.neg "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
    """

    name = "xnn.neg"


@irdl_op_definition
class ClipOp(UnaryOperation):
    """min(max(x, `min`), `max`); a bound that is absent does not bound.

    Example:
    ```mlir
    %y = xnn.clip "relu6" %x {max = 6.0 : f32, min = 0.0 : f32} : (tensor<1x8xf32>) -> tensor<1x8xf32>
    ```
    """

    name = "xnn.clip"

    min = opt_prop_def(base(FloatAttr) | base(IntegerAttr))
    max = opt_prop_def(base(FloatAttr) | base(IntegerAttr))

    def infer_types(self) -> Sequence[TensorType]:
        type = tensor_type(self.x)
        for name, bound in (("min", self.min), ("max", self.max)):
            if bound is not None and bound.type != type.element_type:
                raise self.error(f"{name} has type {bound.type}, expected {type.element_type}")
        return [type]
