"""What an engine of the machine is to the rest: the cost of a node, its least work, and what its price is made of.

Each file of this folder that is named after an engine has an `ENGINE`; a node names its engine
(`NodeOp.engine`). Cost never sees data.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar, cast

import numpy as np
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import Attribute, Operation, Region
from xdsl.ir.affine import AffineMap

from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa.access import Access, NodeBlock, streamed_strides, streamed_wrap
from xnn.dialects.element_types import precision_bits
from xnn.dialects.prim import Domain, Primitive
from xnn.dialects.prim.node import NodeOp
from xnn.dialects.prim.tiling import Form
from xnn.dialects.scalar import price_class
from xnn.dialects.target import Matmul, Sort, Target
from xnn.dialects.windows import Pads
from xnn.runtime.engines.vectors import Layout, Row

Operations = Mapping[str, int]
"""Price units of elementary operations, by the format that they are computed in."""


@dataclass(frozen=True)
class NodeCost:
    """What one machine node costs, whatever its reservations."""

    terms: Mapping[str, int] = field(default_factory=dict[str, int])
    """Cycles by what takes them, all at the same time: the engine's own work first, then `pre`, `post`."""
    padding: int = 0
    """Cycles of the engine's own work that partial tiles, or vectors, waste."""
    rows: tuple[int, ...] = ()
    """Rows of local memory that each of its streams reads and writes."""
    read_rows: int = 0
    """Those of them that are read."""
    drain: int = 0
    """Cycles from its end to its token."""
    macs: int = 0
    idle_macs: int = 0
    """Multiply-accumulates that the array could have done beside them."""
    accumulator_bytes: int = 0
    operations: Operations = field(default_factory=dict[str, int])

    @property
    def cycles(self) -> int:
        """Cycles that the node takes if its banks keep up."""
        return max((1, *self.terms.values()))

    def parts(self, bus: int) -> dict[str, int]:
        """What makes up its cycles if its banks keep up and it is on the bus for so many of them.

        Of the terms, all at the same time, each counts for what it takes longer than those before it; the
        bus is the last, "padding" a part of its own.
        """
        result, longest = {"padding": self.padding}, self.padding
        for name, cycles in (*self.terms.items(), ("bus", bus)):
            result[name] = max(0, cycles - longest)
            longest = max(longest, cycles)
        if not longest:
            return {next(iter(self.terms), "bus"): 1}
        return {name: cycles for name, cycles in result.items() if cycles}


Compute = Callable[[Sequence[np.ndarray], Pads, np.ndarray | None], np.ndarray]
"""What a primitive computes between `pre` and `post`.

From the operands by role (lhs of a product, rhs), the pads that fall into the block, and the partial
sums of the blocks of channels before, if there are any.
"""


class Spacing(NamedTuple):
    """How an operand of a block lies in local memory, in bytes. Elements may be arrays of candidates."""

    channel: Any
    """What the places of its channels, or rows of lhs, in rows of local memory are multiples of."""
    line: Any
    """From an element to the next along the last dimension but one."""


Spacings = Mapping[str, Spacing]
"""By role."""

NodeT = TypeVar("NodeT", bound=NodeOp)


class Engine(ABC, Generic[NodeT]):
    """An engine that computes: the price of its nodes."""

    drains: ClassVar[bool] = False
    """Whether its results come some time after its next node has started."""

    @abstractmethod
    def cost(
        self,
        node: NodeT,
        block: NodeBlock | None,
        accesses: Sequence[Access],
        starts: Sequence[int],
        target: Target,
    ) -> NodeCost:
        """Cost of a block, whose operands touch `accesses` from the bytes `starts` of a memory row on.

        No block: of the whole node.
        """

    @abstractmethod
    def least_cycles(self, node: NodeT, target: Target) -> int:
        """The least cycles of the engine for a whole node, whatever its schedule."""

    @abstractmethod
    def operations(self, node: NodeT) -> int:
        """Elementary operations of a whole node: multiply-accumulates, comparisons, ..."""


class PrimitiveEngine(Engine[NodeT]):
    """An engine of a primitive, whose nodes are scheduled in blocks. Sizes of blocks may be arrays of candidates."""

    @abstractmethod
    def semantics(self, node: NodeT) -> Compute:
        """What the engine computes for a block of a node."""

    def drain(self, node: NodeT, target: Target) -> int:
        """Cycles from the end of a node to its token."""
        return 0

    def forms(self, node: NodeT, target: Target) -> list[Form]:
        """The forms among which a schedule chooses."""
        return [Form()]

    def allows(self, node: NodeT, block: Domain, form: Form, target: Target) -> Any:
        """Whether a block may have a form."""
        return True

    def granule(self, node: NodeT, target: Target) -> int:
        """What rows and columns of a block are best multiples of."""
        return 1

    @abstractmethod
    def computation(self, node: NodeT, block: Domain, form: Form, target: Target) -> Any:
        """Cycles of a block with its `pre` and `post`, if memory keeps up."""

    @abstractmethod
    def estimate(
        self, node: NodeT, block: Domain, form: Form, target: Target, spacings: Spacings
    ) -> Any:
        """About the cycles of a block with the rows of its largest operands, if no two meet in a bank.

        `spacings`: of its operands and the result.
        """


def vector_rows(bytes: Any, step: Any, target: Target) -> Any:
    """No less than the rows of so many bytes side by side, which begin at any multiple of `step` bytes."""
    row = target.local.row_bytes
    return (row - np.gcd(step, row) + bytes - 1) // row + 1


@cache
def engine_named(name: str) -> Engine[NodeOp]:
    """The engine of a name; raises UserError if there is none."""
    try:
        return import_module(f"xnn.runtime.engines.{name}").ENGINE
    except (ModuleNotFoundError, AttributeError):
        raise UserError(f"there is no engine '{name}'") from None


def primitive_engine(node: Primitive) -> PrimitiveEngine[Primitive]:
    """The engine of a primitive."""
    return cast("PrimitiveEngine[Primitive]", engine_named(node.engine))


def whole_cycles(node: Primitive, target: Target) -> int:
    """The least cycles of the engine of a whole primitive, with its `pre` and `post`, over all its forms."""
    engine, domain = primitive_engine(node), node.domain
    forms = engine.forms(node, target)
    return min(int(engine.computation(node, domain, form, target)) for form in forms)


def table_rows(access: Access, start: int, target: Target) -> int:
    """Rows of local memory of a table, read once, that begins at a byte of one."""
    return -(-(start + access.bytes) // target.local.row_bytes)


def row_of(start: int, target: Target) -> Row:
    """Rows of local memory for an operand that begins at a byte of one."""
    return Row(target.local.row_bytes, start)


def layout_of(access: Access, start: int, indexing_map: AffineMap | None, target: Target) -> Layout:
    """How an operand lies that begins at a byte of a row of local memory; `indexing_map`: that of one of a region."""
    strides, wrap = access.strides, access.wrap
    if indexing_map is not None:
        strides = streamed_strides(access, indexing_map)
        wrap = streamed_wrap(access, indexing_map)
    row = row_of((start + access.low) % target.local.row_bytes, target)
    steps = tuple(stride * access.itemsize for stride in strides)
    return Layout(row, access.itemsize, steps, wrap=wrap)


def format_of(type: Attribute) -> str:
    """The format in which operations on a type are computed: i8, i16, ..., f64."""
    bits = precision_bits(type)
    return f"i{bits}" if isinstance(type, IntegerType) else f"f{max(16, bits)}"


def operation_units(op: Operation, target: Target) -> int:
    """Price units of a scalar operation for one element; constants and yields cost nothing."""
    kind = price_class(op)
    return 0 if kind is None else getattr(target.operation_cycles, kind)


def region_operations(region: Region, target: Target) -> Operations:
    """Price units of a region for one element, by format."""
    result: Counter[str] = Counter()
    if region.blocks:
        for op in region.block.ops:
            if units := operation_units(op, target):
                type = op.results[0].type
                result[format_of(type)] += units
    return result


def weight(operations: Operations) -> int:
    """Price units of all formats together."""
    return sum(operations.values())


def scaled(operations: Operations, times: int) -> Operations:
    """The operations of so many elements."""
    return {form: units * times for form, units in operations.items()}


def merged(*parts: Operations) -> Operations:
    """The operations of several regions."""
    result: Counter[str] = Counter()
    for part in parts:
        result.update(part)
    return dict(result)


def padding_cycles(cycles: int, places: int, used: int) -> int:
    """Whole cycles of so many that pads of tiles or vectors take, which have `places` of which elements use some."""
    return cycles * (places - used) // places if places else 0


def throughput_cycles(vectors: int, units: int, per_cycle: int) -> int:
    """Cycles of `units` of price on each of so many vectors, at `per_cycle` units a lane and cycle."""
    return -(-vectors * units // per_cycle)


@dataclass(frozen=True)
class RegionWork:
    """What `pre` computes on each vector that is read of rhs, and `post` on each that is written of the result."""

    pre: Operations
    post: Operations
    read: int
    written: int

    @staticmethod
    def of(
        node: Primitive, block: NodeBlock, read: int, written: int, target: Target
    ) -> RegionWork:
        """That of a block; before the last one of a sum there is no `post`."""
        post = region_operations(node.post, target) if block.last else {}
        return RegionWork(region_operations(node.pre, target), post, read, written)

    def terms(self, section: Matmul | Sort) -> dict[str, int]:
        """Cycles of either, by what the engine's section of the target computes in a cycle."""
        return {
            "pre": throughput_cycles(self.read, weight(self.pre), section.pre_operations),
            "post": throughput_cycles(self.written, weight(self.post), section.post_operations),
        }

    def operations(self, lanes: int) -> Operations:
        """Price units of both, for vectors of so many lanes."""
        return merged(scaled(self.pre, self.read * lanes), scaled(self.post, self.written * lanes))
