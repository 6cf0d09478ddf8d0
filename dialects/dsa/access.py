"""What instructions touch in memory, from the addresses of their operands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import NamedTuple

import numpy as np
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap

from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import Domain, GeneralOp, Primitive
from xnn.dialects.values import element_type, shape, strides_of
from xnn.dialects.windows import Pads


class Wrap(NamedTuple):
    """How an operand goes on where its ring ends: from index `at` of dimension `axis` on, `rows` rows back."""

    axis: int
    at: int
    rows: int


@dataclass(frozen=True)
class Access:
    """What one operand of an instruction touches, from the operand's address on."""

    role: str
    """That of the operand of a primitive (`xnn.dialects.slices`), else source, target, input or out."""
    local: bool
    reads: bool
    writes: bool
    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    """In elements."""
    dtype: np.dtype
    moved: int | None = None
    """Elements, where it is data which of all these are touched."""
    wrap: Wrap | None = None
    elementwise: bool = False
    """Whether each element is read just before the one of the result at its position is written."""

    @property
    def itemsize(self) -> int:
        return self.dtype.itemsize

    @cached_property
    def span(self) -> int:
        """Bytes from the first to the last byte touched."""
        if 0 in self.sizes:
            return 0
        sizes = list(self.sizes)
        if self.wrap is not None:
            sizes[self.wrap.axis] = self.wrap.rows
        steps = zip(sizes, self.strides, strict=True)
        return (sum((size - 1) * stride for size, stride in steps) + 1) * self.itemsize

    @property
    def low(self) -> int:
        """Bytes from the operand's address to the first byte touched: negative where it wraps."""
        if self.wrap is None:
            return 0
        axis, at, rows = self.wrap
        return (at - rows) * self.strides[axis] * self.itemsize

    def axes_along(self, step: int) -> list[int]:
        """Its dimensions of this stride in bytes that have several elements."""
        pairs = enumerate(zip(self.sizes, self.strides, strict=True))
        return [axis for axis, (n, stride) in pairs if n > 1 and stride * self.itemsize == step]

    def in_ring(self, rows: int, step: int, offset: int) -> Access:
        """The same in a ring of `rows` rows, `step` bytes apart, from whose start it begins at `offset`.

        The dimension of that stride wraps where the ring ends.
        """
        at = rows - offset // step % rows
        for axis in self.axes_along(step):
            if self.sizes[axis] > at:
                return replace(self, wrap=Wrap(axis, at, rows))
        return self

    @cached_property
    def parts(self) -> tuple[tuple[int, Access], ...]:
        """What it touches without wrapping: bytes from the operand's address on, and an access there."""
        if self.wrap is None:
            return ((0, self),)
        axis, at, _ = self.wrap
        before, after = list(self.sizes), list(self.sizes)
        before[axis], after[axis] = at, self.sizes[axis] - at
        one, other = (replace(self, sizes=tuple(each), wrap=None) for each in (before, after))
        return (0, one), (self.low, other)

    @cached_property
    def runs(self) -> tuple[np.ndarray, int]:
        """Where runs of neighbouring bytes begin, from the operand's address on, and the bytes of each.

        Of an access that does not wrap.
        """
        starts, length = np.zeros(1, np.int64), self.itemsize
        for stride, size in sorted(zip(self.strides, self.sizes, strict=True)):
            step = stride * self.itemsize
            if len(starts) == 1 and step <= length:
                length += (size - 1) * step
            elif size > 1:
                starts = np.add.outer(starts, np.arange(size) * step).ravel()
        return starts, length

    @property
    def elements(self) -> int:
        return prod(self.sizes) if self.moved is None else self.moved

    @property
    def bytes(self) -> int:
        return self.elements * self.itemsize


class NodeBlock(NamedTuple):
    """A block of a primitive as the machine runs it."""

    sizes: Domain
    pads: Pads
    """Those that fall into it."""
    first: bool
    """Whether it starts its sums."""
    last: bool
    """Whether it ends them, so that `post` applies."""


def streamed_strides(access: Access, indexing_map: AffineMap) -> tuple[int, ...]:
    """Strides of an operand of a region by the dimensions of the element that streams by; 0 for those it lacks."""
    strides = [0] * indexing_map.num_dims
    for result, size, stride in zip(
        indexing_map.results, access.sizes, access.strides, strict=True
    ):
        if isinstance(result, AffineDimExpr) and size > 1:
            strides[result.position] = stride
    return tuple(strides)


def streamed_wrap(access: Access, indexing_map: AffineMap) -> Wrap | None:
    """How an operand of a region wraps, by the dimensions of the element that streams by."""
    if access.wrap is None:
        return None
    result = indexing_map.results[access.wrap.axis]
    assert isinstance(result, AffineDimExpr)
    return access.wrap._replace(axis=result.position)


def primitive_accesses(node: Primitive, block: NodeBlock) -> tuple[Access, ...]:
    """What a block of a primitive touches, as `Primitive.touched_by` lists it."""
    sizes, pads, first, last = block
    sums = "out" if node.partial_sums is None else "sums"
    slices = node.slices(sizes, pads)
    (out,) = (each for each in slices if each.role == "out")
    return tuple(
        Access(
            role=each.role,
            local=True,
            reads=not first if each.role == sums else each.role != "out",
            writes=each.role == "out" or each.role == "sums" and not last,
            sizes=each.sizes,
            strides=strides_of(each.value.type),
            dtype=dtype_of(element_type(each.value)),
            elementwise=each.role == "post" and each.axes == out.axes,
        )
        for each in slices
        if node.is_touched(each.role, last)
    )


def general_accesses(node: GeneralOp) -> tuple[Access, ...]:
    """What general compute touches: whole operands in external memory, inputs first, result last."""

    def access(role: str, value: SSAValue) -> Access:
        strides, dtype = strides_of(value.type), dtype_of(element_type(value))
        return Access(role, False, role != "out", role == "out", shape(value), strides, dtype)

    return (*(access("input", value) for value in node.inputs), access("out", node.out))


def gather_accesses(
    sizes: Sequence[int],
    rows: int,
    strides: tuple[Sequence[int], Sequence[int]],
    dtypes: tuple[np.dtype, np.dtype],
) -> tuple[Access, ...]:
    """What a gather of `sizes` [outer, count, inner] touches: a table of so many rows, indices, and its target.

    `strides` of table and target, `dtypes` of elements and indices.
    """
    outer, count, inner = sizes
    table, (source, target), (element, index) = (outer, rows, inner), strides, dtypes
    return (
        Access("table", False, True, False, table, tuple(source), element, outer * count * inner),
        Access("indices", False, True, False, (count,), (1,), index),
        Access("target", True, False, True, tuple(sizes), tuple(target), element),
    )
