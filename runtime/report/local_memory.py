"""What local memory holds: the highest byte that is used, and the bytes that are live at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from xnn.dialects.dsa.expansion import MAX_OFFSET
from xnn.runtime.machine.machine import Machine


class Lifetime(NamedTuple):
    """Bytes of local memory, from `start` to before `end`, and the nodes that touch them."""

    start: int
    end: int
    nodes: np.ndarray
    """Their places in program order."""
    buffer: str
    """The name of the one of which they are a slot."""


def peak_bytes(lifetimes: Sequence[Lifetime]) -> int:
    """The highest address that a buffer reaches."""
    return max((each.end for each in lifetimes), default=0)


def most_live_bytes(lifetimes: Sequence[Lifetime]) -> int:
    """The most bytes that are live at once, each from its first to its last node in program order."""
    spans = [(int(each.nodes.min()), int(each.nodes.max()) + 1) for each in lifetimes]
    return max((live for _, live in live_bytes(lifetimes, spans)), default=0)


def lifetimes_of(machine: Machine) -> list[Lifetime]:
    """The lifetimes of all slots of buffers in local memory that a node touches."""
    expansion, local = machine.expansion, [each for each in machine.buffers if each.is_local]
    starts = [expansion.starts_of(buffer) for buffer in local]
    slots = [
        (start, start + buffer.bytes, buffer.result_name.data)
        for buffer, each in zip(local, starts, strict=True)
        for start in each
    ]
    first_slot = np.cumsum([0, *map(len, starts)])
    pitch = np.array(
        [each[-1] - each[-2] if len(each) > 1 else MAX_OFFSET for each in starts], np.int64
    )
    numbers = {buffer.result_name.data: number for number, buffer in enumerate(local)}
    touched = np.full((len(machine.decoded), expansion.offsets.shape[1]), -1)
    for row, each in zip(touched, machine.decoded, strict=True):
        row[: len(each.buffers)] = [numbers.get(name, -1) for name in each.op.buffer_names]
    nodes, columns = np.nonzero(touched[expansion.op_index] >= 0)
    buffers = touched[expansion.op_index[nodes], columns]
    places = first_slot[buffers] + expansion.offsets[nodes, columns] // pitch[buffers]
    order = np.argsort(places, kind="stable")
    ends = np.cumsum(np.bincount(places, minlength=len(slots)))
    lives = np.split(nodes[order], ends)
    return [
        Lifetime(start, end, each, buffer)
        for (start, end, buffer), each in zip(slots, lives, strict=False)
        if len(each)
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
