"""Rolling a sequence of nodes into nested repeats, without loss.

Nodes are alike if their keys are equal; what may differ from round to round is their variables, each
of which must grow by the same step every round, or run around a ring of slots. Inner loops are found
first; a found repeat is a node like any other, so that outer loops are found the same way.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

MAX_PERIOD = 48
"""Nodes of the longest body that is looked for."""


@dataclass(frozen=True)
class Ring:
    """A place in a ring of `size` slots, `pitch` bytes apart."""

    pitch: int
    size: int


Variable = tuple[int, int]
"""A base, and a turn in the variable's ring (0 without a ring)."""


@dataclass(frozen=True)
class Leaf:
    """One node: `payload` is whatever the caller wants back."""

    key: Hashable
    variables: tuple[Variable, ...]
    rings: tuple[Ring | None, ...]
    payload: object


@dataclass(frozen=True)
class Repeat:
    """`count` rounds of a body, given as its first round; `steps[i]` is added to variable i a round."""

    key: Hashable
    variables: tuple[Variable, ...]
    rings: tuple[Ring | None, ...]
    count: int
    body: tuple[Leaf | Repeat, ...]
    steps: tuple[Variable, ...]


Node = Leaf | Repeat


def roll(nodes: Sequence[Leaf]) -> list[Node]:
    """The nodes with all regular runs rolled, innermost first."""
    current: list[Node] = list(nodes)
    numbers: dict[Hashable, int] = {}
    while True:
        rolled = _roll_once(current, numbers)
        if len(rolled) == len(current):
            return rolled
        current = rolled


def _roll_once(nodes: Sequence[Node], numbers: dict[Hashable, int]) -> list[Node]:
    keys = [numbers.setdefault(node.key, len(numbers)) for node in nodes]
    result: list[Node] = []
    position = 0
    while position < len(nodes):
        period, count, steps = _best_run(nodes, keys, position)
        if count > 1:
            body = tuple(nodes[position : position + period])
            result.append(_repeat(body, count, steps))
            position += period * count
        else:
            result.append(nodes[position])
            position += 1
    return result


def _best_run(
    nodes: Sequence[Node], keys: list[int], start: int
) -> tuple[int, int, tuple[Variable, ...]]:
    """The shortest period at `start` that covers most nodes: its length, rounds and steps."""
    best: tuple[int, int, tuple[Variable, ...]] = (1, 1, ())
    for period in range(1, min(MAX_PERIOD, (len(nodes) - start) // 2) + 1):
        if keys[start] != keys[start + period]:
            continue
        if keys[start : start + period] != keys[start + period : start + 2 * period]:
            continue
        count, steps = _rounds(nodes, keys, start, period)
        if count > 1 and period * count > best[0] * best[1]:
            best = period, count, steps
            if period * count * 2 > len(nodes) - start:
                break
    return best


def _rounds(
    nodes: Sequence[Node], keys: list[int], start: int, period: int
) -> tuple[int, tuple[Variable, ...]]:
    """Rounds of a period from `start` on whose variables grow by the same steps."""
    body_keys = keys[start : start + period]
    steps = _steps(nodes, start, start + period, period)
    count, at = 2, start + period
    while keys[at + period : at + 2 * period] == body_keys and _steps(
        nodes, at, at + period, period
    ) == (steps):
        count, at = count + 1, at + period
    return count, steps


def _steps(nodes: Sequence[Node], first: int, second: int, period: int) -> tuple[Variable, ...]:
    result: list[Variable] = []
    for offset in range(period):
        one, other = nodes[first + offset], nodes[second + offset]
        for (base, turn), (next_base, next_turn), ring in zip(
            one.variables, other.variables, one.rings, strict=True
        ):
            size = ring.size if ring is not None else 1
            result.append((next_base - base, (next_turn - turn) % size))
    return tuple(result)


def _repeat(body: tuple[Node, ...], count: int, steps: tuple[Variable, ...]) -> Repeat:
    variables = tuple(variable for node in body for variable in node.variables)
    rings = tuple(ring for node in body for ring in node.rings)
    key = (count, tuple(node.key for node in body), steps)
    return Repeat(key, variables, rings, count, body, steps)
