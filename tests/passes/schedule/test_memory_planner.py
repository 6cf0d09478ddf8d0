"""The memory planner against a verifier, and against all orders of few buffers."""

from itertools import combinations, permutations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import examples
from xnn.passes.schedule.memory_planner import Buffer, MemoryPlanner
from xnn.tools.command_line.plan import read_buffers

STEPS = 20_000


def meets(a: Buffer, b: Buffer) -> bool:
    return a.lower < b.upper and b.lower < a.upper


def verify(buffers: list[Buffer], offsets: list[int], capacity: int, alignment: int = 1) -> None:
    """Fails if a plan is none."""
    assert len(offsets) == len(buffers)
    for buffer, offset in zip(buffers, offsets, strict=True):
        assert 0 <= offset <= capacity - buffer.size and offset % alignment == 0
    for (a, x), (b, y) in combinations(zip(buffers, offsets, strict=True), 2):
        if meets(a, b):
            assert x + a.size <= y or y + b.size <= x


def live_bytes(buffers: list[Buffer], time: int) -> int:
    return sum(each.size for each in buffers if each.lower <= time < each.upper)


def least_height(buffers: list[Buffer], alignment: int) -> int:
    """The best of all orders in which buffers can be laid as low as those before them allow."""
    heights = []
    for order in permutations(buffers):
        placed: list[tuple[Buffer, int]] = []
        for buffer in order:
            others = [(x, x + b.size) for b, x in placed if meets(b, buffer)]
            place = 0
            for start, end in sorted(others):
                if start - place >= buffer.size:
                    break
                place = max(place, -(-end // alignment) * alignment)
            placed.append((buffer, place))
        heights.append(max(x + b.size for b, x in placed))
    return min(heights)


def life(largest: int) -> st.SearchStrategy[Buffer]:
    return st.builds(
        lambda lower, width, size: Buffer(lower, lower + width, size),
        st.integers(0, 12),
        st.integers(1, 8),
        st.integers(1, largest),
    )


def cut_packing(random: Random, count: int, times: int, capacity: int) -> list[Buffer]:
    """Buffers that fill the memory at all times, in the order in which nobody would place them."""
    pieces = [(0, times, capacity)]
    while len(pieces) < count:
        index = random.choices(range(len(pieces)), [(b - a) * size for a, b, size in pieces])[0]
        lower, upper, size = pieces[index]
        if random.random() < 0.5 and upper - lower > 1:
            at = random.randrange(lower + 1, upper)
            pieces[index : index + 1] = [(lower, at, size), (at, upper, size)]
        elif size > 1:
            at = random.randrange(1, size)
            pieces[index : index + 1] = [(lower, upper, at), (lower, upper, size - at)]
    random.shuffle(pieces)
    return [Buffer(*each) for each in pieces]


@examples(60)
@given(st.lists(life(9), min_size=1, max_size=5), st.sampled_from([1, 4]))
def test_few_buffers_get_the_least_height_and_no_less_is_said_to_do(buffers, alignment):
    planner, least = MemoryPlanner(buffers, alignment), least_height(buffers, alignment)
    assert planner.peak.bytes <= least
    found = planner.plan(least, STEPS).plan
    assert found is not None and found.height == least
    verify(buffers, found.offsets, least, alignment)
    too_small = planner.plan(least - 1, STEPS)
    assert too_small.plan is None and too_small.is_complete
    above = planner.plan_above(least - 1)
    assert above.height == least
    verify(buffers, above.offsets, least, alignment)


@examples(40)
@given(st.lists(life(4096), max_size=40), st.sampled_from([1, 64]))
def test_plans_share_no_bytes_at_any_time(buffers, alignment):
    planner = MemoryPlanner(buffers, alignment)
    if alignment == 1:
        assert planner.peak.bytes == max((live_bytes(buffers, t) for t in range(20)), default=0)
    capacity = planner.peak.bytes * 5 // 4
    found = planner.plan(capacity, STEPS)
    plan = found.plan or planner.plan_above(capacity)
    verify(buffers, plan.offsets, plan.height, alignment)
    assert plan.height <= capacity or found.plan is None


@pytest.mark.parametrize("seed", range(6))
def test_a_packing_without_waste_is_found(seed):
    buffers = cut_packing(Random(seed), 60, 400, 1 << 16)
    found = MemoryPlanner(buffers).plan(1 << 16, STEPS).plan
    assert found is not None
    verify(buffers, found.offsets, 1 << 16)


def test_a_published_instance_without_a_byte_to_spare_is_planned():
    """Instance E of MiniMalloc (github.com/google/minimalloc, Apache-2.0)."""
    buffers = list(read_buffers(str(Path(__file__).parent / "minimalloc-e.csv")).values())
    planner = MemoryPlanner(buffers)
    assert planner.peak.bytes == 1 << 20
    found = planner.plan(1 << 20, 100_000).plan
    assert found is not None
    verify(buffers, found.offsets, 1 << 20)


def test_the_peak_has_its_time_and_the_buffers_that_are_live_then():
    buffers = [Buffer(0, 4, 3), Buffer(2, 6, 5), Buffer(4, 9, 4), Buffer(6, 7, 1)]
    peak = MemoryPlanner(buffers).peak
    assert (peak.time, peak.bytes, peak.buffers) == (4, 9, [1, 2])


def test_the_buffer_on_top_is_not_padded():
    planner = MemoryPlanner([Buffer(0, 1, 10), Buffer(0, 1, 1)], 8)
    assert planner.peak.bytes == 17
    plan = planner.plan(17, STEPS).plan
    assert plan is not None and plan.height == 17
    assert planner.plan(16, STEPS).is_complete


def test_a_search_gives_up_after_its_steps():
    buffers = cut_packing(Random(0), 60, 400, 1 << 16)
    found = MemoryPlanner(buffers).plan(1 << 16, 20)
    assert found.plan is None and not found.is_complete
