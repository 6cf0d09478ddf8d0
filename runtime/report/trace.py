"""A run as a trace for Perfetto or chrome://tracing, in the JSON form of trace events.

A track for each engine with a slice for each of its nodes, one for the bus, two counters; in a second
group a track for each engine with what it waits for while it is idle. Times are in microseconds of the
target's clock, and to the nanosecond.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xnn.dialects.names import shown_name
from xnn.runtime.machine.machine import Decoded, Machine
from xnn.runtime.machine.waits import Wait
from xnn.runtime.report.idle import node_waits
from xnn.runtime.report.local_memory import lifetimes_of, live_bytes

Event = dict[str, Any]
WORK, IDLE = 1, 2
"""The groups of tracks, which the form calls processes."""
LIVE, BANDWIDTH = "local bytes live", "bus bytes per cycle"
"""The counters."""


def write_trace(path: Path, machine: Machine, packed: bool) -> None:
    """Writes the trace of a program, packed by gzip or as text; the same bytes each time."""
    with open(path, "wb") as file:
        if not packed:
            file.writelines(_lines(machine))
            return
        with gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as archive:
            archive.writelines(_lines(machine))


def _lines(machine: Machine) -> Iterator[bytes]:
    """One event a line."""
    target = machine.target
    about = {"target": target.name, "clock_hz": target.clock_hz, "cycles": machine.timeline.cycles}
    yield f'{{"displayTimeUnit": "ns", "otherData": {json.dumps(about)}, "traceEvents": ['.encode()
    for number, event in enumerate(trace_events(machine)):
        yield (",\n" if number else "\n").encode() + json.dumps(event).encode()
    yield b"\n]}\n"


def trace_events(machine: Machine) -> Iterator[Event]:
    """The events of a program: nodes in program order, the bus, the counters, what engines wait for."""
    engines, trace = machine.target.engines, _Trace(machine)
    yield from _tracks(WORK, machine.target.name, [*engines, "bus"])
    yield from trace.nodes()
    yield from trace.bus(len(engines))
    yield from trace.live()
    yield from _tracks(IDLE, "idle", [f"{name} waits for" for name in (*engines, "bus")])
    yield from trace.idle()


def _tracks(group: int, name: str, tracks: Sequence[str]) -> Iterator[Event]:
    """Names of a group and of its tracks, which stand in this order."""

    def named(what: str, track: int, **about: str | int) -> Event:
        return {"ph": "M", "pid": group, "tid": track, "name": what, "args": about}

    yield named("process_name", 0, name=name)
    for track, each in enumerate(tracks):
        yield named("thread_name", track, name=each)
        yield named("thread_sort_index", track, sort_index=track)


class _Trace:
    def __init__(self, machine: Machine):
        self.machine = machine
        self.start, self.end = machine.timeline.start.tolist(), machine.timeline.end.tolist()
        self.engine, self.waits = machine.nodes.engine.tolist(), node_waits(machine)
        self.clock_hz = machine.target.clock_hz

    def decoded(self, node: int) -> Decoded:
        return self.machine.decoded[self.machine.expansion.nodes[node][0]]

    def layer(self, node: int) -> str:
        return shown_name(self.decoded(node).op.layer.data)

    def _nanos(self, cycles: int) -> int:
        return cycles * 10**9 // self.clock_hz

    def slice(self, group: int, track: int, start: int, end: int, name: str, about: Event) -> Event:
        """A slice of a track between two cycles."""
        begin = self._nanos(start)
        return {
            "ph": "X",
            "pid": group,
            "tid": track,
            "ts": begin / 1000,
            "dur": (self._nanos(end) - begin) / 1000,
            "name": name,
            "args": about,
        }

    def nodes(self) -> Iterator[Event]:
        walked: dict[int, int] = {}
        for node, _, cycles in self.machine.critical_path:
            walked[node] = walked.get(node, 0) + cycles
        for node, (engine, start, end) in enumerate(
            zip(self.engine, self.start, self.end, strict=True)
        ):
            about = self._about(node)
            if waited := self.waits.engine[node]:
                about["waited for"] = {str(wait): spent for wait, spent in waited.items()}
            if node in walked:
                about["critical cycles"] = walked[node]
            yield self.slice(WORK, engine, start, end, self.layer(node), about)

    def idle(self) -> Iterator[Event]:
        """What each engine, and the bus, waits for between its nodes, and for which layer; then the end."""
        bus = len(self.machine.target.engines)
        free = [0] * (bus + 1)
        for node, (engine, held) in enumerate(
            zip(self.engine, self.machine.nodes.bus.tolist(), strict=True)
        ):
            yield from self._waits(engine, free[engine], node, self.waits.engine[node])
            free[engine] = self.end[node]
            if held:
                yield from self._waits(bus, free[bus], node, self.waits.bus[node])
                free[bus] = self.start[node] + held
        end = self.machine.timeline.cycles
        for track, start in enumerate(free):
            if start < end:
                yield self.slice(IDLE, track, start, end, _text(Wait.END), {})

    def _waits(
        self, track: int, start: int, node: int, waited: Mapping[Wait, int]
    ) -> Iterator[Event]:
        about = {"for": self.layer(node)}
        for wait, cycles in waited.items():
            yield self.slice(IDLE, track, start, start + cycles, _text(wait), about)
            start += cycles

    def _about(self, node: int) -> Event:
        """What a node does, and what makes up its cycles."""
        machine, each = self.machine, self.decoded(node)
        cost, cycles = machine.costs[node], self.end[node] - self.start[node]
        parts = machine.price(node)
        rows = cycles - sum(parts.values())
        about: Event = {
            "node": node,
            "does": each.op.summary,
            "start": self.start[node],
            "cycles": cycles,
            "spent on": {**parts, "rows": rows} if rows else parts,
            "macs": cost.macs,
            "external bytes": sum(each.external_bytes),
            "local bytes": sum(cost.rows) * machine.target.local.row_bytes,
        }
        return {name: value for name, value in about.items() if value or name in ("node", "start")}

    def bus(self, track: int) -> Iterator[Event]:
        """Who holds the bus, and the bytes of bursts that move there in a cycle."""
        free = 0
        for node, held in enumerate(self.machine.nodes.bus.tolist()):
            if not held:
                continue
            start, moved = self.start[node], self.machine.bus_bytes[node]
            if start > free or not free:
                yield self._counter(BANDWIDTH, free, 0)
            yield self._counter(BANDWIDTH, start, round(moved / held, 3))
            free = start + held
            about = {"bytes": moved, "engine": self.decoded(node).op.engine_name}
            yield self.slice(WORK, track, start, free, self.layer(node), about)
        if free:
            yield self._counter(BANDWIDTH, free, 0)

    def live(self) -> Iterator[Event]:
        """Bytes of local memory that are live, from the start of the first node that touches them to the last token."""
        start, token = self.machine.timeline.start, self.machine.timeline.token
        lifetimes = lifetimes_of(self.machine)
        spans = [(int(start[each.nodes].min()), int(token[each.nodes].max())) for each in lifetimes]
        for cycle, live in live_bytes(lifetimes, spans):
            yield self._counter(LIVE, cycle, live)

    def _counter(self, name: str, cycle: int, value: float) -> Event:
        micros, args = self._nanos(cycle) / 1000, {name: value}
        return {"ph": "C", "pid": WORK, "ts": micros, "name": name, "args": args}


def _text(wait: Wait) -> str:
    return str(wait).replace("_", " ")
