"""Meaning of the tiles of a matrix product, element by element as the indices say.

It shares nothing with the fast path in `xnn.runtime.engines.matmul`, which is tested against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from xdsl.dialects import bufferization, memref
from xdsl.dialects.builtin import AffineMapAttr, ArrayAttr, MemRefType
from xdsl.interpreter import Interpreter, InterpreterFunctions, impl, register_impls
from xdsl.interpreters.arith import ArithFunctions
from xdsl.interpreters.scf import ScfFunctions
from xdsl.ir import Region

from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import element_type, shape
from xnn.dialects.prim.tiles import (
    AccumulatorsOp,
    FilterTileOp,
    LeftTileOp,
    MultiplyTileOp,
    WriteTileOp,
    tile_size,
)
from xnn.dialects.scalar import evaluate

Indices = tuple[np.ndarray, ...]
"""For each dimension of an operand, the indices of the elements that are meant."""


def left_tile(
    op: LeftTileOp, coefficients: np.ndarray, group: int, row: int, tap: int
) -> np.ndarray:
    """The tile from (`row`, `tap`) on of the left matrix of the groups from `group` on."""
    n, groups, pack = tile_size(op.tile), op.groups.value.data, max(1, op.pack.value.data)
    if op.packed is not None:
        coefficients = op.packed.expanded(coefficients, op.packed.taps)
    matrices = coefficients.reshape(1 if op.shared else groups, op.rows, -1)
    taps = matrices.shape[2]
    rows, columns = np.ogrid[row : row + n, tap : tap + n]
    packed, row_group = rows // op.rows, group + rows // op.rows
    # Block-diagonal: the rows of one group meet the taps of another nowhere.
    inside = (packed == columns // taps) & (packed < pack) & (row_group < groups)
    chosen = np.where(inside, row_group % len(matrices), 0)
    return np.where(inside, matrices[chosen, rows % op.rows, columns % taps], 0).astype(
        coefficients.dtype
    )


def filter_tile(
    op: FilterTileOp, maps: np.ndarray, group: int, tap: int, column: int, pre: Sequence[Any]
) -> np.ndarray:
    """The tile from (`tap`, `column`) on of the right matrix of the groups from `group` on."""
    n, window, pack = tile_size(op.tile), op.filter, op.pack.value.data
    channels, total = maps.shape[1] // window.groups, maps.shape[0] * int(np.prod(op.positions))
    taps, columns = np.ogrid[tap : tap + n, column : column + n]
    if pack == 0:
        groups, columns = group + columns // total + 0 * taps, columns % total
        inside = (taps < op.taps) & (groups < window.groups)
    else:
        groups = group + taps // op.taps + 0 * columns
        inside = (taps < pack * op.taps) & (groups < window.groups) & (columns < total)
    channel, *kernel = np.unravel_index(taps % op.taps, (channels, *window.kernel))
    batch, *position = np.unravel_index(columns % total, (maps.shape[0], *op.positions))
    indices = [batch, groups * channels + channel]
    for axis, at in enumerate(position):
        at = at * window.strides[axis] - window.pads[axis][0]
        indices.append(at + kernel[axis] * window.dilations[axis])
    for index, size in zip(indices, maps.shape, strict=True):
        inside = inside & (index >= 0) & (index < size)
    found = tuple(np.where(inside, index, 0) for index in indices)
    element = _through(op.pre, op.pre_maps, maps[found], found, pre)
    return np.where(inside, element, 0).astype(dtype_of(element_type(op.tile)))


def write_tile(
    op: WriteTileOp, sums: np.ndarray, maps: np.ndarray, at: Sequence[int], post: Sequence[Any]
) -> None:
    """Write the tile `sums` to group, row and column `at` of the products that `maps` holds."""
    group, row, column = at
    n, groups, pack = len(sums), op.groups.value.data, op.pack.value.data
    total = maps.shape[0] * int(np.prod(maps.shape[2:]))
    rows, columns = np.mgrid[row : row + n, column : column + n]
    if pack == 0:
        found, columns = group + columns // total, columns % total
        inside = (rows < op.rows) & (found < groups)
    else:
        found = group + rows // op.rows
        inside = (rows < pack * op.rows) & (found < groups) & (columns < total)
    batch, *position = np.unravel_index(columns[inside] % total, (maps.shape[0], *maps.shape[2:]))
    channel = found[inside] * op.rows + rows[inside] % op.rows
    indices = (batch, channel, *position)
    maps[indices] = _through(op.post, op.post_maps, sums[inside], indices, post)


def _through(
    region: Region,
    maps: ArrayAttr[AffineMapAttr] | None,
    element: np.ndarray,
    indices: Indices,
    operands: Sequence[np.ndarray],
) -> np.ndarray:
    """A region applied to elements that have these indices."""
    if not region.blocks:
        return element
    found = [
        # Affine expressions take arrays of indices as well as integers.
        operand[tuple(result.eval(indices, ()) for result in index_map.data.results)]  # pyright: ignore[reportArgumentType]
        for index_map, operand in zip(maps or (), operands, strict=True)
    ]
    return evaluate(region.block, [element, *found])


@register_impls
class TileFunctions(InterpreterFunctions):
    """The tiles of a matrix product, and the buffer that its result is made in."""

    @impl(LeftTileOp)
    def run_left_tile(self, interpreter: Interpreter, op: LeftTileOp, args: tuple[Any, ...]) -> Any:
        return (left_tile(op, *args),)

    @impl(FilterTileOp)
    def run_filter_tile(
        self, interpreter: Interpreter, op: FilterTileOp, args: tuple[Any, ...]
    ) -> Any:
        maps, group, tap, column, *pre = args
        return (filter_tile(op, maps, group, tap, column, pre),)

    @impl(AccumulatorsOp)
    def run_accumulators(
        self, interpreter: Interpreter, op: AccumulatorsOp, args: tuple[Any, ...]
    ) -> Any:
        return (np.zeros(shape(op.sums), dtype_of(element_type(op.sums))),)

    @impl(MultiplyTileOp)
    def run_multiply_tile(
        self, interpreter: Interpreter, op: MultiplyTileOp, args: tuple[Any, ...]
    ) -> Any:
        left, right, sums, row, column = args
        n = len(left)
        product = left.astype(sums.dtype) @ right.astype(sums.dtype)
        sums[row : row + n, column : column + n] += product
        return ()

    @impl(WriteTileOp)
    def run_write_tile(
        self, interpreter: Interpreter, op: WriteTileOp, args: tuple[Any, ...]
    ) -> Any:
        sums, sums_row, sums_column, maps, group, row, column, *post = args
        n = op.size.value.data
        tile = sums[sums_row : sums_row + n, sums_column : sums_column + n]
        write_tile(op, tile, maps, (group, row, column), post)
        return ()

    @impl(memref.AllocOp)
    def run_alloc(self, interpreter: Interpreter, op: memref.AllocOp, args: tuple[Any, ...]) -> Any:
        assert isinstance(op.memref.type, MemRefType)
        return (np.empty(shape(op.memref), dtype_of(element_type(op.memref))),)

    @impl(bufferization.ToTensorOp)
    def run_to_tensor(
        self, interpreter: Interpreter, op: bufferization.ToTensorOp, args: tuple[Any, ...]
    ) -> Any:
        return args


def register_tiles(interpreter: Interpreter) -> None:
    """Gives the interpreter the meaning of tiles and of the loops over them."""
    for functions in (TileFunctions(), ScfFunctions(), ArithFunctions()):
        interpreter.register_implementations(functions)
