"""Tiles of products: cycles of every form against tiles counted one by one, forms against all that fit."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import examples
from xnn.dialects.prim.attributes import Domain, Order, WindowAttr
from xnn.dialects.prim.tiling import Form, Product, fits_tile, forms, least_cycles


@st.composite
def blocks(draw: st.DrawFn) -> tuple[Domain, WindowAttr]:
    rank = draw(st.integers(0, 3))
    sizes = [tuple(draw(st.integers(1, most)) for _ in range(rank)) for most in (4, 3, 3, 9)]
    kernel, strides, dilations, positions = sizes
    groups = draw(st.integers(1, 9))
    window = WindowAttr(kernel=kernel, strides=strides, dilations=dilations, groups=groups)
    rows, channels, batch = (draw(st.integers(1, most)) for most in (20, 20, 2))
    return Domain(batch, groups, rows, channels, positions), window


def matrices(block: Domain, window: WindowAttr, form: Form) -> Iterator[tuple[int, int, int]]:
    """Rows, k and columns of each product that the engine sees, element by element."""
    _, per_tile, phases = form
    taps = list(product(*map(range, window.kernel)))
    columns = list(product(range(block.batch), *map(range, block.positions)))
    if (
        phases > 1
    ):  # where the taps of neighbouring positions lie, and all between the first and the last
        last = [
            phase * window.strides[-1] + tap * window.dilations[-1]
            for phase in range(phases)
            for tap in range(window.kernel[-1])
        ]
        taps = list(product(*map(range, window.kernel[:-1]), range(max(last) + 1)))
        columns = [place for place in columns if place[-1] % phases == 0]
    rows, k = block.rows * phases, block.channels * len(taps)
    if per_tile == 0:
        yield rows, k, block.groups * len(columns)
    for _ in range(0, block.groups, per_tile) if per_tile else ():
        yield per_tile * rows, per_tile * k, len(columns)


def counted(block: Domain, window: WindowAttr, form: Form, n: int) -> int:
    """Cycles, one kept tile after the other: it stays at least until the next one is read."""
    cycles = 0
    for rows, k, columns in matrices(block, window, form):
        kept, streamed = {
            Order.OUTPUT_STATIONARY: ((rows, columns), k),
            Order.RHS_STATIONARY: ((k, columns), rows),
            Order.LHS_STATIONARY: ((k, rows), columns),
        }[form.order]
        for _ in product(*(range(0, size, n) for size in kept)):
            cycles += max(streamed, n)
    return cycles


any_form = st.builds(Form, st.sampled_from(list(Order)), st.integers(0, 9), st.integers(1, 9))
sizes_of_tiles = st.sampled_from([1, 2, 4, 16, 64])


@given(blocks(), any_form, sizes_of_tiles)
def test_cycles_are_those_of_the_tiles_counted_one_by_one(
    sizes: tuple[Domain, WindowAttr], form: Form, n: int
):
    block, window = sizes
    if not window.kernel:
        form = form._replace(output_phases=1)
    assert Product.of(block, window, form).cycles(n) == counted(block, window, form, n)


@given(blocks(), any_form, sizes_of_tiles)
def test_accumulators_are_a_row_for_each_row_or_column_that_streams_by(
    sizes: tuple[Domain, WindowAttr], form: Form, n: int
):
    block, window = sizes
    if not window.kernel:
        form = form._replace(output_phases=1)
    rows, _, columns = next(matrices(block, window, form))
    expected = {
        Order.OUTPUT_STATIONARY: 0,  # sums stay in the registers of the tile
        Order.LHS_STATIONARY: columns,
        Order.RHS_STATIONARY: rows,
    }
    assert Product.of(block, window, form).accumulator_rows == expected[form.order]


def all_forms(block: Domain, window: WindowAttr, shared: bool, n: int) -> set[Form]:
    """Every form, tried one by one: what shares a tile must fit into it."""
    phases = range(1, block.positions[-1] + 1) if window.kernel else [1]
    found: set[Form] = set()
    for form in (Form(*each) for each in product(Order, range(block.groups + 1), phases)):
        if form.groups_per_tile == 0 and not shared:
            continue
        rows, k, _ = next(matrices(block, window, form))
        in_one_tile = rows <= n and k <= n
        if (form.groups_per_tile < 2 or in_one_tile) and (form.output_phases == 1 or rows <= n):
            found.add(form)
    return found


@examples(60)
@given(blocks(), st.booleans(), sizes_of_tiles)
def test_forms_are_all_that_fit(sizes: tuple[Domain, WindowAttr], shared: bool, n: int):
    block, window = sizes
    listed = [
        Form(form.order, int(per_tile), int(phases))
        for form in forms(block, window, shared, n)
        for per_tile, phases in zip(form.groups_per_tile, form.output_phases, strict=True)
    ]
    expected = all_forms(block, window, shared, n)
    assert len(listed) == len(expected) and set(listed) == expected
    assert all(fits_tile(block, window, form, n) for form in expected)
    least = min(counted(block, window, form, n) for form in expected)
    # blocks may have forms that the whole does not
    assert least_cycles(block, window, shared, n) <= least
    macs = block.groups * block.rows * block.channels * window.taps * block.columns
    assert least_cycles(block, window, shared, n) * n * n >= macs


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        # 6 groups of 4 x 45 by 84: 9 taps of 5 channels; 2 x 6 x 7 positions
        (Form(Order.LHS_STATIONARY), Product(Order.LHS_STATIONARY, 6, 4, 45, 84)),
        (Form(Order.LHS_STATIONARY, 4), Product(Order.LHS_STATIONARY, 2, 16, 180, 84)),
        (Form(Order.LHS_STATIONARY, 0), Product(Order.LHS_STATIONARY, 1, 4, 45, 504)),
        # 3 phases: the last dimension has 3 + 2 * 2 = 7 taps, and 3 columns for 7 positions
        (Form(Order.LHS_STATIONARY, 1, 3), Product(Order.LHS_STATIONARY, 6, 12, 105, 36)),
    ],
)
def test_a_block_with_its_taps_is_a_product(form: Form, expected: Product):
    block = Domain(batch=2, groups=6, rows=4, channels=5, positions=(6, 7))
    window = WindowAttr(kernel=(3, 3), strides=(1, 2), groups=6)
    assert Product.of(block, window, form) == expected


def test_a_stride_or_a_dilation_leaves_taps_that_are_zero():
    block, window = Domain(1, 1, 1, 1, (8,)), WindowAttr(kernel=(2,), strides=(3,), dilations=(4,))
    # two positions: taps 0, 4 and 3, 7 of 8
    assert Product.of(block, window, Form(output_phases=2)).k == 8


def test_sizes_may_be_arrays_of_candidates():
    sizes: list[Any] = [1, 2, np.array([3, 17]), np.array([40, 5]), np.array([9, 33])]
    window = WindowAttr(kernel=(3,), groups=2)
    many = Domain.of_sizes(sizes)
    for order, per_tile, phases in product(Order, (0, 1, 2), (1, 2)):
        form = Form(order, per_tile, phases)
        each = [
            Product.of(Domain(1, 2, m, c, (p,)), window, form).cycles(16)
            for m, c, p in ((3, 40, 9), (17, 5, 33))
        ]
        assert Product.of(many, window, form).cycles(16).tolist() == each
