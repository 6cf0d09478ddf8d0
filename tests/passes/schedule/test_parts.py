"""The ranges of a buffer's dimensions that hold a strided part of it."""

from itertools import product
from math import prod
from types import SimpleNamespace
from typing import cast

import pytest

from xnn.dialects.dma.layer_blocks import Touch
from xnn.dialects.values import dense_strides
from xnn.passes.schedule.parts import part_box

WHOLE = (1, 6, 4, 5)
"""Of the buffer: samples, channels, rows, columns."""
DENSE = dense_strides(WHOLE)
PADDED = (192, 32, 5, 1)
"""Strides of planes that begin in rows of memory."""


def _box(root: tuple[int, ...], strides: tuple[int, ...], start: int, sizes: tuple[int, ...]):
    dimensions = list(zip(WHOLE, root, strict=True))
    touch = SimpleNamespace(strides=strides, root_dimensions=dimensions)
    return part_box(cast(Touch, touch), start, sizes)


@pytest.mark.parametrize(
    ("root", "strides", "start", "sizes", "box"),
    [
        (DENSE, DENSE, 25, (1, 2, 2, 5), ((0, 1), (1, 3), (1, 3), (0, 5))),
        (PADDED, PADDED, 37, (1, 2, 2, 5), ((0, 1), (1, 3), (1, 3), (0, 5))),
        # every third channel; its rows are as they are
        (DENSE, (40, 60, 5, 1), 30, (1, 2, 2, 5), ((0, 1), (1, 5), (2, 4), (0, 5))),
        # channels as groups: dimensions in one
        (DENSE, (120, 60, 20, 5, 1), 5, (1, 2, 3, 1, 5), ((0, 1), (0, 6), (1, 2), (0, 5))),
        # rows and columns as one dimension, which goes on in the next row
        (DENSE, (120, 20, 1), 23, (1, 2, 9), ((0, 1), (1, 3), (0, 3), (0, 5))),
        (PADDED, (192, 32, 1), 35, (1, 2, 9), ((0, 1), (1, 3), (0, 3), (0, 5))),
    ],
)
def test_boxes_hold_all_elements_of_a_part(root, strides, start, sizes, box):
    assert _box(root, strides, start, sizes) == box
    places = {
        sum(at * stride for at, stride in zip(each, root, strict=True))
        for each in product(*(range(*edges) for edges in box))
    }
    own = {
        start + sum(at * stride for at, stride in zip(each, strides, strict=True))
        for each in product(*map(range, sizes))
    }
    assert own <= places and len(places) < prod(WHOLE)


def test_what_steps_over_the_padding_between_planes_has_none():
    assert _box(PADDED, (192, 16, 1), 0, (1, 12, 5)) is None
