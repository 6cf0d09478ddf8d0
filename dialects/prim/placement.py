"""Nodes of the primitive level that say where elements lie: nothing moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from xdsl.dialects.builtin import ArrayAttr, IntegerAttr, StringAttr, TensorType, i64
from xdsl.interfaces import HasFolderInterface
from xdsl.ir import SSAValue
from xdsl.irdl import (
    irdl_attr_definition,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
    var_operand_def,
)
from xdsl.traits import Pure

from xnn.dialects.canonicalization import ChainOperation
from xnn.dialects.diagnostics import fault
from xnn.dialects.prim.attributes import FieldsAttr
from xnn.dialects.prim.node import PLACEMENT_FORMAT, FeatureMapOp, NamedOp
from xnn.dialects.strides import Place, cover
from xnn.dialects.values import INTEGER, element_type, shape


@irdl_op_definition
class ViewOp(NamedOp, HasFolderInterface, ChainOperation):
    """The same elements in the same order in another shape, or those from `offset` on: no data moves.

    `%y = prim.view "flat" %x : tensor<1x2048x1x1xf32> to tensor<1x2048xf32>`
    `%b = prim.view "half" %x offset 8 : tensor<1x16xf32> to tensor<1x8xf32>`
    """

    name = "prim.view"
    source = operand_def(TensorType)
    offset = opt_prop_def(INTEGER)
    result = result_def(TensorType)
    traits = traits_def(Pure())
    assembly_format = (
        "$name $source (`offset` $offset^)? attr-dict `:` type($source) `to` type($result)"
    )

    @property
    def lies_in(self) -> tuple[SSAValue, ...]:
        return (self.source,)

    @property
    def start(self) -> int:
        """The element of source that its first one is."""
        return 0 if self.offset is None else self.offset.value.data

    @property
    def is_whole(self) -> bool:
        """Whether it has all elements of source."""
        return prod(shape(self.source)) == prod(shape(self.result))

    def verify_(self) -> None:
        self.verify_sizes()
        if self.start < 0:
            raise fault(self, "offset must not be negative")
        if (
            self.offset is None
            and not self.is_whole
            or (element_type(self.source) != element_type(self.result))
        ):
            raise fault(self, f"{self.source.type} and {self.result.type} differ in elements")
        if (end := self.start + prod(shape(self.result))) > prod(shape(self.source)):
            raise fault(self, f"elements up to {end} are outside {self.source.type}")

    def fold(self) -> Sequence[SSAValue] | None:
        return (self.source,) if self.source.type == self.result.type else None

    def merged(self, inner: ViewOp) -> ViewOp:
        names = (*inner.layer_names, inner.result_name.data, *self.layer_names)
        properties = {**self.properties, "layers": ArrayAttr(StringAttr(name) for name in names)}
        if self.offset is not None or inner.offset is not None:
            properties["offset"] = IntegerAttr(inner.start + self.start, i64)
        return ViewOp.create(
            operands=[inner.source], result_types=self.result_types, properties=properties
        )


@irdl_attr_definition
@dataclass(frozen=True)
class PlaceAttr(FieldsAttr):
    """Where a part of a tensor lies: its first element, and its strides, in elements counted in order."""

    name = "prim.place_of"

    offset: int = 0
    strides: tuple[int, ...] = ()

    @property
    def place(self) -> Place:
        return self.offset, self.strides


@irdl_op_definition
class PlaceOp(FeatureMapOp):
    """A tensor of which the `parts` have each element, and none twice, each part where `places` says.

    They are produced where the result lies, so no data moves; `copy-parts` copies those that cannot be.

    ```mlir
    %y = prim.place "mix" %a, %b at [#prim.place_of<offset = 0, strides = [6, 1]>,
      #prim.place_of<offset = 4, strides = [6, 1]>] : (tensor<2x4xf32>, tensor<2x2xf32>) -> tensor<2x6xf32>
    ```
    """

    name = "prim.place"
    parts = var_operand_def(TensorType)
    places = prop_def(ArrayAttr[PlaceAttr])
    result = result_def(TensorType)
    traits = traits_def(Pure())

    @property
    def engine(self) -> str:
        return "view"

    @property
    def lies_in(self) -> tuple[SSAValue, ...]:
        return tuple(self.parts)

    assembly_format = (
        "$name $parts `at` $places "
        + PLACEMENT_FORMAT
        + "attr-dict `:` functional-type($parts, results)"
    )

    def verify_(self) -> None:
        self.verify_sizes()
        self.verify_layout()
        places, total = [each.place for each in self.places], prod(shape(self.result))
        if len(places) != len(self.parts):
            raise fault(self, f"has {len(self.parts)} part(s) and {len(places)} place(s)")
        sizes = [shape(value) for value in self.parts]
        for place, part in zip(places, sizes, strict=True):
            if len(place[1]) != len(part) or min((place[0], *place[1]), default=0) < 0:
                raise fault(
                    self, "a place needs a stride for each dimension, none of them negative"
                )
        if any(element_type(value) != element_type(self.result) for value in self.parts):
            raise fault(self, f"parts differ in elements from {self.result.type}")
        if not cover(total, zip(sizes, places, strict=True)):
            raise fault(self, f"parts do not make up {self.result.type}")
