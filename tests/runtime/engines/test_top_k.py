"""The first keys of columns: blocks against one sort of all, merges against runs counted one by one."""

from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.utils.exceptions import VerifyException

from tests.runtime.engines.nodes import EDGE, cost, node
from tests.samples import examples
from xnn.dialects.prim import Domain, First, TopKOp
from xnn.dialects.prim.tiling import Form
from xnn.runtime.engines.engine import primitive_engine
from xnn.runtime.engines.top_k import first_keys, merge_vectors

TEXT = """prim.top_k "y" "top_k" largest ins(%x : {x}) window <{window}> outs(%y : {y})"""


def top_k(channels: int, k: int, *positions: int, batch: int = 1) -> TopKOp:
    after = "".join(f"x{size}" for size in positions)
    window = f"kernel = {[1] * len(positions)}" if positions else ""
    types = [f"memref<{batch}x{size}{after}xf32, #dma.local>" for size in (channels, k)]
    text = TEXT.replace("{window}", window)
    op = node(text, x=types[0], y=types[1])
    assert isinstance(op, TopKOp)
    return op


def test_the_first_are_in_order_and_what_is_no_number_is_the_largest():
    keys = np.array([[2, np.nan, -1, 2, 5]], np.float32)
    np.testing.assert_array_equal(first_keys(keys, 3, First.LARGEST), [[np.nan, 5, 2]])
    np.testing.assert_array_equal(first_keys(keys, 3, First.LEAST), [[-1, 2, 2]])


@examples(30)
@given(st.integers(1, 4), st.lists(st.integers(4, 9), min_size=1, max_size=4), st.integers(0, 9))
def test_blocks_make_what_all_channels_do(k: int, blocks: list[int], seed: int):
    keys = np.random.default_rng(seed).integers(-9, 9, (2, sum(blocks), 3)).astype(np.int32)
    op = node(
        'prim.top_k "y" "top_k" least ins(%x : {x}) window <kernel = [1]> outs(%y : {y})',
        x=f"memref<2x{sum(blocks)}x3xi32, #dma.local>",
        y=f"memref<2x{k}x3xi32, #dma.local>",
    )
    compute, partial = primitive_engine(op).semantics(op), None
    for part in np.split(keys, np.cumsum(blocks)[:-1], axis=1):
        partial = compute([part], ((0, 0),), partial)
    np.testing.assert_array_equal(partial, np.sort(keys, axis=1)[:, :k])


# cost


@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from([1, 2, 8]))
def test_merges_are_those_of_runs_two_and_two(channels: int, k: int, lanes: int):
    k = min(k, channels)
    vectors, kept = ceil(channels / lanes), ceil(k / lanes)
    runs, made, length = [1] * vectors, 0, 1
    while len(runs) > 1:
        length *= 2
        runs = [min(length, kept)] * ceil(len(runs) / 2)
        made += min(vectors, sum(runs))
    assert merge_vectors(channels, k, lanes) == made
    if k == channels:  # a full sort: as many passes as there are doublings
        assert made == vectors * (vectors - 1).bit_length()


def test_the_price_of_one_column():
    # 100 keys of f32 are 7 vectors of 16; of a run 1 vector is kept: 4 + 2 + 1 are made
    found = cost(top_k(100, 10))
    assert found.terms == {"merges": 7 + 4 + 2 + 1, "pre": 0, "post": 0}
    assert found.rows == (7, 1)  # 400 bytes, 40 bytes
    assert found.accumulator_bytes == 2 * 7 * 16 * 4
    assert found.operations == {"f32": 14 * 16}


def test_a_block_after_others_is_merged_with_their_keys():
    op = top_k(100, 40)
    first, later = (cost(op, first=each, last=False) for each in (True, False))
    assert later.terms["merges"] == first.terms["merges"] + 3
    assert later.rows == (first.rows[0], 2 * first.rows[1])


def test_columns_side_by_side_are_read_together():
    # 20 columns are 2 vectors for each of 30 channels; each column is 2 vectors, merged to 1
    found = cost(top_k(30, 5, 20))
    assert found.terms["merges"] == 2 * 30 + 20 * 1


def test_keys_that_the_primitive_does_not_hold_are_refused():
    op = top_k(100, 10)
    op.verify_block(op.domain, EDGE.with_field("sort.key_rows", "7"))
    with pytest.raises(VerifyException, match="needs 7 rows of keys, but the target has 6"):
        op.verify_block(op.domain, EDGE.with_field("sort.key_rows", "6"))


def test_estimates_are_no_less_than_what_the_engine_has_to_do():
    op, block = top_k(100, 10), Domain(1, 1, 10, 50, ())
    engine = primitive_engine(op)
    assert engine.least_cycles(op, EDGE) == 14
    assert engine.computation(op, block, Form(), EDGE) == 4 + 2 + 1 + 1
