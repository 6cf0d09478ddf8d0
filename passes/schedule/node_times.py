"""How long nodes take and what room they need, by estimates, where feature maps stay in local memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf

from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from xnn.dialects.prim import DataMovement, GeneralOp, Primitive
from xnn.dialects.target import Target
from xnn.dialects.values import value_bytes
from xnn.passes.schedule.all_strategies import AllStrategies
from xnn.passes.schedule.effort import Effort
from xnn.passes.schedule.local_memory import LocalMemory, Room
from xnn.passes.schedule.overlap import BUS_PRICE
from xnn.passes.schedule.residency import Layout, Residency, Uses
from xnn.passes.schedule.slice_buffers import Homes
from xnn.runtime.engines.transfer import bus_cycles


class NodeTimes:
    """Of the nodes of a function, by number, with the feature maps that stay local in `residency` and some more."""

    def __init__(self, main: FuncOp, target: Target, effort: Effort, transfer_price: float):
        self.residency, self._target = Residency(main, target), target
        self.strategies = AllStrategies(main, target, effort, transfer_price)
        self.free = self.residency.free()
        """Bytes left for the buffers of each node."""
        self._moving_price = BUS_PRICE + transfer_price

    def of_users(self, uses: Uses, layout: Layout, size: int) -> dict[int, float]:
        """Of the nodes in the life of a feature map with a layout in local memory; `size`: of bytes that are free."""
        more = {uses.op.feature_map: layout}
        lines = range(uses.first, uses.last + 1)
        return {number: self.time(number, more, self.free[number] - size) for number in lines}

    def time(self, number: int, more: Mapping[SSAValue, Layout], limit: int) -> float:
        """Of a node whose buffers have so many bytes; infinite if they need more."""
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
            return moved / self._target.dma.local_bytes_per_cycle
        outside = sum(value not in homes for value in (node.moved, node.result))
        return self._moving_price * outside * bus_cycles(moved, self._target)

    def have_room(
        self, numbers: Iterable[int], more: Mapping[SSAValue, Layout], memory: LocalMemory
    ) -> bool:
        """Whether the buffers of some schedule of each node have room in one piece."""
        return all(self._has_room(number, more, memory) for number in numbers)

    def _has_room(self, number: int, more: Mapping[SSAValue, Layout], memory: LocalMemory) -> bool:
        node = self.residency.nodes[number]
        if not isinstance(node, Primitive) or self.residency.takes_turns(number):
            return True
        least = self.strategies.of(node, self.residency.homes(node, more)).front.least_memory
        return least < inf and memory.fits({number: Room(int(least), 1, number, number)})
