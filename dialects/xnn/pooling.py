"""Reductions of a window, or of all spatial dimensions, of each channel."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar

from xdsl.dialects.builtin import AnyFloat, BoolAttr, TensorType, i8
from xdsl.irdl import irdl_op_definition, prop_def, traits_def

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import (
    FLOATS,
    NARROW_OR_FLOATS,
    NUMBERS,
    Elements,
    accumulator_type,
)
from xnn.dialects.values import INTEGERS
from xnn.dialects.xnn.operation import (
    DYNAMIC,
    Price,
    SingleOperation,
    ranked_type,
)
from xnn.dialects.xnn.traits import KeepsScale, WithinRange
from xnn.dialects.xnn.windows import WindowOperation


class PoolOperation(WindowOperation, SingleOperation):
    """A reduction of the window `kernel_shape` of each channel of `x` [B, C, *spatial]: [B, C, *out]."""

    kernel_shape = prop_def(INTEGERS)

    @property
    def price(self) -> Price:
        """1 cheap for each element of a window."""
        return {"cheap": prod(self.kernel_shape.get_values())}

    def infer_types(self) -> Sequence[TensorType]:
        type, kernel = ranked_type(self, self.x, 3), self.kernel_shape.get_values()
        batch, channels, *spatial = type.get_shape()
        if len(kernel) != len(spatial):
            raise fault(self, f"kernel_shape has {len(kernel)} entries, expected {len(spatial)}")
        if min(kernel) < 1:
            raise fault(self, f"kernel_shape must be at least 1, but is {list(kernel)}")
        out = self.window_counts(spatial, kernel)
        attributes = (self.strides.get_values(), self.dilations.get_values(), self.pad_pairs)
        for axis in zip(spatial, out, kernel, *attributes, strict=True):
            if _has_empty_window(*axis):
                pads = list(self.pads.get_values())
                raise fault(self, f"pads {pads} leave windows of {list(kernel)} without an element")
        return [TensorType(type.element_type, (batch, channels, *out))]


def _has_empty_window(
    size: int, count: int, kernel: int, stride: int, dilation: int, pads: tuple[int, int]
) -> bool:
    """Whether a window along a dimension of `size` lies in the pads with all its taps: it has no maximum, no mean."""
    last = (count - 1) * stride - pads[0]
    if size == DYNAMIC or last >= size:
        return size != DYNAMIC or max(pads) > (kernel - 1) * dilation
    starts = range(-pads[0], min(0, last + 1), stride)
    taps = ((start, -(start // dilation)) for start in starts)  # the first not before the elements
    return any(tap >= kernel or start + tap * dilation >= size for start, tap in taps)


@irdl_op_definition
class MaxPoolOp(PoolOperation):
    """The largest element of each window; pads never win.

    ```mlir
    %y = xnn.max_pool "pool1" %x {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 3, 3>,
         pads = array<i64: 0, 0, 1, 1>, strides = array<i64: 2, 2>}
       : (tensor<1x64x112x112xf32>) -> tensor<1x64x56x56xf32>
    ```
    """

    name = "xnn.max_pool"

    ELEMENTS: ClassVar[Elements] = NUMBERS

    traits = traits_def(KeepsScale())


@irdl_op_definition
class SumPoolOp(PoolOperation):
    """The sum of each window, of integers in the type of their accumulators; pads are zeros.

    ```mlir
    %y = xnn.sum_pool "pool2" %x {dilations = array<i64: 1, 1>, kernel_shape = array<i64: 7, 7>,
         pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 7, 7>}
       : (tensor<1x2048x7x7xi8>) -> tensor<1x2048x1x1xi32>
    ```
    """

    name = "xnn.sum_pool"

    ELEMENTS: ClassVar[Elements] = NARROW_OR_FLOATS

    def infer_types(self) -> Sequence[TensorType]:
        (windows,) = super().infer_types()
        if isinstance(windows.element_type, AnyFloat):
            return [windows]
        sums = accumulator_type(windows.element_type, i8)
        return [TensorType(sums, windows.get_shape())]


@irdl_op_definition
class AveragePoolOp(PoolOperation):
    """The mean of each window: of its elements inside `x`, or, with `count_include_pad`, of pads (zeros) as well.

    ```mlir
    %y = xnn.average_pool "pool2" %x {count_include_pad = false, dilations = array<i64: 1, 1>,
         kernel_shape = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>}
       : (tensor<1x64x56x56xf32>) -> tensor<1x64x28x28xf32>
    ```
    """

    name = "xnn.average_pool"

    ELEMENTS: ClassVar[Elements] = FLOATS

    traits = traits_def(WithinRange())

    count_include_pad = prop_def(BoolAttr)


@irdl_op_definition
class GlobalAveragePoolOp(SingleOperation):
    """The mean of each channel of `x` [B, C, *spatial]: [B, C, 1, ...].

    `%y = xnn.global_average_pool "pool5" %x : (tensor<1x512x7x7xf32>) -> tensor<1x512x1x1xf32>`
    """

    name = "xnn.global_average_pool"
    ONNX: ClassVar = "GlobalAveragePool"

    ELEMENTS: ClassVar[Elements] = FLOATS

    traits = traits_def(WithinRange())

    def infer_types(self) -> Sequence[TensorType]:
        type = ranked_type(self, self.x, 3)
        batch, channels, *spatial = type.get_shape()
        return [TensorType(type.element_type, (batch, channels, *(1 for _ in spatial)))]
