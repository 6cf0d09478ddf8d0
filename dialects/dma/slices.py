"""The slices of a `dma.blocks`, evaluated for all blocks of its grid at once.

The only definition of what a block reads, writes and computes: execution and the step table use it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from xdsl.ir import SSAValue

from xnn.dialects.affine import evaluate_affine
from xnn.dialects.diagnostics import fault
from xnn.dialects.dma.buffers import NamedBuffer, RingOp
from xnn.dialects.dma.operations import MAX_OFFSET, BlocksOp, SliceOp
from xnn.dialects.prim import Domain, Primitive
from xnn.dialects.slices import clip
from xnn.dialects.values import item_bytes, shape, strides_of
from xnn.dialects.windows import Pads


class GridSlice:
    """One slice, clipped to its buffer: arrays have a row for each block."""

    def __init__(self, op: SliceOp, grid: Sequence[np.ndarray], blocks: int):
        self.op = op
        extents = shape(op.whole)
        offsets = np.zeros((blocks, len(extents)), np.int64)
        for axis, expr in enumerate(op.map.results):
            offsets[:, axis] = evaluate_affine(expr, grid)
        starts, self.sizes, self.before = clip(offsets, op.slice_sizes, extents)
        self.empty = (self.sizes == 0).any(axis=1)
        self.starts = np.clip(starts, 0, np.array(extents, np.int64) - 1)
        """Arbitrary for a slice outside the buffer."""
        self.strides = strides_of(op.whole.type)
        """In elements."""
        self.bytes = self.bytes_in(op.whole)
        """From the buffer's address to the first element."""
        self._verify_rows()
        moves = (offsets[1:] != offsets[:-1]).any(axis=1)
        self.is_new = np.concatenate([[True], moves])
        """Whether it differs from that of the previous block."""
        self.is_over = np.concatenate([moves, [True]])
        """Whether it differs from that of the next block."""

    def slots(self, count: int) -> list[int]:
        """Which of `count` slots holds the slice of each block."""
        return ((np.cumsum(self.is_new) - 1) % count).tolist()

    def bytes_in(self, buffer: SSAValue) -> np.ndarray:
        """Bytes from the address of a buffer of the same shape to the first element of each slice."""
        return (
            self.starts_in(buffer)
            @ np.array(strides_of(buffer.type), np.int64)
            * item_bytes(buffer)
        )

    def starts_in(self, buffer: SSAValue) -> np.ndarray:
        """Where the slices start in a buffer of the same shape, or in the rows of its ring that exist."""
        starts = self.starts.copy()
        if isinstance(ring := buffer.owner, RingOp):
            starts[:, ring.dim.value.data] %= ring.rows
        return starts

    def _verify_rows(self) -> None:
        """No slice is taller than its ring."""
        for buffer in self.op.operands:
            if isinstance(ring := buffer.owner, RingOp):
                needed = int(self.sizes[:, ring.dim.value.data].max())
                if needed > ring.rows:
                    blocks = self.op.parent_op()
                    name = blocks.shown_name if isinstance(blocks, BlocksOp) else ""
                    raise fault(
                        self.op,
                        f'ring too small: layer "{name}" needs {needed} rows of buffer '
                        f'"{ring.buffer_name}", which has {ring.rows}',
                    )


class GridSlices:
    """The slices of a `dma.blocks` by their local buffers, and what its blocks compute.

    Raises VerifyException for slices that do not hold what their blocks need.
    """

    def __init__(self, op: BlocksOp):
        self.op = op
        self.count = prod(op.grid)
        self.reduced = op.grid[-1] if op.reduce is not None else 1
        """Blocks that make up one sum."""
        self.node = op.primitive
        grid = [index.ravel() for index in np.indices(op.grid)] if op.grid else []
        self.slices: dict[SSAValue, GridSlice] = {
            each.local: GridSlice(each, grid, self.count)
            for each in op.body.block.ops
            if isinstance(each, SliceOp)
        }
        self.sizes = self._sizes(self.node) if self.node is not None else self._moved()
        """Sizes of each block, cut at the edges of the result, and the pads that fall into it; of
        blocks that compute."""

    def ends(self, block: int) -> tuple[bool, bool]:
        """Whether a block is the first of its sum, and the last."""
        return block % self.reduced == 0, (block + 1) % self.reduced == 0

    def _moved(self) -> list[tuple[Domain, Pads]]:
        for each in self.slices.values():
            self._require(each, each.sizes.all(axis=1))
        return []

    def _sizes(self, node: Primitive) -> list[tuple[Domain, Pads]]:
        roles = {
            role: self.slices[value] for role, value in node.roles if role in ("lhs", "rhs", "out")
        }
        columns = [*(each.sizes for each in roles.values()), roles["rhs"].before]
        for role, each in roles.items():
            # what lies in the pads is in no buffer, and only rhs has pads
            self._require(each, each.sizes[:, : 2 if role == "rhs" else None].all(axis=1))
        kinds, kind = np.unique(np.concatenate(columns, axis=1), axis=0, return_inverse=True)
        ends = np.cumsum([column.shape[1] for column in columns])[:-1]
        blocks: list[tuple[Domain, Pads]] = []
        for row in kinds:
            *sizes, before = (each.tolist() for each in np.split(row, ends))
            blocks.append(node.block_of(dict(zip(roles, sizes, strict=True)), before))
        self._verify(node, blocks, kind.ravel())
        return [blocks[index] for index in kind.ravel().tolist()]

    def _verify(
        self, node: Primitive, blocks: Sequence[tuple[Domain, Pads]], kind: np.ndarray
    ) -> None:
        """Every slice holds what its block needs; no pads are wider than those of the window."""
        pads = np.array([each for _, each in blocks], np.int64).reshape(len(blocks), -1)
        limits = np.array([min(each, MAX_OFFSET) for each in node.window.pads], np.int64)
        for needed in zip(*(node.slices(*each) for each in blocks), strict=True):
            if (found := self.slices.get(needed[0].value)) is None:
                continue
            role, least = needed[0].role, np.array([each.sizes for each in needed], np.int64)
            whole = {"rhs": 2, "pre": 0}.get(role)
            self._require(
                found,
                (found.sizes >= least[kind]).all(axis=1) & ~found.before[:, :whole].any(axis=1),
            )
        channels = np.array([each.groups * each.rows for each, _ in blocks], np.int64)[kind]
        fits = channels == self.slices[node.out].sizes[:, 1]
        self._require(self.slices[node.rhs], fits & (pads <= limits)[kind].all(axis=1))

    def _require(self, found: GridSlice, holds: Any) -> None:
        if holds.all():
            return
        op, whole = found.op, found.op.whole
        name = f'"{whole.owner.shown_name}" ' if isinstance(whole.owner, NamedBuffer) else ""
        raise fault(
            self.op,
            f"{op.name} at {op.map} {list(op.slice_sizes)} of {name}{whole.type} "
            f"does not hold what block {int(np.argmin(holds))} needs",
        )
