"""Operators between real values and integers: q stands for the real value scale * (q - zero point).

`scale` and `zero_point` have one element, or one for each index of `axis`. The rules are ONNX's.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, ClassVar

from xdsl.dialects import math
from xdsl.dialects.builtin import (
    AffineMapAttr,
    AnyFloat,
    IntegerType,
    StringAttr,
    TensorType,
    UnitAttr,
    f32,
    f64,
    i32,
    i64,
)
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, opt_prop_def, prop_def

from xnn.dialects import scalar
from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import UI8, is_unsigned, precision_bits
from xnn.dialects.indexing_maps import axis_map, broadcast_map
from xnn.dialects.packing import FORMATS, LEVELS, expanded_type, packed_bytes
from xnn.dialects.values import INTEGER
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.operation import (
    DYNAMIC,
    NetworkOperation,
    Price,
    SingleOperation,
    integer,
    shape_of,
    shown,
    tensor_type,
)


class QuantizationOperation(NetworkOperation):
    """Works on each element of its first operand; the others have one element, or one per index of `axis`."""

    KINDS: ClassVar[tuple[Any, ...]]
    """What the elements of each operand are, AnyFloat or IntegerType."""

    axis = prop_def(INTEGER, default_value=integer(1))

    def indexing_map(self, index: int) -> AffineMapAttr:
        """From the indices of an element of the result to those of operand `index`."""
        shape, operand = shape_of(self.result), shape_of(self.operands[index])
        if index and operand:
            return axis_map(len(shape), self.axis.value.data)
        return broadcast_map(operand, shape)

    def element_type(self) -> Attribute:
        """The type of the result's elements: of its last operand, `zero_point`."""
        return tensor_type(self.operands[-1]).element_type

    def infer_types(self) -> Sequence[TensorType]:
        names = (name for name, _ in self.get_irdl_definition().operands)
        for name, value, kind in zip(names, self.operands, self.KINDS, strict=True):
            if not isinstance(element_type := tensor_type(value).element_type, kind):
                raise fault(self, f"{name} must not have elements of type {element_type}")
        sizes, axis = shape_of(self.operands[0]), self.axis.value.data
        for value in self.operands[1:]:
            shape = shape_of(value)
            if not shape:
                continue
            if len(shape) != 1 or not 0 <= axis < len(sizes):
                raise fault(
                    self,
                    f"scale and zero point must be single or one per index of axis {axis}, "
                    f"but have shape {shown(shape)} for {shown(sizes)}",
                )
            if DYNAMIC not in (shape[0], sizes[axis]) and shape[0] != sizes[axis]:
                raise fault(self, f"{shape[0]} parameters for axis {axis} of {shown(sizes)}")
        return [TensorType(self.element_type(), sizes)]


@irdl_op_definition
class QuantizeOp(QuantizationOperation, ElementwiseOperation):
    """The nearest integer (ties to even) of `x` / `scale`, plus `zero_point`; saturates in the type of `zero_point`.

    With `reciprocal`, `x` is multiplied by `scale` instead, which is cheaper.

    `%q = xnn.quantize "q" %x, %s, %z : (tensor<1x8xf32>, tensor<f32>, tensor<ui8>) -> tensor<1x8xui8>`
    """

    name = "xnn.quantize"

    KINDS: ClassVar = (AnyFloat, AnyFloat, IntegerType)

    x = operand_def(NetworkOperation.TENSOR)
    scale = operand_def(NetworkOperation.TENSOR)
    zero_point = operand_def(NetworkOperation.TENSOR)
    reciprocal = opt_prop_def(UnitAttr)

    def scalar_form(self, x: SSAValue, scale: SSAValue, zero_point: SSAValue) -> SSAValue:
        kind = f64 if scale.type == f64 else f32  # as onnxruntime divides short floats
        scaled = scalar.divide if self.reciprocal is None else scalar.multiply
        steps = scaled(scalar.to_type(x, kind), scalar.to_type(scale, kind))
        return _rounded(steps, zero_point, self.result)


@irdl_op_definition
class DequantizeOp(QuantizationOperation, ElementwiseOperation):
    """(`q` - `zero_point`) * `scale`: the difference is exact, the product of the type of `scale`.

    `%x = xnn.dequantize "x" %q, %s, %z : (tensor<1x8xui8>, tensor<f32>, tensor<ui8>) -> tensor<1x8xf32>`
    """

    name = "xnn.dequantize"

    KINDS: ClassVar = (IntegerType, AnyFloat, IntegerType)

    q = operand_def(NetworkOperation.TENSOR)
    scale = operand_def(NetworkOperation.TENSOR)
    zero_point = operand_def(NetworkOperation.TENSOR)

    def element_type(self) -> Attribute:
        self.shared_element_type((self.q, self.zero_point))
        return tensor_type(self.scale).element_type

    @property
    def is_conversion(self) -> bool:
        return True

    def scalar_form(self, q: SSAValue, scale: SSAValue, zero_point: SSAValue) -> SSAValue:
        if not scalar.is_constant(zero_point, 0):
            assert isinstance(q.type, IntegerType)
            wide = i64 if q.type.width.data + is_unsigned(q.type) > 32 else i32
            q = _difference(q, zero_point, wide)
        return scalar.multiply(scalar.to_type(q, scale.type), scale)


class RescalingOperation(QuantizationOperation, ElementwiseOperation):
    """Integers `sums` of one scale as integers of another: `multiplier` is the ratio of the scales."""

    sums = operand_def(NetworkOperation.TENSOR)
    multiplier = operand_def(NetworkOperation.TENSOR)
    zero_point = operand_def(NetworkOperation.TENSOR)


@irdl_op_definition
class RequantizeOp(RescalingOperation):
    """Integers of one scale as integers of another: `multiplier` is the ratio of the scales.

    clip(round(`sums` * `multiplier`) + `zero_point`), with the product in the type of `multiplier`, ties to even,
    saturation in the type of `zero_point`.

    ```mlir
    %q = xnn.requantize "q" %sums, %m, %z
       : (tensor<1x8x4x4xi32>, tensor<8xf32>, tensor<i8>) -> tensor<1x8x4x4xi8>
    ```
    """

    name = "xnn.requantize"

    KINDS: ClassVar = (IntegerType, AnyFloat, IntegerType)

    def scalar_form(self, sums: SSAValue, multiplier: SSAValue, zero_point: SSAValue) -> SSAValue:
        product = scalar.multiply(scalar.to_type(sums, multiplier.type), multiplier)
        return _rounded(product, zero_point, self.result)


@irdl_op_definition
class RescaleOp(RescalingOperation):
    """Integers of one scale as integers of another, without floats: a multiplication and a shift.

    clip(round(`sums` * `multiplier` / 2^`shift`) + `zero_point`), exact up to the rounding, ties to even, saturation
    in the type of `zero_point`. What TOSA calls rescale.

    ```mlir
    %q = xnn.rescale "q" %sums, %m, %z {shift = 40 : i64}
       : (tensor<1x8x4x4xi32>, tensor<8xi32>, tensor<i8>) -> tensor<1x8x4x4xi8>
    ```
    """

    name = "xnn.rescale"

    KINDS: ClassVar = (IntegerType, IntegerType, IntegerType)

    shift = prop_def(INTEGER)

    def infer_types(self) -> Sequence[TensorType]:
        types = super().infer_types()
        if not 0 <= self.shift.value.data < 63:
            raise fault(self, f"shift {self.shift.value.data} is not in 0 to 62")
        return types

    @property
    def is_conversion(self) -> bool:
        return precision_bits(tensor_type(self.result).element_type) > 16

    def scalar_form(self, sums: SSAValue, multiplier: SSAValue, zero_point: SSAValue) -> SSAValue:
        value = scalar.to_type(sums, i64)
        if not scalar.is_constant(multiplier, 1):
            value = scalar.multiply(value, scalar.to_type(multiplier, i64))
        if shift := self.shift.value.data:
            value = scalar.RoundingShiftOp(value, scalar.constant(shift, i64)).result
        if not scalar.is_constant(zero_point, 0):
            value = scalar.add(value, scalar.to_type(zero_point, i64))
        return scalar.to_type(value, tensor_type(self.result).element_type)


@irdl_op_definition
class CenterOp(QuantizationOperation, ElementwiseOperation):
    """`q` - `zero_point`, exact: the result is signed, with one more bit.

    `%c = xnn.center "c" %q, %z : (tensor<1x8xui8>, tensor<ui8>) -> tensor<1x8xi9>`
    """

    name = "xnn.center"

    KINDS: ClassVar = (IntegerType, IntegerType)

    q = operand_def(NetworkOperation.TENSOR)
    zero_point = operand_def(NetworkOperation.TENSOR)

    def element_type(self) -> Attribute:
        element_type = self.shared_element_type(self.operands)
        if not isinstance(element_type, IntegerType) or element_type.width.data > 32:
            raise fault(self, f"operands must not have elements of type {element_type}")
        return IntegerType(element_type.width.data + 1)

    @property
    def is_conversion(self) -> bool:
        return True

    def scalar_form(self, q: SSAValue, zero_point: SSAValue) -> SSAValue:
        return _difference(q, zero_point, tensor_type(self.result).element_type)


@irdl_op_definition
class RestrictOp(QuantizationOperation):
    """The nearest of few integers to `x` / `scale`: `levels` is binary (-1, 1), ternary (-1, 0, 1) or power_of_two.

    Powers of two are 0, ±1, ±2, ... ±64. Half way between two it is the one of larger magnitude.

    ```mlir
    %q = xnn.restrict "w_q" %w, %s {levels = "ternary", axis = 0 : i64}
       : (tensor<8x3x3x3xf32>, tensor<8xf32>) -> tensor<8x3x3x3xi2>
    ```
    """

    name = "xnn.restrict"

    PRICE: ClassVar[Price | None] = {"divide": 1, "cheap": 8}
    KINDS: ClassVar = (AnyFloat, AnyFloat)

    x = operand_def(NetworkOperation.TENSOR)
    scale = operand_def(NetworkOperation.TENSOR)

    levels = prop_def(StringAttr)

    def element_type(self) -> Attribute:
        if self.levels.data not in LEVELS:
            raise fault(self, f"levels must be {', '.join(LEVELS)}, not {self.levels.data}")
        return expanded_type(self.levels.data)


@irdl_op_definition
class PackOp(SingleOperation):
    """Weights as rows of bytes, several to a byte, in a `format` of `xnn.dialects.packing`.

    A row has all elements that share an index of the first dimension.

    `%p = xnn.pack "p" %w {format = "i4"} : (tensor<8x3x3x3xi4>) -> tensor<8x14xui8>`
    """

    name = "xnn.pack"

    PRICE: ClassVar[Price | None] = {"cheap": 2}

    format = prop_def(StringAttr)

    def infer_types(self) -> Sequence[TensorType]:
        rows, *others = shape_of(self.x)
        if self.format.data not in FORMATS:
            raise fault(self, f"format must be one of {', '.join(FORMATS)}, not {self.format.data}")
        if not isinstance(tensor_type(self.x).element_type, IntegerType) or DYNAMIC in others:
            raise fault(self, f"packs a known number of integers, not {self.x.type}")
        return [TensorType(UI8, (rows, packed_bytes(self.format.data, prod(others))))]


def _difference(q: SSAValue, zero_point: SSAValue, type: Attribute) -> SSAValue:
    """The difference from a zero point, in an integer type that holds it."""
    if scalar.is_constant(zero_point, 0):
        return scalar.to_type(q, type)
    return scalar.subtract(scalar.to_type(q, type), scalar.to_type(zero_point, type))


def _rounded(x: SSAValue, zero_point: SSAValue, result: SSAValue) -> SSAValue:
    """The nearest integer plus the zero point, in the integers of a result."""
    if not scalar.is_constant(zero_point, 0):
        x = scalar.add(math.RoundEvenOp(x).result, scalar.to_type(zero_point, x.type))
    return scalar.to_type(x, tensor_type(result).element_type)
