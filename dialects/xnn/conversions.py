"""Conversions between element types."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import AnyFloatConstr, IntegerType, TensorType
from xdsl.ir import SSAValue
from xdsl.irdl import base, irdl_op_definition, prop_def

from xnn.dialects import scalar
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.operation import SingleOperation, shape_of


@irdl_op_definition
class CastOp(ElementwiseOperation, SingleOperation):
    """`x` in the type `to`, as ONNX casts: floats become integers towards zero, integers wrap around.

    Floats that an integer type can't hold become its nearest end; with fewer than 8 bits they wrap around as well.
    Booleans are false for 0 alone. Floats that a float type can't hold become its infinity, or NaN if it has none,
    or, of 4 bits, its largest.

    `%y = xnn.cast "y" %x {to = i32} : (tensor<1x8xf32>) -> tensor<1x8xi32>`
    """

    name = "xnn.cast"

    to = prop_def(base(IntegerType) | AnyFloatConstr)

    def infer_types(self) -> Sequence[TensorType]:
        return [TensorType(self.to, shape_of(self.x))]

    def fold(self) -> Sequence[SSAValue] | None:
        return (self.x,) if self.x.type == self.result.type else None

    @property
    def is_conversion(self) -> bool:
        return True

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return scalar.cast(x, self.to)
