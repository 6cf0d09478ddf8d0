"""The pass `keep-feature-maps-local`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import prod

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from xnn.dialects import Level
from xnn.dialects.diagnostics import UserError
from xnn.dialects.levels import has_reached
from xnn.dialects.prim import DataMovement, GatherOp, GeneralOp, Primitive
from xnn.dialects.prim.node import FeatureMapOp
from xnn.dialects.target import Target
from xnn.dialects.values import item_bytes, value_bytes
from xnn.dialects.xnn.interface import main_function
from xnn.passes.lowering.places import Places
from xnn.passes.lowering.state import homes
from xnn.passes.schedule.local_memory import FeatureMap, LocalMemory, Room, by_gain
from xnn.passes.schedule.slice_buffers import node_buffers
from xnn.runtime.targets import target_of

Node = Primitive | DataMovement | GeneralOp
"""What runs, one after the other."""


@dataclass
class _Uses:
    """The nodes that use a feature map, and what they need no more if it is local."""

    op: FeatureMapOp
    map: FeatureMap
    only_slices: bool = True
    """Whether blocks of nodes use it, nothing else: general compute and the outside need it in external memory."""
    needless: set[object] = field(default_factory=set[object])
    """The buffers that its slices pass through."""


class _Network:
    """The nodes of a function on tensors, with the buffers that they need and the feature maps between them."""

    def __init__(self, main: FuncOp, target: Target):
        self._places, self._homes = Places(main.body.block), homes(main)
        self.rooms: list[dict[object, Room]] = []
        """By node, what its blocks pass through."""
        self._uses: dict[SSAValue, _Uses] = {}
        for op in main.body.block.ops:
            if isinstance(op, Node):
                self._add(op, target)
        returned = main.body.block.last_op
        assert returned is not None
        for value in returned.operands:
            self._pin(value)

    def _add(self, node: Node, target: Target) -> None:
        line = len(self.rooms)
        self.rooms.append(rooms := {})
        if isinstance(node, GeneralOp):
            for value in node.touched:
                self._use(value)
                self._pin(value)
            return
        if node.schedule is None:
            raise UserError(
                f'layer "{node.shown_name}" has no schedule', hint="run --choose-schedules first"
            )
        if isinstance(node, Primitive):
            buffers = node_buffers(node, node.schedule, target)
            for each in buffers.all:
                rooms[each] = Room(each.bytes, each.slots, line, line)
            for each in buffers.slices:
                self._use(each.value, each)
            return
        block = [
            min(part, size) for part, size in zip(node.schedule.block, node.domain, strict=True)
        ]
        slots = node.schedule.slots if block != list(node.domain) else 1
        rooms[node] = Room(prod(block) * item_bytes(node.moved), slots, line, line)
        for value in node.operands:
            self._use(value, node)
            if isinstance(node, GatherOp):  # an indexed transfer reads external memory
                self._pin(value)
        self._use(node.result, node)

    def _buffer_of(self, value: SSAValue) -> SSAValue:
        root = self._places.buffer_of(value)
        return self._homes.get(root, root)

    def _use(self, value: SSAValue, buffer: object = None) -> None:
        """The last node uses a value, whose slices pass through a buffer."""
        root = self._buffer_of(value)
        if not isinstance(owner := root.owner, FeatureMapOp):
            return
        line = len(self.rooms) - 1
        if root not in self._uses:
            self._uses[root] = _Uses(owner, FeatureMap(owner, value_bytes(root), line, line))
        uses = self._uses[root]
        uses.map.last = line
        uses.needless.add(buffer)

    def _pin(self, value: SSAValue) -> None:
        """Something else than the blocks of a node uses a value."""
        if (uses := self._uses.get(self._buffer_of(value))) is not None:
            uses.only_slices = False

    def candidates(self) -> list[_Uses]:
        """The feature maps that may stay local, those that gain most first."""
        found = {uses.map.op: uses for uses in self._uses.values() if uses.only_slices}
        return [found[m.op] for m in by_gain(uses.map for uses in found.values())]


def _try_to_keep(
    memory: LocalMemory, kept: FeatureMap, rooms: Iterable[dict[object, Room]], roomy: list[bool]
) -> bool:
    """Keeps a feature map if all nodes of its lifetime still have room for their buffers.

    A node that is `roomy` has banks for each of its buffers, and keeps them.
    """
    if not memory.keep(kept):
        return False
    if all(memory.fits(each, exclusive) for each, exclusive in zip(rooms, roomy, strict=True)):
        return True
    memory.drop(kept)
    return False


@dataclass(frozen=True)
class KeepFeatureMapsLocal(ModulePass):
    """Keeps feature maps in local memory where all that is needed with them fits as well.

    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> schedule <...> -> tensor<1x64x14x14xf32>
    ```
    becomes
    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> schedule <...> local -> tensor<1x64x14x14xf32>
    ```
    Those with the shortest lifetimes are kept first: they save most transfers for the room they take.
    """

    name = "keep-feature-maps-local"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if has_reached(op, Level.DMA):
            return
        target = target_of(op)
        network, memory = _Network(main_function(op), target), LocalMemory(target)
        rooms, candidates = network.rooms, network.candidates()
        roomy = [memory.fits(each, True) for each in rooms]
        for each in candidates:
            if each.op.local is not None:
                memory.keep(each.map)
        for each in candidates:
            kept = each.map
            if each.op.local is not None:
                continue
            lines = range(kept.first, kept.last + 1)
            without = [
                {key: room for key, room in rooms[line].items() if key not in each.needless}
                for line in lines
            ]
            if _try_to_keep(memory, kept, without, [roomy[line] for line in lines]):
                each.op.properties["local"] = UnitAttr()
                for line, left in zip(lines, without, strict=True):
                    rooms[line] = left
