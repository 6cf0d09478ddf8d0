"""The matrix multiplication engine.

Semantics: `contract`, a matrix product whose rhs is formed in pre-processing.
Cost: `tile_cycles`, in tiles of `n` x `n`; reading, multiplying and writing a tile take `n` cycles
each and overlap, so a tile costs `n` cycles once the pipeline is full.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import Domain, MatmulOp, Order
from xnn.dialects.windows import Pads, positions

Compute = Callable[[Sequence[np.ndarray], Pads, np.ndarray | None], np.ndarray]
"""What a primitive computes between `pre` and `post`, as each engine's `semantics` returns it.

From the operands by role (lhs of a product, rhs), the pads that fall into the block, and the partial
sums of the blocks of channels before, if there are any.
"""


def pad(x: np.ndarray, pads: Pads, value: float) -> np.ndarray:
    """`x` [B, C, *spatial] with `pads` (before, after) of `value` around its spatial dimensions."""
    if not any(low or high for low, high in pads):
        return x
    spatial = x.shape[2:]
    shape = tuple(low + size + high for size, (low, high) in zip(spatial, pads, strict=True))
    padded = np.full(x.shape[:2] + shape, value, x.dtype)
    inner = tuple(slice(low, low + size) for size, (low, _) in zip(spatial, pads, strict=True))
    padded[(..., *inner)] = x
    return padded


def windows(
    x: np.ndarray, kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
) -> np.ndarray:
    """A view [B, C, *kernel, *out] of `x` [B, C, *spatial]: every tap of every window."""
    steps = x.strides[2:]
    out = [positions(*each) for each in zip(x.shape[2:], kernel, strides, dilations, strict=True)]
    return as_strided(
        x,
        (*x.shape[:2], *kernel, *out),
        (
            *x.strides[:2],
            *(step * d for step, d in zip(steps, dilations, strict=True)),
            *(step * s for step, s in zip(steps, strides, strict=True)),
        ),
        writeable=False,
    )


def combined_taps(combine: np.ufunc, taps: np.ndarray, kernel: Sequence[int]) -> np.ndarray:
    """All taps [B, C, *kernel, *out] of every window made one by `combine`: [B, C, *out]."""
    result: np.ndarray | None = None
    for tap in np.ndindex(*kernel):  # one after the other: reads each element in place
        plane = taps[(slice(None), slice(None), *tap)]
        result = plane.copy() if result is None else combine(result, plane, out=result)
    assert result is not None
    return result


def _magnitude(array: np.ndarray) -> int:
    """The largest absolute value among integers."""
    return max(int(array.max(initial=0)), -int(array.min(initial=0)))


EXACT = ((np.dtype(np.float32), 2**24), (np.dtype(np.float64), 2**53))
"""Float types, fastest first, and up to where each holds every integer."""
LEAST_TAPS = 128
"""Least taps of a part of a product in float32: shorter parts are slower than float64."""


def _factors(lhs: np.ndarray, rhs: np.ndarray, sums: np.dtype) -> tuple[np.dtype, int]:
    """The type in which to multiply, and how many products may be added up in it.

    Floats are multiplied as they are summed; integers in the first float type that is exact for all
    products of a row, or for enough of them to be worth it. No float type: integers.
    """
    taps = lhs.shape[-1]
    if sums.kind == "f":
        return sums, taps
    largest = max(1, _magnitude(lhs) * _magnitude(rhs))
    for kind, exact in EXACT:
        if exact // largest >= min(taps, LEAST_TAPS if kind.itemsize == 4 else 1):
            return kind, exact // largest
    return sums, taps


def filtering_matrix(
    rhs: np.ndarray,
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    groups: int,
) -> np.ndarray:
    """[B, groups, taps, positions] of padded `rhs` [B, C, *spatial]: a row per tap, a column per output position."""
    taps = windows(rhs, kernel, strides, dilations)
    batch, channels = rhs.shape[:2]
    return taps.reshape(batch, groups, channels // groups * prod(kernel), -1)


def contract(
    lhs: np.ndarray,
    rhs: np.ndarray,
    *,
    strides: Sequence[int] = (),
    dilations: Sequence[int] = (),
    pads: Pads = (),
    groups: int = 1,
    shared: bool = False,
    sums: np.dtype,
) -> np.ndarray:
    """Product of an lhs with the filtering matrix of an rhs.

    lhs [M, C / groups, *kernel], rhs [B, C, *spatial] -> [B, M, *out]; without spatial dimensions it
    is the plain product of rhs [B, C] and the transposed lhs [M, C]. The filtering matrix has a row
    per tap and a column per output position; pads are zeros. A `shared` lhs [M / groups, ...] serves
    every group. The result has the type `sums`; sums of integers are exact, and wrap around in it.
    """
    kernel = lhs.shape[2:]
    batch = len(rhs)
    per_group = lhs.shape[0] if shared else lhs.shape[0] // groups
    lhs = lhs.reshape(1 if shared else groups, per_group, -1)
    factors, exact_taps = _factors(lhs, rhs, sums)
    lhs, rhs = lhs.astype(factors, copy=False), pad(rhs.astype(factors, copy=False), pads, 0)
    matrix = filtering_matrix(rhs, kernel, strides, dilations, groups)
    if not kernel:  # one column per group: the batch takes the columns' place
        matrix = matrix.reshape(batch, groups, -1).transpose(1, 2, 0)
        result = _multiply(lhs, matrix, exact_taps, sums)
        return result.transpose(2, 0, 1).reshape(batch, groups * per_group)
    out = (positions(*each) for each in zip(rhs.shape[2:], kernel, strides, dilations, strict=True))
    return _multiply(lhs, matrix, exact_taps, sums).reshape(batch, groups * per_group, *out)


def semantics(op: MatmulOp) -> Compute:
    """The product of a block's lhs, which it may expand, and rhs, added to partial sums."""
    window, packed, sums = op.window, op.packed, dtype_of(op.accumulator_type)
    options = {"strides": window.strides, "dilations": window.dilations, "shared": op.shared}

    def compute(
        factors: Sequence[np.ndarray], pads: Pads, partial: np.ndarray | None
    ) -> np.ndarray:
        lhs, rhs = factors
        channels = op.channels_of(lhs.shape, rhs.shape)
        if packed is not None:
            expanded = packed.expanded(lhs, channels * window.taps)
            lhs = expanded.reshape(-1, channels, *window.kernel)
        groups = rhs.shape[1] // channels
        result = contract(lhs, rhs, pads=pads, groups=groups, sums=sums, **options)
        return result if partial is None else result + partial

    return compute


def _multiply(lhs: np.ndarray, rhs: np.ndarray, taps: int, sums: np.dtype) -> np.ndarray:
    """Product of stacks of matrices, whose type is exact for so many taps at a time."""
    total = lhs.shape[-1]
    parts = max(1, -(-total // taps))
    bounds = [total * part // parts for part in range(parts + 1)]
    result = None
    for start, end in zip(bounds, bounds[1:], strict=False):
        part = np.matmul(lhs[..., start:end], rhs[..., start:end, :])
        if part.dtype == np.float64 != sums:
            part = part.astype(np.int64)  # wraps from here; from float it would not
        part = part.astype(sums, copy=False)
        result = part if result is None else np.add(result, part, out=result)
    assert result is not None
    return result


@dataclass(frozen=True)
class Product:
    """Sizes of one use of the primitive: `groups` products of [m, k] by [k, columns].

    `shared`: every group has the same lhs, so their columns may stand side by side in one.
    Sizes are integers, or arrays of them for many candidates at once.
    """

    groups: Any
    m: Any
    k: Any
    columns: Any
    shared: bool = False

    @staticmethod
    def of(block: Domain, taps: int, shared: bool) -> Product:
        """The product of a block, with `taps` kernel elements per channel."""
        return Product(block.groups, block.rows, block.channels * taps, block.columns, shared)

    @property
    def macs(self) -> Any:
        return self.groups * self.m * self.k * self.columns

    def block_diagonal(self, per_tile: int) -> Product:
        """With `per_tile` groups in a tile block-diagonally; 0: the columns of all groups side by side."""
        if per_tile == 0:
            return Product(1, self.m, self.k, self.groups * self.columns)
        groups = tiles(self.groups, per_tile)
        return Product(groups, per_tile * self.m, per_tile * self.k, self.columns)


def tiles(size: Any, n: int) -> Any:
    """Tiles of n that cover a size."""
    return -(-size // n)


def tile_cycles(product: Product, order: Order, per_tile: int, n: int) -> Any:
    """Cycles of a product in tiles of n x n. Partial tiles cost full tiles.

    Output-stationary: a tile of the result stays while `k` columns and rows stream past it.
    rhs-stationary: a tile of the rhs stays while the rows of the lhs stream;
    lhs-stationary: the reverse.
    """
    p = product.block_diagonal(per_tile)
    if order == Order.OUTPUT_STATIONARY:
        return p.groups * tiles(p.m, n) * tiles(p.columns, n) * np.maximum(p.k, n)
    if order == Order.RHS_STATIONARY:
        return p.groups * tiles(p.k, n) * tiles(p.columns, n) * np.maximum(p.m, n)
    return p.groups * tiles(p.k, n) * tiles(p.m, n) * np.maximum(p.columns, n)


def accumulator_rows(product: Product, order: Order, per_tile: int) -> Any:
    """Rows of accumulators that the sums of a product take: those that stream past a kept tile."""
    p = product.block_diagonal(per_tile)
    rows = {Order.RHS_STATIONARY: p.m, Order.LHS_STATIONARY: p.columns}
    return rows.get(order, 1)


def streamed_elements(product: Product, order: Order, per_tile: int, n: int) -> tuple[Any, Any]:
    """Elements of the lhs and the rhs that are read: n a cycle of what streams."""
    p = product.block_diagonal(per_tile)
    streamed = tile_cycles(product, order, per_tile, n) * n
    if order == Order.OUTPUT_STATIONARY:
        return streamed, streamed
    if order == Order.RHS_STATIONARY:
        return streamed, p.groups * tiles(p.k, n) * tiles(p.columns, n) * n * n
    return p.groups * tiles(p.k, n) * tiles(p.m, n) * n * n, streamed


def groups_per_tile_choices(groups: int, shared: bool, n: int) -> list[int]:
    """Groups per tile to consider: powers of two up to the tile, and 0 where a shared lhs allows it."""
    sizes = [
        per_tile
        for per_tile in (1, 2, 4, 8, 16, 32, 64)
        if per_tile == 1 or per_tile <= min(groups, n)
    ]
    return [*sizes, 0] if shared else sizes


def least_cycles(product: Product, n: int) -> int:
    """The least tile cycles of a product over all orders and groups per tile."""
    return min(
        int(tile_cycles(product, order, per_tile, n))
        for order in Order
        for per_tile in groups_per_tile_choices(product.groups, product.shared, n)
    )
