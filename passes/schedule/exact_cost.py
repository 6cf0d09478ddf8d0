"""What a network costs with the schedules and places that its nodes have: the exact time of its program."""

from __future__ import annotations

from typing import NamedTuple

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from xnn.passes.lowering.convert_to_blocks import ConvertToBlocks
from xnn.passes.lowering.rolled_steps import reserved_steps
from xnn.passes.schedule.objective import transfer_price_of
from xnn.passes.schedule.order_layers import OrderLayers
from xnn.passes.schedule.plan_memory import PlanMemory
from xnn.passes.schedule.prediction import predict
from xnn.passes.schedule.prefetch_operands import PrefetchOperands
from xnn.passes.schedule.step_table import StepTable

LOWERING = (ConvertToBlocks(), OrderLayers(), PrefetchOperands(), PlanMemory())
"""From schedules to a program whose time is known; `limit-reservations`, after them, makes it no longer."""


class ExactCost(NamedTuple):
    """The cost of a program by the module's objective, and how many steps it has."""

    cost: float
    steps: int


def exact_cost(module: ModuleOp, context: Context) -> ExactCost:
    """That of a module of primitives, which is lowered; raises UserError if it does not fit its target."""
    for each in LOWERING:
        each.apply(context, module)
    table = StepTable(module)
    nodes = [step.node for step in reserved_steps(table.lines)]
    cost = float(predict(nodes, table.target))
    if price := transfer_price_of(module, table.target):
        cost += price * sum(timing.bus for _, _, timing in nodes)
    return ExactCost(cost, len(nodes))
