"""What operators share that move a window over the spatial dimensions of a tensor [B, C, *spatial]."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.irdl import prop_def

from xnn.dialects.diagnostics import fault
from xnn.dialects.values import INTEGERS
from xnn.dialects.windows import positions
from xnn.dialects.xnn.operation import DYNAMIC, NetworkOperation, shown

MOST = 2**31 - 1
"""Elements of a stride, a dilation, a padded channel: offsets in bytes stay within 64 bits."""


class WindowOperation(NetworkOperation):
    """An operator with a window: `strides`, `dilations` per spatial dimension, `pads` all begins, then all ends."""

    strides = prop_def(INTEGERS)
    dilations = prop_def(INTEGERS)
    pads = prop_def(INTEGERS)

    @property
    def pad_pairs(self) -> tuple[tuple[int, int], ...]:
        """The pads as (begin, end) per spatial dimension."""
        pads = self.pads.get_values()
        rank = len(pads) // 2
        return tuple((int(b), int(e)) for b, e in zip(pads[:rank], pads[rank:]))

    def verify_window(self, spatial: Sequence[int], added: Sequence[int] | None = None) -> None:
        """Raises VerifyException unless its properties fit the `spatial` dimensions, as `added` does."""
        rank = len(spatial)
        strides, dilations, pads = (
            attribute.get_values() for attribute in (self.strides, self.dilations, self.pads)
        )
        for name, values, length, least in (
            ("strides", strides, rank, 1),
            ("dilations", dilations, rank, 1),
            ("pads", pads, 2 * rank, 0),
            ("output_padding", [0] * rank if added is None else added, rank, 0),
        ):
            if len(values) != length:
                raise fault(self, f"{name} has {len(values)} entries, expected {length}")
            if min(values) < least:
                raise fault(self, f"{name} must be at least {least}, but are {list(values)}")
        padded = [x + sum(pair) for x, pair in zip(spatial, self.pad_pairs) if x != DYNAMIC]
        if max(*strides, *dilations, prod(padded)) > MOST:
            shapes = f"strides {list(strides)}, dilations {list(dilations)}, padded {padded}"
            raise fault(self, f"{shapes}: beyond {MOST} elements")

    def window_counts(self, spatial: Sequence[int], kernel: Sequence[int]) -> tuple[int, ...]:
        """The number of windows of size `kernel` along each of the `spatial` dimensions."""
        self.verify_window(spatial)
        strides, dilations = self.strides.get_values(), self.dilations.get_values()
        sizes = zip(spatial, kernel, strides, dilations, self.pad_pairs)
        counts = tuple(DYNAMIC if each[0] == DYNAMIC else positions(*each) for each in sizes)
        if any(n < 1 and n != DYNAMIC for n in counts):
            raise fault(self, f"window {list(kernel)} does not fit the padded {shown(spatial)}")
        return counts
