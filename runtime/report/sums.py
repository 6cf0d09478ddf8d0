"""Sums of what is counted by name: cycles by cause, picojoules by source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

Amount = TypeVar("Amount", int, float)


def add(counts: dict[str, Amount], name: str, more: Amount) -> None:
    """Count so many more under a name."""
    counts[name] = counts.get(name, 0) + more


def sum_by_name(parts: Iterable[Mapping[str, Amount]]) -> dict[str, Amount]:
    """The sum under each name, in the order in which names come."""
    result: dict[str, Amount] = {}
    for part in parts:
        for name, amount in part.items():
            add(result, name, amount)
    return result
