"""A run as slices of time: what each engine and the bus do from when to when, and what they wait for between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from xnn.dialects.names import shown_name
from xnn.runtime.machine.decoded import Decoded
from xnn.runtime.machine.machine import Machine
from xnn.runtime.machine.waits import Wait, Waits
from xnn.runtime.report.idle import node_waits
from xnn.runtime.report.local_memory import Lifetime, lifetimes_of, live_bytes


class Slice(NamedTuple):
    """From one cycle to before another a node is on a lane."""

    lane: int
    start: int
    end: int
    node: int
    """Its place in program order."""


class IdleSlice(NamedTuple):
    """From one cycle to before another a lane waits."""

    lane: int
    start: int
    end: int
    wait: Wait
    node: int | None
    """Whose turn it is; None at the end, when there are no more."""


class Slices:
    """The slices of a program. A lane is the number of an engine, as in Target.engines; after them comes the bus."""

    def __init__(self, machine: Machine):
        self.machine = machine
        self.lanes = (*machine.target.engines, "bus")
        self.bus_lane = len(machine.target.engines)
        self.start, self.end = machine.timeline.start.tolist(), machine.timeline.end.tolist()
        self.engine, self.held = machine.nodes.engine.tolist(), machine.nodes.bus.tolist()
        self.waits: Waits = node_waits(machine)

    def decoded(self, node: int) -> Decoded:
        """The instruction of a node."""
        return self.machine.decoded[self.machine.expansion.nodes[node][0]]

    def layer(self, node: int) -> str:
        """The layer of a node, as the user knows it."""
        return shown_name(self.decoded(node).op.layer.data)

    @cached_property
    def layer_places(self) -> list[int]:
        """Of each node the place of its layer in the report."""
        places = {name: place for place, name in enumerate(self.machine.layers)}
        of_op = [places[each.op.layer.data] for each in self.machine.decoded]
        return [of_op[op] for op in self.machine.expansion.op_index.tolist()]

    @cached_property
    def critical_cycles(self) -> dict[int, int]:
        """The cycles that the walk back from the last token spends on a node, of those that it meets."""
        walked: dict[int, int] = {}
        for node, _, cycles in self.machine.critical_path:
            walked[node] = walked.get(node, 0) + cycles
        return walked

    def on_engines(self) -> Iterator[Slice]:
        """A slice for each node, in program order."""
        times = zip(self.engine, self.start, self.end, strict=True)
        for node, (engine, start, end) in enumerate(times):
            yield Slice(engine, start, end, node)

    def on_bus(self) -> Iterator[Slice]:
        """A slice for each node that holds the bus, in program order."""
        for node, held in enumerate(self.held):
            if held:
                yield Slice(self.bus_lane, self.start[node], self.start[node] + held, node)

    def idle(self) -> Iterator[IdleSlice]:
        """What each lane waits for between its slices, in program order; then those to the end of the program."""
        free = [0] * len(self.lanes)
        for node, (engine, held) in enumerate(zip(self.engine, self.held, strict=True)):
            yield from _between(engine, free[engine], self.waits.engine[node], node)
            free[engine] = self.end[node]
            if held:
                yield from _between(self.bus_lane, free[self.bus_lane], self.waits.bus[node], node)
                free[self.bus_lane] = self.start[node] + held
        end = self.machine.timeline.cycles
        for lane, start in enumerate(free):
            if start < end:
                yield IdleSlice(lane, start, end, Wait.END, None)

    def about(self, node: int) -> dict[str, Any]:
        """What a node does, and what makes up its cycles; what is nothing is left out."""
        machine, each = self.machine, self.decoded(node)
        cost, cycles = machine.costs[node], self.end[node] - self.start[node]
        parts = machine.price(node)
        rows = cycles - sum(parts.values())
        about: dict[str, Any] = {
            "does": each.op.summary,
            "cycles": cycles,
            "spent on": {**parts, "rows": rows} if rows else parts,
            "macs": cost.macs,
            "external bytes": sum(each.external_bytes),
            "local bytes": sum(cost.rows) * machine.target.local.row_bytes,
        }
        return {name: value for name, value in about.items() if value}

    @cached_property
    def lifetimes(self) -> list[tuple[Lifetime, int, int]]:
        """Lifetimes in local memory, from the start of the first node that touches them to the last token."""
        start, token = self.machine.timeline.start, self.machine.timeline.token
        return [
            (each, int(start[each.nodes].min()), int(token[each.nodes].max()))
            for each in lifetimes_of(self.machine)
        ]

    def live(self) -> Iterator[tuple[int, int]]:
        """Cycles at which the bytes of local memory that are live change, and how many are from then on."""
        spans = [(start, end) for _, start, end in self.lifetimes]
        return live_bytes([each for each, _, _ in self.lifetimes], spans)


def _between(lane: int, start: int, waited: Mapping[Wait, int], node: int) -> Iterator[IdleSlice]:
    for wait, cycles in waited.items():
        yield IdleSlice(lane, start, start + cycles, wait, node)
        start += cycles
