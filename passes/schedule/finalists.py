"""The schedules of a node that are priced block by block: those of least estimated time."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

import numpy as np

from xnn.dialects.prim import Outermost, ScheduleAttr
from xnn.passes.schedule.candidates import PlacedCandidates
from xnn.passes.schedule.effort import Effort
from xnn.passes.schedule.estimate import estimated

FOOTPRINT_WEIGHT = 0.05
"""A schedule may be this much slower, relatively, if it needs no local memory at all."""
LIKELY = 200
"""Candidates of each form that are estimated in full: those whose engine and bus have least to do."""
PER_FORM = 2
"""Candidates of each form and outermost loop, of least estimated time, that may be finalists."""
NEAR = 1.03
"""How much slower, relatively, the estimates of schedules may be that the closed form decides between."""
LOOP_WEIGHT = 0.06
"""A schedule may be this much slower, relatively, per loop that it saves: fewer loops make a shorter program."""
LOCAL_LOOP_WEIGHT = 0.005
"""The same, if feature maps stay local."""


def finalists(candidates: PlacedCandidates, limit: int, effort: Effort) -> list[ScheduleAttr]:
    """The likely best, best first, of those that need no more than so many bytes of local memory."""
    if candidates.homes:
        return _different(candidates, _local(candidates, limit))[: effort.local_finalists]
    return _different(candidates, _cold(candidates, limit))[: effort.finalists]


def _cold(candidates: PlacedCandidates, limit: int) -> list[tuple[float, ScheduleAttr]]:
    """If all feature maps are external, those of least estimated time of each form and outermost loop."""
    found: list[tuple[float, ScheduleAttr]] = []
    for outermost, weight in _weights(candidates, limit, LOOP_WEIGHT).items():
        traffic = candidates.traffic[outermost]
        for form, engine in candidates.all.engines.items():
            least = np.maximum(engine, traffic.bus_cycles)
            moving = candidates.moving[outermost]
            likely = np.argsort(least * weight + moving)[:LIKELY]
            some = candidates.all.block.at(likely)
            time = estimated(
                candidates.all.op,
                some,
                form,
                candidates.layout,
                traffic.at(likely),
                candidates.all.target,
            )
            time = time * weight[likely] + moving[likely]
            for best in np.argsort(time)[:PER_FORM]:
                schedule = candidates.schedule(int(likely[best]), outermost, form)
                found.append((float(time[best]), schedule))
    found.sort(key=lambda each: each[0])
    return [each for each in found if each[0] <= NEAR * found[0][0] < inf]


def _local(candidates: PlacedCandidates, limit: int) -> list[tuple[float, ScheduleAttr]]:
    """If feature maps stay local, the schedules whose engine and bus have least to do, by weighted time."""
    found: list[tuple[float, ScheduleAttr]] = []
    weights = _weights(candidates, limit, LOCAL_LOOP_WEIGHT)
    for (outermost, form), (places, time) in candidates.likely.items():
        weighted = time * weights[outermost][places] + candidates.moving[outermost][places]
        for best in np.argsort(weighted)[:PER_FORM]:
            if weighted[best] < inf:
                schedule = candidates.schedule(int(places[best]), outermost, form)
                found.append((float(weighted[best]), schedule))
    return sorted(found, key=lambda each: each[0])


def _weights(
    candidates: PlacedCandidates, limit: int, loop_weight: float
) -> dict[Outermost, np.ndarray]:
    """By outermost loop, factors of the time of each candidate; infinite if it does not fit."""
    capacity = candidates.all.target.local.capacity_bytes
    loops = 1 + loop_weight * candidates.all.irregularity
    weights: dict[Outermost, np.ndarray] = {}
    for outermost, traffic in candidates.traffic.items():
        weight = (1 + FOOTPRINT_WEIGHT * traffic.footprint / capacity) * loops
        # Buffers that must share banks delay each other: by itself only if nothing else fits.
        tight = candidates.tight_weight * weight
        weight = np.where(traffic.footprint <= limit, weight, tight)
        weights[outermost] = np.where(traffic.tight <= limit, weight, inf)
    return weights


def _different(
    candidates: PlacedCandidates, found: Iterable[tuple[float, ScheduleAttr]]
) -> list[ScheduleAttr]:
    """Schedules with the same blocks in the same order are one."""
    different: dict[object, ScheduleAttr] = {}
    for _, each in found:
        form = each.order, each.groups_per_tile, each.output_phases
        different.setdefault((each.block, form, *each.loops(candidates.all.op.domain)), each)
    return list(different.values())
