"""The matrix multiplication engine.

Semantics: `contract`, a matrix product whose rhs is formed in pre-processing.
Cost: tiles of n x n (`xnn.dialects.prim.tiling`); reading, multiplying and writing a tile take n cycles
each and overlap, so a tile costs n cycles once the pipeline is full.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any, ClassVar

import numpy as np
from numpy.lib.stride_tricks import as_strided

from xnn.dialects.dsa.access import Access, NodeBlock
from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import Domain, MatmulOp, Order, WindowAttr
from xnn.dialects.prim.tiling import Form, Product, fits_tile, forms, least_cycles, tiles
from xnn.dialects.target import Target
from xnn.dialects.values import element_bytes, item_bytes
from xnn.dialects.windows import Pads, positions
from xnn.runtime.engines.engine import (
    Compute,
    NodeCost,
    PrimitiveEngine,
    RegionWork,
    Spacings,
    padding_cycles,
    region_operations,
    throughput_cycles,
    vector_rows,
    weight,
)
from xnn.runtime.engines.matmul_streams import Tiling
from xnn.runtime.engines.operands import Operands


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
    taps = max(1, lhs.shape[-1])
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
    positions = prod(taps.shape[2 + len(kernel) :])
    return taps.reshape(batch, groups, channels // groups * prod(kernel), positions)


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


def product_of(op: MatmulOp) -> Compute:
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


@lru_cache(1024)  # fusion asks for each of its drafts
def _best_forms(domain: Domain, window: WindowAttr, shared: bool, n: int) -> tuple[Form, ...]:
    """For each order the form of fewest tile cycles, and the plain one."""
    result = list[Form]()
    for form in forms(domain, window, shared, n):
        best = int(np.argmin(Product.of(domain, window, form).cycles(n)))
        per_tile, phases = int(form.groups_per_tile[best]), int(form.output_phases[best])
        result += dict.fromkeys((Form(form.order), Form(form.order, per_tile, phases)))
    return tuple(result)


class MatmulEngine(PrimitiveEngine[MatmulOp]):
    """Matrix products."""

    drains: ClassVar[bool] = True

    def semantics(self, node: MatmulOp) -> Compute:
        return product_of(node)

    def cost(
        self,
        node: MatmulOp,
        block: NodeBlock | None,
        accesses: Sequence[Access],
        starts: Sequence[int],
        target: Target,
    ) -> NodeCost:
        assert block is not None
        n = target.matmul_n(node.precision)
        tiling = _tiling(node, block.sizes, n)
        operands = Operands.of(node, block, tiling, accesses, starts, target)
        regions = RegionWork.of(node, block, operands.rhs_vectors, operands.out_vectors, target)
        product = tiling.product
        cycles = int(product.cycles(n))
        macs = node.macs(block.sizes)
        return NodeCost(
            terms={"tiles": cycles, **regions.terms(target.matmul)},
            padding=padding_cycles(cycles, cycles * n * n, macs),
            rows=operands.rows,
            read_rows=operands.read_rows,
            drain=self.drain(node, target),
            macs=macs,
            idle_macs=cycles * n * n - macs,
            accumulator_bytes=_accumulator_elements(product, cycles, n)
            * element_bytes(node.accumulator_type),
            operations=regions.operations(n),
        )

    def least_cycles(self, node: MatmulOp, target: Target) -> int:
        n = target.matmul_n(node.precision)
        return least_cycles(node.domain, node.window, node.shared, n)

    def operations(self, node: MatmulOp) -> int:
        return node.macs(node.domain)

    def drain(self, node: MatmulOp, target: Target) -> int:
        return 2 * target.matmul_n(node.precision)

    def forms(self, node: MatmulOp, target: Target) -> list[Form]:
        """For each order the form of fewest tile cycles on the whole node, and the plain one."""
        n = target.matmul_n(node.precision)
        return list(_best_forms(node.domain, node.window, node.shared, n))

    def allows(self, node: MatmulOp, block: Domain, form: Form, target: Target) -> Any:
        n, rows = target.matmul_n(node.precision), target.matmul.accumulator_rows
        product = Product.of(block, node.window, form)
        last = block.positions[-1] if node.window.kernel else 1
        fits = fits_tile(block, node.window, form, n) & (form.output_phases <= last)
        return fits & (product.accumulator_rows <= rows)

    def granule(self, node: MatmulOp, target: Target) -> int:
        return target.matmul_n(node.precision)

    def computation(self, node: MatmulOp, block: Domain, form: Form, target: Target) -> Any:
        n = target.matmul_n(node.precision)
        product = Product.of(block, node.window, form)
        columns, splits = tiles(product.columns, n), block.channels < node.domain.channels
        rhs_vectors = product.groups * product.k * columns * _passes(product, n)
        out_vectors = product.groups * product.m * columns
        pre, post = (weight(region_operations(each, target)) for each in (node.pre, node.post))
        table = target.matmul
        return np.maximum.reduce(
            np.broadcast_arrays(
                product.cycles(n) + np.where(splits, 2 * n, 0),
                throughput_cycles(rhs_vectors, pre, table.pre_operations),
                throughput_cycles(out_vectors, post, table.post_operations),
            )
        )

    def estimate(
        self, node: MatmulOp, block: Domain, form: Form, target: Target, spacings: Spacings
    ) -> Any:
        n, window = target.matmul_n(node.precision), node.window
        product = Product.of(block, window, form)
        k, columns = tiles(product.k, n), tiles(product.columns, n)
        groups, splits = product.groups, block.channels < node.domain.channels
        lhs_passes = 1 if form.order == Order.LHS_STATIONARY else columns
        taps = block.channels * window.taps * node.lhs_bits // 8
        vector = np.minimum(n * node.lhs_bits // 8, taps)
        pitch = spacings["lhs"].channel
        starts = np.where(k > 1, np.gcd(pitch, vector), pitch)
        lhs = groups * product.m * k * lhs_passes * vector_rows(vector, starts, target)
        out_vectors = groups * product.m * columns
        sums = element_bytes(node.accumulator_type)
        item = np.where(splits, sums, item_bytes(node.out))
        vector = np.minimum(n * item, prod(block.positions) * item)
        pitch = np.where(splits, spacings["sums"].channel, spacings["out"].channel)
        starts = np.where(columns > 1, np.gcd(pitch, vector), pitch)
        out = out_vectors * vector_rows(vector, starts, target) * np.where(splits, 2, 1)
        rhs = _window_rows if window.kernel else _matrix_rows
        return np.maximum.reduce(
            np.broadcast_arrays(
                self.computation(node, block, form, target),
                lhs,
                groups * _passes(product, n) * rhs(node, block, product, n, target, spacings),
                out,
            )
        )


ENGINE = MatmulEngine()


def _passes(product: Product, n: int) -> Any:
    """How often rhs is read."""
    return 1 if product.order == Order.RHS_STATIONARY else tiles(product.m, n)


def _matrix_rows(
    node: MatmulOp, block: Domain, product: Product, n: int, target: Target, spacings: Spacings
) -> Any:
    """No less than the rows of reading all of rhs once, as a matrix without a window."""
    vector, item = np.minimum(n, product.k), item_bytes(node.rhs)
    rows = vector_rows(vector * item, np.gcd(n, product.k) * item, target)
    return product.columns * tiles(product.k, n) * rows


def _window_rows(
    node: MatmulOp, block: Domain, product: Product, n: int, target: Target, spacings: Spacings
) -> Any:
    """No less than the rows of reading all columns of rhs once, if what lies between them is read as well."""
    window, item = node.window, item_bytes(node.rhs)
    row, vector = target.local.row_bytes, np.minimum(product.columns, n)
    step, positions = window.strides[-1] * item, block.positions[-1]
    channel, line = spacings["rhs"]
    pitch = line * (1, *window.strides)[-2]
    sweep = (window.kernel[-1] - 1) * window.dilations[-1] * item
    lines = vector / positions
    gap = pitch - (positions - 1) * step
    start = np.gcd(channel, item * n) if window.taps == 1 else item
    joined = vector * step + lines * (pitch - positions * step) + sweep
    apart = (lines + 1) * vector_rows(np.minimum(positions, n) * step + sweep, start, target)
    rows = np.where(gap <= row, vector_rows(np.ceil(joined).astype(np.int64), start, target), apart)
    channels = product.k // window.kernel[-1]
    return tiles(product.columns, n) * channels * rows


def _tiling(node: MatmulOp, block: Domain, n: int) -> Tiling:
    return Tiling(
        n=n,
        form=node.form,
        batch=block.batch,
        groups=block.groups,
        rows=block.rows,
        channels=block.channels,
        positions=block.positions,
        window=node.window,
        shared=node.shared,
        lhs_bits=node.lhs_bits,
    )


def _accumulator_elements(product: Product, cycles: int, n: int) -> int:
    """Elements of accumulators read and written: a row of n in and out each cycle, or each tile of the result once."""
    if product.order == Order.OUTPUT_STATIONARY:
        return int(product.groups * tiles(product.m, n) * tiles(product.columns, n)) * n * n
    return 2 * cycles * n
