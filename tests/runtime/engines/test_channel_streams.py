"""Memory rows of an engine that works channel by channel, against its vectors read one by one, byte by byte."""

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.engines.nodes import cost, node, region
from tests.runtime.engines.rows import Vector, read, rows_of_memory
from tests.samples import examples
from xnn.dialects.prim.attributes import WindowAttr
from xnn.runtime.engines.channel_streams import Channels, channel_read, result_read, window_read
from xnn.runtime.engines.vectors import Layout

Sizes = tuple[int, ...]


def window_vectors(block: Channels, layout: Layout) -> Iterator[Vector]:
    """For each row of positions each row of the kernel: all that both span, as vectors of so many lanes."""
    window = block.window
    *outer, _ = block.positions or (1,)
    spanned = 1
    if block.positions:
        spanned = (block.positions[-1] - 1) * window.strides[-1] + 1
        spanned += (window.kernel[-1] - 1) * window.dilations[-1]
    rows_of_kernel = list(product(*map(range, window.kernel[:-1])))
    for sample, channel in product(range(block.batch), range(block.channels)):
        for row in product(*map(range, outer)):
            for tap in rows_of_kernel:
                line = [
                    at * stride + t * dilation
                    for at, stride, t, dilation in zip(
                        row, window.strides, tap, window.dilations, strict=False
                    )
                ]
                elements = [
                    element(layout, (sample, channel), (*line, at)[: len(block.positions)])
                    for at in range(spanned)
                ]
                for low in range(0, spanned, block.lanes):
                    yield [each for each in elements[low : low + block.lanes] if each is not None]


def element(layout: Layout, place: Sizes, padded: Sizes) -> tuple[int, int] | None:
    """Bytes of an element at a place with its pads; None if it is one of them."""
    inside = [at - low for at, low in zip(padded, layout.before, strict=True)]
    if not all(0 <= at < size for at, size in zip(inside, layout.sizes, strict=True)):
        return None
    steps = zip((*place, *inside), layout.strides, strict=True)
    return sum(at * step for at, step in steps), layout.itemsize


def result_vectors(block: Channels, layout: Layout) -> Iterator[Vector]:
    """A row of positions after the other, as vectors of so many lanes."""
    *outer, last = block.positions or (1,)
    for sample, channel in product(range(block.batch), range(block.channels)):
        for row in product(*map(range, outer)):
            for low in range(0, last, block.lanes):
                yield [
                    (
                        sum(
                            at * step
                            for at, step in zip(
                                (sample, channel, *row, column), layout.strides, strict=False
                            )
                        ),
                        layout.itemsize,
                    )
                    for column in range(low, min(low + block.lanes, last))
                ]


def channel_vectors(block: Channels, layout: Layout) -> Iterator[Vector]:
    for sample, channel in product(range(block.batch), range(block.channels)):
        yield [(sample * layout.strides[0] + channel * layout.strides[1], layout.itemsize)]


@st.composite
def blocks(draw: st.DrawFn) -> Channels:
    rank = draw(st.integers(0, 3))

    def each(most: int) -> Sizes:
        return tuple(draw(st.integers(1, most)) for _ in range(rank))

    window = WindowAttr(kernel=each(3), strides=each(3), dilations=each(2))
    lanes, batch = draw(st.sampled_from([1, 2, 4, 8, 16])), draw(st.integers(1, 2))
    return Channels(lanes, batch, draw(st.integers(1, 4)), each(5), window)


@st.composite
def layouts(draw: st.DrawFn, sizes: Sizes, pads: Sizes = ()) -> Layout:
    """A dense array or one with gaps, at any byte of a row; an operand of a region may lack dimensions."""
    itemsize = draw(st.sampled_from([1, 2, 4]))
    strides, step = list[int](), itemsize
    for size in reversed(sizes):
        strides.insert(0, step * draw(st.sampled_from([1, 1, 1, 0])))
        step *= size + draw(st.sampled_from([0, 0, 1, 3]))
    return Layout(draw(rows_of_memory), itemsize, tuple(strides), sizes[2:] if pads else (), pads)


many = examples(150)


@many
@given(st.data(), blocks())
def test_rows_of_what_a_window_is_read_off(data: st.DataObject, block: Channels):
    spans = block.window.spans(block.positions)
    pads = tuple(data.draw(st.integers(0, 2)) for _ in spans)
    sizes = (max(1, s - p - data.draw(st.integers(0, 2))) for s, p in zip(spans, pads, strict=True))
    layout = data.draw(layouts((block.batch, block.channels, *sizes), pads))
    assert window_read(block, layout) == read(window_vectors(block, layout), layout.row)


@many
@given(st.data(), blocks())
def test_rows_of_the_result(data: st.DataObject, block: Channels):
    layout = data.draw(layouts((block.batch, block.channels, *block.positions)))
    result = read(result_vectors(block, layout), layout.row)
    assert result_read(block, layout) == result
    assert block.result_vectors == result.vectors


@many
@given(st.data(), blocks())
def test_rows_of_an_operand_by_channel(data: st.DataObject, block: Channels):
    layout = data.draw(layouts((block.batch, block.channels)))
    assert channel_read(block, layout) == read(channel_vectors(block, layout), layout.row)


# operands of a node, by hand: 8 channels of 8 lines of 16 elements in f32, each of which fills a row of memory

X = "memref<1x8x8x16xf32>"
Y = "memref<1x8x4x14xf32, strided<[512, 64, 16, 1]>>"
ADD = "%2 = arith.addf %0, %1 : f32\nprim.yield %2 : f32"


@pytest.mark.parametrize(
    ("role", "indexing", "operand", "rows"),
    [
        ("pre", "d1", "memref<8xf32>", 1),  # 8 elements of one row: held from channel to channel
        ("post", "d1", "memref<8xf32>", 1),
        ("pre", "d0, d1, d2, d3", X, 8 * 8),  # as what the window is read off
        ("post", "d0, d1, d2, d3", Y, 8 * 4),  # as the result
        ("post", "d2, d3", "memref<4x14xf32, strided<[16, 1]>>", 8 * 4),  # again for each channel
        ("post", "", "memref<f32>", 1),
    ],
)
def test_operands_of_regions(role: str, indexing: str, operand: str, rows: int):
    regions = region(role, [indexing], "%a : {a}", "f32 f32", ADD)
    text = (
        'prim.sort "y" "max_pool" ins(%x : {x}) window <kernel = [3, 3], strides = [2, 1], '
        f"pads = [1, 0, 0, 0]> {regions} outs(%y : {{y}})"
    )
    # lines - 0 1, 1 2 3, 3 4 5, 5 6 7 of each channel: 11 are there, of which 3 are held
    assert cost(node(text, x=X, y=Y, a=operand)).rows == (8 * 8, rows, 8 * 4)
