"""Reductions: one element of all along some axes; sums of all elements up to each."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import ClassVar

from xdsl.dialects.builtin import TensorType, UnitAttr, i64
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition, opt_prop_def, prop_def, traits_def

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import ANY, FLOATS, NUMBERS, WRAPPING, Elements
from xnn.dialects.values import INTEGER, INTEGERS
from xnn.dialects.xnn.operation import (
    NetworkOperation,
    Price,
    SingleOperation,
    shape_of,
    tensor_type,
)
from xnn.dialects.xnn.traits import KeepsScale, NeverNegative


def verify_axes(op: NetworkOperation, x: SSAValue, axes: Sequence[int]) -> None:
    """Raises VerifyException unless `axes` are axes of x, an operand of `op`, each once, in order."""
    rank = tensor_type(x).get_num_dims()
    if any(not 0 <= axis < rank for axis in axes) or list(axes) != sorted(set(axes)):
        raise fault(op, f"axes {list(axes)} are not some of the {rank} of x, each once, in order")


class ReduceOperation(SingleOperation):
    """One element of all along `axes` of x, which the result does not have, or (`keepdims`) with size 1.

    Floats shorter than f32 are summed in f32, integers wrap around. Without axes each element is by itself.
    """

    ELEMENTS: ClassVar[Elements] = WRAPPING

    axes = prop_def(INTEGERS)
    keepdims = opt_prop_def(UnitAttr)

    @property
    def count(self) -> int:
        """Elements of x for one of the result."""
        sizes = shape_of(self.x)
        return prod(sizes[axis] for axis in self.axes.get_values())

    @property
    def price(self) -> Price:
        """2 cheap for each element that is reduced, 1 transcendental, 1 divide."""
        return {"cheap": 2 * self.count, "transcendental": 1, "divide": 1}

    def infer_types(self) -> Sequence[TensorType]:
        type, axes = tensor_type(self.x), self.axes.get_values()
        verify_axes(self, self.x, axes)
        sizes = [
            1 if axis in axes else size
            for axis, size in enumerate(type.get_shape())
            if self.keepdims is not None or axis not in axes
        ]
        return [TensorType(type.element_type, sizes)]


class PlainReduction(ReduceOperation):
    """A reduction that leaves single elements as they are."""

    def fold(self) -> Sequence[SSAValue] | None:
        return (self.x,) if self.x.type == self.result.type and self.count == 1 else None


@irdl_op_definition
class ReduceSumOp(PlainReduction):
    """The sum of the elements.

    `%y = xnn.reduce_sum "y" %x {axes = array<i64: 1>, keepdims} : (tensor<1x8x4xf32>) -> tensor<1x1x4xf32>`
    """

    name = "xnn.reduce_sum"


@irdl_op_definition
class ReduceMeanOp(PlainReduction):
    """The mean of the elements; that of integers is rounded towards zero.

    `%y = xnn.reduce_mean "y" %x {axes = array<i64: 1>, keepdims} : (tensor<1x8x4xf32>) -> tensor<1x1x4xf32>`
    """

    name = "xnn.reduce_mean"


@irdl_op_definition
class ReduceMaxOp(PlainReduction):
    """The largest element; of booleans, whether any is true.

    `%y = xnn.reduce_max "y" %x {axes = array<i64: 1>, keepdims} : (tensor<1x8x4xf32>) -> tensor<1x1x4xf32>`
    """

    name = "xnn.reduce_max"

    ELEMENTS: ClassVar[Elements] = ANY

    traits = traits_def(KeepsScale())


@irdl_op_definition
class ReduceMinOp(PlainReduction):
    """The least element; of booleans, whether all are true.

    `%y = xnn.reduce_min "y" %x {axes = array<i64: 1>, keepdims} : (tensor<1x8x4xf32>) -> tensor<1x1x4xf32>`
    """

    name = "xnn.reduce_min"

    ELEMENTS: ClassVar[Elements] = ANY

    traits = traits_def(KeepsScale())


@irdl_op_definition
class ReduceProdOp(PlainReduction):
    """The product of the elements.

    `%y = xnn.reduce_prod "y" %x {axes = array<i64: 1>, keepdims} : (tensor<1x8x4xf32>) -> tensor<1x1x4xf32>`
    """

    name = "xnn.reduce_prod"


@irdl_op_definition
class ReduceSumSquareOp(ReduceOperation):
    """The sum of the squares of the elements.

    `%y = xnn.reduce_sum_square "y" %x {axes = array<i64: 1>, keepdims} : (tensor<1x8x4xf32>) -> tensor<1x1x4xf32>`
    """

    name = "xnn.reduce_sum_square"


@irdl_op_definition
class ReduceL1Op(ReduceOperation):
    """The sum of the absolute values of the elements.

    `%y = xnn.reduce_l1 "y" %x {axes = array<i64: 1>, keepdims} : (tensor<1x8x4xf32>) -> tensor<1x1x4xf32>`
    """

    name = "xnn.reduce_l1"


@irdl_op_definition
class ReduceL2Op(ReduceOperation):
    """The square root of the sum of the squares of the elements.

    `%y = xnn.reduce_l2 "y" %x {axes = array<i64: 1>, keepdims} : (tensor<1x8x4xf32>) -> tensor<1x1x4xf32>`
    """

    name = "xnn.reduce_l2"

    ELEMENTS: ClassVar[Elements] = FLOATS

    traits = traits_def(NeverNegative())


@irdl_op_definition
class ReduceLogSumOp(ReduceOperation):
    """The natural logarithm of the sum of the elements.

    `%y = xnn.reduce_log_sum "y" %x {axes = array<i64: 1>, keepdims} : (tensor<1x8x4xf32>) -> tensor<1x1x4xf32>`
    """

    name = "xnn.reduce_log_sum"

    ELEMENTS: ClassVar[Elements] = FLOATS


@irdl_op_definition
class ReduceLogSumExpOp(ReduceOperation):
    """log(sum(exp(x))): the largest element is subtracted first, so nothing overflows.

    `%y = xnn.reduce_log_sum_exp "y" %x {axes = array<i64: 1>, keepdims} : (tensor<1x8x4xf32>) -> tensor<1x1x4xf32>`
    """

    name = "xnn.reduce_log_sum_exp"

    ELEMENTS: ClassVar[Elements] = FLOATS


@irdl_op_definition
class ReduceVarianceOp(ReduceOperation):
    """The mean of the squares of the elements' differences from their mean.

    `%y = xnn.reduce_variance "y" %x {axes = array<i64: 1>, keepdims} : (tensor<1x8x4xf32>) -> tensor<1x1x4xf32>`
    """

    name = "xnn.reduce_variance"

    ELEMENTS: ClassVar[Elements] = FLOATS

    traits = traits_def(NeverNegative())


@irdl_op_definition
class CumSumOp(SingleOperation):
    """Sums of the elements up to each one along `axis`: without it (`exclusive`), from the other end (`reverse`).

    `%y = xnn.cumsum "y" %x {axis = 1 : i64, exclusive, reverse} : (tensor<1x8x4xf32>) -> tensor<1x8x4xf32>`
    """

    name = "xnn.cumsum"

    ELEMENTS: ClassVar[Elements] = WRAPPING
    PRICE: ClassVar[Price | None] = {"cheap": 1}

    axis = prop_def(INTEGER)
    exclusive = opt_prop_def(UnitAttr)
    reverse = opt_prop_def(UnitAttr)

    def infer_types(self) -> Sequence[TensorType]:
        verify_axes(self, self.x, [self.axis.value.data])
        return [tensor_type(self.x)]


class ArgOperation(SingleOperation):
    """The index along `axis` of the first of the elements that it seeks, or of the last one (`last`).

    The result does not have that axis, or with size 1 (`keepdims`). NaN is never found, but if it is the
    first element of all.
    """

    ELEMENTS: ClassVar[Elements] = NUMBERS

    axis = prop_def(INTEGER)
    keepdims = opt_prop_def(UnitAttr)
    last = opt_prop_def(UnitAttr)

    @property
    def price(self) -> Price:
        """2 cheap for each element along the axis."""
        return {"cheap": 2 * shape_of(self.x)[self.axis.value.data]}

    def infer_types(self) -> Sequence[TensorType]:
        sizes, axis = [*shape_of(self.x)], self.axis.value.data
        verify_axes(self, self.x, [axis])
        if sizes[axis] == 0:
            raise fault(self, f"axis {axis} of x has no elements to choose from")
        sizes[axis : axis + 1] = [1] if self.keepdims is not None else []
        return [TensorType(i64, sizes)]


@irdl_op_definition
class ArgMaxOp(ArgOperation):
    """The index along `axis` of the first of the largest elements, or of the last one (`last`).

    `%y = xnn.arg_max "y" %x {axis = 1 : i64, keepdims} : (tensor<1x8x4xf32>) -> tensor<1x1x4xi64>`
    """

    name = "xnn.arg_max"


@irdl_op_definition
class ArgMinOp(ArgOperation):
    """The index along `axis` of the first of the least elements, or of the last one (`last`).

    `%y = xnn.arg_min "y" %x {axis = 1 : i64} : (tensor<1x8x4xf32>) -> tensor<1x4xi64>`
    """

    name = "xnn.arg_min"
