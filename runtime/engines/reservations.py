"""Bank reservations of machine nodes, and how long they last: rule 4 of the timing contract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xnn.dialects.diagnostics import UserError
from xnn.dialects.target import MAX_RESERVATION, Target

Span = tuple[int, int]
"""First and last bank of an operand."""


def banks_of(address: int, span_bytes: int, target: Target) -> Span:
    """Banks that `span_bytes` from an address on cover; at least the one of the address."""
    bank = target.local.bank_bytes
    return address // bank, (address + max(span_bytes, 1) - 1) // bank


def duration(cost: int, rows: Sequence[int], reservations: Sequence[int]) -> int:
    """Cycles of a node under its reservations: an operand is in one bank at a time."""
    pairs = zip(rows, reservations, strict=True)
    return max([cost, *(-(-MAX_RESERVATION * row // eighths) for row, eighths in pairs)])


def least_reservations(
    cost: int, rows: Sequence[int], spans: Iterable[Sequence[Span]], most: int = MAX_RESERVATION
) -> tuple[int, ...]:
    """Reservations for the least duration, not below the cost, at which no bank is asked for too much.

    `rows` and `spans` by operand; the operands may lie in any of several `spans`, one for each iteration
    of a repeat. Those that meet in a bank reserve `most` eighths together, or one each if they are more.
    Raises UserError if more than eight operands meet in a bank.
    """
    meetings = _meetings(spans)
    if any(len(each) > MAX_RESERVATION for each in meetings):
        raise UserError("more than eight operands of one node meet in one bank")

    def reservations(cycles: int) -> tuple[int, ...]:
        return tuple(max(1, -(-MAX_RESERVATION * row // cycles)) for row in rows)

    def fit(cycles: int) -> bool:
        reserved = reservations(cycles)
        return all(
            sum(reserved[operand] for operand in each) <= max(most, len(each)) for each in meetings
        )

    low = max(cost, 1)
    if fit(low):
        return reservations(low)
    high = max(low, MAX_RESERVATION * sum(rows))
    while low + 1 < high:  # low does not fit, high does
        middle = (low + high) // 2
        low, high = (low, middle) if fit(middle) else (middle, high)
    return reservations(high)


def _meetings(spans: Iterable[Sequence[Span]]) -> set[tuple[int, ...]]:
    """The operands that cover one bank together, of all banks where an operand begins."""
    return {
        tuple(place for place, (low, high) in enumerate(each) if low <= bank <= high)
        for each in set(map(tuple, spans))
        for bank, _ in each
    }
