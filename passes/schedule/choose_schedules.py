"""The pass `choose-schedules`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.passes import ModulePass

from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import DataMovement, GeneralOp, Primitive, ScheduleAttr, TransferScheduleAttr
from xnn.dialects.prim.node import NodeOp
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import main_function
from xnn.passes.schedule.all_strategies import AllStrategies
from xnn.passes.schedule.effort import Effort, effort_of
from xnn.passes.schedule.local_memory import Room
from xnn.passes.schedule.objective import transfer_price_of
from xnn.passes.schedule.residency import Residency
from xnn.passes.schedule.slice_buffers import Homes, node_buffers
from xnn.passes.schedule.transfers import best_transfer_schedule
from xnn.runtime.targets import target_of


def _require_engine(op: NodeOp, target: Target) -> None:
    """Raises UserError naming the layer if the target lacks its engine, or cannot multiply its elements."""
    if op.engine not in target.engines:
        raise UserError(
            f'layer "{op.shown_name}" needs the engine {op.engine}, which target {target.name} does not have',
            hint=f"a section [{op.engine}] in the target",
        )
    if op.mac_format is not None and target.mac_pj(op.mac_format) is None:
        formats = ", ".join(target.mac_formats) or "none"
        raise UserError(
            f'layer "{op.shown_name}" multiplies {op.mac_format}, '
            f"which target {target.name} does not have; it has {formats}",
            hint="another --quantize FORMAT, or an energy_pj.mac_... for it in the target",
        )


class _Choice:
    """Chooses the schedules of a function, where its feature maps are decided."""

    def __init__(self, main: FuncOp, target: Target, effort: Effort, transfer_price: float):
        self.residency = residency = Residency(main, target)
        self.target = target
        self.memory, self.free = residency.memory(), residency.free()
        self.strategies = AllStrategies(main, target, effort, transfer_price)

    def choose(self, number: int) -> None:
        """The fastest schedule of a node that has room beside what is local while it runs."""
        node = self.residency.nodes[number]
        if isinstance(node, GeneralOp) or node.schedule is not None:
            return
        if isinstance(node, DataMovement):
            node.properties["schedule"] = self._best_transfer(number, node)
            return
        homes = self.residency.homes(node, {})
        node.properties["schedule"] = self._best(number, node, homes)

    def _best_transfer(self, number: int, node: DataMovement) -> TransferScheduleAttr:
        copies = bool(self.residency.homes(node, {}))  # what is local is copied, through no buffer

        def fits(size: int, slots: int) -> bool:
            return copies or self.memory.fits({number: Room(size, slots, number, number)})

        return best_transfer_schedule(node, self.target, fits)

    def _best(self, number: int, node: Primitive, homes: Homes) -> ScheduleAttr:
        strategies = self.strategies.of(node, homes)

        def fits(schedule: ScheduleAttr, exclusive: bool) -> bool:
            buffers = node_buffers(node, schedule, self.target, homes).own
            rooms = {b: Room(b.bytes, b.slots, number, number) for b in buffers}
            return self.memory.fits(rooms, exclusive)

        limit = self.free[number]
        while True:
            if (best := strategies.best(limit, fits)) is not None:
                return best
            limit = limit * 3 // 4  # what is free is in pieces
            if limit <= strategies.front.least_memory:
                break
        if (smallest := strategies.smallest()) is not None and fits(smallest, False):
            return smallest
        raise strategies.too_small(node.shown_name)


def choose_schedules(
    main: FuncOp, target: Target, effort: Effort, transfer_price: float
) -> AllStrategies:
    """Attaches the fastest schedules that fit; what was worked out for that."""
    choice = _Choice(main, target, effort, transfer_price)
    for number, node in enumerate(choice.residency.nodes):
        if isinstance(node, NodeOp):
            _require_engine(node, target)
        choice.choose(number)
    return choice.strategies


@dataclass(frozen=True)
class ChooseSchedules(ModulePass):
    """Attaches to every primitive, and to what moves data, the fastest schedule that fits local memory.

    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> -> tensor<1x64x56x56xf32>
    ```
    becomes
    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> schedule <block = [1, 1, 64, 64, 14, 56],
      outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> -> tensor<1x64x56x56xf32>
    ```
    It fits beside the feature maps that are local while the node runs. A schedule that is there already
    stays. A module without a target gets `edge`. Layers of the same sizes are searched once.
    """

    name = "choose-schedules"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        target = target_of(op)
        transfer_price = transfer_price_of(op, target)
        strategies = choose_schedules(main_function(op), target, effort_of(op), transfer_price)
        strategies.forget()  # nobody asks after this pass
