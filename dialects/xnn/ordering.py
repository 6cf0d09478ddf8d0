"""The first elements of each row in order."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log2
from typing import ClassVar

from xdsl.dialects.builtin import TensorType, UnitAttr, i64
from xdsl.irdl import irdl_op_definition, opt_prop_def, prop_def, traits_def

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import ANY, Elements
from xnn.dialects.values import INTEGER
from xnn.dialects.xnn.operation import DYNAMIC, Price, SingleOperation, shape_of, tensor_type
from xnn.dialects.xnn.reduction import verify_axes
from xnn.dialects.xnn.traits import KeepsScale


class TopOperation(SingleOperation):
    """The first `k` elements along `axis`: the largest, or the `least`, first; of equal ones the first.

    NaN is larger than all numbers.
    """

    ELEMENTS: ClassVar[Elements] = ANY

    axis = prop_def(INTEGER)
    k = prop_def(INTEGER)
    least = opt_prop_def(UnitAttr)

    @property
    def price(self) -> Price:
        """1 cheap for each of the comparisons of a full sort of the row."""
        length = shape_of(self.x)[self.axis.value.data]
        return {"cheap": ceil(length * ceil(log2(max(2, length))) / self.k.value.data)}

    @property
    def result_sizes(self) -> list[int]:
        """Sizes of the result; raises VerifyException if x has not so many elements."""
        sizes, axis, k = [*shape_of(self.x)], self.axis.value.data, self.k.value.data
        verify_axes(self, self.x, [axis])
        if k < 1 or sizes[axis] != DYNAMIC and k > sizes[axis]:
            raise fault(self, f"k {k} is not in 1 to {sizes[axis]}, the size of axis {axis}")
        return [*sizes[:axis], k, *sizes[axis + 1 :]]


@irdl_op_definition
class TopKOp(TopOperation):
    """The first `k` elements along `axis`, in order: the largest first, or the `least`. NaN is larger than all numbers.

    `%y = xnn.top_k "y" %x {axis = 1 : i64, k = 3 : i64, least} : (tensor<1x8x4xf32>) -> tensor<1x3x4xf32>`
    """

    name = "xnn.top_k"

    traits = traits_def(KeepsScale())

    def infer_types(self) -> Sequence[TensorType]:
        return [TensorType(tensor_type(self.x).element_type, self.result_sizes)]


@irdl_op_definition
class TopKIndicesOp(TopOperation):
    """The indices along `axis` of what `xnn.top_k` finds; of equal elements the first comes first.

    `%y = xnn.top_k_indices "y" %x {axis = 1 : i64, k = 3 : i64} : (tensor<1x8x4xf32>) -> tensor<1x3x4xi64>`
    """

    name = "xnn.top_k_indices"

    def infer_types(self) -> Sequence[TensorType]:
        return [TensorType(i64, self.result_sizes)]
