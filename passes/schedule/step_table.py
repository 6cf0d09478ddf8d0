"""The step table: every machine node that a module of the memory level stands for, in the module's order.

One table serves prediction and code generation. The order gives tasks, addresses come from the plan,
tokens are last: the least that the order needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xdsl.dialects.builtin import ModuleOp

from xnn.dialects import dma
from xnn.dialects.diagnostics import UserError
from xnn.dialects.dma.line import Line, Loop
from xnn.dialects.dma.sequence import Known, expand_order, order_of
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import main_function
from xnn.passes.schedule.addresses import address_of
from xnn.passes.schedule.known_tasks import known_tasks
from xnn.passes.schedule.placed_tasks import PlacedTasks
from xnn.passes.schedule.steps import LineSteps, LoopSteps, Step, cycles_of, steps_of
from xnn.passes.schedule.tokens import Tokens


def steps_with_tokens(
    tasks: PlacedTasks, lines: Iterable[Line | Loop]
) -> list[LineSteps | LoopSteps]:
    """The steps of an order."""
    result, tokens = steps_of(tasks, lines), Tokens()
    for each in result:
        for step in each.steps():
            step.after = tokens.of(step.engine, step.waits)
    return result


class StepTable:
    """All steps of a module at the memory level, after planning."""

    def __init__(self, module: ModuleOp):
        self.main = main = main_function(module)
        self.target = Target.of(module)
        if (order := order_of(main)) is None:
            raise UserError("the module has no dma.order", hint="run --order-layers first")
        self._known = Known()
        known = known_tasks(main, self.target)
        self._tasks = PlacedTasks(known, lambda value: address_of(value, main))
        self.lines = steps_with_tokens(self._tasks, expand_order(main, order, self._known))

    def cycles_in(self, order: dma.OrderOp) -> int:
        """The time of another order of the same layers, at the same addresses.

        Tasks that are alike share reservations, as if they were iterations of one repeat.
        """
        return cycles_of(self._tasks, expand_order(self.main, order, self._known))

    def steps(self) -> Iterator[Step]:
        """All steps in order."""
        for each in self.lines:
            yield from each.steps()
