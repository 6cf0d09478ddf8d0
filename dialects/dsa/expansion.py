"""The expanded program: one row per machine node, in program order.

`dsa.repeat` is defined as its expansion; verifier, machine and sanitizer work on this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from xdsl.ir import Block, Operation

from xnn.dialects.affine import evaluate_affine, magnitude
from xnn.dialects.diagnostics import fault
from xnn.dialects.dsa.binding import tied
from xnn.dialects.dsa.buffers import BufferOp
from xnn.dialects.dsa.instructions import Instruction, RepeatOp
from xnn.dialects.target import LARGEST_ELEMENT


@dataclass(frozen=True)
class Expansion:
    """`op_index[i]` is the place in `ops` of node i's instruction, `offsets[i]` its operands' in their buffers."""

    ops: list[Instruction]
    op_index: np.ndarray
    offsets: np.ndarray
    buffers: dict[str, BufferOp]
    """By name."""
    bases: dict[str, int]
    """The address of each buffer; of one that is dynamic the one that it is tied to."""

    def starts_of(self, buffer: BufferOp) -> tuple[int, ...]:
        """The addresses of the slots of a buffer."""
        base = self.bases[buffer.result_name.data]
        return tuple(base + offset for offset in buffer.slot_offsets)

    @cached_property
    def addresses(self) -> np.ndarray:
        """Like `offsets`; raises KeyError if there is no such buffer."""
        bases = np.zeros((len(self.ops), self.offsets.shape[1]), np.int64)
        for op, row in zip(self.ops, bases, strict=True):
            for column, name in enumerate(op.buffer_names):
                row[column] = self.bases[name]
        return self.offsets + bases[self.op_index]

    @cached_property
    def nodes(self) -> list[tuple[int, list[int]]]:
        """Per node the place of its instruction and its operands' addresses."""
        return list(zip(self.op_index.tolist(), self.addresses.tolist(), strict=True))

    def __len__(self) -> int:
        return len(self.op_index)


MAX_NODES = 2**24
"""Of a program: they are verified, timed and run one by one."""
MAX_OFFSET = 2**62
"""What the terms of an offset may add up to, so that it is a 64-bit integer."""


def _length(op: Operation) -> int:
    if isinstance(op, RepeatOp):
        return op.count.value.data * sum(_length(inner) for inner in op.body.block.ops)
    return 1 if isinstance(op, Instruction) else 0


def expand(block: Block, alignment: int = LARGEST_ELEMENT) -> Expansion:
    """The nodes of a program's block; raises VerifyException if a map of offsets does not fit.

    Dynamic buffers are tied to multiples of `alignment`, behind all others.
    """
    ops: list[Instruction] = []
    places: list[np.ndarray] = []
    rows: list[np.ndarray] = []

    def visit(op: Operation, starts: np.ndarray, counters: list[np.ndarray]) -> None:
        if isinstance(op, RepeatOp):
            count = op.count.value.data
            iterations = np.arange(count, dtype=np.int64)
            size = _length(op) // count
            inner_starts = (starts[:, None] + iterations * size).ravel()
            inner_counters = [np.repeat(counter, count) for counter in counters]
            inner_counters.append(np.tile(iterations, len(starts)))
            walk(op.body.block, inner_starts, inner_counters)
        elif isinstance(op, Instruction):
            if op.map.num_dims != len(counters) or op.map.num_symbols:
                raise fault(op, f"has {op.map.num_dims} counters in {len(counters)} repeats")
            ops.append(op)
            places.append(starts)
            counts = [int(counter[-1]) if len(counter) else 0 for counter in counters]
            if any(magnitude(result, counts) > MAX_OFFSET for result in op.map.results):
                raise fault(op, f"offsets {op.map} are far outside any memory")
            columns = [evaluate_affine(result, counters) for result in op.map.results]
            row = np.empty((len(starts), len(columns)), np.int64)
            for index, column in enumerate(columns):
                row[:, index] = column
            rows.append(row)

    def walk(body: Block, starts: np.ndarray, counters: list[np.ndarray]) -> None:
        for op in body.ops:
            visit(op, starts, counters)
            starts = starts + _length(op)

    if (nodes := sum(map(_length, block.ops))) > MAX_NODES:
        worst = max(block.ops, key=_length)
        raise fault(worst, f"stands for {_length(worst)} of {nodes} nodes, more than {MAX_NODES}")
    walk(block, np.zeros(1, np.int64), [])
    total = sum(len(place) for place in places)
    width = max((row.shape[1] for row in rows), default=0)
    op_index = np.empty(total, np.int32)
    offsets = np.zeros((total, width), np.int64)
    for index, (place, row) in enumerate(zip(places, rows, strict=True)):
        op_index[place] = index
        offsets[place, : row.shape[1]] = row
    buffers = {op.result_name.data: op for op in block.ops if isinstance(op, BufferOp)}
    return Expansion(ops, op_index, offsets, buffers, tied(buffers, alignment, {}))
