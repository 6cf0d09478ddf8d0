"""Semantics of the tiles of a matrix product, element by element as the indices say.

It shares nothing with the fast path in `xnn.runtime.engines.matmul`, which is tested against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from xdsl.dialects import bufferization, memref
from xdsl.dialects.builtin import AffineMapAttr, ArrayAttr, MemRefType
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls
from xdsl.interpreters.arith import ArithFunctions
from xdsl.interpreters.scf import ScfFunctions
from xdsl.ir import Region

from xnn.dialects.element_types import dtype_of
from xnn.dialects.indexing_maps import is_table
from xnn.dialects.prim import element_type, shape
from xnn.dialects.prim.tiles import (
    AccumulatorsOp,
    LhsTileOp,
    MultiplyTileOp,
    RhsTileOp,
    WriteTileOp,
    tile_size,
)
from xnn.dialects.scalar import array_function

Indices = tuple[np.ndarray, ...]
"""For each dimension of an operand, the indices of the elements in question."""


def lhs_tile(op: LhsTileOp, lhs: np.ndarray, group: int, row: int, tap: int) -> np.ndarray:
    """The tile from (`row`, `tap`) on of the lhs of the groups from `group` on."""
    n, groups = tile_size(op.tile), op.groups.value.data
    per_tile = max(1, op.groups_per_tile.value.data)
    if op.packed is not None:
        lhs = op.packed.expanded(lhs, op.packed.taps)
    matrices = lhs.reshape(1 if op.shared else groups, op.rows, -1)
    taps = matrices.shape[2]
    rows, columns = np.ogrid[row : row + n, tap : tap + n]
    packed, row_group = rows // op.rows, group + rows // op.rows
    # Block-diagonal: the rows of one group meet the taps of another nowhere.
    inside = (packed == columns // taps) & (packed < per_tile) & (row_group < groups)
    chosen = np.where(inside, row_group % len(matrices), 0)
    return np.where(inside, matrices[chosen, rows % op.rows, columns % taps], 0).astype(lhs.dtype)


def rhs_tile(
    op: RhsTileOp, feature_map: np.ndarray, group: int, tap: int, column: int, pre: Sequence[Any]
) -> np.ndarray:
    """The tile from (`tap`, `column`) on of the rhs of the groups from `group` on."""
    n, window, per_tile = tile_size(op.tile), op.window, op.groups_per_tile.value.data
    images, channels = feature_map.shape[0], feature_map.shape[1] // window.groups
    total = images * int(np.prod(op.positions))
    taps, columns = np.ogrid[tap : tap + n, column : column + n]
    if per_tile == 0:
        groups, columns = group + columns // total + 0 * taps, columns % total
        inside = (taps < op.taps) & (groups < window.groups)
    else:
        groups = group + taps // op.taps + 0 * columns
        inside = (taps < per_tile * op.taps) & (groups < window.groups) & (columns < total)
    channel, *kernel = np.unravel_index(taps % op.taps, (channels, *window.kernel))
    batch, *position = np.unravel_index(columns % total, (images, *op.positions))
    indices = [batch, groups * channels + channel]
    for axis, at in enumerate(position):
        at = at * window.strides[axis] - window.pad_pairs[axis][0]
        indices.append(at + kernel[axis] * window.dilations[axis])
    for index, size in zip(indices, feature_map.shape, strict=True):
        inside = inside & (index >= 0) & (index < size)
    found = tuple(np.where(inside, index, 0) for index in indices)
    element = _through(op.pre, op.pre_indexing_maps, feature_map[found], found, pre)
    return np.where(inside, element, 0).astype(dtype_of(element_type(op.tile)))


def write_tile(
    op: WriteTileOp, sums: np.ndarray, out: np.ndarray, at: Sequence[int], post: Sequence[Any]
) -> None:
    """Write the tile `sums` to group, row and column `at` of `out`."""
    group, row, column = at
    n, groups, per_tile = len(sums), op.groups.value.data, op.groups_per_tile.value.data
    total = out.shape[0] * int(np.prod(out.shape[2:]))
    rows, columns = np.mgrid[row : row + n, column : column + n]
    if per_tile == 0:
        found, columns = group + columns // total, columns % total
        inside = (rows < op.rows) & (found < groups)
    else:
        found = group + rows // op.rows
        inside = (rows < per_tile * op.rows) & (found < groups) & (columns < total)
    batch, *position = np.unravel_index(columns[inside] % total, (out.shape[0], *out.shape[2:]))
    channel = found[inside] * op.rows + rows[inside] % op.rows
    indices = (batch, channel, *position)
    out[indices] = _through(op.post, op.post_indexing_maps, sums[inside], indices, post)


def _through(
    region: Region,
    indexing_maps: ArrayAttr[AffineMapAttr] | None,
    element: np.ndarray,
    indices: Indices,
    operands: Sequence[np.ndarray],
) -> np.ndarray:
    """A region applied to elements that have these indices."""
    if not region.blocks:
        return element
    found = [
        operand
        if is_table(indexing_map.data, operand.shape)
        # Affine expressions take arrays of indices as well as integers.
        else operand[tuple(result.eval(indices, ()) for result in indexing_map.data.results)]  # pyright: ignore[reportArgumentType]
        for indexing_map, operand in zip(indexing_maps or (), operands, strict=True)
    ]
    return array_function(region.block)([element, *found])


@register_impls
class TileFunctions(InterpreterFunctions):
    """The tiles of a matrix product, and the buffer that its result is made in."""

    @impl(LhsTileOp)
    def run_lhs_tile(self, interpreter: Interpreter, op: LhsTileOp, args: PythonValues) -> Any:
        return (lhs_tile(op, *args),)

    @impl(RhsTileOp)
    def run_rhs_tile(self, interpreter: Interpreter, op: RhsTileOp, args: PythonValues) -> Any:
        feature_map, group, tap, column, *pre = args
        return (rhs_tile(op, feature_map, group, tap, column, pre),)

    @impl(AccumulatorsOp)
    def run_accumulators(
        self, interpreter: Interpreter, op: AccumulatorsOp, args: PythonValues
    ) -> Any:
        return (np.zeros(shape(op.sums), dtype_of(element_type(op.sums))),)

    @impl(MultiplyTileOp)
    def run_multiply_tile(
        self, interpreter: Interpreter, op: MultiplyTileOp, args: PythonValues
    ) -> Any:
        lhs, rhs, sums, row, column = args
        n = len(lhs)
        product = lhs.astype(sums.dtype) @ rhs.astype(sums.dtype)
        sums[row : row + n, column : column + n] += product
        return ()

    @impl(WriteTileOp)
    def run_write_tile(self, interpreter: Interpreter, op: WriteTileOp, args: PythonValues) -> Any:
        sums, sums_row, sums_column, out, group, row, column, *post = args
        n = op.size.value.data
        tile = sums[sums_row : sums_row + n, sums_column : sums_column + n]
        write_tile(op, tile, out, (group, row, column), post)
        return ()

    @impl(memref.AllocOp)
    def run_alloc(self, interpreter: Interpreter, op: memref.AllocOp, args: PythonValues) -> Any:
        assert isinstance(op.memref.type, MemRefType)
        return (np.empty(shape(op.memref), dtype_of(element_type(op.memref))),)

    @impl(bufferization.ToTensorOp)
    def run_to_tensor(
        self, interpreter: Interpreter, op: bufferization.ToTensorOp, args: PythonValues
    ) -> Any:
        return args


def register_tiles(interpreter: Interpreter) -> None:
    """Gives the interpreter the semantics of tiles and of the loops over them."""
    for functions in (TileFunctions(), ScfFunctions(), ArithFunctions()):
        interpreter.register_implementations(functions)
