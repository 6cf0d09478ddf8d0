"""How a matrix product sits in tiles of n x n: its geometry, which costs, bounds and verifiers share.

A group of a product is lhs [m, k] by rhs [k, columns]: m its rows, k its channels times the taps of the
window, columns its samples times positions. It takes one of several forms (`Form`):

* `groups_per_tile` r > 1: r groups stand block-diagonally in one tile, so r m <= n and r k <= n.
  0: the columns of all groups stand side by side, for they share one lhs.
* `output_phases` p > 1: p neighbouring positions along the last dimension are computed as p rows for
  each row of lhs, from a kernel that spans all of them: p m rows, columns / p columns. Zeros fill up lhs.

Sizes are integers, or arrays of them for many candidates at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np

from xnn.dialects.prim.attributes import Domain, Order, WindowAttr


class Form(NamedTuple):
    """How a product sits in tiles, and which of its tiles stay in the primitive."""

    order: Order = Order.OUTPUT_STATIONARY
    groups_per_tile: Any = 1
    output_phases: Any = 1


def tiles(size: Any, n: int) -> Any:
    """Tiles of n that cover a size."""
    return -(-size // n)


def phase_window(window: WindowAttr, phases: Any) -> tuple[Any, Any]:
    """Taps and stride along the last dimension of the kernel that computes so many positions at once."""
    kernel, stride, dilation = window.kernel[-1], window.strides[-1], window.dilations[-1]
    spanned = (phases - 1) * stride + dilation * (kernel - 1) + 1
    return np.where(phases > 1, spanned, kernel), phases * stride


@dataclass(frozen=True)
class Product:
    """`groups` products of [m, k] by [k, columns], as a form lays them out in tiles."""

    order: Order
    groups: Any
    m: Any
    k: Any
    columns: Any

    @staticmethod
    def of(block: Domain, window: WindowAttr, form: Form) -> Product:
        """The product of a block."""
        order, per_tile, phases = form
        m, k, columns = block.rows, block.channels * window.taps, block.columns
        if window.kernel:
            taps, _ = phase_window(window, phases)
            *outer, last = block.positions
            m, k = m * phases, block.channels * prod(window.kernel[:-1]) * taps
            columns = block.batch * prod(outer) * tiles(last, phases)
        side_by_side = per_tile == 0
        columns = columns * np.where(side_by_side, block.groups, 1)
        per_tile = np.maximum(per_tile, 1)
        groups = np.where(side_by_side, 1, -(-block.groups // per_tile))
        return Product(order, groups, per_tile * m, per_tile * k, columns)

    def cycles(self, n: int) -> Any:
        """Cycles in tiles of n x n: n for each, partial ones whole. See `Order` for what stays and what streams."""
        m, k, columns = tiles(self.m, n), tiles(self.k, n), tiles(self.columns, n)
        if self.order == Order.OUTPUT_STATIONARY:
            return self.groups * m * columns * np.maximum(self.k, n)
        if self.order == Order.RHS_STATIONARY:
            return self.groups * k * columns * np.maximum(self.m, n)
        return self.groups * k * m * np.maximum(self.columns, n)

    @property
    def accumulator_rows(self) -> Any:
        """Rows of n accumulators that its sums take: one for each row or column that streams past a kept tile.

        Output-stationary sums stay in the registers of the tile.
        """
        if self.order == Order.OUTPUT_STATIONARY:
            return 0
        return self.m if self.order == Order.RHS_STATIONARY else self.columns


def fits_tile(block: Domain, window: WindowAttr, form: Form, n: int) -> Any:
    """Whether the groups that share a tile, and the phases, fit in it."""
    product = Product.of(block, window, form)
    whole = (product.m <= n) & (product.k <= n)
    return ((form.groups_per_tile <= 1) | whole) & ((form.output_phases == 1) | (product.m <= n))


def _forms(
    domain: Domain, window: WindowAttr, shared: bool, most_phases: int, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of groups per tile, up to those that fill a tile, and of output phases."""
    most = max(1, min(domain.groups, n // max(domain.rows, domain.channels * window.taps)))
    per_tile = np.array([*range(1, most + 1), *([0] if shared else [])], np.int64)
    positions = domain.positions[-1] if window.kernel else 1
    phases = np.arange(1, max(1, min(positions, most_phases)) + 1, dtype=np.int64)
    first, second = np.meshgrid(per_tile, phases)
    return first.ravel(), second.ravel()


def forms(domain: Domain, window: WindowAttr, shared: bool, n: int) -> Iterator[Form]:
    """Every form that a product may take, for each order as one form of arrays."""
    pairs = _forms(domain, window, shared, n // domain.rows, n)
    fits = fits_tile(domain, window, Form(Order.OUTPUT_STATIONARY, *pairs), n)
    for order in Order:
        yield Form(order, *(each[fits] for each in pairs))


def least_cycles(domain: Domain, window: WindowAttr, shared: bool, n: int) -> int:
    """The least tile cycles of a product over all forms, in whatever blocks.

    Blocks of fewer rows may have more output phases: together they fill no less than these tiles.
    """
    pairs = _forms(domain, window, shared, n, n)
    return min(
        int(np.min(Product.of(domain, window, Form(order, *pairs)).cycles(n))) for order in Order
    )
