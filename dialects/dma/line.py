"""Lines of the order, expanded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from xdsl.ir import Operation

from xnn.dialects.dma.layer_blocks import LayerBlocks

Event = tuple[Operation, int]
"""A transfer, or what a block computes, and the number of the block that it is for."""


@dataclass(eq=False)
class Events:
    """What a line of the order stands for."""

    before: list[Event] = field(default_factory=list[Event])
    """Transfers that belong to no block of the line."""
    first: int = 0
    """The first block that it runs."""
    blocks: list[list[Event]] = field(default_factory=list[list[Event]])
    """Loads, computation and stores around each block that it runs."""

    def all(self) -> Iterator[Event]:
        """In order."""
        yield from self.before
        for events in self.blocks:
            yield from events

    @cached_property
    def operations(self) -> dict[Operation, list[int]]:
        """The operations, and the blocks that each is for."""
        found: dict[Operation, list[int]] = {}
        for op, block in self.all():
            found.setdefault(op, []).append(block)
        return found


@dataclass
class Line:
    """A line of the order, and what it stands for at its place; lines that stand for the same share it."""

    op: Operation
    layer: LayerBlocks
    events: Events


@dataclass
class Loop:
    """A repeat: the lines of each of its iterations."""

    iterations: list[list[Line | Loop]]


def flat(lines: Iterable[Line | Loop]) -> Iterator[Line]:
    """The lines, those of loops included, in order."""
    for each in lines:
        if isinstance(each, Loop):
            for iteration in each.iterations:
                yield from flat(iteration)
        else:
            yield each
