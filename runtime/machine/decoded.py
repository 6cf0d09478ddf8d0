"""What the instructions of a program touch and cost, decoded once for all of their nodes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from xnn.dialects.dsa import BufferOp
from xnn.dialects.dsa.access import Access
from xnn.dialects.dsa.instructions import Instruction
from xnn.dialects.prim import NodeOp
from xnn.runtime.engines.engine import NodeCost
from xnn.runtime.engines.reservations import Span


@dataclass
class Decoded:
    """One instruction: what it touches, and what each of its nodes costs."""

    op: Instruction
    node: NodeOp | None
    """What the configuration of its layer holds."""
    engine: int
    """Number of its engine, as in Target.engines."""
    accesses: tuple[Access, ...]
    """Of its operands where no ring ends."""
    buffers: tuple[BufferOp, ...]
    tokens: tuple[tuple[int, int], ...]
    costs: dict[object, NodeCost]
    """By where in a row of local memory the operands there begin, and where they wrap; one for all
    instructions of the layer that do the same."""
    demands: dict[tuple[Span, ...], tuple[tuple[int, int], ...]] = field(default_factory=dict)

    @cached_property
    def in_ring(self) -> bool:
        """Whether an operand lies in a ring."""
        return any(buffer.ring is not None for buffer in self.buffers)

    @property
    def external_bytes(self) -> tuple[int, int]:
        """Useful bytes that a node reads from, and writes to, external memory."""
        here = [access for access in self.accesses if not access.local]
        read = sum(access.bytes for access in here if access.reads)
        return read, sum(access.bytes for access in here if access.writes)
