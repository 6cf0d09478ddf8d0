"""Reservations against a search through all durations, one after the other."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import examples
from xnn.dialects.diagnostics import UserError
from xnn.runtime.engines.reservations import Span, banks_of, duration, least_reservations
from xnn.runtime.targets import load_target

EDGE = load_target("edge")


def share(rows: int, cycles: int) -> int:
    """Eighths of a bank that an operand needs to pass in so many cycles."""
    return max(1, -(-8 * rows // cycles))


def least_duration(cost: int, rows: list[int], spans: set[tuple[Span, ...]], most: int) -> int:
    """The first of all durations for which every bank has enough of so many eighths."""
    for cycles in count(max(1, cost)):
        asked = [
            [
                share(row, cycles)
                for row, (first, last) in zip(rows, each, strict=True)
                if first <= bank <= last
            ]
            for each in spans
            for bank in range(10)
        ]
        if all(sum(each) <= max(most, len(each)) for each in asked):
            return cycles
    raise AssertionError


@st.composite
def operands(draw: st.DrawFn) -> tuple[list[int], set[tuple[Span, ...]]]:
    """Rows of up to eight operands, and the banks of each in up to three iterations."""
    number = draw(st.integers(1, 8))
    rows = draw(st.lists(st.integers(0, 20), min_size=number, max_size=number))
    span = st.tuples(st.integers(0, 7), st.integers(0, 2)).map(lambda s: (s[0], s[0] + s[1]))
    iteration = st.tuples(*[span] * number)
    return rows, draw(st.sets(iteration, min_size=1, max_size=3))


@examples(200)
@given(operands(), st.integers(0, 40), st.integers(1, 8))
def test_they_are_those_of_the_least_duration(
    streams: tuple[list[int], set[tuple[Span, ...]]], cost: int, most: int
):
    rows, spans = streams
    cycles = least_duration(cost, rows, spans, most)
    reservations = least_reservations(cost, rows, spans, most)
    assert reservations == tuple(share(row, cycles) for row in rows)
    assert duration(max(1, cost), rows, reservations) == cycles  # rule 4 makes it no longer


@pytest.mark.parametrize(
    ("cost", "rows", "spans", "reservations", "cycles"),
    [
        (100, [50, 50], ((0, 0), (0, 0)), (4, 4), 100),  # half of a bank each: just in time
        (100, [50, 51], ((0, 0), (1, 1)), (4, 5), 100),  # each has a bank of its own
        (100, [50, 51], ((0, 0), (0, 0)), (4, 4), 102),  # together nine eighths: it lasts longer
        (100, [50, 51], ((0, 1), (1, 1)), (4, 4), 102),  # they meet in one of two banks
        (10, [80], ((0, 3),), (8,), 80),  # four banks are no faster than one
        (1000, [1, 0], ((0, 0), (0, 0)), (1, 1), 1000),  # no operand reserves nothing
        (10, [10, 1, 1, 1, 1, 1, 1, 1], ((0, 0),) * 8, (1,) * 8, 80),
    ],
)
def test_by_hand(
    cost: int, rows: list[int], spans: tuple[Span, ...], reservations: tuple[int, ...], cycles: int
):
    assert least_reservations(cost, rows, [spans]) == reservations
    assert duration(cost, rows, reservations) == cycles


def test_a_limit_makes_it_longer():
    assert least_reservations(100, [100, 10], [((0, 0), (1, 1))], 8) == (8, 1)
    assert least_reservations(100, [100, 10], [((0, 0), (1, 1))], 4) == (4, 1)
    assert duration(100, [100, 10], (4, 1)) == 200
    assert least_reservations(100, [100, 10], [((0, 0), (0, 0))], 4) == (3, 1)
    assert least_reservations(100, [0, 0], [((0, 0), (0, 0))], 1) == (1, 1)  # each needs one


def test_they_hold_in_every_iteration_of_a_repeat():
    apart, together = ((0, 0), (1, 1)), ((2, 2), (2, 2))
    assert least_reservations(8, [8, 8], [apart]) == (8, 8)
    assert least_reservations(8, [8, 8], [apart, together]) == (4, 4)


def test_nine_operands_in_one_bank_are_refused():
    spans = [(0, 0)] * 8 + [(0, 3)]
    assert least_reservations(8, [0] * 8, [spans[:8]]) == (1,) * 8
    with pytest.raises(UserError, match="more than eight operands of one node meet in one bank"):
        least_reservations(8, [0] * 9, [spans])


def test_nothing_is_reserved_by_what_has_no_operands():
    assert least_reservations(5, [], [()]) == ()


@given(st.integers(0, 300), st.integers(0, 200))
def test_an_operand_covers_every_bank_from_its_first_byte_to_its_last(address: int, size: int):
    target = EDGE.with_field("local.rows", "3").with_field("local.row_bytes", "16")
    banks = {byte // 48 for byte in range(address, address + max(1, size))}
    assert banks_of(address, size, target) == (min(banks), max(banks))
