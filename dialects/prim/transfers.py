"""Nodes of the primitive level that move data on the transfer engines: they compute nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

from xdsl.dialects.builtin import StringAttr, TensorType
from xdsl.ir import SSAValue
from xdsl.irdl import (
    irdl_attr_definition,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.diagnostics import fault
from xnn.dialects.prim.attributes import FieldsAttr
from xnn.dialects.prim.primitive import NamedOp
from xnn.dialects.values import INTEGER, INTEGERS, element_type, shape


@irdl_attr_definition
@dataclass(frozen=True)
class TransferScheduleAttr(FieldsAttr):
    """Every choice that a node that moves data makes for its target.

    `block`: sizes of a block of its domain; `slots`: how many local buffers blocks pass through in turn.
    """

    name = "prim.transfer_schedule"

    block: tuple[int, ...] = ()
    slots: int = 2

    def verify(self) -> None:
        if self.slots < 1 or min(self.block, default=1) < 1:
            raise VerifyException("prim.transfer_schedule: slots and block must be positive")


@irdl_op_definition
class TransferOp(NamedOp):
    """Elements of `source` in another order: what a transfer engine gathers by strides.

    Index (i, j, ...) of `sizes` is element offset + i * strides[0] + j * strides[1] + ... of source,
    counted in row-major order. The result has the elements of all indices, the last one fastest, in a shape
    of its own. `sizes` is the domain that blocks divide; `operator` the network's operator.

    ```mlir
    %y = prim.transfer "shuffle" "transpose" %x offset 0 sizes [28, 4, 3136] strides [3136, 87808, 1]
      : tensor<1x4x28x56x56xf32> to tensor<1x28x4x56x56xf32>
    ```
    """

    name = "prim.transfer"
    operator = prop_def(StringAttr)
    source = operand_def(TensorType)
    offset = prop_def(INTEGER)
    sizes = prop_def(INTEGERS)
    strides = prop_def(INTEGERS)
    schedule = opt_prop_def(TransferScheduleAttr)
    result = result_def(TensorType)
    traits = traits_def(Pure())
    assembly_format = (
        "$name $operator $source `offset` $offset `sizes` $sizes `strides` $strides "
        "(`schedule` $schedule^)? attr-dict `:` type($source) `to` type($result)"
    )

    @property
    def layout(self) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        """Offset, sizes and strides."""
        return self.offset.value.data, self.sizes.get_values(), self.strides.get_values()

    @property
    def out(self) -> SSAValue:
        return self.result

    def verify_(self) -> None:
        self.verify_sizes()
        offset, sizes, strides = self.layout
        if len(sizes) != len(strides) or min((offset, *strides), default=0) < 0:
            raise fault(self, "needs a stride for each size, and none of them or offset negative")
        if min(sizes, default=1) < 1:
            raise fault(self, "sizes must be positive")
        last = offset + sum((n - 1) * stride for n, stride in zip(sizes, strides, strict=True))
        if last >= (count := prod(shape(self.source))):
            raise fault(self, f"element {last} is none of the {count} of {self.source.type}")
        if prod(sizes) != prod(shape(self.result)) or (
            element_type(self.source) != element_type(self.result)
        ):
            raise fault(self, f"sizes {list(sizes)} do not make up {self.result.type}")
        if self.schedule is not None and len(self.schedule.block) != len(sizes):
            raise fault(self, f"schedule block needs {len(sizes)} sizes, one per dimension")


def joined(axes: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Axes (size, stride) with the same elements in the same order: neighbours joined, those of size 1 dropped."""
    result: list[tuple[int, int]] = []
    for size, stride in axes:
        if result and result[-1][1] == size * stride:
            result[-1] = (result[-1][0] * size, stride)
        elif size > 1:
            result.append((size, stride))
    return result
