"""What the engines of a machine wait for while they are idle, and what tokens stand for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from xnn.dialects.dsa import Role
from xnn.dialects.dsa.instructions import TransferInstruction
from xnn.runtime.machine.decoded import Decoded
from xnn.runtime.machine.machine import Machine
from xnn.runtime.machine.waits import Wait, Waits, waits


def node_waits(machine: Machine) -> Waits:
    """What the engines and the bus of a machine wait for before each node."""

    @cache
    def operands(node: int) -> list[_Operand]:
        return [*_operands(machine, node)]

    def awaited(node: int, other: int) -> Wait:
        return _awaited(machine, other, operands(node), operands(other))

    return waits(machine.nodes, machine.timeline, awaited, machine.target)


def idle_cycles(machine: Machine) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """The idle cycles of each engine, and of the bus, by what they wait for; with the busy ones they are all."""
    names, found = machine.target.engines, node_waits(machine)
    engines, ends = machine.nodes.engine, machine.timeline.end
    idle: dict[str, dict[str, int]] = {}
    for number, name in enumerate(names):
        mine = np.flatnonzero(engines == number).tolist()
        end = int(ends[mine[-1]]) if mine else 0
        idle[name] = _sum((found.engine[node] for node in mine), end, machine)
    left = machine.timeline.start + machine.nodes.bus
    free = int(left[machine.nodes.bus > 0].max(initial=0))
    return idle, _sum(found.bus, free, machine)


def _sum(waits: Iterable[dict[Wait, int]], end: int, machine: Machine) -> dict[str, int]:
    """All waits, and what is left from an end to that of the program."""
    result: dict[str, int] = {}
    last = {Wait.END: machine.timeline.cycles - end}
    for found in (*waits, last):
        for wait, cycles in found.items():
            if cycles:
                result[str(wait)] = result.get(str(wait), 0) + cycles
    return result


def _awaited(
    machine: Machine, other: int, operands: Sequence[_Operand], before: Sequence[_Operand]
) -> Wait:
    """What a node waits for with the token of another: bytes that it reads, or room for those that it writes.

    The node has `operands`, the other one those `before`.
    Where they share no bytes, as an order may make a node wait for more than it needs: a buffer that it reads.
    """
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
