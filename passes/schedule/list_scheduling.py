"""List scheduling: each engine runs the first block in the order of layers that is ready when it is free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import inf
from typing import NamedTuple

from xdsl.ir import SSAValue

from xnn.dialects.target import MAX_RESERVATION
from xnn.passes.schedule.block_graph import Unit


class Run(NamedTuple):
    """Blocks of a layer that run one after the other, with nothing of other layers between them."""

    unit: Unit
    blocks: int

    @property
    def part(self) -> int | None:
        """How many blocks; None if they are all that the layer has."""
        return None if self.blocks == self.unit.layer.count else self.blocks


def list_schedule(units: Sequence[Unit], window: int, inputs_arrive: bool = True) -> list[Run]:
    """Steps by the time at which they start, if no layer starts that comes `window` or more after an unfinished one.

    Engines run their steps one after the other; a step waits for the tokens of those that it needs. Where
    all in the window wait for layers after it, which have to read from a ring, the first of those that can runs.

    `inputs_arrive`: whether a step waits for what it reads of the inputs of the network as well. Steps of other
    layers run meanwhile if they end before: the inputs of the next step have room when this one ends.
    """
    number = {unit: place for place, unit in enumerate(units)}
    tokens: list[list[int]] = [[] for _ in units]
    """By unit, when its steps so far are done."""
    free: dict[str, int] = {}
    read: defaultdict[SSAValue, list[_Read]] = defaultdict(list)
    started: list[tuple[int, int, int]] = []
    first = 0
    left = [len(unit.cycles) for unit in units]
    while first < len(units):
        if not left[first]:
            first += 1
            continue
        best: tuple[int, int] | None = None
        limits: dict[str, int] = {}
        for place in range(first, len(units)):
            if place >= first + window and best is not None:
                break
            if (
                left[place]
                and (start := _ready(units[place], number, tokens, free, inputs_arrive)) is not None
            ):
                unit, step = units[place], len(tokens[place])
                start = _apart(unit, start, step, read)
                if start + unit.cycles[step] > limits.get(unit.engine, inf):
                    continue
                if best is None or start < best[0]:
                    best = start, place
                if unit.arrivals and inputs_arrive:
                    limits[unit.engine] = min(start, limits.get(unit.engine, start))
        assert best is not None, "no step waits for itself"
        start, place = best
        unit = units[place]
        step = len(tokens[place])
        end = start + unit.cycles[step]
        free[unit.engine] = end
        tokens[place].append(end + unit.drain)
        left[place] -= 1
        for root, eighths in unit.reads.items():
            read[root].append(_Read(start, end, unit.engine, eighths))
        started.append((start, place, step))
    if window > 1:  # else in the order of the layers, as far as rings let them
        started.sort()
    return _runs(units, [place for _, place, _ in started])


def _ready(
    unit: Unit,
    number: dict[Unit, int],
    tokens: Sequence[Sequence[int]],
    free: dict[str, int],
    inputs_arrive: bool,
) -> int | None:
    """When the next step of a unit can start; None if it needs one that has no time yet."""
    start, step = free.get(unit.engine, 0), len(tokens[number[unit]])
    if unit.arrivals and inputs_arrive:
        start = max(start, unit.arrivals[step])
    for other, needs in unit.needs:
        done = tokens[number[other]]
        if needs[step] >= len(done):
            return None
        if needs[step] >= 0:
            start = max(start, done[needs[step]])
    return start


class _Read(NamedTuple):
    """A step that reads a feature map."""

    start: int
    end: int
    engine: str
    eighths: int


def _apart(unit: Unit, start: int, step: int, read: Mapping[SSAValue, Sequence[_Read]]) -> int:
    """When a step can start beside those of other engines that read the same feature maps."""
    again = True
    while again:
        again = False
        for root, eighths in unit.reads.items():
            for other in reversed(read.get(root, ())):
                if other.end <= start:
                    break
                if other.start < start + unit.cycles[step] and other.engine != unit.engine:
                    if eighths + other.eighths > MAX_RESERVATION:
                        start, again = other.end, True
                        break
    return start


def _runs(units: Sequence[Unit], order: Sequence[int]) -> list[Run]:
    runs: list[Run] = []
    for place in order:
        unit = units[place]
        blocks = unit.layer.count if unit.whole else 1
        if runs and runs[-1].unit is unit:
            blocks += runs.pop().blocks
        runs.append(Run(unit, blocks))
    return runs
