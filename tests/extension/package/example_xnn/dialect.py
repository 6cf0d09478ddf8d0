"""Operators of the dialect `example`, with their semantics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects.builtin import FloatAttr, TensorType, f32
from xdsl.ir import Dialect, SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    prop_def,
    result_def,
)

from xnn.dialects import scalar
from xnn.dialects.diagnostics import fault
from xnn.dialects.xnn.elementwise import FloatOperation
from xnn.dialects.xnn.operation import NetworkOperation, Price, tensor_type
from xnn.runtime.semantics.operators import compute


@irdl_op_definition
class Scale2Op(FloatOperation):
    """`factor` * x, elementwise: fused like any other by its scalar form."""

    name = "example.scale2"
    ONNX: ClassVar = "example.ops.Scale2"

    factor = prop_def(FloatAttr, default_value=FloatAttr(2.0, f32))

    def scalar_form(self, x: SSAValue) -> SSAValue:
        if self.factor.value.data == 13:
            raise ZeroDivisionError("thirteen")
        return scalar.multiply(x, scalar.constant(self.factor.value.data, x.type))


@irdl_op_definition
class EndsOp(NetworkOperation):
    """The least and the largest element of each row of `x` [rows, columns]: two results."""

    name = "example.ends"
    ONNX: ClassVar = "example.ops.Ends"
    PRICE: ClassVar[Price | None] = {"cheap": 8}

    x = operand_def(NetworkOperation.TENSOR)

    result = result_def(NetworkOperation.TENSOR)
    largest = result_def(NetworkOperation.TENSOR)

    def infer_types(self) -> Sequence[TensorType]:
        type = tensor_type(self.x)
        if type.get_num_dims() != 2:
            raise fault(self, f"expected a matrix, but x has type {type}")
        return [TensorType(type.element_type, (type.get_shape()[0], 1))] * 2


@compute.register
def ends(op: EndsOp, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return x.min(axis=1, keepdims=True), x.max(axis=1, keepdims=True)


@irdl_op_definition
class BoundOp(NetworkOperation):
    """x, no less than `low` and no more than `high`, either of which may be left out."""

    name = "example.bound"
    ONNX: ClassVar = "example.ops.Bound"
    PRICE: ClassVar[Price | None] = {"cheap": 2}

    x = operand_def(NetworkOperation.TENSOR)
    low = opt_operand_def(NetworkOperation.TENSOR)
    high = opt_operand_def(NetworkOperation.TENSOR)

    irdl_options = (AttrSizedOperandSegments(as_property=True),)
    # `operands` of the common format would not say which of several is left out
    assembly_format = (
        "$name $x (`low` $low^ `:` type($low))? (`high` $high^ `:` type($high))? "
        "attr-dict `:` type($x) `->` type($result)"
    )

    def infer_types(self) -> Sequence[TensorType]:
        return [tensor_type(self.x)]


@compute.register
def bound(op: BoundOp, x: np.ndarray, *bounds: np.ndarray) -> np.ndarray:
    given = iter(bounds)
    if op.low is not None:
        x = np.maximum(x, next(given))
    if op.high is not None:
        x = np.minimum(x, next(given))
    return x


EXAMPLE = Dialect("example", [Scale2Op, EndsOp, BoundOp])
