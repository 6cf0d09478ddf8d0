"""Bytes that are live at once, by hand."""

import numpy as np

from xnn.runtime.report.local_memory import Lifetime, live_bytes, most_live_bytes, peak_bytes


def life(start: int, end: int, *nodes: int) -> Lifetime:
    return Lifetime(start, end, np.array(nodes), "buffer")


def test_nothing_is_live():
    assert peak_bytes([]) == most_live_bytes([]) == 0


def test_buffers_that_take_turns_are_not_live_together():
    lives = [life(0, 100, 0, 2), life(100, 150, 1, 3), life(0, 80, 4, 3), life(300, 301, 0)]
    assert peak_bytes(lives) == 301
    assert most_live_bytes(lives) == 150
    spans = [(0, 3), (1, 4), (3, 5), (0, 1)]
    assert list(live_bytes(lives, spans)) == [(0, 101), (1, 150), (3, 130), (4, 80), (5, 0)]


def test_bytes_of_two_buffers_count_once():
    assert most_live_bytes([life(0, 100, 0, 5), life(50, 120, 1)]) == 120
