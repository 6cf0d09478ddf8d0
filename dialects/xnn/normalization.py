"""Operators that scale elements by statistics: given ones (batch norm), or those of other elements (lrn, softmax)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from xdsl.dialects.builtin import FloatAttr, TensorType, UnitAttr
from xdsl.irdl import irdl_op_definition, operand_def, opt_prop_def, prop_def, traits_def

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import FLOATS, Elements
from xnn.dialects.values import INTEGER
from xnn.dialects.xnn.operation import (
    DYNAMIC,
    NetworkOperation,
    Price,
    SingleOperation,
    ranked_type,
    shape_of,
    shown,
)
from xnn.dialects.xnn.traits import NeverNegative, TakesIntegers


@irdl_op_definition
class BatchNormOp(NetworkOperation):
    """scale * (x - mean) / sqrt(var + `epsilon`) + shift, per channel of `x` [B, C, ...]; the others are [C].

    ```mlir
    %y = xnn.batch_norm "bn1" %x, %scale, %shift, %mean, %var {epsilon = 1.0e-5 : f32}
       : (tensor<1x8x4x4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<1x8x4x4xf32>
    ```
    """

    name = "xnn.batch_norm"

    ELEMENTS: ClassVar[Elements] = FLOATS

    PRICE: ClassVar[Price | None] = {"cheap": 2}

    x = operand_def(NetworkOperation.TENSOR)
    scale = operand_def(NetworkOperation.TENSOR)
    shift = operand_def(NetworkOperation.TENSOR)
    mean = operand_def(NetworkOperation.TENSOR)
    var = operand_def(NetworkOperation.TENSOR)

    epsilon = prop_def(FloatAttr)

    def infer_types(self) -> Sequence[TensorType]:
        type = ranked_type(self, self.x, 2)
        self.shared_element_type(self.operands)
        channels = type.get_shape()[1]
        for name in ("scale", "shift", "mean", "var"):
            shape = shape_of(getattr(self, name))
            if len(shape) != 1 or (DYNAMIC not in (channels, shape[0]) and shape[0] != channels):
                raise fault(self, f"{name} has shape {shown(shape)}, expected {shown((channels,))}")
        return [type]


@irdl_op_definition
class LrnOp(SingleOperation):
    """Local response normalisation over `size` neighbouring channels of `x` [B, C, ...].

    y = x / (bias + alpha / size * s) ** beta, where s sums the squares of channels
    c - (size - 1) // 2 to c + size // 2, as far as they exist.

    ```mlir
    %y = xnn.lrn "norm1" %x {alpha = 1.0e-4 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 5 : i64}
       : (tensor<1x96x54x54xf32>) -> tensor<1x96x54x54xf32>
    ```
    """

    name = "xnn.lrn"

    ELEMENTS: ClassVar[Elements] = FLOATS

    traits = traits_def(TakesIntegers())

    size = prop_def(INTEGER)
    alpha = prop_def(FloatAttr)
    beta = prop_def(FloatAttr)
    bias = prop_def(FloatAttr)

    @property
    def price(self) -> Price:
        """2 * `size` cheap (squares of channels and their sum), 1 transcendental (a power), 1 divide."""
        return {"cheap": 2 * self.size.value.data, "transcendental": 1, "divide": 1}

    def infer_types(self) -> Sequence[TensorType]:
        type = ranked_type(self, self.x, 2)
        if self.size.value.data < 1:
            raise fault(self, f"size must be at least 1, but is {self.size.value.data}")
        return [type]


@irdl_op_definition
class SoftmaxOp(SingleOperation):
    """exp(x) over its sum along `axis`, or with `to_end` along all axes from `axis` to the last together.

    ```mlir
    %y = xnn.softmax "prob" %x {axis = 1 : i64} : (tensor<1x1000xf32>) -> tensor<1x1000xf32>
    %z = xnn.softmax "old" %x {axis = 1 : i64, to_end} : (tensor<1x1000x1x1xf32>) -> tensor<1x1000x1x1xf32>
    ```
    """

    name = "xnn.softmax"

    ELEMENTS: ClassVar[Elements] = FLOATS

    traits = traits_def(NeverNegative())

    PRICE: ClassVar[Price | None] = {"transcendental": 1, "divide": 1, "cheap": 3}

    axis = prop_def(INTEGER)
    to_end = opt_prop_def(UnitAttr)

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes over which the elements sum to one."""
        axis, rank = self.axis.value.data, len(shape_of(self.x))
        return tuple(range(axis, rank)) if self.to_end is not None else (axis,)

    def infer_types(self) -> Sequence[TensorType]:
        type = ranked_type(self, self.x, 1)
        axis, rank = self.axis.value.data, type.get_num_dims()
        if not 0 <= axis < rank:
            raise fault(self, f"axis {axis} is not one of the {rank} axes of x")
        return [type]
