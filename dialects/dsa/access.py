"""What instructions touch in memory, from the addresses of their operands on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import Domain, Primitive
from xnn.dialects.values import element_type, strides_of
from xnn.dialects.windows import Pads


@dataclass(frozen=True)
class Access:
    """What one operand of an instruction touches, from the operand's address on."""

    local: bool
    reads: bool
    writes: bool
    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    """In elements."""
    dtype: np.dtype
    moved: int | None = None
    """Elements, where it is data which of all these are touched."""

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @cached_property
    def span(self) -> int:
        """Bytes from the first to the last byte touched."""
        if 0 in self.sizes:
            return 0
        steps = zip(self.sizes, self.strides, strict=True)
        return (sum((size - 1) * stride for size, stride in steps) + 1) * self.itemsize

    @property
    def elements(self) -> int:
        return prod(self.sizes) if self.moved is None else self.moved

    @property
    def bytes(self) -> int:
        return self.elements * self.itemsize


def primitive_accesses(
    node: Primitive, block: Domain, pads: Pads, first: bool, last: bool
) -> tuple[Access, ...]:
    """What a block of a primitive touches, as `Primitive.touched_by` lists it."""
    sums = "out" if node.partial_sums is None else "sums"
    return tuple(
        Access(
            local=True,
            reads=not first if each.role == sums else each.role != "out",
            writes=each.role == "out" or each.role == "sums" and not last,
            sizes=each.sizes,
            strides=strides_of(each.value.type),
            dtype=dtype_of(element_type(each.value)),
        )
        for each in node.slices(block, pads)
        if node.is_touched(each.role, last)
    )
