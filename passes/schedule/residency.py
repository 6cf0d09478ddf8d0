"""The nodes of a function on tensors, in order, and the feature maps between them that may stay in local memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from math import prod

from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue

from xnn.dialects.prim import DataMovement, GatherOp, GeneralOp, Primitive
from xnn.dialects.prim.node import FeatureMapOp, padded_strides, rows_first_strides
from xnn.dialects.strides import Place
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, item_bytes, shape
from xnn.passes.lowering.homes import homes
from xnn.passes.lowering.places import Places, layout_of
from xnn.passes.schedule.local_memory import (
    FeatureMap,
    LocalMemory,
    Room,
    aligned,
    by_gain,
    cell_pitch,
    row_pitch,
)
from xnn.passes.schedule.slice_buffers import Homes, SliceBuffer, node_buffers

Node = Primitive | DataMovement | GeneralOp
"""What runs, one after the other."""
Layout = tuple[int, ...]
"""Strides of a feature map in its buffer, in elements."""


@dataclass
class Uses:
    """A feature map, and what uses it or what lies in its buffer."""

    op: FeatureMapOp
    first: int
    """The first and the last node that uses it."""
    last: int
    by: list[tuple[Operation, SSAValue]] = field(default_factory=list[tuple[Operation, SSAValue]])
    writers: list[int] = field(default_factory=list[int])
    """The primitives of `by`, by number."""
    readers: list[int] = field(default_factory=list[int])
    only_blocks: bool = True
    """Whether blocks of nodes use it, nothing else: general compute and the outside need it in external memory."""

    def feature_map(self, layout: Layout) -> FeatureMap:
        """The room that it takes with a layout."""
        steps = zip(self.op.buffer_sizes, layout, strict=True)
        elements = 1 + sum((n - 1) * stride for n, stride in steps)
        size = elements * item_bytes(self.op.feature_map)
        return FeatureMap(self.op, size, self.first, self.last, self.op.ring_rows is not None)


class Residency:
    """Nodes by number, feature maps, and which of these stay local."""

    def __init__(self, main: FuncOp, target: Target):
        self.target = target
        self._places, self._homes = Places(main.body.block), homes(main)
        self.nodes = [op for op in main.body.block.ops if isinstance(op, Node)]
        self._uses: dict[SSAValue, Uses] = {}
        for number, node in enumerate(self.nodes):
            self._add(number, node)
        returned = main.body.block.last_op
        assert returned is not None
        for value in returned.operands:
            self._pin(value)
        self.local: dict[SSAValue, Layout] = {
            value: layout_of(value)
            for value, uses in self._uses.items()
            if uses.op.local is not None
        }
        self.turns = self._turns()
        """Of each node, the first and the last of those that it takes turns with, through rings of rows."""
        for uses in self._uses.values():
            uses.first, uses.last = self.turns[uses.first][0], self.turns[uses.last][1]

    def _turns(self) -> list[tuple[int, int]]:
        spans = [(number, number) for number in range(len(self.nodes))]
        rings = [uses for uses in self._uses.values() if uses.op.ring_rows is not None]
        for uses in sorted(rings, key=lambda each: each.first):
            first = spans[uses.first][0]
            last = max(spans[uses.last][1], uses.last)
            spans[first : last + 1] = [(first, last)] * (last + 1 - first)
        return spans

    def takes_turns(self, number: int) -> bool:
        """Whether a node runs by turns with others, so that its buffers stay while they run."""
        first, last = self.turns[number]
        return first < last

    def uses_of(self, value: SSAValue) -> Uses | None:
        """The uses of what has a buffer of its own."""
        return self._uses.get(value)

    def _add(self, number: int, node: Node) -> None:
        values = node.touched if isinstance(node, GeneralOp) else (*node.operands, node.out)
        for value in values:
            self._use(number, node, value)
            outside = value is not node.out and isinstance(node, GatherOp)
            if isinstance(node, GeneralOp) or outside:  # an indexed transfer reads external memory
                self._pin(value)

    def _use(self, number: int, node: Node, value: SSAValue) -> None:
        root = self.buffer_of(value)
        if isinstance(owner := root.owner, FeatureMapOp):
            uses = self._uses.setdefault(root, Uses(owner, number, number))
            uses.last = number
            uses.by.append((node, value))
            if isinstance(node, Primitive):
                (uses.writers if value is node.out else uses.readers).append(number)

    def _pin(self, value: SSAValue) -> None:
        """Something else than the blocks of a node uses a value."""
        if (uses := self._uses.get(self.buffer_of(value))) is not None:
            uses.only_blocks = False

    def buffer_of(self, value: SSAValue) -> SSAValue:
        """The tensor, or the argument, in whose buffer a value lies."""
        root = self._places.buffer_of(value)
        return self._homes.get(root, root)

    def candidates(self) -> list[Uses]:
        """The feature maps that may stay local, those that gain most first."""
        found: dict[Operation, tuple[Uses, FeatureMap]] = {
            uses.op: (uses, uses.feature_map(dense_strides(shape(value))))
            for value, uses in self._uses.items()
            if uses.only_blocks
        }
        ordered = by_gain(feature_map for _, feature_map in found.values())
        return [found[each.op][0] for each in ordered]

    def layouts(self, uses: Uses) -> Iterator[Layout]:
        """How a feature map may lie in local memory: with planes that begin in rows of it, or dense."""
        value = uses.op.feature_map
        sizes = shape(value)
        dense = dense_strides(sizes)
        if len(sizes) > 2:
            pitch = row_pitch(dense[1], item_bytes(value), self.target)
            layout = padded_strides(sizes, pitch)
            if layout != dense and self._places.may_have(layout, uses.by):
                yield layout
        yield dense

    def rows_first(self, uses: Uses) -> Layout | None:
        """The layout with rows first, if rows lie in planes and the map may have it."""
        value = uses.op.feature_map
        if len(sizes := shape(value)) < 4 or uses.op.ring_rows is not None:
            return None
        layout = rows_first_strides(
            sizes, cell_pitch(prod(sizes[3:]), item_bytes(value), self.target)
        )
        return layout if self._places.may_have(layout, uses.by) else None

    def homes(self, node: Primitive | DataMovement, more: Mapping[SSAValue, Layout]) -> Homes:
        """Where the operands and the result of a node lie in local memory; those of `more` there too."""
        found: dict[SSAValue, Place] = {}
        for value in (*node.operands, node.out):
            root = self.buffer_of(value)
            layout = more.get(root) or self.local.get(root)
            if layout is not None:
                place = self._places.place_of(value, layout)
                assert place is not None, "else the feature map would not be local"
                found[value] = place
        return found

    def kept(self) -> list[FeatureMap]:
        """The feature maps that stay local, in the order in which they get their places."""
        return by_gain(
            self._uses[value].feature_map(layout) for value, layout in self.local.items()
        )

    def free(self) -> list[int]:
        """Bytes of local memory that feature maps leave for the buffers of each node."""
        taken = [0] * (len(self.nodes) + 1)
        for each in self.kept():
            taken[each.first] += each.size
            taken[each.last + 1] -= each.size
        own = [self._own_bytes(number) for number in range(len(self.nodes))]
        for number, size in enumerate(own):
            first, last = self.turns[number]
            taken[first] += size
            taken[last + 1] -= size
        capacity = self.target.local.capacity_bytes
        return [
            capacity - each + mine for each, mine in zip(accumulate(taken[:-1]), own, strict=True)
        ]

    def _own_bytes(self, number: int) -> int:
        """Of the buffers of a node that stay while others run."""
        rooms = self.rooms(number)
        return sum(aligned(e.size, self.target.local.alignment) * e.slots for e in rooms.values())

    def rooms(self, number: int) -> dict[SliceBuffer, Room]:
        """What the buffers of a node need that stay while others run."""
        node = self.nodes[number]
        if not self.takes_turns(number) or not isinstance(node, Primitive) or node.schedule is None:
            return {}
        own = node_buffers(node, node.schedule, self.target, self.homes(node, {})).own
        return {each: Room(each.bytes, each.slots, *self.turns[number]) for each in own}

    def memory(self) -> LocalMemory:
        """Local memory with the feature maps that stay there, those that fit."""
        rooms = [rooms for number in range(len(self.nodes)) if (rooms := self.rooms(number))]
        memory = LocalMemory(self.target)
        for each in self.kept():
            memory.keep(each)
        for each in rooms:
            memory.fit(each, dense=True)
        return memory

    def packed(self, largest_first: bool) -> LocalMemory | None:
        """Local memory with all that stays there, none in banks of its own; None if it does not fit."""
        memory = LocalMemory(self.target, dense=True)
        rooms = [rooms for number in range(len(self.nodes)) if (rooms := self.rooms(number))]
        items: list[FeatureMap | dict[SliceBuffer, Room]] = [*self.kept(), *rooms]
        if largest_first:
            items.sort(key=_bytes, reverse=True)
        for each in items:
            if not (memory.keep(each) if isinstance(each, FeatureMap) else memory.fit(each)):
                return None
        return memory

    def has_room(self) -> bool:
        """Whether local memory holds all that stays there."""
        return any(self.packed(largest_first) is not None for largest_first in (False, True))


def _bytes(item: FeatureMap | dict[SliceBuffer, Room]) -> int:
    if isinstance(item, FeatureMap):
        return item.size
    return sum(each.size * each.slots for each in item.values())
