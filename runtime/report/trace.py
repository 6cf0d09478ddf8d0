"""A run as a trace for Perfetto or chrome://tracing, in the JSON form of trace events.

A track for each engine with a slice for each of its nodes, one for the bus, and two counters. Times are
in microseconds of the target's clock, and to the nanosecond.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xnn.dialects.names import shown_name
from xnn.runtime.machine.machine import Decoded, Machine
from xnn.runtime.report.idle import node_waits
from xnn.runtime.report.local_memory import lifetimes_of, live_bytes

Event = dict[str, Any]
PROCESS = 1
"""All tracks are in one group."""
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
    """The events of a program: names of the tracks, nodes in program order, the bus, the counters."""
    tracks = [*machine.target.engines, "bus"]
    yield {**_named("process_name"), "args": {"name": machine.target.name}}
    for track, name in enumerate(tracks):
        yield {**_named("thread_name", track), "args": {"name": name}}
        yield {**_named("thread_sort_index", track), "args": {"sort_index": track}}
    trace = _Trace(machine)
    yield from trace.nodes()
    yield from trace.bus(tracks.index("bus"))
    yield from trace.live()


def _named(name: str, track: int = 0) -> Event:
    return {"ph": "M", "pid": PROCESS, "tid": track, "name": name}


class _Trace:
    def __init__(self, machine: Machine):
        self.machine = machine
        self.start, self.end = machine.timeline.start.tolist(), machine.timeline.end.tolist()
        self.clock_hz = machine.target.clock_hz

    def decoded(self, node: int) -> Decoded:
        return self.machine.decoded[self.machine.expansion.nodes[node][0]]

    def micros(self, cycles: int) -> float:
        return self._nanos(cycles) / 1000

    def _nanos(self, cycles: int) -> int:
        return cycles * 10**9 // self.clock_hz

    def slice(self, track: int, node: int, end: int, about: Event) -> Event:
        """A node on a track, from its start to some end."""
        start = self._nanos(self.start[node])
        return {
            "ph": "X",
            "pid": PROCESS,
            "tid": track,
            "ts": start / 1000,
            "dur": (self._nanos(end) - start) / 1000,
            "name": shown_name(self.decoded(node).op.layer.data),
            "args": about,
        }

    def nodes(self) -> Iterator[Event]:
        walked: dict[int, int] = {}
        for node, _, cycles in self.machine.critical_path:
            walked[node] = walked.get(node, 0) + cycles
        engines = self.machine.nodes.engine.tolist()
        for node, waited in enumerate(node_waits(self.machine)):
            about = self._about(node)
            if waited:
                about["waited for"] = {str(wait): cycles for wait, cycles in waited.items()}
            if node in walked:
                about["critical cycles"] = walked[node]
            yield self.slice(engines[node], node, self.end[node], about)

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
            yield self.slice(track, node, free, about)
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
        args = {name: value}
        return {"ph": "C", "pid": PROCESS, "ts": self.micros(cycle), "name": name, "args": args}
