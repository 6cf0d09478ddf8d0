"""Slices as transfers: each element once, in an order that suits the memories on both sides."""

from math import prod
from random import Random

import numpy as np
import pytest

from xnn.dialects.dsa.instructions import MAX_DIMENSIONS
from xnn.dialects.values import dense_strides
from xnn.passes.schedule.pieces import pieces
from xnn.runtime.engines.transfer import units

ROW = 64
SIZES = (1, 2, 3, 4, 8, 16, 28, 64)


def transposition(seed: int) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Sizes, and the strides of a dense target and of a source whose dimensions stand in another order."""
    random = Random(seed)
    while True:
        sizes = tuple(random.choice(SIZES) for _ in range(random.randint(2, 6)))
        if prod(sizes) <= 50_000:
            break
    order = random.sample(range(len(sizes)), len(sizes))
    steps = dense_strides(tuple(sizes[axis] for axis in order))
    return (
        sizes,
        dense_strides(sizes),
        tuple(steps[order.index(axis)] for axis in range(len(sizes))),
    )


def rows(seed: int, both_lead: bool) -> int:
    """Cycles of a copy of bytes, which reads and writes a row a cycle."""
    sizes, target, source = transposition(seed)
    written = read = 0
    for moved, (end, steps), (start, strides) in pieces(
        sizes, (0, target), (0, source), 1, both_lead=both_lead
    ):
        written += units(end % ROW, moved, steps, 1, ROW)
        read += units(start % ROW, moved, strides, 1, ROW)
    return max(written, read)


@pytest.mark.parametrize("both_lead", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_pieces_move_each_element_once(seed: int, both_lead: bool):
    sizes, target, source = transposition(seed)
    values = np.arange(prod(sizes))
    result = np.full(values.size, -1)
    for moved, (end, steps), (start, strides) in pieces(
        sizes, (0, target), (0, source), 1, both_lead=both_lead
    ):
        assert len(moved) <= MAX_DIMENSIONS
        indices = np.indices(moved).reshape(len(moved), -1)
        places = end + np.array(steps, int) @ indices
        assert (result[places] == -1).all()
        result[places] = values[start + np.array(strides, int) @ indices]
    order = sorted(range(len(sizes)), key=lambda axis: (-source[axis], sizes[axis] > 1))
    dense = values.reshape([sizes[axis] for axis in order])
    np.testing.assert_array_equal(result.reshape(sizes), dense.transpose(np.argsort(order)))


def test_copies_cross_few_rows_on_both_sides():
    pairs = [(rows(seed, False), rows(seed, True)) for seed in range(400)]
    assert all(both <= 1.3 * leading for leading, both in pairs)
    assert sum(both for _, both in pairs) < 0.7 * sum(leading for leading, _ in pairs)


def test_interleaved_phases_are_read_in_runs():
    # what a transposed convolution of stride 2 makes: phases, each a map, become one map
    sizes, target = (32, 8, 2, 8, 2), dense_strides((32, 8, 2, 8, 2))
    source = (64, 8, 2 * 32 * 64, 1, 32 * 64)
    (first, *_), (leading, *_) = (
        pieces(sizes, (0, target), (0, source), 1, both_lead=both) for both in (True, False)
    )
    assert first[0][-1] == 8 and first[2][1][-1] == 1
    assert leading[0][-1] == 2
