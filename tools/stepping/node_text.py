"""One node of a program in lines for people: its times, what it waited for, what the others do, what it wrote."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

import numpy as np

from xnn.dialects.dsa import BufferOp
from xnn.dialects.dsa.access import Access
from xnn.dialects.names import shown_name
from xnn.runtime.machine.machine import Machine
from xnn.runtime.report.slices import IdleSlice, Slice, Slices
from xnn.runtime.report.table import columns

LINE_BYTES, MOST_LINES = 16, 8
"""Of the bytes that are shown of an operand."""


class NodeTexts:
    """The nodes of a program, and all lanes at each moment."""

    def __init__(self, machine: Machine):
        self.slices, self._machine = Slices(machine), machine
        spans: list[list[Slice | IdleSlice]] = [[] for _ in self.slices.lanes]
        for each in (*self.slices.on_engines(), *self.slices.on_bus(), *self.slices.idle()):
            spans[each.lane].append(each)
        self._spans = [sorted(lane, key=lambda each: each.start) for lane in spans]
        self._starts = [[each.start for each in lane] for lane in self._spans]
        self._of_engine: dict[int, list[int]] = {}
        for node, engine in enumerate(self.slices.engine):
            self._of_engine.setdefault(engine, []).append(node)

    def text(self, node: int) -> str:
        """All about a node once it has run."""
        lines = [f"node {node} of {len(self._machine.expansion)}: {self._named(node)}"]
        lines += self._times(node)
        lines += [f"  {line}" for line in self._others(node)]
        for operand, access in enumerate(self.slices.decoded(node).accesses):
            lines += self._operand(node, operand, access)
        return "\n".join(lines)

    def _named(self, node: int) -> str:
        return f'{self.slices.decoded(node).op.summary} of layer "{self.slices.layer(node)}"'

    def _times(self, node: int) -> Iterator[str]:
        time = self._machine.timeline
        issue, ready, start, end, token = (
            f"{int(times[node]):,}"
            for times in (time.issue, time.ready, time.start, time.end, time.token)
        )
        yield f"  issued at {issue}, ready at {ready}, starts at {start}, ends at {end}, token at {token}"
        for other in self._awaited(node):
            yield f"  after node {other}, {self._named(other)}: token at {int(time.token[other]):,}"
        if waited := self.slices.waits.engine[node]:
            causes = ", ".join(f"{cycles:,} for {_text(wait)}" for wait, cycles in waited.items())
            yield f"  its engine waited {causes}"
        if demand := self._machine.nodes.demand[node]:
            banks = ", ".join(f"{eighths}/8 of bank {bank}" for bank, eighths in demand)
            yield f"  reserves {banks}"

    def _awaited(self, node: int) -> list[int]:
        """The nodes whose tokens a node waits for."""
        result: list[int] = []
        for engine, back in self._machine.nodes.after[node]:
            line = self._of_engine[engine]
            before = bisect_right(line, node - 1)
            result.append(line[before - back])
        return result

    def _others(self, node: int) -> list[str]:
        """What each other engine, and the bus, does when a node starts."""
        now = self.slices.start[node]
        rows = [
            (name, self._at(lane, now))
            for lane, name in enumerate(self.slices.lanes)
            if lane != self.slices.engine[node]
        ]
        return columns([row for row in rows if row[1]], left=(0, 1)) if rows else []

    def _at(self, lane: int, cycle: int) -> str:
        """What a lane does at a cycle."""
        place = bisect_right(self._starts[lane], cycle) - 1
        if place < 0:
            return ""
        span = self._spans[lane][place]
        if isinstance(span, Slice):
            return f"runs node {span.node}, {self._named(span.node)}, to {span.end:,}"
        if span.node is None:
            return "has no more nodes"
        until = f"{_text(span.wait)} to {span.end:,}"
        return f"waits for {until}, before node {span.node}, {self._named(span.node)}"

    def _operand(self, node: int, operand: int, access: Access) -> Iterator[str]:
        """Where an operand lies, and the bytes there if the node has written them."""
        buffer = self.slices.decoded(node).buffers[operand]
        parts = list(self._machine.views_of(node, operand))
        space, name = buffer.space.data, shown_name(buffer.result_name.data)
        verb = "writes" if access.writes else "reads"
        yield f'  {verb} {access.bytes:,} bytes of "{name}", {space} at {parts[0][0]:#x} ({access.role})'
        if not access.writes:
            return
        left = MOST_LINES * LINE_BYTES
        for at, part, _ in parts:
            for line, count in self._dump(buffer, at, part, left):
                left -= count
                yield f"    {line}"
        if access.bytes > MOST_LINES * LINE_BYTES - left:
            yield f"    and {access.bytes - (MOST_LINES * LINE_BYTES - left):,} bytes more"

    def _dump(
        self, buffer: BufferOp, at: int, access: Access, most: int
    ) -> Iterator[tuple[str, int]]:
        """Lines of bytes with their values, each with the number of its bytes, up to `most`."""
        memory = self._machine.memory_of(buffer)
        starts, length = access.runs
        for run in np.sort(starts).tolist():
            for offset in range(0, length, LINE_BYTES):
                count = min(LINE_BYTES, length - offset, most)
                if count <= 0:
                    return
                first = at + run + offset
                data = memory.bytes[first - memory.start :][:count]
                values = data[: count - count % access.itemsize].view(access.dtype)
                shown = " ".join(f"{value:g}" for value in values.astype(np.float64).tolist())
                yield f"{first:#08x}  {data.tobytes().hex(' '):{3 * LINE_BYTES}} {shown}", count
                most -= count


def _text(wait: object) -> str:
    return str(wait).replace("_", " ")
