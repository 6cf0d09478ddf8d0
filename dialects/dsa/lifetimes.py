"""What is live when: buffers that are live at once may not share bytes of memory.

A byte of a buffer is live from its first access to its last, in program order. Most buffers are
never accessed in each other's time, or share no bytes; only for those left are bytes looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.ir import Operation

from xnn.dialects.diagnostics import fault
from xnn.dialects.dsa.access import Access
from xnn.dialects.dsa.attributes import Role, Space
from xnn.dialects.dsa.buffers import BufferOp, OutputOp
from xnn.dialects.dsa.expansion import Expansion
from xnn.dialects.names import shown_name
from xnn.dialects.values import type_bytes

START = -1
"""The time before the first node. Times are numbers of nodes; that after the last is their number."""


@dataclass(frozen=True)
class Use:
    """The accesses of one operand of an instruction in all of its nodes; or those of before and after them."""

    op: Operation
    what: str
    """The operand, for messages."""
    access: Access
    addresses: np.ndarray
    nodes: np.ndarray
    """In order."""


@dataclass(frozen=True)
class _Runs:
    """Runs of bytes [start, end) and the first and the last time at which they are accessed."""

    start: np.ndarray
    end: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @staticmethod
    def of(uses: Sequence[Use]) -> _Runs:
        """Those of all uses."""
        columns: list[tuple[np.ndarray, ...]] = []
        for use in uses:
            address, first = np.unique(use.addresses, return_index=True)
            _, last = np.unique(use.addresses[::-1], return_index=True)
            offsets, size = use.access.runs
            starts = (address[:, None] + offsets).ravel()
            times = (use.nodes[first], use.nodes[::-1][last])
            columns.append((starts, starts + size, *(np.repeat(t, len(offsets)) for t in times)))
        return _Runs(*(np.concatenate(each) for each in zip(*columns, strict=True)))

    def times(self, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The first and the last access to the bytes between neighbouring edges, among which are the runs' own.

        Where there is none the first is after the last.
        """
        low, high = np.searchsorted(edges, self.start), np.searchsorted(edges, self.end)
        level = np.log2(high - low).astype(
            np.int64
        )  # a run is two overlapping ones of 2 ** level cuts
        shape = (int(level.max()) + 1, len(edges) - 1)
        first, last = np.full(shape, np.iinfo(np.int64).max), np.full(shape, START - 1)
        for begin in (low, high - (1 << level)):
            np.minimum.at(first, (level, begin), self.first)
            np.maximum.at(last, (level, begin), self.last)
        for each in range(len(first) - 1, 0, -1):
            half = 1 << (each - 1)
            for below in (slice(None), slice(half, None)):
                count = shape[1] - (below.start or 0)
                np.minimum(first[each - 1, below], first[each, :count], out=first[each - 1, below])
                np.maximum(last[each - 1, below], last[each, :count], out=last[each - 1, below])
        return first[0], last[0]


def verify_lifetimes(
    expansion: Expansion, uses: dict[str, list[Use]], outputs: Sequence[OutputOp]
) -> None:
    """Raises VerifyException if two buffers share a byte while both are live.

    `uses`: those of instructions, by buffer.
    """
    for name, use in _outside(expansion, outputs):
        uses.setdefault(name, []).append(use)
    used = [(expansion.buffers[name], each) for name, each in uses.items()]
    for space in Space:
        here = [each for each in used if each[0].space.data == space]
        times = [
            (min(int(use.nodes[0]) for use in each), max(int(use.nodes[-1]) for use in each))
            for _, each in here
        ]
        places = [(buffer, expansion.starts_of(buffer)) for buffer, _ in here]
        for one, other in _meeting(places, times):
            _verify_pair(expansion, here[one], here[other])


def _outside(expansion: Expansion, outputs: Sequence[OutputOp]) -> Iterator[tuple[str, Use]]:
    """Uses before the first node and after the last: of inputs, parameters, state and outputs."""
    end = len(expansion)
    times = {Role.INPUT: (START,), Role.PARAMETER: (START, end), Role.STATE: (START, end)}
    for name, op in expansion.buffers.items():
        if op.role.data in times:
            yield name, _whole(op, expansion.bases[name], *times[op.role.data])
    for op in outputs:
        start = expansion.bases[op.buffer.data]
        yield op.buffer.data, _whole(op, start + op.offset.value.data, end)


def _whole(op: BufferOp | OutputOp, address: int, *times: int) -> Use:
    """The accesses at these times to all bytes of a buffer or an output."""
    access = Access("", False, True, False, (type_bytes(op.type),), (1,), np.dtype(np.uint8))
    return Use(op, "", access, np.full(len(times), address), np.array(times))


def _meeting(
    places: Sequence[tuple[BufferOp, Sequence[int]]], times: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Pairs of buffers of which slots share bytes, and whose times from first to last access meet.

    `places`: the buffers and the addresses of their slots.
    """
    slots = sorted(
        (start, start + buffer.bytes, index)
        for index, (buffer, starts) in enumerate(places)
        for start in starts
    )
    found: set[tuple[int, int]] = set()
    for group in _adjoining(slots):
        group.sort(key=lambda slot: times[slot[2]])
        active: list[tuple[int, int, int]] = []
        for start, end, index in group:
            now = times[index][0]
            active = [each for each in active if times[each[2]][1] >= now]
            for low, high, other in active:
                pair = (other, index)
                if other != index and low < end and start < high and pair not in found:
                    found.add(pair)
                    yield pair
            active.append((start, end, index))


def _adjoining(slots: Sequence[tuple[int, int, int]]) -> Iterator[list[tuple[int, int, int]]]:
    """Runs of ranges, given by their starts, that overlap."""
    run: list[tuple[int, int, int]] = []
    reach = -1
    for slot in slots:
        if slot[0] >= reach and run:
            yield run
            run = []
        run.append(slot)
        reach = max(reach, slot[1])
    if run:
        yield run


def _verify_pair(
    expansion: Expansion, one: tuple[BufferOp, list[Use]], other: tuple[BufferOp, list[Use]]
) -> None:
    """No byte of two buffers is live in both at once."""
    runs = _Runs.of(one[1]), _Runs.of(other[1])
    edges = np.unique(np.concatenate([each for r in runs for each in (r.start, r.end)]))
    (first, last), (begin, end) = (each.times(edges) for each in runs)
    meets = np.maximum(first, begin) <= np.minimum(last, end)
    if not meets.any():
        return
    cut = int(np.argmax(meets))
    if first[cut] <= begin[cut]:
        (holder, _), until, (buffer, uses), now = one, last[cut], other, begin[cut]
    else:
        (holder, _), until, (buffer, uses), now = other, end[cut], one, first[cut]
    use, low, high = _use_at(uses, int(now), int(edges[cut]))
    space = buffer.space.data
    raise fault(
        use.op,
        f'{use.what}needs bytes {low:#x} to {high:#x} of {space} memory for buffer "{buffer.shown_name}", where '
        f'bytes {int(edges[cut]):#x} to {int(edges[cut + 1]):#x} hold buffer "{holder.shown_name}" until '
        f"{_time(expansion, int(until))}",
    )


def _use_at(uses: Sequence[Use], time: int, byte: int) -> tuple[Use, int, int]:
    """The use that accesses a byte at a time, and its bytes."""
    for use in uses:
        offsets, size = use.access.runs
        for address in use.addresses[use.nodes == time].tolist():
            if ((address + offsets <= byte) & (byte < address + offsets + size)).any():
                return use, address, address + use.access.span
    raise AssertionError("no use accesses a byte that is live")


def _time(expansion: Expansion, time: int) -> str:
    if time == START:
        return "the program starts"
    if time == len(expansion):
        return "the end of the program"
    op = expansion.ops[expansion.op_index[time]]
    return f'node {time}, {op.name} of layer "{shown_name(op.layer.data)}"'
