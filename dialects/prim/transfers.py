"""Nodes of the primitive level that move data on the transfer engines: they compute nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import prod

from xdsl.dialects.builtin import StringAttr, TensorType, i32, i64
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
from xnn.dialects.prim.node import PLACEMENT_FORMAT, FeatureMapOp
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


class DataMovement(FeatureMapOp, ABC):
    """A node for the transfer engines, whose blocks divide its domain; `operator` is the network's operator."""

    operator = prop_def(StringAttr)
    schedule = opt_prop_def(TransferScheduleAttr)
    result = result_def(TensorType)
    traits = traits_def(Pure())

    @property
    def engine(self) -> str:
        return "transfer"

    @property
    @abstractmethod
    def domain(self) -> tuple[int, ...]:
        """Sizes of the iteration space: the result's elements in order."""

    @property
    def moved(self) -> SSAValue:
        """What the elements of the result are from."""
        return self.operands[0]

    @property
    def out(self) -> SSAValue:
        return self.result

    def verify_schedule(self) -> None:
        if self.schedule is not None and len(self.schedule.block) != len(self.domain):
            raise fault(self, f"schedule block needs {len(self.domain)} sizes, one per dimension")


COPY = "copy"
"""The operator of transfers that stand for none of the network: the compiler wants elements in another place."""


@irdl_op_definition
class TransferOp(DataMovement):
    """Elements of `source` in another order: what a transfer engine gathers by strides.

    Index (i, j, ...) of `sizes` is element offset + i * strides[0] + j * strides[1] + ... of source,
    counted in row-major order. The result has the elements of all indices, the last one fastest, in a shape
    of its own. `sizes` is the domain.

    ```mlir
    %y = prim.transfer "shuffle" "transpose" %x offset 0 sizes [28, 4, 3136] strides [3136, 87808, 1]
      : tensor<1x4x28x56x56xf32> to tensor<1x28x4x56x56xf32>
    ```
    """

    name = "prim.transfer"
    source = operand_def(TensorType)
    offset = prop_def(INTEGER)
    sizes = prop_def(INTEGERS)
    strides = prop_def(INTEGERS)
    assembly_format = (
        "$name $operator $source `offset` $offset `sizes` $sizes `strides` $strides "
        "(`schedule` $schedule^)? "
        + PLACEMENT_FORMAT
        + "attr-dict `:` type($source) `to` type($result)"
    )

    @property
    def layout(self) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        """Offset, sizes and strides."""
        return self.offset.value.data, self.sizes.get_values(), self.strides.get_values()

    @property
    def domain(self) -> tuple[int, ...]:
        return self.sizes.get_values()

    def verify_(self) -> None:
        self.verify_sizes()
        self.verify_layout()
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
        self.verify_schedule()


@irdl_op_definition
class GatherOp(DataMovement):
    """Slices of `source` along `axis`, by `indices` that are data: an indexed transfer.

    The axes of the indices take the place of `axis`. A negative index counts from the end; one that is
    outside becomes the nearest that is inside. Its domain is what comes before `axis`, the indices, what
    comes after `axis`.

    ```mlir
    %y = prim.gather "tokens" "gather" %table by %ids axis 0
      : tensor<1000x64xf32>, tensor<2x7xi64> to tensor<2x7x64xf32>
    ```
    """

    name = "prim.gather"
    source = operand_def(TensorType)
    indices = operand_def(TensorType)
    axis = prop_def(INTEGER)
    assembly_format = (
        "$name $operator $source `by` $indices `axis` $axis (`schedule` $schedule^)? "
        + PLACEMENT_FORMAT
        + "attr-dict `:` type($source) `,` type($indices) `to` type($result)"
    )

    @property
    def table(self) -> tuple[int, int, int]:
        """Sizes of source as a table: what comes before `axis`, its rows, what comes after `axis`."""
        sizes, axis = shape(self.source), self.axis.value.data
        return prod(sizes[:axis]), sizes[axis], prod(sizes[axis + 1 :])

    @property
    def domain(self) -> tuple[int, ...]:
        outer, _, inner = self.table
        return outer, prod(shape(self.indices)), inner

    def verify_(self) -> None:
        self.verify_sizes()
        self.verify_layout()
        sizes, axis = shape(self.source), self.axis.value.data
        if not 0 <= axis < len(sizes):
            raise fault(self, f"axis {axis} is not one of the {len(sizes)} of {self.source.type}")
        if element_type(self.indices) not in (i32, i64):
            raise fault(self, f"indices must be i32 or i64, not {element_type(self.indices)}")
        expected = (*sizes[:axis], *shape(self.indices), *sizes[axis + 1 :])
        if shape(self.result) != expected or (
            element_type(self.source) != element_type(self.result)
        ):
            raise fault(self, f"{self.result.type} is not of shape {list(expected)} like source")
        self.verify_schedule()
