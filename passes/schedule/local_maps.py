"""Which feature maps stay in local memory whole, one after the other, by estimates of the times of nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from math import inf

from xdsl.dialects.builtin import UnitAttr
from xdsl.dialects.func import FuncOp

from xnn.dialects.prim.node import FeatureMapOp
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, shape
from xnn.dialects.xnn.operation import integer
from xnn.passes.schedule.cascades import Cascades, is_short
from xnn.passes.schedule.effort import Effort
from xnn.passes.schedule.local_memory import FeatureMap, LocalMemory
from xnn.passes.schedule.node_times import NodeTimes
from xnn.passes.schedule.residency import Layout, Uses


class LocalMaps:
    """Keeps one feature map after the other, where that makes the network faster.

    `surely`: all that have room, whatever they save. `dense`: where one has no room, all may be placed anew, in no
    banks of their own.
    """

    def __init__(
        self,
        main: FuncOp,
        target: Target,
        effort: Effort,
        transfer_price: float,
        surely: bool = False,
        dense: bool = False,
    ):
        self.target, self._surely, self._dense = target, surely, dense
        self._nodes = NodeTimes(main, target, effort, transfer_price)
        self.residency, self.free = self._nodes.residency, self._nodes.free
        self.memory = self.residency.memory()
        self.kept: dict[FeatureMapOp, Layout] = {}
        """Those that it finds, beside those that are local already."""
        candidates = [each for each in self.residency.candidates() if each.op.has_no_memory]
        for uses in candidates:
            if (layout := self._try_to_keep(uses)) is not None:
                self.kept[uses.op] = layout
        self.left = [each.op for each in candidates if each.op not in self.kept]
        """Those that stay external."""

    def write(self) -> None:
        """Attaches what it found to the nodes."""
        write_local(self.kept)

    @cached_property
    def times(self) -> list[float]:
        """Of the nodes."""
        return [self._nodes.time(number, {}, free) for number, free in enumerate(self.free)]

    def cascades(self) -> Cascades | None:
        """Chains of layers that may run in strips, instead of what was found for them."""
        if not is_short(self.residency, self.free, range(len(self.free))):
            return None
        strategies = self._nodes.strategies
        return Cascades(self.residency, strategies, self.times, self.free, self.target)

    def _try_to_keep(self, uses: Uses) -> Layout | None:
        """Keeps a feature map if that pays; its layout, or none if it stays external."""
        lines = range(uses.first, uses.last + 1)
        before = inf if self._surely else self._time(lines, self.free)
        for layout in self.residency.layouts(uses):
            local = uses.feature_map(layout)
            self.residency.local[uses.op.feature_map] = layout
            free = self._free_beside(local)
            if self._time(lines, free) < before:
                for memory in self._memories(local):
                    if self._nodes.have_room(lines, {}, memory):
                        self.free, self.memory = free, memory
                        return layout
                    memory.drop(local)
            del self.residency.local[uses.op.feature_map]
        return None

    def _free_beside(self, local: FeatureMap) -> list[int]:
        """Bytes left for the buffers of each node if one more feature map is local."""
        lines = range(local.first, local.last + 1)
        if any(map(self.residency.takes_turns, lines)):
            return self.residency.free()
        free = list(self.free)
        for number in lines:
            free[number] -= local.size
        return free

    def _memories(self, local: FeatureMap) -> Iterator[LocalMemory]:
        """Local memory with one more feature map: beside the others, or with all of them placed anew."""
        if self.memory.keep(local):
            yield self.memory
        if self._dense:
            for largest_first in (False, True):
                if (memory := self.residency.packed(largest_first)) is not None:
                    yield memory

    def _time(self, lines: Iterable[int], free: Sequence[int]) -> float:
        """Of some nodes, if each has so many bytes."""
        return sum(self._nodes.time(number, {}, free[number]) for number in lines)


def write_local(kept: Mapping[FeatureMapOp, Layout]) -> None:
    """Attaches their memory to nodes."""
    for op, layout in kept.items():
        op.properties["local"] = UnitAttr()
        if layout != dense_strides(shape(op.feature_map)):
            op.properties["pitch"] = integer(layout[1])
