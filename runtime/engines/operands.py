"""The memory rows of a block's operands, where tiles of columns stream by: products and reductions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from xnn.dialects.dsa.access import Access, NodeBlock
from xnn.dialects.indexing_maps import is_table
from xnn.dialects.prim import Primitive
from xnn.dialects.target import Target
from xnn.runtime.engines.engine import layout_of, row_of, table_rows
from xnn.runtime.engines.matmul_streams import (
    Tiling,
    channel_rows,
    lhs_rows,
    out_read,
    pre_channel_rows,
    rhs_read,
)
from xnn.runtime.engines.vectors import Layout


@dataclass(frozen=True)
class Operands:
    """What reading and writing the operands of a block takes."""

    rows: tuple[int, ...]
    """Of each operand, all times that it is read or written."""
    read_rows: int
    rhs_vectors: int
    """Vectors of rhs that have bytes, as often as they are read."""
    out_vectors: int

    @staticmethod
    def of(
        node: Primitive,
        block: NodeBlock,
        tiling: Tiling,
        accesses: Sequence[Access],
        starts: Sequence[int],
        target: Target,
    ) -> Operands:
        """Those of a block whose operands touch `accesses` from the bytes `starts` of a memory row on."""
        (rhs_sizes,) = (access.sizes[2:] for access in accesses if access.role == "rhs")
        streams = _Streams(node, block, tiling, rhs_sizes, target)
        rows: list[int] = []
        read_rows = 0
        for access, start in zip(accesses, starts, strict=True):
            once = streams.rows(access, start)
            rows.append(once * (access.reads + access.writes))
            read_rows += once * access.reads
        return Operands(tuple(rows), read_rows, streams.rhs_vectors, streams.out_vectors)


class _Streams:
    """Rows of one operand after the other."""

    def __init__(
        self,
        node: Primitive,
        block: NodeBlock,
        tiling: Tiling,
        rhs_sizes: tuple[int, ...],
        target: Target,
    ):
        self.tiling, self.target = tiling, target
        self.rhs_vectors = self.out_vectors = 0
        self._rank = 2 + len(tiling.positions)  # of one position the tiling may have none
        self._rhs_sizes = rhs_sizes[: len(tiling.positions)]
        self._all_pads = 0 in rhs_sizes
        self._before = tuple(low for low, _ in block.pads)[: len(tiling.positions)]
        self._maps = {
            "pre": iter(node.indexing_maps(node.pre_indexing_maps)),
            "post": iter(node.indexing_maps(node.post_indexing_maps)),
        }

    def rows(self, access: Access, start: int) -> int:
        """Rows of an operand, each time that it is read or written; operands come in order."""
        if access.role == "lhs":
            row, stride = row_of(start, self.target), access.strides[0] * access.itemsize
            return lhs_rows(self.tiling, row, stride, self.tiling.lhs_bits)
        indexing_map = None
        if access.role in self._maps:
            indexing_map = next(self._maps[access.role]).data
            if is_table(indexing_map, access.sizes):
                return table_rows(access, start, self.target)
        if 0 in access.sizes:
            return 0
        layout = layout_of(access, start, indexing_map, self.target)
        layout = replace(layout, strides=layout.strides[: self._rank])
        if access.role == "rhs":
            read = rhs_read(self.tiling, self._windowed(layout))
            self.rhs_vectors = read.vectors
        elif access.role in self._maps:
            return self._operand_of_region(access.role, layout)
        else:
            read = out_read(self.tiling, layout)
            self.out_vectors = read.vectors
        return read.rows

    def _operand_of_region(self, role: str, layout: Layout) -> int:
        groups = self.tiling.groups if self.tiling.side_by_side else 1
        spatial = self._rhs_sizes if role == "pre" else self.tiling.positions
        sizes = (groups, self.tiling.batch, *spatial)
        steps = (layout.strides[1], layout.strides[0], *layout.strides[2:])
        varies = any(step and size > 1 for size, step in zip(sizes, steps, strict=True))
        if role == "pre":
            if varies:
                read = rhs_read(self.tiling, self._windowed(layout))
                return 0 if self._all_pads else read.rows
            return pre_channel_rows(self.tiling, layout.row, layout.strides[1], layout.itemsize)
        if varies:
            return out_read(self.tiling, layout).rows
        return channel_rows(self.tiling, layout.row, layout.strides[1], layout.itemsize)

    def _windowed(self, layout: Layout) -> Layout:
        return replace(layout, sizes=self._rhs_sizes, before=self._before)
