"""What the schedule passes make small: the attribute `xnn.objective` of a module.

Schedules are compared by cycles. With another objective, what is moved between the memories has a price besides,
so that a program is chosen that moves less, though it takes longer.
"""

from __future__ import annotations

from collections.abc import Callable

from xdsl.dialects.builtin import ModuleOp, StringAttr

from xnn.dialects.diagnostics import UserError
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import OBJECTIVE
from xnn.runtime.report.energy import Activity, energy_pj

MOST = 1000.0
"""The highest price of a cycle of the bus, in other cycles: these decide between schedules that move the same."""


def _energy_price(target: Target) -> float:
    """The energy of what the bus moves in a cycle, in those that a cycle takes in which multipliers idle."""
    moved = Activity(bus_bytes=1)
    idle = Activity(cycles=1)
    if target.mac_formats:
        idle.idle_macs[target.mac_formats[0]] = target.matmul.n**2
    transfer = sum(energy_pj(moved, target).values()) / float(target.external.cycles_per_byte)
    waiting = sum(energy_pj(idle, target).values())
    return transfer / waiting if transfer < MOST * waiting else MOST * (transfer > 0)


OBJECTIVES: dict[str, Callable[[Target], float]] = {
    "cycles": lambda target: 0.0,
    "energy": _energy_price,
    "traffic": lambda target: MOST,
}
"""By the value of the attribute: the price of a cycle of the bus, in cycles, beside the time that it takes."""
DEFAULT_OBJECTIVE = "cycles"


def check_objective(name: str) -> None:
    """Raises UserError if there is no objective of a name."""
    if name not in OBJECTIVES:
        raise UserError(
            f"there is no objective '{name}'", hint=f"objectives: {', '.join(OBJECTIVES)}"
        )


def transfer_price_of(module: ModuleOp, target: Target) -> float:
    """What a cycle of the bus costs beside its time, by the objective of a module; by default nothing.

    Raises UserError if it says an unknown one.
    """
    attribute = module.attributes.get(OBJECTIVE, StringAttr(DEFAULT_OBJECTIVE))
    name = attribute.data if isinstance(attribute, StringAttr) else str(attribute)
    check_objective(name)
    return OBJECTIVES[name](target)
