"""Local memory over time: which bytes are live from when to when, and what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xnn.dialects.dsa import Role
from xnn.dialects.names import shown_name
from xnn.runtime.report.idle import loads_weights
from xnn.runtime.report.slices import Slices

WEIGHTS, FEATURE_MAP, PART = "weights", "feature map", "part of a feature map"
"""What a buffer holds."""


@dataclass(frozen=True)
class LiveBuffer:
    """One slot of a buffer: the bytes `low` to before `high`, from cycle `start` to before `end`."""

    name: str
    holds: str
    low: int
    high: int
    start: int
    end: int
    layers: tuple[int, ...]
    """The places in the report of those that use it."""


def live_buffers(slices: Slices) -> Iterator[LiveBuffer]:
    """Each slot of a buffer that a node touches, from the start of the first one to the last token."""
    machine, places = slices.machine, np.array(slices.layer_places, np.int64)
    weights = {
        name
        for each in machine.decoded
        if loads_weights(each)
        for access, name in zip(each.accesses, each.op.buffer_names, strict=False)
        if access.writes
    }
    for life, start, end in slices.lifetimes:
        is_part = machine.expansion.buffers[life.buffer].role.data == Role.SLICE
        yield LiveBuffer(
            name=shown_name(life.buffer),
            holds=WEIGHTS if life.buffer in weights else PART if is_part else FEATURE_MAP,
            low=life.start,
            high=life.end,
            start=start,
            end=end,
            layers=tuple(np.unique(places[life.nodes]).tolist()),
        )
