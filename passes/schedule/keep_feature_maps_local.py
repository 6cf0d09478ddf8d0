"""The pass `keep-feature-maps-local`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from xnn.dialects import Level
from xnn.dialects.levels import has_reached
from xnn.dialects.prim import DataMovement, GeneralOp, Primitive
from xnn.dialects.prim.node import FeatureMapOp
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, shape, value_bytes
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import integer
from xnn.passes.schedule.all_strategies import AllStrategies
from xnn.passes.schedule.cascades import Cascade, Cascades, is_short
from xnn.passes.schedule.effort import Effort, effort_of
from xnn.passes.schedule.local_memory import Room
from xnn.passes.schedule.objective import transfer_price_of
from xnn.passes.schedule.overlap import BUS_PRICE
from xnn.passes.schedule.residency import Layout, Residency, Uses
from xnn.passes.schedule.slice_buffers import Homes
from xnn.runtime.engines.transfer import bus_cycles
from xnn.runtime.targets import target_of


class _Search:
    """Keeps one feature map after the other, where that makes the network faster."""

    def __init__(self, main: FuncOp, target: Target, effort: Effort, transfer_price: float):
        self.residency, self.target = Residency(main, target), target
        self.strategies = AllStrategies(main, target, effort, transfer_price)
        self._moving_price = BUS_PRICE + transfer_price
        self.memory = self.residency.memory()
        self.free = self.residency.free()
        """Bytes left for the buffers of each node."""
        self._found: dict[FeatureMapOp, Layout] = {}
        for uses in self.residency.candidates():
            if uses.op.has_no_memory and (layout := self._try_to_keep(uses)) is not None:
                self._found[uses.op] = layout

    def write(self) -> None:
        """Attaches what was found to the nodes."""
        for op, layout in self._found.items():
            op.properties["local"] = UnitAttr()
            if layout != dense_strides(shape(op.feature_map)):
                op.properties["pitch"] = integer(layout[1])

    @cached_property
    def times(self) -> list[float]:
        """Of the nodes."""
        return [self._node_time(number, {}, free) for number, free in enumerate(self.free)]

    def cascades(self) -> list[Cascade]:
        """Chains of layers that should run in strips, instead of what was found for them."""
        if not is_short(self.residency, self.free, range(len(self.free))):
            return []
        return Cascades(self.residency, self.strategies, self.times, self.free, self.target).best()

    def _try_to_keep(self, uses: Uses) -> Layout | None:
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
        return self._moving_time(node, homes) if limit >= 0 else inf

    def _moving_time(self, node: DataMovement, homes: Homes) -> float:
        """Of a node that moves data."""
        moved = value_bytes(node.result)
        if all(value in homes for value in (node.moved, node.result)):
            return moved / self.target.dma.local_bytes_per_cycle
        outside = sum(value not in homes for value in (node.moved, node.result))
        return self._moving_price * outside * bus_cycles(moved, self.target)

    def _has_room(self, number: int, more: Mapping[SSAValue, Layout]) -> bool:
        """Whether the buffers of some schedule of a node have room in one piece."""
        node = self.residency.nodes[number]
        if not isinstance(node, Primitive) or self.residency.takes_turns(number):
            return True
        least = self.strategies.of(node, self.residency.homes(node, more)).front.least_memory
        return least < inf and self.memory.fits({number: Room(int(least), 1, number, number)})


def _write(cascades: Iterable[Cascade], main: FuncOp, target: Target) -> Iterator[Cascade]:
    """Attaches those that have room to the nodes, the ones that save most first."""
    for each in sorted(cascades, key=lambda each: -each.gain):
        each.write()
        if Residency(main, target).has_room():
            yield each
        else:
            each.erase()


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
    Chains of layers whose maps have no room run in strips of rows through rings (`local rows 8`), with schedules
    for that, if the network is faster so by estimates. Of other maps those with the shortest lifetimes are kept
    first: they save most transfers for the room they take. Their planes begin in rows of local memory of their
    own (`pitch`), where there is room for that.
    """

    name = "keep-feature-maps-local"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if has_reached(op, Level.DMA):
            return
        main, target, effort = main_function(op), target_of(op), effort_of(op)
        transfer_price = transfer_price_of(op, target)
        search = _Search(main, target, effort, transfer_price)
        found = search.cascades() if effort.cascades else []
        before = sum(search.times) if found else 0.0
        if cascades := list(_write(found, main, target)):
            with_cascades = _Search(main, target, effort, transfer_price)
            if sum(with_cascades.times) < before + sum(each.freed for each in cascades):
                search = with_cascades
            else:
                for each in cascades:
                    each.erase()
        search.write()
