"""The sort primitive's order of keys: the first of each column, in order."""

from __future__ import annotations

from collections.abc import Sequence
from enum import auto
from typing import Any

import numpy as np
from xdsl.dialects.utils import EnumAttribute
from xdsl.ir import Attribute, SpacedOpaqueSyntaxAttribute
from xdsl.irdl import irdl_attr_definition, irdl_op_definition, prop_def
from xdsl.utils.str_enum import StrEnum

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import NUMBERS
from xnn.dialects.prim.attributes import Domain
from xnn.dialects.prim.primitive import REGIONS_FORMAT, SUMS_FORMAT, AccumulatingPrimitive
from xnn.dialects.prim.tiling import tiles
from xnn.dialects.target import Target
from xnn.dialects.values import shape


class First(StrEnum):
    """Which keys come first."""

    LARGEST = auto()
    LEAST = auto()


@irdl_attr_definition
class FirstAttr(EnumAttribute[First], SpacedOpaqueSyntaxAttribute):
    name = "prim.first"


@irdl_op_definition
class TopKOp(AccumulatingPrimitive):
    """The first k keys of each column, the largest or the least first: [B, C, *positions] to [B, k, *positions].

    Keys are the elements after `pre`; NaN is larger than all numbers. Blocks of channels are merged with
    the k keys before them, in `sums` on buffers if the type of keys is not that of the result. Indices are
    found as part of the keys: `pre` puts the channel below the element, `post` takes it out.

    ```mlir
    %y = prim.top_k "best" "top_k" largest ins(%x : tensor<1x8400xf32>) window<kernel = []>
      -> tensor<1x300xf32>
    ```
    """

    name = "prim.top_k"
    first = prop_def(FirstAttr)
    assembly_format = (
        "$name $operator $first `ins` `(` $rhs `:` type($rhs) `)` `window` $window "
        + SUMS_FORMAT
        + REGIONS_FORMAT
    )

    @property
    def engine(self) -> str:
        return "sort"

    @property
    def shows_window(self) -> bool:
        return False

    @property
    def domain(self) -> Domain:
        out, channels = shape(self.out), shape(self.rhs)[1]
        return Domain(batch=out[0], groups=1, rows=out[1], channels=channels, positions=out[2:])

    def channels_of(self, lhs: Sequence[int], rhs: Sequence[int]) -> int:
        return rhs[1]

    @property
    def summed(self) -> str:
        return f"keys of {self.streamed_type}"

    @property
    def summed_type(self) -> Attribute:
        return self.streamed_type

    def held_rows(self, block: Domain, lanes: int) -> Any:
        """Rows of keys that the primitive holds for a block: its own, or those that are merged with them."""
        return np.maximum(tiles(block.channels, lanes), tiles(block.rows, lanes))

    def verify_(self) -> None:
        super().verify_()
        window = self.window
        if {window.taps, window.groups, *window.strides} != {1} or any(window.pads):
            raise fault(self, f"sorts channels alone: {window} must be of ones alone")
        if not NUMBERS.holds(self.streamed_type):
            raise fault(self, f"sorts {NUMBERS.name}, not elements of type {self.streamed_type}")

    def verify_block(self, block: Domain, target: Target) -> None:
        if target.sort is None:
            return  # that the target has no such engine is said where one is needed
        lanes, most = target.sort_lanes(self.precision), target.sort.key_rows or 0
        if (rows := int(self.held_rows(block, lanes))) > most:
            raise fault(self, f"a block needs {rows} rows of keys, but the target has {most}")

    def _verify_groups(self, block: Domain) -> None:
        domain = self.domain
        if block.rows < domain.rows or block.channels < domain.rows:
            raise fault(self, f"schedule block needs all {domain.rows} rows, and as many channels")

    def _verify_shapes(self) -> None:
        batch, channels, *spatial = shape(self.rhs)
        actual = shape(self.out)
        expected = (batch, actual[1], *spatial)
        if actual != expected:
            raise fault(self, f"result has shape {list(actual)}, expected {list(expected)}")
        if not 1 <= actual[1] <= channels:
            raise fault(self, f"there are {channels} channels, not {actual[1]} to keep")
