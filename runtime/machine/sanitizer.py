"""The sanitizer: is a machine program right whatever its timing and its data?

It walks the expansion once, in program order, and keeps for every element of memory which nodes
wrote and read it last. Timing plays no part, so a race is found even where it does no harm:

1. Inputs and parameters are written before the start; all other memory is not, and may not be read.
   The end of the program reads the outputs.
2. Every operand lies in the memory and in one slot of its buffer. Parameters are only read.
3. Nodes of one engine are in order; `after <engine k>` puts the k-th last node of that engine before
   this one; order is transitive. Nothing else (bus, banks, queue depth, costs) orders.
4. The results of an engine that drains (matmul) come after its next node has started: to read them
   needs the token of the node that wrote them, or of a later one, also on that engine.
5. Two accesses to the same bytes, one of them a write, must be in order. Those of one node are not,
   but for the sums that it accumulates, and for what `post` reads of each element just where it is written.

A wrong token shows as one of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.ir import Operation

from xnn.dialects.diagnostics import location_of
from xnn.dialects.dsa import Space
from xnn.dialects.dsa.access import Access
from xnn.dialects.element_types import dtype_of
from xnn.dialects.names import shown_name
from xnn.dialects.values import strides_of
from xnn.runtime.machine.machine import Machine
from xnn.runtime.machine.shadow import FIRST_NODE, NEVER, START, Region, ShadowMemory

KINDS = "uninitialised read", "out of range", "parameter written", "race"
UNINITIALISED, OUT_OF_RANGE, PARAMETER_WRITTEN, RACE = KINDS


@dataclass(frozen=True)
class Finding:
    """One fault of a program; its str is a message of one line."""

    kind: str
    """One of KINDS."""
    node: int
    """Number in the expansion; the number of all nodes for what the end of the program reads."""
    instruction: str
    layer: str
    operand: int
    buffer: str
    space: str
    start: int
    end: int
    """The faulty bytes lie in [start, end) of the space."""
    problem: str
    location: str | None = None
    """file:line:col of its instruction."""
    other_node: int | None = None
    other_layer: str | None = None

    def __str__(self) -> str:
        return (
            f'node {self.node} ({self.instruction} of layer "{shown_name(self.layer)}"): {self.kind}: operand '
            f'{self.operand} in "{shown_name(self.buffer)}", {self.space} bytes {self.start:#x} to '
            f"{self.end:#x}, {self.problem}"
        )


def sanitize(machine: Machine, limit: int = 100) -> list[Finding]:
    """Faults of a machine's program in program order: the first of each kind per pair of
    instructions, at most `limit`. Needs neither inputs nor the values of parameters."""
    return _Sanitizer(machine, limit).run()


class _Order:
    """Rules 3 and 4. A clock is, per engine, how many of its nodes are known to be over."""

    def __init__(self, engine_of: np.ndarray, engines: int, draining: set[int]):
        self._draining = draining
        self._nodes = [np.flatnonzero(engine_of == engine) for engine in range(engines)]
        self._clocks: list[list[list[int]]] = [[] for _ in range(engines)]
        # By mark; what is no node has place 0, which every clock knows.
        self._engine = np.concatenate([np.zeros(FIRST_NODE, np.intp), engine_of])
        self._place = np.zeros(len(self._engine), np.int64)
        for nodes in self._nodes:
            self._place[nodes + FIRST_NODE] = np.arange(1, len(nodes) + 1)

    def issue(self, engine: int, tokens: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
        """What an engine's next node knows: for its reads, and for its writes."""
        own = self._clocks[engine]
        clock = list(own[-1]) if own else [0] * len(self._nodes)
        for other, back in tokens:
            place = len(self._clocks[other]) - back
            if back > 0 <= place:  # a token that names nothing orders nothing
                clock = list(map(max, clock, self._clocks[other][place]))
                clock[other] = max(clock[other], place + 1)
        in_queue = list(clock)
        in_queue[engine] = len(own)
        if engine not in self._draining:
            clock = in_queue
        own.append(clock)
        return clock, in_queue

    def unordered(self, marks: np.ndarray, clock: Sequence[int]) -> np.ndarray | None:
        """Which marks are of nodes that a clock does not know; None if none is."""
        newest = int(marks.max()) - FIRST_NODE
        if all(
            known == len(nodes) or newest < nodes[known]
            for nodes, known in zip(self._nodes, clock, strict=True)
        ):
            return None
        wrong = self._place[marks] > np.array(clock)[self._engine[marks]]
        return wrong if wrong.any() else None


@dataclass(frozen=True)
class _Operand:
    """An operand of one node. `op` is its instruction, the same in all iterations of a repeat."""

    node: int
    op: Operation
    instruction: str
    layer: str
    number: int
    access: Access
    buffer: str
    address: int

    @property
    def space(self) -> Space:
        return Space.LOCAL if self.access.local else Space.EXTERNAL

    @property
    def range(self) -> tuple[int, int]:
        """First and last byte, exclusive."""
        item, steps = self.access.itemsize, zip(self.access.sizes, self.access.strides, strict=True)
        reach = [(size - 1) * stride * item for size, stride in steps]
        low, high = sum(min(0, r) for r in reach), sum(max(0, r) for r in reach)
        return self.address + low, self.address + high + item

    def is_replaced_by(self, other: _Operand) -> bool:
        """Whether the node reads each of its elements just where it then writes one of the other."""
        mine, theirs = self.access, other.access
        return (
            mine.elementwise
            and theirs.role == "out"
            and (mine.local, self.address) == (theirs.local, other.address)
            and (mine.sizes, mine.strides, mine.itemsize)
            == (theirs.sizes, theirs.strides, theirs.itemsize)
            and theirs.wrap is None
        )


class _Sanitizer:
    """One walk over a program."""

    def __init__(self, machine: Machine, limit: int):
        self.machine, self.limit = machine, limit
        self.findings: dict[object, Finding] = {}
        self.shadow = ShadowMemory(machine)
        engine_of = machine.nodes.engine
        draining = set(engine_of[machine.nodes.drain > 0].tolist())
        self.order = _Order(engine_of, len(machine.engines), draining)

    def run(self) -> list[Finding]:
        """The findings, at most `limit`."""
        expansion = self.machine.expansion
        for node, (op, row) in enumerate(expansion.nodes):
            if len(self.findings) >= self.limit:
                break
            each = self.machine.decoded[op]
            known = self.order.issue(each.engine, each.tokens)
            layer = each.op.layer.data
            placed: list[tuple[_Operand, Region]] = []
            touched = zip(self.machine.accesses(each, row), each.op.buffer_names, row, strict=False)
            for number, (access, buffer, at) in enumerate(touched):
                for offset, part in access.parts:
                    place = number, part, buffer, at + offset
                    operand = _Operand(node, each.op, each.op.name, layer, *place)
                    if (region := self._region_of(operand)) is not None:
                        placed.append((operand, region))
            for operand, region in placed:
                if operand.access.reads:
                    replaced = any(operand.is_replaced_by(other) for other, _ in placed)
                    self._read(operand, region, each.engine, known[0], replaced)
            for operand, region in placed:
                if operand.access.writes:
                    self._write(operand, region, known[1])
        else:
            for operand, region in self._outputs():
                self._initialised(operand, self._marks(operand, region, region.writer))
        return list(self.findings.values())[: self.limit]

    def _outputs(self) -> Iterator[tuple[_Operand, Region]]:
        """What the end of the program reads; it waits for the last token."""
        for op in self.machine.outputs:
            name, dtype = op.result_name.data, dtype_of(op.type.element_type)
            access = Access(
                "output", False, True, False, op.type.get_shape(), strides_of(op.type), dtype
            )
            place = access, op.buffer.data, self.machine.address_of(op)
            operand = _Operand(len(self.machine.expansion), op, op.name, name, 0, *place)
            if (region := self._region_of(operand)) is not None:
                yield operand, region

    def _region_of(self, operand: _Operand) -> Region | None:
        """Rule 2; the shadow that holds the operand, if one does."""
        if min(operand.access.sizes, default=1) < 1:
            return None
        low, high = operand.range
        target = self.machine.target
        size = (target.local if operand.access.local else target.external).capacity_bytes
        slot = self.shadow.slot_at(operand.buffer, low, high)
        if low < 0 or high > size:
            self._find(OUT_OF_RANGE, operand, low, high, f"lie outside of memory, which has {size}")
        elif slot is None:
            problem = f'lie in no slot of buffer "{shown_name(operand.buffer)}"'
            self._find(OUT_OF_RANGE, operand, low, high, problem)
        elif slot.region is None and operand.access.writes:
            problem = f'belong to parameter "{slot.buffer.shown_name}"'
            self._find(PARAMETER_WRITTEN, operand, low, high, problem)
        else:
            return slot.region
        return None

    def _read(
        self, operand: _Operand, region: Region, engine: int, known: list[int], replaced: bool
    ) -> None:
        writers = self._marks(operand, region, region.writer)
        self._initialised(operand, writers)
        self._race(operand, "read", writers, "written", known)
        if not operand.access.writes and not replaced:
            self._marks(operand, region, region.reader(engine))[...] = operand.node + FIRST_NODE

    def _initialised(self, operand: _Operand, writers: np.ndarray) -> None:
        """Rule 1."""
        if writers.min() == NEVER:
            never = writers == NEVER
            self._find(UNINITIALISED, operand, *self._bytes(operand, never), "were never written")
            writers[never] = START  # found once

    def _write(self, operand: _Operand, region: Region, known: list[int]) -> None:
        writers = self._marks(operand, region, region.writer)
        self._race(operand, "written", writers, "written", known)
        for readers in region.readers.values():
            self._race(operand, "written", self._marks(operand, region, readers), "read", known)
        writers[...] = operand.node + FIRST_NODE

    def _race(
        self, operand: _Operand, verb: str, marks: np.ndarray, before: str, known: list[int]
    ) -> None:
        """Rule 5, against the earlier accesses that `marks` stand for."""
        unordered = self.order.unordered(marks, known)
        if unordered is None:
            return
        for mark in np.unique(marks[unordered]).tolist():
            node = mark - FIRST_NODE
            other = self.machine.expansion.ops[self.machine.expansion.op_index[node]]
            problem = (
                f"are {verb} here and {before} by node {node} ({other.name} of layer "
                f'"{shown_name(other.layer.data)}"), in no order of tokens or of one engine'
            )
            low, high = self._bytes(operand, unordered & (marks == mark))
            self._find(RACE, operand, low, high, problem, node)

    def _bytes(self, operand: _Operand, chosen: np.ndarray) -> tuple[int, int]:
        """First and last byte, exclusive, of the chosen marks of an operand."""
        grain = self.shadow.grain
        strides = [stride * operand.access.itemsize for stride in operand.access.strides]
        starts = operand.address + np.argwhere(chosen) @ np.array([*strides, grain])
        return int(starts.min()), int(starts.max()) + grain

    def _marks(self, operand: _Operand, region: Region, shadow: np.ndarray) -> np.ndarray:
        return self.shadow.marks(region, shadow, operand.access, operand.address)

    def _find(
        self, kind: str, at: _Operand, low: int, high: int, problem: str, other: int | None = None
    ) -> None:
        index = None if other is None else int(self.machine.expansion.op_index[other])
        layer = None if index is None else self.machine.expansion.ops[index].layer.data
        finding = Finding(
            kind, at.node, at.instruction, at.layer, at.number, at.buffer, at.space, low, high, problem,
            location_of(at.op), other, layer,
        )  # fmt: skip
        self.findings.setdefault((kind, at.op, index), finding)
