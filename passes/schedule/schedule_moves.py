"""Schedules that differ in one choice from one that is there, and places of its result."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xdsl.dialects.builtin import UnitAttr
from xdsl.ir import Attribute

from xnn.dialects.prim import Domain, Outermost, ScheduleAttr
from xnn.dialects.prim.attributes import CHANNELS
from xnn.dialects.prim.node import FeatureMapOp

PING_PONG = 2
"""Slots of a node that comes to have several blocks: one is filled while the other is used."""

CHOICES = ("schedule", *FeatureMapOp.PLACEMENT)
"""Properties of a node that are choices for its target: its schedule, and where its result lies."""
Choices = dict[str, Attribute]
"""Those that a node has."""


def choices_of(node: FeatureMapOp) -> Choices:
    """Those that a node has; a result whose place is open stays in external memory."""
    found = {name: node.properties[name] for name in CHOICES if name in node.properties}
    return {"external": UnitAttr(), **found} if node.has_no_memory else found


def other_place(own: Choices) -> Choices:
    """The result in the other memory; no schedule, for the one that is there is made for this place."""
    return {"external": UnitAttr()} if "local" in own else {"local": UnitAttr()}


def other_schedules(schedule: ScheduleAttr, domain: Domain) -> Iterator[ScheduleAttr]:
    """Blocks of half the size along one dimension, the other loop outermost, blocks of twice the size.

    Smaller blocks come first, those of positions before others: they let the next layer begin sooner.
    """
    block = schedule.clamped(domain).sizes
    dims = sorted(range(len(block)), key=lambda dim: (dim <= CHANNELS, -dim))
    for dim in dims:
        yield from _resized(schedule, domain, dim, -(-block[dim] // 2))
    if len(schedule.loops(domain)) > 1:
        (other,) = set(Outermost) - {schedule.outermost}
        yield replace(schedule, outermost=other)
    for dim in dims:
        yield from _resized(schedule, domain, dim, min(domain.sizes[dim], 2 * block[dim]))


def _resized(schedule: ScheduleAttr, domain: Domain, dim: int, size: int) -> Iterator[ScheduleAttr]:
    """The schedule with blocks of another size along a dimension, if that is another one."""
    sizes = [*schedule.clamped(domain).sizes]
    if sizes[dim] == size:
        return
    sizes[dim] = size
    changed = replace(schedule, block=Domain.of_sizes(sizes))
    needs_two = schedule.slots < PING_PONG and changed.loops(domain)
    yield replace(changed, slots=PING_PONG) if needs_two else changed
