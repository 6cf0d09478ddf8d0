"""The pass `prefetch-operands`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import pairwise, product
from math import inf

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter
from xdsl.utils.exceptions import VerifyException

from xnn.dialects import dma
from xnn.dialects.diagnostics import UserError
from xnn.dialects.dma.definitions import require_values
from xnn.dialects.dma.line import flat
from xnn.dialects.dma.sequence import expand_order, layers_of, lines_of, order_of
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import integer, integers
from xnn.passes.lowering.rolled_steps import predicted_cycles
from xnn.passes.schedule.block_times import BlockTimes
from xnn.passes.schedule.block_work import OrderWork, price
from xnn.passes.schedule.effort import Effort, effort_of
from xnn.passes.schedule.holes import Holes, place_held
from xnn.passes.schedule.known_tasks import known_tasks
from xnn.passes.schedule.local_memory import LocalMemory
from xnn.passes.schedule.ordered_blocks import Held, Operand, OrderedBlocks
from xnn.passes.schedule.placed_tasks import PlacedTasks
from xnn.passes.schedule.plan_memory import has_addresses, place_local, write_addresses
from xnn.passes.schedule.program_items import Item, lines_of_items, order_of_items
from xnn.passes.schedule.reservation_limits import reservation_limits
from xnn.passes.schedule.step_table import steps_with_tokens
from xnn.passes.schedule.wanted_starts import WantedStarts, items_in_place

MOST_WORK = 30_000
"""Blocks and slices beyond which loads stay where they are: each is placed and timed by itself."""

ORDERS: tuple[Callable[[Held], tuple[int, ...]], ...] = (
    lambda each: (-each.size,),
    lambda each: (each.first - each.last,),
    lambda each: (each.first, -each.size),
    lambda each: (-(each.last - each.first) * each.size,),
)
"""Orders in which buffers that stay take their places: none is best everywhere."""

ROOM = 2**24
"""Addresses end here, and at 64 times what buffers need: who simulates a large memory has to have it."""

LEADS = (3, 0, 6, 1)
"""Positions by which the lives of feature maps are lengthened, so that engines wait less for each other."""


@dataclass
class _Plan:
    """Addresses, and a program at these."""

    cycles: int
    buffers: Sequence[Held | Operand]
    items: list[Item]
    tasks: PlacedTasks
    wanted: WantedStarts


def _fastest(plans: Iterable[_Plan], count: int) -> list[_Plan]:
    return sorted(plans, key=lambda plan: plan.cycles)[:count]


class _Search:
    """Plans for the order of a function, from the most promising one on."""

    def __init__(self, main: FuncOp, order: dma.OrderOp, target: Target, effort: Effort):
        self._main, self._order, self._target = main, order, target
        self._effort = effort
        self._known = known_tasks(main, target)
        self._unplaced = PlacedTasks(self._known, lambda value: 0)
        self._lines = expand_order(main, order)
        self._blocks = OrderedBlocks(main, order, target.local.alignment)
        self._layers = {name: each.layer for name, each in self._blocks.layers.items()}
        self._company = self._blocks.company()
        size = sum(each.size for each in self._blocks.leaving(self._layers).held(0))
        self._capacity = min(target.local.capacity_bytes, max(ROOM, 64 * size))

    @cached_property
    def work(self) -> int:
        """The blocks, and the slices of operands."""
        operands = self._blocks.operands()
        return len(self._blocks.order) + sum(len(each.needs) for each in operands)

    @cached_property
    def _block_work(self) -> OrderWork:
        lines = lines_of_items(self._blocks.runs(), self._layers, self._order, fine=True)
        return OrderWork(lines, self._unplaced)

    def without(self) -> int | None:
        """The time of the order as it is; None if its buffers do not fit."""
        if (memory := self._planned) is None:
            return None
        write_addresses(memory)
        places = {op: at for op, at in memory.addresses.items() if isinstance(op, Operation)}
        tasks = self._tasks({op.results[0]: at for op, at in places.items()})
        return predicted_cycles(tasks, self._lines)

    def best(self) -> _Plan | None:
        """The best of some plans; None if there is none."""
        orders = ORDERS[: self._effort.orders]
        most = min(self._effort.plans, max(1, self._effort.plan_work // self.work))
        plans: list[_Plan] = []
        failed = False
        for by, lead in product(orders, LEADS):
            if (plan := self._plan(lead, partial(self._place_by, by))) is not None:
                plans.append(plan)
            failed |= plan is None
            if len(plans) == most:
                break
        if failed and (plan := self._plan(0, self._place_as_planned)) is not None:
            plans.append(plan)
        plans = [
            better
            for plan in _fastest(plans, self._effort.sorted_plans)
            if self._is_right(better := self._sorted(plan))
        ]
        finalists = _fastest(plans, self._effort.limited_plans)
        return min(finalists, key=self._limited_cycles, default=None)

    def _sorted(self, plan: _Plan) -> _Plan:
        """A plan sorted in all ways that are tried, of which the fastest is taken."""
        write(plan.buffers)
        tried = [plan.items]
        for sorting in self._effort.sortings[1:]:
            if (items := plan.wanted.sorted(sorting)) not in tried:
                tried.append(items)
        others = [
            replace(plan, items=each, cycles=self._cycles(plan.tasks, each)) for each in tried[1:]
        ]
        return min([plan, *others], key=lambda each: each.cycles)

    def _cycles(self, tasks: PlacedTasks, items: Sequence[Item]) -> int:
        return predicted_cycles(tasks, lines_of_items(items, self._layers, self._order))

    def _limited_cycles(self, plan: _Plan) -> int:
        """The time of a plan after `limit-reservations`."""
        write(plan.buffers)
        lines = lines_of_items(plan.items, self._layers, self._order)
        steps = steps_with_tokens(plan.tasks, lines)
        return reservation_limits(steps, self._target, self._effort.timed_nodes).cycles

    def _is_right(self, plan: _Plan) -> bool:
        """Whether all that the lines of a plan read has the value that it should have."""
        write(plan.buffers)
        lines = list(flat(lines_of_items(plan.items, self._layers, self._order)))
        try:
            require_values(lines, list(layers_of(self._main).values()))
        except VerifyException:
            return False
        return True

    def _place_by(self, by: Callable[[Held], tuple[int, ...]], held: Iterable[Held]) -> bool:
        """Gives buffers that stay the first places that fit, in an order; whether there are such."""
        bank = self._target.local.bank_alignment
        return place_held(held, self._company, by, self._capacity, bank)

    def _plan(self, lead: int, place: Callable[[Sequence[Held]], bool]) -> _Plan | None:
        """A plan in which buffers stay where `place` puts them; `lead`: positions that their lives are longer."""
        blocks = self._blocks
        while True:
            held = list(blocks.held(lead))
            if not place(held):
                return None
            operands = list(blocks.operands())
            if not (stuck := self._stuck(held, operands)):
                break
            blocks = blocks.leaving(each.layer for each in stuck)
        buffers = [*held, *operands]
        write(buffers)
        tasks = self._tasks({each.op.result: address(each) for each in buffers})
        items = items_in_place(blocks, operands)
        lines = lines_of_items(items, self._layers, self._order, fine=True)
        wanted = WantedStarts(items, lines, blocks, tasks)
        items = wanted.sorted(self._effort.sortings[0])
        return _Plan(self._cycles(tasks, items), buffers, items, tasks, wanted)

    @cached_property
    def _planned(self) -> LocalMemory | None:
        """Places of all buffers as `plan-memory` finds them, while none has an address; None if they do not fit."""
        try:
            return place_local(self._main, self._target)
        except UserError:
            return None

    def _place_as_planned(self, held: Iterable[Held]) -> bool:
        """Gives buffers that stay the places that they have among all others; whether there are such."""
        if (memory := self._planned) is None:
            return False
        for each in held:
            each.address = memory.addresses[each.op]
            each.pitch = memory.pitches.get(each.op, each.pitch)
        return True

    def _stuck(self, held: Sequence[Held], operands: list[Operand]) -> list[Operand]:
        """Places the operands in their order of need; those for which there is no hole in time."""
        work, loaded = self._block_work, {each.op.result for each in operands}
        holes = Holes(held, work, BlockTimes(work, held, loaded), self._capacity)
        operands.sort(key=lambda each: (each.needs[0], -each.size))
        for each in operands:
            price(each, self._layers[each.layer], self._unplaced)
        return holes.place(operands)

    def _tasks(self, places: Mapping[SSAValue, int]) -> PlacedTasks:
        """Tasks whose external buffers begin where a burst does."""
        return PlacedTasks(self._known, lambda value: places.get(value, 0))

    def forget(self) -> None:
        """Removes what was tried."""
        self._blocks.forget()


def address(buffer: Held | Operand) -> int:
    """The first byte of the lowest of its slots."""
    return buffer.address if isinstance(buffer, Held) else min(buffer.addresses)


def write(buffers: Sequence[Held | Operand]) -> None:
    """Writes addresses, pitches and slots."""
    lives = _Lives(buffers)
    for each in buffers:
        each.op.properties["address"] = integer(address(each))
        if isinstance(each, Operand):
            _write_slots(each, lives)
        elif isinstance(each.op, dma.SlottedBuffer):
            each.op.properties.pop("slot_offsets", None)  # of a plan in which its slices moved
            each.op.properties["pitch"] = integer(each.pitch)
            each.op.properties["slots"] = integer(each.slots)


class _Lives:
    """The bytes of all buffers, and the positions from which to which they need these."""

    def __init__(self, buffers: Iterable[Held | Operand]):
        numbers: dict[Held | Operand, int] = {}
        rows: list[tuple[int, int, int, int, int]] = []
        for each in buffers:
            number = numbers[each] = len(numbers)
            if isinstance(each, Held):
                rows.append((number, each.address, each.end, each.first, each.last))
                continue
            for start, low, last in zip(each.starts, each.addresses, each.lasts, strict=True):
                rows.append((number, low, low + each.size, start, last))
        self._numbers = numbers
        self._table = np.array(rows, np.int64).reshape(-1, 5).T

    def are_its_own(self, operand: Operand) -> bool:
        """Whether no other buffer needs bytes of an operand's slices from its first load to its last block."""
        number, low, high, first, last = self._table
        others = (number != self._numbers[operand]) & (last >= min(operand.starts))
        others &= first <= operand.lasts[-1]
        starts = np.unique(operand.addresses)[:, None]
        return not ((low < starts + operand.size) & (starts < high) & others).any()


def _write_slots(operand: Operand, lives: _Lives) -> None:
    """The addresses of its slices: of a few slots that take turns, a pitch apart, or each by itself."""
    all_, properties = operand.addresses, operand.op.properties
    turn = next(n for n in range(1, len(all_) + 1) if all_[n:] == all_[:-n])
    steps = {b - a for a, b in pairwise(all_[:turn])}
    pitch = max(steps, default=operand.size)
    properties.pop("pitch", None)
    properties.pop("slot_offsets", None)
    if (
        len(steps) <= 1
        and pitch >= operand.size
        and (turn == len(all_) or lives.are_its_own(operand))
    ):
        properties["slots"], properties["pitch"] = integer(turn), integer(pitch)
    else:
        properties["slots"] = integer(len(all_))
        properties["slot_offsets"] = integers([each - min(all_) for each in all_])


def planned_cycles(main: FuncOp, order: dma.OrderOp, target: Target, effort: Effort) -> float:
    """The time of a function in an order, with loads where they are or moved; infinite if it has no room."""
    search = _Search(main, order, target, effort)
    found = [search.without()]
    if search.work <= MOST_WORK and (best := search.best()) is not None:
        found.append(best.cycles)
    search.forget()
    return min((each for each in found if each is not None), default=inf)


def prefetch_operands(main: FuncOp, target: Target, effort: Effort) -> None:
    """Moves loads where there is room for them before their layers, if that is faster."""
    if (order := order_of(main)) is None:
        raise UserError("the module has no dma.order", hint="run --order-layers first")
    moved = any(not isinstance(line, dma.RunOp) for line in lines_of(order))
    if order.body.block.is_empty or moved or has_addresses(main):
        return
    search = _Search(main, order, target, effort)
    if search.work > MOST_WORK:
        return
    without, best = search.without(), search.best()
    search.forget()
    if best is not None and (without is None or best.cycles < without):
        write(best.buffers)
        Rewriter.replace_op(order, order_of_items(best.items))


@dataclass(frozen=True)
class PrefetchOperands(ModulePass):
    """Loads what layers need as early as there is room for it, at addresses that it chooses, each slice at its own.

    ```mlir
    dma.blocks "y" [2] { %wb = dma.load %w ... slots 1 : ...  ... }
    dma.order {
      dma.run "x" ahead 1 behind 0
      dma.run "y" ahead 0 behind 0
    }
    ```
    becomes
    ```mlir
    dma.blocks "y" [2] { %wb = dma.load %w ... slots 2 {address = 65536 : i64, pitch = 4096 : i64} : ...  ... }
    dma.order {
      dma.prefetch "x" operand 0 count 2
      dma.run "x" blocks 1 ahead 0 behind 0
      dma.prefetch "y" operand 0 count 2
      dma.run "x" blocks 3 ahead 0 behind 0
      dma.run "y" blocks 2 ahead 0 behind 0
    }
    ```
    Lines are sorted by when they want to start, on the timeline without conflicts in banks or with those of
    nodes that compute, whichever program is faster; layers whose loads may not move keep them. Where it is not
    faster, nothing changes; nor does an order with loads or stores of its own, or a function with local addresses.
    """

    name = "prefetch-operands"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        prefetch_operands(main_function(op), Target.of(op), effort_of(op))
