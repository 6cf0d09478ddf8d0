"""The pass `keep-feature-maps-local`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from xnn.dialects import Level
from xnn.dialects.levels import has_reached
from xnn.dialects.prim import DataMovement, GeneralOp, Primitive
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, shape, value_bytes
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import integer
from xnn.passes.schedule.all_strategies import AllStrategies
from xnn.passes.schedule.effort import Effort, effort_of
from xnn.passes.schedule.local_memory import Room
from xnn.passes.schedule.residency import Layout, Residency, Uses
from xnn.passes.schedule.slice_buffers import Homes
from xnn.passes.schedule.strategies import BUS_PRICE
from xnn.runtime.engines.transfer import bus_cycles
from xnn.runtime.targets import target_of


class _Search:
    """Keeps one feature map after the other, where that makes the network faster."""

    def __init__(self, residency: Residency, target: Target, effort: Effort):
        self.residency, self.target = residency, target
        self.strategies = AllStrategies(target, effort)
        self.memory = residency.memory()
        self.free = residency.free()
        """Bytes left for the buffers of each node."""

    def try_to_keep(self, uses: Uses) -> Layout | None:
        """Keeps a feature map if that pays; its layout, or none if it stays external."""
        lines = range(uses.first, uses.last + 1)
        before = self._time(lines, {}, 0)
        for layout in self.residency.layouts(uses):
            local = uses.feature_map(layout)
            more = {uses.op.feature_map: layout}
            if self._time(lines, more, local.size) < before and self.memory.keep(local):
                if all(self._has_room(number, more) for number in lines):
                    for number in lines:
                        self.free[number] -= local.size
                    self.residency.local |= more
                    return layout
                self.memory.drop(local)
        return None

    def _time(self, lines: Iterable[int], more: Mapping[SSAValue, Layout], size: int) -> float:
        """Of some nodes, if more feature maps stay local, of so many bytes."""
        return sum(self._node_time(number, more, self.free[number] - size) for number in lines)

    def _node_time(self, number: int, more: Mapping[SSAValue, Layout], limit: int) -> float:
        node = self.residency.nodes[number]
        if isinstance(node, GeneralOp):
            return 0.0
        homes = self.residency.homes(node, more)
        if isinstance(node, Primitive):
            return self.strategies.of(node, homes).front.at(limit)
        return _moving_time(node, homes, self.target) if limit >= 0 else inf

    def _has_room(self, number: int, more: Mapping[SSAValue, Layout]) -> bool:
        """Whether the buffers of some schedule of a node have room in one piece."""
        node = self.residency.nodes[number]
        if not isinstance(node, Primitive):
            return True
        front = self.strategies.of(node, self.residency.homes(node, more)).front
        return self.memory.fits({number: Room(int(front.memory[0]), 1, number, number)})


def _moving_time(node: DataMovement, homes: Homes, target: Target) -> float:
    """Of a node that moves data."""
    moved = value_bytes(node.result)
    if all(value in homes for value in (node.moved, node.result)):
        return moved / target.dma.local_bytes_per_cycle
    outside = sum(value not in homes for value in (node.moved, node.result))
    return BUS_PRICE * outside * bus_cycles(moved, target)


@dataclass(frozen=True)
class KeepFeatureMapsLocal(ModulePass):
    """Keeps feature maps in local memory where that pays: all that is needed with them has room as well.

    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> -> tensor<1x64x14x14xi8>
    ```
    becomes
    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> local pitch 256 -> tensor<1x64x14x14xi8>
    ```
    Those with the shortest lifetimes are kept first: they save most transfers for the room they take.
    Their planes begin in rows of local memory of their own (`pitch`), where there is room for that.
    """

    name = "keep-feature-maps-local"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if has_reached(op, Level.DMA):
            return
        target = target_of(op)
        residency = Residency(main_function(op), target)
        search = _Search(residency, target, effort_of(op))
        for uses in residency.candidates():
            if uses.op.has_no_memory and (layout := search.try_to_keep(uses)) is not None:
                uses.op.properties["local"] = UnitAttr()
                if layout != dense_strides(shape(uses.op.feature_map)):
                    uses.op.properties["pitch"] = integer(layout[1])
