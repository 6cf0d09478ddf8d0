"""What the engines of a machine wait for while they are idle, and what tokens stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xnn.dialects.dsa import Role
from xnn.dialects.dsa.instructions import TransferInstruction
from xnn.runtime.machine.machine import Decoded, Machine
from xnn.runtime.machine.waits import Wait, waits


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
    """What a node waits for with the token of another: bytes that it reads, or room for those that it writes.

    Where they share no bytes, as an order may make a node wait for more than it needs: a buffer that it reads.
    """
    operands, before = ([*_operands(machine, each)] for each in (node, other))
    read, written = (
        [each for each in operands if each.reads],
        [each for each in before if each.writes],
    )
    if _meet(read, written):
        return _loaded(machine, other)
    if _meet([each for each in operands if each.writes], before):
        return Wait.ROOM
    if {each.buffer for each in read} & {each.buffer for each in written}:
        return _loaded(machine, other)
    return Wait.ROOM


def loads_weights(each: Decoded) -> bool:
    """Whether an instruction is a transfer that reads a parameter."""
    return isinstance(each.op, TransferInstruction) and any(
        access.reads and buffer.role.data == Role.PARAMETER
        for access, buffer in zip(each.accesses, each.buffers, strict=False)
    )


def _loaded(machine: Machine, node: int) -> Wait:
    """What a node writes."""
    each = machine.decoded[machine.expansion.nodes[node][0]]
    return Wait.WEIGHTS if loads_weights(each) else Wait.FEATURE_MAPS


class _Operand(NamedTuple):
    """From the first byte that a node touches to before `end`."""

    buffer: str
    local: bool
    start: int
    end: int
    reads: bool
    writes: bool


def _operands(machine: Machine, node: int) -> Iterator[_Operand]:
    op, addresses = machine.expansion.nodes[node]
    each = machine.decoded[op]
    accesses = machine.accesses(each, addresses)
    for access, at, buffer in zip(accesses, addresses, each.buffers, strict=False):
        start, name = at + access.low, buffer.result_name.data
        yield _Operand(name, access.local, start, start + access.span, access.reads, access.writes)


def _meet(some: Sequence[_Operand], others: Sequence[_Operand]) -> bool:
    """Whether some operands of one node touch bytes of some of another."""
    return any(
        one.local == other.local and one.start < other.end and other.start < one.end
        for one in some
        for other in others
    )
