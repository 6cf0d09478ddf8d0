"""The text of a program at level `dsa` as a list of nodes, with the counters of its repeats filled in."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from operator import add
from typing import Any

from xdsl.dialects.builtin import (
    AnyFloat,
    DictionaryAttr,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    MemRefType,
    ModuleOp,
    StridedLayoutAttr,
    StringAttr,
)
from xdsl.ir import Attribute, Operation

from xnn.dialects.dsa import BufferOp, ConfigOp, LayerOp, ProgramOp, RepeatOp
from xnn.dialects.dsa.instructions import Instruction
from xnn.dialects.prim import NodeOp
from xnn.tools.parsing import make_context, parse_module


def ceil(a: Any, b: Any = 1) -> int:
    """All divisions round up."""
    return int(-(-a // b))


# types


def bits_of(element: Attribute) -> int:
    """The precision that an element counts as."""
    if isinstance(element, IntegerType):
        width = element.width.data
        return next(bits for bits in (8, 16, 32, 64) if width <= bits + (bits <= 16))
    assert isinstance(element, AnyFloat)
    return element.bitwidth


def item_bytes(element: Attribute) -> int:
    """Bytes of an element in memory: an integer of odd width takes the next larger of 1, 2, 4, 8."""
    if isinstance(element, IntegerType):
        return next(size for size in (1, 2, 4, 8) if element.width.data <= 8 * size)
    assert isinstance(element, AnyFloat)
    return element.bitwidth // 8


def format_of(element: Attribute) -> str:
    """Its name in the price list of energies."""
    return ("i" if isinstance(element, IntegerType) else "f") + str(bits_of(element))


def strides_of(type: MemRefType) -> tuple[int, ...]:
    """Strides in elements."""
    if isinstance(type.layout, StridedLayoutAttr):
        strides = type.get_strides()
        assert strides is not None and None not in strides
        return tuple(stride for stride in strides if stride is not None)
    shape = type.get_shape()
    return tuple(prod(shape[i + 1 :]) for i in range(len(shape)))


# nodes


@dataclass(frozen=True)
class Ring:
    """Rows, so many bytes apart, of which an operand begins in the one of number `first`."""

    rows: int
    step: int
    first: int


@dataclass(frozen=True)
class Node:
    """A node of the program, in order."""

    op: Instruction
    layer: str
    node: NodeOp | None
    addresses: tuple[int, ...]
    rings: tuple[Ring | None, ...]
    """Of each operand, if it lies in one."""

    @property
    def engine(self) -> str:
        return self.op.engine_name

    @property
    def is_transfer(self) -> bool:
        return self.engine.startswith("dma")

    @property
    def reservations(self) -> tuple[int, ...]:
        return self.op.reservation_values

    @property
    def most_eighths(self) -> int:
        """Of a bank, for all of its operands, as its schedule says."""
        schedule = getattr(self.node, "schedule", None)
        return getattr(schedule, "eighths", 8)


@dataclass
class Program:
    """A program, its target as a nested dictionary of numbers, and the names of its layers in order."""

    target: dict[str, Any]
    nodes: list[Node] = field(default_factory=list)
    layers: list[str] = field(default_factory=list)


def read_program(text: str) -> Program:
    """The program in the text of a module at level `dsa`."""
    module = parse_module(io.BytesIO(text.encode()), make_context())
    program = Program(_plain(module.attributes["xnn.target"]))
    configs: dict[str, NodeOp] = {}
    nodes: dict[str, NodeOp | None] = {}
    bases: dict[str, int] = {}
    rings: dict[str, tuple[int, ...] | None] = {}
    for op in _program_of(module).body.block.ops:
        if isinstance(op, ConfigOp):
            configs[op.sym_name.data] = op.node
        elif isinstance(op, BufferOp):
            bases[op.result_name.data] = op.address.value.data if op.address is not None else 0
            rings[op.result_name.data] = op.ring.get_values() if op.ring is not None else None
        elif isinstance(op, LayerOp):
            name = op.result_name.data
            program.layers.append(name)
            nodes[name] = configs[op.config.data] if op.config is not None else None
        elif isinstance(op, Instruction | RepeatOp):
            for instruction, counters in _expanded(op, ()):
                layer = instruction.layer.data
                offsets = instruction.offsets.data.eval(counters, [])
                names = [name.data for name in instruction.buffers]
                addresses = tuple(map(add, (bases[name] for name in names), offsets))
                around = tuple(_ring(rings[name], at) for name, at in zip(names, offsets))
                program.nodes.append(Node(instruction, layer, nodes[layer], addresses, around))
    return program


def _ring(ring: tuple[int, ...] | None, offset: int) -> Ring | None:
    if ring is None:
        return None
    rows, step = ring
    return Ring(rows, step, offset // step % rows)


def _program_of(module: ModuleOp) -> ProgramOp:
    return next(op for op in module.body.block.ops if isinstance(op, ProgramOp))


def _expanded(
    op: Operation, counters: tuple[int, ...]
) -> Iterator[tuple[Instruction, tuple[int, ...]]]:
    if isinstance(op, Instruction):
        yield op, counters
        return
    assert isinstance(op, RepeatOp)
    for counter in range(op.count.value.data):
        for each in op.body.block.ops:
            yield from _expanded(each, (*counters, counter))


def _plain(attribute: Attribute) -> Any:
    if isinstance(attribute, DictionaryAttr):
        return {key: _plain(value) for key, value in attribute.data.items()}
    if isinstance(attribute, IntegerAttr | FloatAttr):
        return attribute.value.data
    assert isinstance(attribute, StringAttr)
    return attribute.data
