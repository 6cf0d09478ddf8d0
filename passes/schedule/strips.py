"""Chains of nodes that run in strips of rows: the blocks of each, and the rows between them that exist at a time.

The last node asks for what it needs, strip by strip, and each of the others runs when its rows are asked for.
No order needs fewer rows of any map; halos are kept, not computed again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from xdsl.ir import SSAValue

from xnn.dialects.prim import Domain, Primitive, shape
from xnn.dialects.prim.attributes import POSITIONS
from xnn.dialects.prim.node import RING_DIM


class Reads(NamedTuple):
    """The rows of a map that the blocks of a node read: block i from `base + i * step` on."""

    base: int
    step: int
    size: int

    def low(self, block: int) -> int:
        return max(0, self.base + block * self.step)

    def high(self, block: int) -> int:
        return self.base + block * self.step + self.size


@dataclass
class Strip:
    """A node of a chain: how many rows its blocks have, and what has to exist of its result at a time."""

    node: Primitive
    height: int
    """Of its blocks."""
    rows: int = 0
    """That exist of its result, between what is written last and what is needed still."""
    only_windows: bool = False
    """Whether it is read through windows of several taps alone."""

    def __post_init__(self) -> None:
        self.block = block_of_rows(self.node, self.height)
        self.count = -(-height_of(self.node) // self.height)
        """Of its blocks."""
        self.reads = self._reads()
        """How they read each operand."""

    def _reads(self) -> dict[SSAValue, list[Reads]]:
        found: dict[SSAValue, list[Reads]] = {}
        for each in self.node.slices(self.block):
            if each.role != "out" and len(each.axes) > RING_DIM:
                axis = each.axes[RING_DIM]
                step = sum(step for dim, step in axis.steps if dim == POSITIONS)
                size = axis.size if step else shape(each.value)[RING_DIM]
                found.setdefault(each.value, []).append(Reads(axis.base, step, size))
        return found


def block_of_rows(node: Primitive, rows: int) -> Domain:
    """So many rows of one image, in all channels."""
    domain = node.domain
    _, *positions = domain.positions
    return Domain(1, domain.groups, domain.rows, domain.channels, (rows, *positions))


def height_of(node: Primitive) -> int:
    """Rows of its result."""
    return shape(node.out)[RING_DIM]


class Chain:
    """A chain that grows at its beginning: what is there does not change, since it is what asks."""

    def __init__(self, last: Primitive, rows: int):
        """The last node, in strips of so many rows."""
        self.strips = [Strip(last, rows)]
        (only,) = self.strips
        self._runs: list[tuple[Strip, int]] = [(only, block) for block in range(only.count)]
        """Strips and blocks in order."""

    def add(self, node: Primitive) -> Strip:
        """A node before the others; all that use its result are among them."""
        value = node.out
        readers = {id(each): each for each in self.strips if value in each.reads}
        whole = height_of(node)
        steps = [reads.step for each in readers.values() for reads in each.reads[value]]
        height = min(whole, max(steps)) if all(steps) else whole
        windows = all(each.node.window.taps > 1 for each in readers.values())
        made = Strip(node, height, only_windows=windows)
        next_blocks = dict.fromkeys(readers, 0)
        runs: list[tuple[Strip, int]] = []
        written = 0

        def oldest() -> int:
            """The first row that is needed still."""
            left = [
                min(reads.low(next_blocks[key]) for reads in each.reads[value])
                for key, each in readers.items()
                if next_blocks[key] < each.count
            ]
            return min(left, default=written)

        for strip, block in self._runs:
            reads = strip.reads.get(value, ())
            needed = max((min(each.high(block), whole) for each in reads), default=0)
            while written < needed:
                runs.append((made, written // height))
                written = min(written + height, whole)
                made.rows = max(made.rows, written - oldest())
            if reads:
                next_blocks[id(strip)] = block + 1
            runs.append((strip, block))
        while written < whole:  # rows that nobody reads, as those between strides
            runs.append((made, written // height))
            written = min(written + height, whole)
        self._runs = runs
        self.strips.insert(0, made)
        return made
