"""What tasks ask of the machine, once their operands have addresses."""

from __future__ import annotations

from dataclasses import dataclass

from xnn.dialects.dma.layer_blocks import LayerBlocks
from xnn.dialects.prim.node import NodeOp
from xnn.dialects.target import Target
from xnn.passes.schedule.tasks import Task
from xnn.runtime.engines.engine import NodeCost, engine_named
from xnn.runtime.engines.reservations import Span, banks_of
from xnn.runtime.engines.transfer import bus_bytes, bus_cycles, transfer_cost


@dataclass(frozen=True, slots=True)
class Demand:
    """What a step costs, before the reservations of its instruction are known."""

    cycles: int
    drain: int = 0
    """Cycles from its end to its token."""
    bus: int = 0
    """Cycles on the bus of external memory; a step that also reserves banks holds it to its end."""
    rows: tuple[int, ...] = ()
    """Rows of local memory, for each operand there."""
    spans: tuple[Span, ...] = ()


class Demands:
    """The demands of tasks on a target; equal ones are worked out once."""

    def __init__(self, target: Target):
        self.target = target
        self._known: dict[object, Demand] = {}
        self._costs: dict[object, NodeCost] = {}

    def of(self, layer: LayerBlocks, task: Task, addresses: tuple[int, ...]) -> Demand:
        """That of a task of a layer whose operands lie at `addresses`."""
        target, row, burst = (
            self.target,
            self.target.local.row_bytes,
            self.target.external.burst_bytes,
        )
        key = (
            layer,
            task.op,
            task.immediates,
            tuple(
                address if access.local else address % burst
                for address, access in zip(addresses, task.accesses, strict=True)
            ),
        )
        if (known := self._known.get(key)) is not None:
            return known
        placed = list(zip(addresses, task.accesses, strict=True))
        inside = [(address, access) for address, access in placed if access.local]
        starts = tuple(address % row for address, _ in inside)
        moved = sum(bus_bytes(at, access, target) for at, access in placed if not access.local)
        bus = bus_cycles(moved, target) if len(inside) < len(placed) else 0
        cost = self._cost(layer, task, starts)
        spans = tuple(banks_of(at + access.low, access.span, target) for at, access in inside)
        demand = Demand(max(cost.cycles, bus), cost.drain, bus, cost.rows, spans)
        self._known[key] = demand
        return demand

    def _cost(self, layer: LayerBlocks, task: Task, starts: tuple[int, ...]) -> NodeCost:
        """What the engine itself needs, which depends on where in its row each local operand starts, and wraps."""
        wraps = tuple(access.wrap for access in task.accesses)
        key = layer, task.op, task.immediates, starts, wraps
        if key not in self._costs:
            if task.engine is None:
                cost = transfer_cost(task.accesses, starts, self.target)
            else:
                assert isinstance(task.op, NodeOp)
                engine = engine_named(task.engine)
                cost = engine.cost(task.op, task.block, task.accesses, starts, self.target)
            self._costs[key] = cost
        return self._costs[key]
