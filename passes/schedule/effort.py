"""How much the schedule passes try for a faster program: the attribute `xnn.effort` of a module."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from xdsl.dialects.builtin import ModuleOp, StringAttr

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn.interface import EFFORT


class Sorting(NamedTuple):
    """How the nodes of a plan are sorted, by when they want to start."""

    slack: int
    """Cycles by which a load is in its queue before its latency begins."""
    banks: bool
    """Whether nodes that compute wait for banks."""


@dataclass(frozen=True)
class Effort:
    """What is tried. All counts are of steps, never of seconds: equal inputs give equal programs."""

    tuned_steps: int
    """Steps of all programs that `tune-schedules` times."""
    cascades: bool
    """Whether chains of layers are looked for that run in strips, through rings of rows."""
    finalists: int
    """Schedules of a node whose feature maps are external that are priced block by block."""
    local_finalists: int
    """The same, if some stay local."""
    timed_blocks: int
    """Of a network, up to which choices of cascades and of orders are judged by the time of their programs."""
    orders: int
    """In which buffers that stay take their places, for `prefetch-operands`: so many of all that it knows."""
    plans: int
    """Addresses that it finds for the loads that it moves."""
    plan_work: int
    """Blocks and loads, over all plans that are tried; at least one is."""
    sorted_plans: int
    """The fastest, whose nodes are sorted in other ways as well."""
    limited_plans: int
    """The fastest of those, among which the time after `limit-reservations` decides."""
    sortings: tuple[Sorting, ...]
    """Of a plan, the first one for all."""
    timed_nodes: int
    """That `limit-reservations` times, over all trials."""


EFFORTS = {
    "fast": Effort(
        0,
        False,
        1,
        1,
        timed_blocks=0,
        orders=1,
        plans=1,
        plan_work=0,
        sorted_plans=1,
        limited_plans=1,
        sortings=(Sorting(50, False),),
        timed_nodes=0,
    ),
    "default": Effort(
        0,
        True,
        4,
        6,
        timed_blocks=1500,
        orders=4,
        plans=12,
        plan_work=12_000,
        sorted_plans=5,
        limited_plans=3,
        sortings=(Sorting(50, False), Sorting(500, False), Sorting(50, True)),
        timed_nodes=300_000,
    ),
    # The schedules that `default` chooses, tuned if the network is small, and all orders of loads that it tries.
    "thorough": Effort(
        30_000,
        True,
        4,
        6,
        timed_blocks=1500,
        orders=4,
        plans=12,
        plan_work=10**9,
        sorted_plans=12,
        limited_plans=12,
        sortings=tuple(Sorting(*each) for each in product((50, 500, 0, 200, 1000), (False, True))),
        timed_nodes=3_000_000,
    ),
}
"""By the value of the attribute."""
DEFAULT_EFFORT = "default"
TRIAL_EFFORT = "fast"
"""Of the passes after one that tries choices, while it times them; what it takes holds at the module's effort."""


def effort_named(name: str) -> Effort:
    """The effort of a name; raises UserError if there is none."""
    if name not in EFFORTS:
        raise UserError(f"there is no effort '{name}'", hint=f"efforts: {', '.join(EFFORTS)}")
    return EFFORTS[name]


def effort_of(module: ModuleOp) -> Effort:
    """That of a module, by default `default`; raises UserError if it says another."""
    name = module.attributes.get(EFFORT, StringAttr(DEFAULT_EFFORT))
    return effort_named(name.data if isinstance(name, StringAttr) else str(name))
