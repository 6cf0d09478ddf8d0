"""What the engines of a machine wait for while they are idle, and what tokens stand for."""

from __future__ import annotations

from collections.abc import Iterator

from xnn.dialects.dsa import Role
from xnn.dialects.dsa.instructions import TransferInstruction
from xnn.runtime.machine.machine import Machine
from xnn.runtime.machine.waits import Wait, waits

Range = tuple[bool, int, int]
"""Whether it is local, its first byte, and the first one behind it."""


def node_waits(machine: Machine) -> list[dict[Wait, int]]:
    """For each node the idle cycles of its engine since the node before, by what they wait for."""

    def awaited(node: int, other: int) -> Wait:
        return _awaited(machine, node, other)

    return waits(machine.nodes, machine.timeline, awaited, machine.target)


def idle_cycles(machine: Machine) -> dict[str, dict[str, int]]:
    """For each engine its idle cycles by what they wait for; with those in which it is busy they are all."""
    names, cycles = machine.target.engines, machine.timeline.cycles
    idle: list[dict[str, int]] = [{} for _ in names]
    ends = [0] * len(names)
    engines, times = machine.nodes.engine.tolist(), machine.timeline.end.tolist()
    for engine, end, found in zip(engines, times, node_waits(machine), strict=True):
        for wait, waited in found.items():
            idle[engine][str(wait)] = idle[engine].get(str(wait), 0) + waited
        ends[engine] = end
    for found, end in zip(idle, ends, strict=True):
        if cycles > end:
            found[str(Wait.END)] = cycles - end
    return dict(zip(names, idle, strict=True))


def _awaited(machine: Machine, node: int, other: int) -> Wait:
    """What a node waits for with the token of another: the bytes that it reads, or room for those that it writes."""
    read, written = _ranges(machine, node, writes=False), [*_ranges(machine, other, writes=True)]
    if not any(_overlap(one, each) for one in read for each in written):
        return Wait.ROOM
    each = machine.decoded[machine.expansion.nodes[other][0]]
    loads = isinstance(each.op, TransferInstruction) and any(
        access.reads and buffer.role.data == Role.PARAMETER
        for access, buffer in zip(each.accesses, each.buffers, strict=False)
    )
    return Wait.WEIGHTS if loads else Wait.FEATURE_MAPS


def _ranges(machine: Machine, node: int, writes: bool) -> Iterator[Range]:
    """From the first to the last byte of each operand that a node writes, or reads."""
    op, addresses = machine.expansion.nodes[node]
    accesses = machine.accesses(machine.decoded[op], addresses)
    for access, address in zip(accesses, addresses, strict=False):
        if access.writes if writes else access.reads:
            start = address + access.low
            yield access.local, start, start + access.span


def _overlap(one: Range, other: Range) -> bool:
    return one[0] == other[0] and one[1] < other[2] and other[1] < one[2]
