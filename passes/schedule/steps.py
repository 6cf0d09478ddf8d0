"""The step table: every machine node that a module of the memory level stands for, in program order.

One table serves prediction and code generation. A layer of S blocks is software-pipelined: the
slices of block s + lead are loaded before block s is computed, and a slice of the result is stored
once its last block is done. What each step waits for is found by `xnn.passes.schedule.dependencies`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.dialects.builtin import IntegerAttr, ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument, Operation, SSAValue

from xnn.dialects import dma
from xnn.dialects.diagnostics import UserError, fault
from xnn.dialects.dma.slices import GridSlices
from xnn.dialects.dsa import Direction
from xnn.dialects.dsa.access import Access, NodeBlock, general_accesses, primitive_accesses
from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import GeneralOp, element_type
from xnn.dialects.target import Target
from xnn.dialects.values import item_bytes, strides_of, value_bytes
from xnn.dialects.xnn.interface import main_function
from xnn.passes.schedule.dependencies import Dependencies, Token, Users
from xnn.passes.schedule.pieces import Place, pieces
from xnn.runtime.engines.engine import NodeCost, engine_named
from xnn.runtime.engines.reservations import Span, banks_of, duration, least_reservations
from xnn.runtime.engines.transfer import bus_bytes, bus_cycles, transfer_cost

ADDRESS = "dma.address"
"""Attribute of the function's arguments: where the input lies in external memory."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a step costs, before the reservations of its instruction are known."""

    cycles: int
    drain: int = 0
    """Cycles from its end to its token."""
    bus: int = 0
    """Cycles on the bus of external memory; a step that also reserves banks holds it to its end."""
    rows: tuple[int, ...] = ()
    """Rows of local memory, for each operand there."""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """What the timing contract needs to know of a step."""

    cycles: int
    """Duration with its reservations: rule 4 of the timing contract."""
    drain: int
    bus: int
    """Cycles for which it holds the bus; 0 if it does not use it."""
    reservations: tuple[int, ...]
    spans: tuple[Span, ...]


@dataclass(slots=True)
class Step:
    """One machine node; `immediates` are the fields of its instruction other than addresses, tokens, reservations."""

    op: Operation
    engine: str
    immediates: tuple[object, ...]
    operands: tuple[SSAValue, ...]
    addresses: tuple[int, ...]
    demand: Demand
    after: tuple[Token, ...]
    reservations: tuple[int, ...] = ()

    @property
    def timing(self) -> Timing:
        demand = self.demand
        cycles = duration(demand.cycles, demand.rows, self.reservations)
        bus = cycles if demand.bus and demand.rows else demand.bus
        return Timing(cycles, demand.drain, bus, self.reservations, demand.spans)


def reserve(steps: Sequence[Step]) -> None:
    """Gives the steps of one instruction, the iterations of a repeat, their common reservations.

    They hold for the largest rows of each operand and the least cost, wherever the operands of an
    iteration lie.
    """
    demands = {step.demand for step in steps}
    rows = [max(each) for each in zip(*(demand.rows for demand in demands), strict=True)]
    cost = min(demand.cycles for demand in demands)
    reservations = least_reservations(cost, rows, {demand.spans for demand in demands})
    for step in steps:
        step.reservations = reservations


def address_of(value: SSAValue, main: FuncOp) -> int:
    """Planned address of a buffer in bytes; raises UserError if there is none yet."""
    if isinstance(value.owner, dma.ViewOp):
        view = value.owner
        offset = view.offset.value.data * item_bytes(value)
        return address_of(view.source, main) + offset
    attribute = None
    if isinstance(value, BlockArgument):
        attributes = main.arg_attrs
        attribute = attributes.data[value.index].data.get(ADDRESS) if attributes else None
    elif isinstance(value.owner, dma.AllocOp | dma.ParameterOp | dma.LoadOp | dma.BufferOp):
        attribute = value.owner.address
    if not isinstance(attribute, IntegerAttr):
        raise UserError(
            f"a buffer of type {value.type} has no address", hint="run --plan-memory first"
        )
    return attribute.value.data


def root_of(value: SSAValue) -> SSAValue:
    """The buffer that a view is part of."""
    while isinstance(value.owner, dma.ViewOp):
        value = value.owner.source
    return value


@dataclass
class LayerSteps:
    """The steps of one layer: those before its first block, and those of each block."""

    op: dma.BlocksOp | GeneralOp
    prologue: list[Step]
    blocks: list[list[Step]]


class StepTable:
    """All steps of a module at the memory level, after planning."""

    def __init__(self, module: ModuleOp):
        self.main = main_function(module)
        self.target = Target.of(module)
        self.dependencies = Dependencies()
        self.layers: list[LayerSteps] = []
        self._channel = 0
        self._addresses: dict[SSAValue, int] = {}
        self._users: dict[SSAValue, Users] = {}
        for op in self.main.body.block.ops:
            if isinstance(op, dma.BlocksOp):
                self.layers.append(_Pipeline(self, op).steps())
            elif isinstance(op, GeneralOp):
                self.layers.append(LayerSteps(op, [], [[self._general(op)]]))

    def steps(self) -> Iterator[Step]:
        """All steps in program order."""
        for layer in self.layers:
            yield from layer.prologue
            for block in layer.blocks:
                yield from block

    def channel(self) -> str:
        """Transfers alternate between the channels, so that the latency of one is hidden by another."""
        name = f"dma{self._channel}"
        self._channel = (self._channel + 1) % self.target.dma.channels
        return name

    def restart_channels(self) -> None:
        """The next transfer takes the first channel, so that every iteration of a loop is the same."""
        self._channel = 0

    def address(self, value: SSAValue) -> int:
        """Planned address of a buffer, looked up once."""
        if value not in self._addresses:
            self._addresses[value] = address_of(value, self.main)
        return self._addresses[value]

    def map_users(self, value: SSAValue) -> Users:
        """Users of a buffer that is no slot, or of the one that it is a view of."""
        if value not in self._users:
            root = root_of(value)
            self._users[value] = self.dependencies.users(
                root, self.address(root), value_bytes(root), dma.is_local(root)
            )
        return self._users[value]

    def _general(self, op: GeneralOp) -> Step:
        if any(dma.is_local(value) for value in op.operands):
            raise UserError(str(fault(op, "general compute works in external memory")))
        reads = [self.map_users(value) for value in op.inputs]
        after = self.dependencies.issue(op.engine, reads, part=self.map_users(op.out))
        operands = (*op.inputs, op.out)
        addresses = tuple(self.address(value) for value in operands)
        accesses = general_accesses(op)
        moved = (bus_bytes(*each, self.target) for each in zip(addresses, accesses, strict=True))
        bus = bus_cycles(sum(moved), self.target)
        cost = engine_named(op.engine).cost(op, None, accesses, (), self.target)
        demand = Demand(max(bus, cost.cycles), bus=bus)
        return Step(op, op.engine, (), operands, addresses, demand, after)


@dataclass(frozen=True)
class _Places:
    """Where a slice lies in each block, and the users of its slots."""

    addresses: list[int]
    slots: list[Users]
    indices: list[int]
    strides: tuple[int, ...] = ()

    def users(self, block: int) -> Users:
        return self.slots[self.indices[block]]


class _Pipeline:
    """The steps of one `dma.blocks`."""

    def __init__(self, table: StepTable, op: dma.BlocksOp):
        self.table = table
        self.target = table.target
        self.op = op
        self.node = op.primitive
        self.engine = self.node.engine
        self.before = table.dependencies.counts.get(self.engine, 0)
        """Nodes of the engine before this layer."""
        self.grid = GridSlices(op)
        self.count, self.slices = self.grid.count, self.grid.slices
        inner = list(op.body.block.ops)
        self.loads = [each for each in inner if isinstance(each, dma.LoadOp)]
        self.store = next((each for each in inner if isinstance(each, dma.StoreOp)), None)
        moving = [load for load in self.loads if self.slices[load.result].is_new[1:].any()]
        self.lead = min((load.slots.value.data for load in moving), default=1) - 1
        self._demands: dict[object, Demand] = {}
        self._accesses: dict[NodeBlock, tuple[Access, ...]] = {}
        self._costs: dict[object, NodeCost] = {}
        node = self.node
        self.operands = {last: node.touched_by(last) for last in (False, True)}
        """What a block touches, in the order of its addresses; more for the last of a sum."""
        self.in_place = isinstance(node.out.owner, dma.SliceInPlaceOp)
        self.places = {value: self._place(value) for value in self.slices}
        if node.partial_sums is not None:
            self.places[node.partial_sums] = self._place_of_sums(node.partial_sums)

    def steps(self) -> LayerSteps:
        """Loads for the first blocks; then per block: loads for one to come, computation, store."""
        self.table.restart_channels()
        prologue = [step for block in range(self.lead) for step in self._loads(block)]
        blocks: list[list[Step]] = []
        for block in range(self.count):
            if block % (self.op.grid or (1,))[-1] == 0:
                self.table.restart_channels()
            steps = self._loads(block + self.lead)
            steps.append(self._compute(block))
            if self.store is not None and self.slices[self.store.source].is_over[block]:
                steps += self._transfers(self.store, block)
            blocks.append(steps)
        return LayerSteps(self.op, prologue, blocks)

    def _loads(self, block: int) -> list[Step]:
        """Transfers of the slices that change with a block, except those that lie in the pads."""
        if block >= self.count:
            return []
        slices = [(load, self.slices[load.result]) for load in self.loads]
        moved = [load for load, each in slices if each.is_new[block] and not each.empty[block]]
        return [step for load in moved for step in self._transfers(load, block)]

    def _place(self, value: SSAValue) -> _Places:
        """Where a slice lies in each block."""
        here, owner = self.slices[value], value.owner
        if isinstance(owner, dma.SliceInPlaceOp):
            source = owner.source
            addresses = self.table.address(source) + here.bytes
            if isinstance(source.owner, dma.LoadOp):
                users = self._slot_users(source, 0, self.table.address(source))
            else:
                users = self.table.map_users(source)
            return _Places(addresses.tolist(), [users], [0] * self.count)
        assert isinstance(owner, dma.LoadOp | dma.BufferOp)
        pitch = owner.pitch.value.data if owner.pitch is not None else 0
        slots = owner.slots.value.data
        start, indices = self.table.address(value), (np.cumsum(here.is_new) - 1) % slots
        return _Places(
            (start + indices * pitch).tolist(),
            [self._slot_users(value, slot, start + slot * pitch) for slot in range(slots)],
            indices.tolist(),
            strides_of(value.type),
        )

    def _place_of_sums(self, value: SSAValue) -> _Places:
        """Partial sums stay where they are."""
        start = self.table.address(value)
        users = self._slot_users(value, 0, start)
        return _Places([start] * self.count, [users], [0] * self.count)

    def _slot_users(self, value: SSAValue, slot: int, address: int) -> Users:
        users = self.table.dependencies.users((value, slot), address, value_bytes(value), True)
        if slot and self.before:
            # As if the slot had been in use, so that the first iteration of a loop is like all others.
            users.readers.setdefault(self.engine, self.before - 1)
        return users

    def _transfers(self, op: dma.LoadOp | dma.StoreOp, block: int) -> Iterator[Step]:
        """One transfer, or several for a slice that has more dimensions than a transfer."""
        is_load = isinstance(op, dma.LoadOp)
        local, external = (op.result, op.source) if is_load else (op.source, op.target)
        here, place, users = self.slices[local], self.places[local], self.table.map_users(external)
        inside: Place = place.addresses[block], place.strides
        outside: Place = self.table.address(external) + int(here.bytes[block]), here.strides
        ends = (outside, inside) if is_load else (inside, outside)
        for sizes, *piece in pieces(tuple(here.sizes[block].tolist()), *ends, item_bytes(local)):
            source, target = piece
            outside, inside = (source, target) if is_load else (target, source)
            demand = self._transfer_demand(op, sizes, outside, inside)
            engine = self.table.channel()
            if is_load:
                after = self.table.dependencies.issue(engine, [users], slot=place.users(block))
            else:
                after = self.table.dependencies.issue(engine, [place.users(block)], part=users)
            direction = Direction.LOAD if is_load else Direction.STORE
            strides = source[1], target[1]
            immediates = (direction, sizes, *strides, element_type(local))
            operands = (external, local) if is_load else (local, external)
            yield Step(op, engine, immediates, operands, (source[0], target[0]), demand, after)

    def _transfer_demand(
        self, op: dma.LoadOp | dma.StoreOp, sizes: tuple[int, ...], outside: Place, inside: Place
    ) -> Demand:
        """What a transfer costs, which depends on where in a burst and in a row it starts."""
        start = outside[0] % self.target.external.burst_bytes
        key = (op, sizes, start, outside[1], inside)
        if key not in self._demands:
            dtype, is_load = dtype_of(element_type(op.source)), isinstance(op, dma.LoadOp)
            far = Access("external", False, is_load, not is_load, sizes, outside[1], dtype)
            near = Access("local", True, not is_load, is_load, sizes, inside[1], dtype)
            row = (inside[0] % self.target.local.row_bytes,)
            cost = transfer_cost((far, near), row, self.target)
            bus = bus_cycles(bus_bytes(outside[0], far, self.target), self.target)
            spans = (banks_of(inside[0], near.span, self.target),)
            self._demands[key] = Demand(bus, bus=bus, rows=cost.rows, spans=spans)
        return self._demands[key]

    def _compute(self, block: int) -> Step:
        (sizes, pads), (first, last) = self.grid.sizes[block], self.grid.ends(block)
        operands = self.operands[last]
        places = [self.places[value] for value in operands]
        addresses = tuple(place.addresses[block] for place in places)
        *reads, written = (place.users(block) for place in places)
        own_sums = self.node.partial_sums is not None
        part = self.in_place and (last or not own_sums)
        after = self.table.dependencies.issue(
            self.engine,
            reads,
            slot=None if part else written,
            part=written if part else None,
            accumulates=not first and not (last and own_sums),
        )
        flat_pads = tuple(edge for pair in pads for edge in pair)
        demand = self._compute_demand(NodeBlock(sizes, pads, first, last), addresses)
        immediates = (sizes.sizes, flat_pads, first, last)
        return Step(self.node, self.engine, immediates, operands, addresses, demand, after)

    def _compute_demand(self, block: NodeBlock, addresses: tuple[int, ...]) -> Demand:
        if (block, addresses) not in self._demands:
            if block not in self._accesses:
                self._accesses[block] = primitive_accesses(self.node, block)
            accesses = self._accesses[block]
            starts = tuple(address % self.target.local.row_bytes for address in addresses)
            if (block, starts) not in self._costs:
                engine = engine_named(self.engine)
                cost = engine.cost(self.node, block, accesses, starts, self.target)
                self._costs[block, starts] = cost
            cost = self._costs[block, starts]
            spans = tuple(
                banks_of(address, access.span, self.target)
                for address, access in zip(addresses, accesses, strict=True)
            )
            demand = Demand(cost.cycles, cost.drain, rows=cost.rows, spans=spans)
            self._demands[block, addresses] = demand
        return self._demands[block, addresses]
