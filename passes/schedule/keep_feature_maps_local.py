"""The pass `keep-feature-maps-local`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from xnn.dialects import Level
from xnn.dialects.levels import has_reached
from xnn.dialects.prim.node import FeatureMapOp
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, shape
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import integer
from xnn.passes.schedule.cascades import Cascade, Cascades, is_short
from xnn.passes.schedule.effort import Effort, effort_of
from xnn.passes.schedule.node_times import NodeTimes
from xnn.passes.schedule.objective import transfer_price_of
from xnn.passes.schedule.residency import Layout, Residency, Uses
from xnn.runtime.targets import target_of


class _Search:
    """Keeps one feature map after the other, where that makes the network faster."""

    def __init__(self, main: FuncOp, target: Target, effort: Effort, transfer_price: float):
        self.target = target
        self._nodes = NodeTimes(main, target, effort, transfer_price)
        self.residency, self.free = self._nodes.residency, self._nodes.free
        self.memory = self.residency.memory()
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
        return [self._nodes.time(number, {}, free) for number, free in enumerate(self.free)]

    def cascades(self) -> list[Cascade]:
        """Chains of layers that should run in strips, instead of what was found for them."""
        if not is_short(self.residency, self.free, range(len(self.free))):
            return []
        strategies = self._nodes.strategies
        return Cascades(self.residency, strategies, self.times, self.free, self.target).best()

    def _try_to_keep(self, uses: Uses) -> Layout | None:
        """Keeps a feature map if that pays; its layout, or none if it stays external."""
        lines = range(uses.first, uses.last + 1)
        before = self._time(lines, {}, 0)
        for layout in self.residency.layouts(uses):
            local = uses.feature_map(layout)
            more = {uses.op.feature_map: layout}
            if self._time(lines, more, local.size) < before and self.memory.keep(local):
                if self._nodes.have_room(lines, more, self.memory):
                    for number in lines:
                        self.free[number] -= local.size
                    self.residency.local |= more
                    return layout
                self.memory.drop(local)
        return None

    def _time(self, lines: Iterable[int], more: Mapping[SSAValue, Layout], size: int) -> float:
        """Of some nodes, if more feature maps stay local, of so many bytes."""
        return sum(self._nodes.time(number, more, self.free[number] - size) for number in lines)


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
