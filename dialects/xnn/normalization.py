"""Operators that scale elements by statistics: given ones (batch norm), or those of other elements (lrn, softmax)."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import ClassVar

from xdsl.dialects.builtin import (
    FloatAttr,
    IntegerType,
    Signedness,
    TensorType,
    UnitAttr,
    f32,
)
from xdsl.irdl import (
    AttrSizedOperandSegments,
    irdl_op_definition,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    traits_def,
)

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import FLOATS, Elements
from xnn.dialects.values import INTEGER, INTEGERS
from xnn.dialects.xnn.operation import (
    DYNAMIC,
    NetworkOperation,
    Price,
    SingleOperation,
    ranked_type,
    shape_of,
    shown,
)
from xnn.dialects.xnn.reduction import verify_axes
from xnn.dialects.xnn.shapes import broadcast
from xnn.dialects.xnn.traits import LowPrecision, NeverNegative, TakesIntegers


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
class NormalizeOp(NetworkOperation):
    """(x - mean) / sqrt(variance + `epsilon`) * scale + bias, with mean and variance of the elements along `axes`.

    With `uncentered` the mean is not subtracted: x / sqrt(mean(x * x) + `epsilon`) * scale + bias. `scale` and
    `bias` broadcast to x, and may be left out. Floats shorter than f32 are computed with in f32.

    ```mlir
    %y = xnn.normalize "norm" %x scale %s : tensor<768xf32> bias %b : tensor<768xf32>
      {axes = array<i64: 2>, epsilon = 1.0e-5 : f32} : tensor<1x128x768xf32>
    ```
    """

    name = "xnn.normalize"

    ELEMENTS: ClassVar[Elements] = FLOATS
    PRICE: ClassVar[Price | None] = {"cheap": 8, "divide": 1}

    x = operand_def(NetworkOperation.T)
    scale = opt_operand_def(NetworkOperation.TENSOR)
    bias = opt_operand_def(NetworkOperation.TENSOR)
    axes = prop_def(INTEGERS)
    epsilon = prop_def(FloatAttr)
    uncentered = opt_prop_def(UnitAttr)

    traits = traits_def(LowPrecision())
    irdl_options = (AttrSizedOperandSegments(as_property=True),)
    assembly_format = (
        "$name $x (`scale` $scale^ `:` type($scale))? (`bias` $bias^ `:` type($bias))? "
        "attr-dict `:` type($x)"
    )

    def infer_types(self) -> Sequence[TensorType]:
        type = ranked_type(self, self.x, 1)
        self.shared_element_type(self.operands)
        verify_axes(self, self.x, self.axes.get_values())
        for name, value in (("scale", self.scale), ("bias", self.bias)):
            if value is not None:
                shape = shape_of(value)
                if broadcast(shape, type.get_shape()) != type.get_shape():
                    sizes = shown(type.get_shape())
                    raise fault(
                        self, f"{name} of shape {shown(shape)} does not broadcast to {sizes}"
                    )
        return [type]


def _verify_step(
    op: NetworkOperation, name: str, step: FloatAttr | None, what: str, type: TensorType
) -> None:
    """Raises VerifyException unless the step to whose multiples `what` is rounded, if any, is one."""
    if step is None:
        return
    if not 0 < step.value.data < inf:
        raise fault(op, f"{name} must be positive and finite")
    if type.element_type != f32:
        raise fault(op, f"{name} is of {what} that are f32")


@irdl_op_definition
class LrnOp(SingleOperation):
    """Local response normalisation over `size` neighbouring channels of `x` [B, C, ...].

    y = x / (bias + alpha / size * s) ** beta, where s sums the squares of channels
    c - (size - 1) // 2 to c + size // 2, as far as they exist.

    ```mlir
    %y = xnn.lrn "norm1" %x {alpha = 1.0e-4 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 5 : i64}
       : (tensor<1x96x54x54xf32>) -> tensor<1x96x54x54xf32>
    ```
    With `square_step` the squares of f32 are rounded to multiples of it, ties to even, so that an integer of
    `square_bits`, 8 or 16, has the number of steps: what is more than it can hold counts as the most. A product may
    sum such integers.
    """

    name = "xnn.lrn"

    ELEMENTS: ClassVar[Elements] = FLOATS

    traits = traits_def(TakesIntegers())

    size = prop_def(INTEGER)
    alpha = prop_def(FloatAttr)
    beta = prop_def(FloatAttr)
    bias = prop_def(FloatAttr)
    square_step = opt_prop_def(FloatAttr)
    square_bits = opt_prop_def(INTEGER)

    @property
    def squares(self) -> IntegerType:
        """The type of the numbers of steps, if there is a step."""
        assert self.square_bits is not None
        return IntegerType(self.square_bits.value.data, Signedness.UNSIGNED)

    @property
    def reach(self) -> tuple[int, int]:
        """How many channels before its own, and after it, are summed, as far as there are so many."""
        size, most = self.size.value.data, shape_of(self.x)[1] - 1
        return min((size - 1) // 2, most), min(size // 2, most)

    @property
    def price(self) -> Price:
        """2 * `size` cheap (squares of channels and their sum), 1 transcendental (a power), 1 divide."""
        return {"cheap": 2 * self.size.value.data, "transcendental": 1, "divide": 1}

    def infer_types(self) -> Sequence[TensorType]:
        type = ranked_type(self, self.x, 2)
        if self.size.value.data < 1:
            raise fault(self, f"size must be at least 1, but is {self.size.value.data}")
        _verify_step(self, "square_step", self.square_step, "squares", type)
        bits = self.square_bits.value.data if self.square_bits is not None else None
        if bits not in ((None,) if self.square_step is None else (8, 16)):
            raise fault(
                self, "square_bits must be 8 or 16 with a square_step, and not be there without one"
            )
        return [type]


class SoftmaxOperation(SingleOperation):
    """Works along `axis`, or with `to_end` along all axes from `axis` to the last together."""

    ELEMENTS: ClassVar[Elements] = FLOATS

    PRICE: ClassVar[Price | None] = {"transcendental": 1, "divide": 1, "cheap": 3}

    axis = prop_def(INTEGER)
    to_end = opt_prop_def(UnitAttr)

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes along which it works."""
        axis, rank = self.axis.value.data, len(shape_of(self.x))
        return tuple(range(axis, rank)) if self.to_end is not None else (axis,)

    def infer_types(self) -> Sequence[TensorType]:
        type = ranked_type(self, self.x, 1)
        axis, rank = self.axis.value.data, type.get_num_dims()
        if not 0 <= axis < rank:
            raise fault(self, f"axis {axis} is not one of the {rank} axes of x")
        return [type]


@irdl_op_definition
class SoftmaxOp(SoftmaxOperation):
    """exp(x) over its sum along `axis`, or with `to_end` along all axes from `axis` to the last together.

    ```mlir
    %y = xnn.softmax "prob" %x {axis = 1 : i64} : (tensor<1x1000xf32>) -> tensor<1x1000xf32>
    %z = xnn.softmax "old" %x {axis = 1 : i64, to_end} : (tensor<1x1000x1x1xf32>) -> tensor<1x1000x1x1xf32>
    ```
    With `exponent_step` the exponents of f32, x less the largest x, are rounded to multiples of it, ties to even,
    so that one byte has the number of steps: the exponential of `MOST_STEPS` = 255 steps and more is 0.
    """

    MOST_STEPS: ClassVar[int] = 255

    name = "xnn.softmax"

    exponent_step = opt_prop_def(FloatAttr)

    traits = traits_def(NeverNegative())

    def infer_types(self) -> Sequence[TensorType]:
        types = super().infer_types()
        _verify_step(self, "exponent_step", self.exponent_step, "exponents", types[0])
        return types


@irdl_op_definition
class LogSoftmaxOp(SoftmaxOperation):
    """x less the logarithm of the sum of exp(x) along `axis`, or with `to_end` along all axes from `axis` on together.

    `%y = xnn.log_softmax "prob" %x {axis = 1 : i64} : (tensor<1x1000xf32>) -> tensor<1x1000xf32>`
    """

    name = "xnn.log_softmax"
