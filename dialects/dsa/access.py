"""What instructions touch in memory, from the addresses of their operands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap

from xnn.dialects.prim import Domain, MatmulOp, Primitive
from xnn.dialects.values import item_bytes, strides_of


@dataclass(frozen=True)
class Access:
    """What one operand of an instruction touches, from the operand's address on."""

    local: bool
    reads: bool
    writes: bool
    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    """In elements."""
    itemsize: int

    @property
    def span(self) -> int:
        """Bytes from the first to the last byte touched."""
        if 0 in self.sizes:
            return 0
        steps = zip(self.sizes, self.strides, strict=True)
        return (sum((size - 1) * stride for size, stride in steps) + 1) * self.itemsize

    @property
    def elements(self) -> int:
        return prod(self.sizes)

    @property
    def bytes(self) -> int:
        return self.elements * self.itemsize


def mapped_sizes(index_map: AffineMap, sizes: Sequence[int]) -> tuple[int, ...]:
    """Sizes of an operand's window for a block of the given sizes, through its index map."""
    return tuple(
        sizes[result.position] if isinstance(result, AffineDimExpr) else 1
        for result in index_map.results
    )


def window_sizes(
    node: Primitive, block: Domain, pads: Sequence[tuple[int, int]]
) -> tuple[int, ...]:
    """Sizes of the window of the maps that a block reads: what its pads stand for is not there."""
    spatial = tuple(
        (positions - 1) * stride + extent - low - high
        for positions, stride, extent, (low, high) in zip(
            block.positions, node.filter.strides, node.filter.extents, pads, strict=True
        )
    )
    return (block.batch, block.groups * block.channels, *spatial)


def out_sizes(block: Domain) -> tuple[int, ...]:
    """Sizes of the window of the result that a block writes."""
    return (block.batch, block.groups * block.rows, *block.positions)


def coefficient_sizes(node: MatmulOp, block: Domain) -> tuple[int, ...]:
    """Sizes of the window of the coefficients that a block reads."""
    rows = block.rows if node.shared else block.groups * block.rows
    if node.packed is not None:
        return rows, node.packed.bytes(block.channels * prod(node.filter.kernel))
    return (rows, block.channels, *node.filter.kernel)


def touched_operands(node: Primitive, last: bool) -> tuple[SSAValue, ...]:
    """What a block of a primitive touches: coefficients, maps, pre, post, partial sums, out.

    Only the last block of a sum touches what `post` needs. Partial sums lie in `out`, unless they
    have a buffer of their own; then the last block alone touches `out`.
    """
    if last:
        return node.touched
    streamed = node.reads[: len(node.reads) - len(node.post_operands)]
    return (*streamed, node.out if node.partial_sums is None else node.partial_sums)


def primitive_accesses(
    node: Primitive, block: Domain, pads: Sequence[tuple[int, int]], first: bool, last: bool
) -> tuple[Access, ...]:
    """What a block of a primitive touches, see `touched_operands`."""

    def access(value: SSAValue, sizes: tuple[int, ...], reads: bool, writes: bool) -> Access:
        return Access(True, reads, writes, sizes, strides_of(value.type), item_bytes(value))

    window, result = window_sizes(node, block, pads), out_sizes(block)
    accesses: list[Access] = []
    if isinstance(node, MatmulOp):
        accesses.append(access(node.coefficients, coefficient_sizes(node, block), True, False))
    accesses.append(access(node.maps, window, True, False))
    for value, index_map in zip(node.pre_operands, node.index_maps(node.pre_maps), strict=True):
        accesses.append(access(value, mapped_sizes(index_map.data, window), True, False))
    if last:
        for value, index_map in zip(
            node.post_operands, node.index_maps(node.post_maps), strict=True
        ):
            accesses.append(access(value, mapped_sizes(index_map.data, result), True, False))
    if node.partial_sums is None:
        return (*accesses, access(node.out, result, not first, True))
    accesses.append(access(node.partial_sums, result, not first, not last))
    if last:
        accesses.append(access(node.out, result, False, True))
    return tuple(accesses)
