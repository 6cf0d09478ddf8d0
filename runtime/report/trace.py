"""A run as a trace for Perfetto or chrome://tracing, in the JSON form of trace events.

A track for each engine with a slice for each of its nodes, one for the bus, two counters; in a second
group a track for each engine with what it waits for while it is idle. Times are in microseconds of the
target's clock, and to the nanosecond.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from xnn.runtime.machine.machine import Machine
from xnn.runtime.machine.waits import Wait
from xnn.runtime.report.slices import Slices

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
    trace = _Trace(machine)
    lanes = trace.slices.lanes
    yield from _tracks(WORK, machine.target.name, lanes)
    yield from trace.nodes()
    yield from trace.bus()
    yield from trace.live()
    yield from _tracks(IDLE, "idle", [f"{name} waits for" for name in lanes])
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
        self.machine, self.slices = machine, Slices(machine)
        self.clock_hz = machine.target.clock_hz

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
        slices = self.slices
        for engine, start, end, node in slices.on_engines():
            about = {"node": node, "start": start, **slices.about(node)}
            if waited := slices.waits.engine[node]:
                about["waited for"] = {str(wait): spent for wait, spent in waited.items()}
            if node in slices.critical_cycles:
                about["critical cycles"] = slices.critical_cycles[node]
            yield self.slice(WORK, engine, start, end, slices.layer(node), about)

    def idle(self) -> Iterator[Event]:
        """What each engine, and the bus, waits for between its nodes, and for which layer; then the end."""
        for track, start, end, wait, node in self.slices.idle():
            about = {} if node is None else {"for": self.slices.layer(node)}
            yield self.slice(IDLE, track, start, end, _text(wait), about)

    def bus(self) -> Iterator[Event]:
        """Who holds the bus, and the bytes of bursts that move there in a cycle."""
        slices, free = self.slices, 0
        for track, start, end, node in slices.on_bus():
            moved = self.machine.bus_bytes[node]
            if start > free or not free:
                yield self._counter(BANDWIDTH, free, 0)
            yield self._counter(BANDWIDTH, start, round(moved / (end - start), 3))
            free = end
            about = {"bytes": moved, "engine": slices.decoded(node).op.engine_name}
            yield self.slice(WORK, track, start, end, slices.layer(node), about)
        if free:
            yield self._counter(BANDWIDTH, free, 0)

    def live(self) -> Iterator[Event]:
        """Bytes of local memory that are live."""
        for cycle, live in self.slices.live():
            yield self._counter(LIVE, cycle, live)

    def _counter(self, name: str, cycle: int, value: float) -> Event:
        micros, args = self._nanos(cycle) / 1000, {name: value}
        return {"ph": "C", "pid": WORK, "ts": micros, "name": name, "args": args}


def _text(wait: Wait) -> str:
    return str(wait).replace("_", " ")
