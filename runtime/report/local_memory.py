"""What local memory holds: the highest byte that is used, and the bytes that are live at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from xnn.runtime.machine.machine import Machine


class Lifetime(NamedTuple):
    """Bytes of local memory, from `start` to before `end`, and the nodes that touch them."""

    start: int
    end: int
    nodes: np.ndarray
    """Their places in program order."""


def peak_bytes(lifetimes: Sequence[Lifetime]) -> int:
    """The highest address that a buffer reaches."""
    return max((each.end for each in lifetimes), default=0)


def most_live_bytes(lifetimes: Sequence[Lifetime]) -> int:
    """The most bytes that are live at once, each from its first to its last node in program order."""
    spans = [(int(each.nodes.min()), int(each.nodes.max()) + 1) for each in lifetimes]
    return max((live for _, live in live_bytes(lifetimes, spans)), default=0)


def lifetimes_of(machine: Machine) -> list[Lifetime]:
    """The lifetimes of all slots of buffers in local memory that a node touches."""
    expansion = machine.expansion
    order = np.argsort(expansion.op_index, kind="stable")
    counts = np.bincount(expansion.op_index, minlength=len(machine.decoded))
    slots_of: dict[str, list[list[np.ndarray]]] = {}
    for each, nodes in zip(machine.decoded, np.split(order, counts.cumsum()), strict=False):
        for column, buffer in enumerate(each.buffers):
            if not buffer.is_local:
                continue
            starts = np.array(expansion.starts_of(buffer))
            touched = slots_of.setdefault(buffer.result_name.data, [[] for _ in starts])
            slots = np.searchsorted(starts, expansion.addresses[nodes, column], side="right") - 1
            for slot in np.unique(slots).tolist():
                touched[slot].append(nodes[slots == slot])
    buffers = expansion.buffers
    return [
        Lifetime(start, start + buffers[name].bytes, np.concatenate(nodes))
        for name, slots in slots_of.items()
        for start, nodes in zip(expansion.starts_of(buffers[name]), slots, strict=True)
        if nodes
    ]


def live_bytes(
    lifetimes: Sequence[Lifetime], spans: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Moments at which the number of live bytes changes, in order, and that number from then on.

    `spans`: from when on, and until when, each is live. Bytes that are live twice count once.
    """
    edges = np.unique([edge for each in lifetimes for edge in each[:2]])
    sizes, holders = np.diff(edges), np.zeros(max(0, len(edges) - 1), np.int64)
    places = [np.searchsorted(edges, each[:2]) for each in lifetimes]
    changes: dict[int, list[tuple[int, np.ndarray]]] = {}
    for (begin, end), place in zip(spans, places, strict=True):
        changes.setdefault(begin, []).append((1, place))
        changes.setdefault(end, []).append((-1, place))
    for moment in sorted(changes):
        for change, (low, high) in changes[moment]:
            holders[low:high] += change
        yield moment, int(sizes[holders > 0].sum())
