"""The vector engine: what is neither product nor sort, but works element by element or along the channels.

Values are [B, C, *positions]; what lies in another shape is seen so through `prim.view`.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from enum import auto
from typing import ClassVar

from xdsl.dialects.utils import EnumAttribute
from xdsl.ir import Attribute, SpacedOpaqueSyntaxAttribute
from xdsl.irdl import irdl_attr_definition, irdl_op_definition, prop_def
from xdsl.utils.str_enum import StrEnum

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import NUMBERS, WRAPPING, precision_bits
from xnn.dialects.indexing_maps import is_table
from xnn.dialects.prim.attributes import Domain
from xnn.dialects.prim.primitive import (
    REGIONS_FORMAT,
    SUMS_FORMAT,
    AccumulatingPrimitive,
    Primitive,
)
from xnn.dialects.values import element_type, shape


class Reduction(StrEnum):
    """What makes one element of many."""

    SUM = auto()
    MAX = auto()
    MIN = auto()
    PRODUCT = auto()


@irdl_attr_definition
class ReductionAttr(EnumAttribute[Reduction], SpacedOpaqueSyntaxAttribute):
    name = "prim.reduction"


class VectorPrimitive(Primitive, ABC):
    """A use of the vector engine."""

    @property
    def engine(self) -> str:
        return "vector"

    @property
    def shows_window(self) -> bool:
        return self.window.taps > 1

    @property
    def precision(self) -> int:
        """Bits of its widest operand or result, but for tables: vectors have as many bits for all types."""
        in_regions = (*self.pre_region_operands, *self.post_region_operands)
        tables = {v for v, each in in_regions if is_table(each.data, shape(v))}
        streamed = (value for value in (*self.operands, self.out) if value not in tables)
        return precision_bits(*(element_type(value) for value in streamed))


@irdl_op_definition
class MapOp(VectorPrimitive):
    """Each element of rhs [B, C, *positions] through `post`: the seat of elementwise operators.

    ```mlir
    %z = prim.map "sum" "add" ins(%x : tensor<1x64x8x8xf32>) window<kernel = [1, 1]>
      post [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>] (%y : tensor<1x64x8x8xf32>) {
      ^bb0(%element: f32, %other: f32):
        %s = arith.addf %element, %other : f32
        prim.yield %s : f32
      } -> tensor<1x64x8x8xf32>
    ```
    """

    name = "prim.map"
    PASSES_RHS: ClassVar[bool] = True
    assembly_format = "$name $operator `ins` `(` $rhs `:` type($rhs) `)` `window` $window " + (
        REGIONS_FORMAT
    )

    @property
    def domain(self) -> Domain:
        out = shape(self.out)
        return Domain(batch=out[0], groups=out[1], rows=1, channels=1, positions=out[2:])

    def verify_(self) -> None:
        super().verify_()
        window = self.window
        if {window.taps, window.groups, *window.strides} != {1} or any(window.pads):
            raise fault(self, f"works on each element by itself: {window} must be of ones alone")
        if self.accumulator_type != self.streamed_type:
            raise fault(self, f"elements of type {self.streamed_type} do not fit {self.out.type}")

    def _verify_shapes(self) -> None:
        self._verify_result(shape(self.rhs)[1])


@irdl_op_definition
class ReduceOp(VectorPrimitive, AccumulatingPrimitive):
    """One element of all channels of a sample and all taps of the window: [B, C, *spatial] to [B, 1, *positions].

    `reduction` is `sum`, `max`, `min` or `product`, in the type of the elements after `pre`: sums of
    integers wrap around. Pads never change the result. On buffers, partial results are in `sums` if
    their type is not that of the result.

    ```mlir
    %norm = prim.reduce "norm" "norm" sum ins(%x : tensor<1x64x8x8xf32>) window<kernel = [1, 1]>
      pre [] (:) {
      ^bb0(%element: f32):
        %square = arith.mulf %element, %element : f32
        prim.yield %square : f32
      } post [] (:) {
      ^bb0(%sum: f32):
        %root = math.sqrt %sum : f32
        prim.yield %root : f32
      } -> tensor<1x1x8x8xf32>
    ```
    """

    name = "prim.reduce"
    reduction = prop_def(ReductionAttr)
    assembly_format = (
        "$name $operator $reduction `ins` `(` $rhs `:` type($rhs) `)` `window` $window "
        + SUMS_FORMAT
        + REGIONS_FORMAT
    )

    @property
    def domain(self) -> Domain:
        out = shape(self.out)
        channels = shape(self.rhs)[1]
        return Domain(batch=out[0], groups=1, rows=1, channels=channels, positions=out[2:])

    def channels_of(self, lhs: Sequence[int], rhs: Sequence[int]) -> int:
        return rhs[1]

    @property
    def summed(self) -> str:
        return f"reductions of {self.streamed_type}"

    @property
    def summed_type(self) -> Attribute:
        return self.streamed_type

    def verify_(self) -> None:
        super().verify_()
        if self.window.groups != 1:
            raise fault(self, "reduces all channels: it has no groups")
        reduction, element = self.reduction.data, self.streamed_type
        wraps = reduction in (Reduction.SUM, Reduction.PRODUCT)
        elements = WRAPPING if wraps else NUMBERS
        if not elements.holds(element):
            raise fault(
                self, f"{reduction} works on {elements.name}, not elements of type {element}"
            )

    def _verify_shapes(self) -> None:
        self._verify_result(1)
