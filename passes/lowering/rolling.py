"""Rolling the steps of the order into nested repeats, without loss.

A layer's grid of blocks says where loops may be: the innermost dimension is rolled first, one
iteration for each block; the result is one iteration of the next dimension, and so on; the same for
the iterations of a repeat in the order. Iterations
are alike if the keys of their nodes are equal; their variables may differ, but each must grow by the
same step in every iteration, or cycle through slots. Iterations that differ, at the
edges, stay as they are.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

PERIODS = (1, 2, 3, 4, 6)
"""Iterations that may make up the body of a repeat: slots and channels alternate."""


@dataclass(frozen=True)
class Slots:
    """`size` slots, `pitch` bytes apart, used in turn."""

    pitch: int
    size: int


Variable = tuple[int, int]
"""A base, and a slot index (0 without slots)."""


@dataclass(frozen=True)
class Leaf:
    """One node: `payload` is the caller's own."""

    key: Hashable
    variables: tuple[Variable, ...]
    slots: tuple[Slots | None, ...]
    payload: object


@dataclass(frozen=True)
class Repeat:
    """`count` iterations of a body, given as its first; each adds `steps[i]` to variable i."""

    key: Hashable
    variables: tuple[Variable, ...]
    slots: tuple[Slots | None, ...]
    count: int
    body: tuple[Leaf | Repeat, ...]
    steps: tuple[Variable, ...]


Node = Leaf | Repeat
Iteration = tuple[Node, ...]


def roll(blocks: Sequence[Sequence[Leaf]], grid: Sequence[int], first: int = 0) -> Iteration:
    """The nodes of blocks of a grid, in order from block `first` on, with regular runs of blocks rolled."""
    iterations: list[Iteration] = [tuple(block) for block in blocks]
    for extent in reversed(grid):
        start = -(first % extent)
        iterations = [
            roll_iterations(iterations[max(at, 0) : at + extent])
            for at in range(start, len(iterations), extent)
        ]
        first //= extent
    return tuple(node for each in iterations for node in each)


def roll_iterations(iterations: Sequence[Iteration]) -> Iteration:
    """Rolls the iterations of one loop: regular runs of them become repeats."""
    numbers: dict[Hashable, int] = {}
    keys = [numbers.setdefault(_key(each), len(numbers)) for each in iterations]
    result: list[Node] = []
    position = 0
    while position < len(iterations):
        period, count = _longest_run(iterations, keys, position)
        if count > 1:
            body = _joined(iterations, position, period)
            steps = _steps(body, _joined(iterations, position + period, period))
            result.append(_repeat(body, count, steps))
        else:
            period, count = 1, 1
            result += iterations[position]
        position += period * count
    return tuple(result)


def _key(nodes: Iteration) -> Hashable:
    return tuple(node.key for node in nodes)


def _joined(iterations: Sequence[Iteration], start: int, period: int) -> Iteration:
    return tuple(node for each in iterations[start : start + period] for node in each)


def _longest_run(iterations: Sequence[Iteration], keys: list[int], start: int) -> tuple[int, int]:
    """The period that covers most iterations from `start` on, and how often it repeats."""
    best = (1, 1)
    for period in PERIODS:
        count = _count(iterations, keys, start, period)
        # Any two iterations have constant steps: they may be the end of one run and the start of another.
        if count == 2 and _count(iterations, keys, start + 1, period) > 2:
            continue
        if count > 1 and period * count > best[0] * best[1]:
            best = period, count
    return best


def _count(iterations: Sequence[Iteration], keys: list[int], start: int, period: int) -> int:
    """How often a period repeats from `start` on with the same steps."""
    body = keys[start : start + period]
    count, steps = 1, None
    at = start
    while len(body) == period and keys[at + period : at + 2 * period] == body:
        grown = _steps(_joined(iterations, at, period), _joined(iterations, at + period, period))
        if steps is not None and grown != steps:
            break
        count, steps, at = count + 1, grown, at + period
    return count


def _steps(one: Iteration, other: Iteration) -> tuple[Variable, ...]:
    """What is added to each variable from one iteration to the next."""
    return tuple(
        (next_base - base, (next_slot - slot) % (slots.size if slots is not None else 1))
        for node, following in zip(one, other, strict=True)
        for (base, slot), (next_base, next_slot), slots in zip(
            node.variables, following.variables, node.slots, strict=True
        )
    )


def _repeat(body: tuple[Node, ...], count: int, steps: tuple[Variable, ...]) -> Repeat:
    variables = tuple(variable for node in body for variable in node.variables)
    slots = tuple(each for node in body for each in node.slots)
    key = (count, tuple(node.key for node in body), steps)
    return Repeat(key, variables, slots, count, body, steps)
