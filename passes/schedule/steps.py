"""The step table: every machine node that a module of the memory level stands for, in program order.

One table serves prediction and code generation. A layer of S blocks is software-pipelined: the
slices of block s + lead are loaded before block s is computed, and a slice of the result is stored
once its last block is done. What each step waits for is found by `xnn.passes.schedule.dependencies`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.dialects.builtin import IntegerAttr, ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument, Operation, SSAValue

from xnn.dialects import dma
from xnn.dialects.diagnostics import UserError, fault
from xnn.dialects.dma.slices import GridSlices
from xnn.dialects.dsa import Direction
from xnn.dialects.dsa.access import (
    Access,
    NodeBlock,
    gather_accesses,
    general_accesses,
    primitive_accesses,
)
from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import GeneralOp, Primitive, element_type, shape
from xnn.dialects.target import COMPUTE, Target
from xnn.dialects.values import item_bytes, strides_of, value_bytes
from xnn.dialects.xnn.interface import main_function
from xnn.passes.schedule.dependencies import Dependencies, Token, Users
from xnn.passes.schedule.local_memory import slots
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


def written_by(layer: Operation) -> list[SSAValue]:
    """The buffers outside of a layer that its stores and copies, or general compute, write."""
    if isinstance(layer, GeneralOp):
        return [layer.out]
    body = layer.body.block.ops if isinstance(layer, dma.BlocksOp) else ()
    return [op.target for op in body if isinstance(op, dma.StoreOp | dma.CopyOp)]


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
        own = (name for name in COMPUTE if name in self.target.engines)
        self.dependencies = Dependencies({name for name in own if engine_named(name).drains})
        self.layers: list[LayerSteps] = []
        self._channel = 0
        self._addresses: dict[SSAValue, int] = {}
        self._users: dict[SSAValue, Users] = {}
        self._new: dict[SSAValue, Users] = {}
        """Of arguments that the current layer is the first to write."""
        self._renewed: set[SSAValue] = set()
        for op in self.main.body.block.ops:
            self._renew(op)
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
        root = root_of(value)
        if root not in self._users:
            self._users[root] = self.dependencies.users(
                root, self.address(root), value_bytes(root), dma.is_local(root)
            )
        return self._users[root]

    def users_of_written(self, value: SSAValue) -> Users:
        """Users of such a buffer for the layer that writes it."""
        return self._new.get(root_of(value)) or self.map_users(value)

    def _renew(self, op: Operation) -> None:
        """An argument that `op` is the first to write, which is state, is another buffer for its new value.

        That is written after all that layers before have read; `op` itself still reads the old one.
        """
        self._users |= self._new
        self._renewed |= self._new.keys()
        written = {
            root for value in written_by(op) if isinstance(root := root_of(value), BlockArgument)
        }
        self._new = {
            root: Users(earlier=dict(self.map_users(root).readers))
            for root in written - self._renewed
        }

    def _general(self, op: GeneralOp) -> Step:
        if any(dma.is_local(value) for value in op.operands):
            raise UserError(str(fault(op, "general compute works in external memory")))
        reads = [self.map_users(value) for value in op.inputs]
        after = self.dependencies.issue(op.engine, reads, part=self.users_of_written(op.out))
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


Load = dma.LoadOp | dma.GatherOp | dma.CopyOp
"""What moves data for a block before anything else in it."""


def _direction(source: SSAValue, target: SSAValue) -> Direction:
    if not dma.is_local(source):
        return Direction.LOAD
    return Direction.COPY if dma.is_local(target) else Direction.STORE


class _Pipeline:
    """The steps of one `dma.blocks`."""

    def __init__(self, table: StepTable, op: dma.BlocksOp):
        self.table = table
        self.target = table.target
        self.op = op
        self.node = node = op.primitive
        self.grid = GridSlices(op)
        self.count, self.slices = self.grid.count, self.grid.slices
        inner = list(op.body.block.ops)
        self.loads = [each for each in inner if isinstance(each, Load)]
        """What a block begins with."""
        self.store = next((each for each in inner if isinstance(each, dma.StoreOp)), None)
        moving = [each.local for each in self.loads if self.slices[each.local].is_new[1:].any()]
        depths = [slots(v.owner) for v in moving if isinstance(v.owner, dma.LoadOp | dma.BufferOp)]
        self.lead = min(depths, default=1) - 1
        self._demands: dict[object, Demand] = {}
        self._offsets: dict[object, np.ndarray] = {}
        """By slice and buffer, bytes from the buffer's address to the slice of each block."""
        self._accesses: dict[NodeBlock, tuple[Access, ...]] = {}
        self._costs: dict[object, NodeCost] = {}
        self.operands: dict[bool, tuple[SSAValue, ...]] = {}
        """What a block touches, in the order of its addresses; more for the last of a sum."""
        self.before = 0
        """Nodes of the primitive's engine before this layer."""
        if node is not None:
            self.operands = {last: node.touched_by(last) for last in (False, True)}
            self.before = table.dependencies.counts.get(node.engine, 0)
        copied = [each.local for each in self.loads if isinstance(each, dma.CopyOp)]
        self.places = {value: self._place(value) for value in self.slices if value not in copied}
        if node is not None and node.partial_sums is not None:
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
            if self.node is not None:
                steps.append(self._compute(self.node, block))
            if self.store is not None and self.slices[self.store.source].is_over[block]:
                steps += self._transfers(self.store, block)
            blocks.append(steps)
        return LayerSteps(self.op, prologue, blocks)

    def _loads(self, block: int) -> list[Step]:
        """Transfers of the slices that change with a block, except those that lie in the pads."""
        if block >= self.count:
            return []
        slices = [(load, self.slices[load.local]) for load in self.loads]
        moved = [load for load, each in slices if each.is_new[block] and not each.empty[block]]
        return [step for load in moved for step in self._moves(load, block)]

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
        count = slots(owner)
        start, indices = self.table.address(value), (np.cumsum(here.is_new) - 1) % count
        return _Places(
            (start + indices * pitch).tolist(),
            [self._slot_users(value, slot, start + slot * pitch) for slot in range(count)],
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
        if slot and self.before and self.node is not None:
            # As if the slot had been in use, so that the first iteration of a loop is like all others.
            users.readers.setdefault(self.node.engine, self.before - 1)
        return users

    def _moves(self, op: Load, block: int) -> Iterable[Step]:
        if isinstance(op, dma.GatherOp):
            return [self._gather(op, block)]
        return self._transfers(op, block)

    def _gather(self, op: dma.GatherOp, block: int) -> Step:
        """One transfer of rows by indices."""
        here, place = self.slices[op.target], self.places[op.target]
        starts, sizes = here.starts[block].tolist(), tuple(here.sizes[block].tolist())
        strides = strides_of(op.source.type), strides_of(op.target.type)
        dtypes = dtype_of(element_type(op.source)), dtype_of(element_type(op.indices))
        offset = starts[0] * strides[0][0] + starts[2]
        table = self.table.address(op.source) + dtypes[0].itemsize * offset
        indices = self.table.address(op.indices) + dtypes[1].itemsize * starts[1]
        rows, burst = shape(op.source)[1], self.target.external.burst_bytes
        addresses = (table, indices, place.addresses[block])
        key = (op, sizes, table % burst, indices % burst, addresses[2])
        if key not in self._demands:
            accesses = gather_accesses(sizes, rows, strides, dtypes)
            self._demands[key] = self._moved(accesses, addresses)
        users = place.users(block)
        in_place = isinstance(op.target.owner, dma.SliceInPlaceOp)
        engine = self.table.channel()
        after = self.table.dependencies.issue(
            engine,
            [self.table.map_users(op.source), self.table.map_users(op.indices)],
            slot=None if in_place else users,
            part=users if in_place else None,
        )
        demand = self._demands[key]
        immediates = (sizes, rows, *strides)
        return Step(op, engine, immediates, tuple(op.operands), addresses, demand, after)

    def _transfers(self, op: dma.LoadOp | dma.StoreOp | dma.CopyOp, block: int) -> Iterator[Step]:
        """One transfer, or several for a slice that has more dimensions than a transfer."""
        source, target = op.operands[0], op.results[0] if op.results else op.operands[1]
        direction = _direction(source, target)
        ends = [self._end(value, op, block) for value in (source, target)]
        from_source = direction == Direction.LOAD
        """Whether the source leads: the side in external memory, or else the target."""
        slot = self.places.get(target)
        reads = self.places[source].users(block) if source in self.places else None
        sizes = tuple(self.slices[op.local].sizes[block].tolist())
        leading, other = ends if from_source else ends[::-1]
        for moved, *piece in pieces(sizes, leading, other, item_bytes(source)):
            starts, strides = zip(*(piece if from_source else piece[::-1]), strict=True)
            demand = self._transfer_demand(moved, (source, target), starts, strides)
            engine = self.table.channel()
            after = self.table.dependencies.issue(
                engine,
                [reads or self.table.map_users(source)],
                slot=slot.users(block) if slot is not None else None,
                part=self.table.users_of_written(target) if slot is None else None,
            )
            immediates = (direction, moved, *strides, element_type(source))
            yield Step(op, engine, immediates, (source, target), starts, demand, after)

    def _end(self, value: SSAValue, op: dma.SliceOp, block: int) -> Place:
        """Where one side of a transfer lies: a local buffer of a slice, or the slice of a buffer."""
        if value in self.places:
            return self.places[value].addresses[block], self.places[value].strides
        if (op, value) not in self._offsets:
            self._offsets[op, value] = self.slices[op.local].bytes_in(value)
        offset = int(self._offsets[op, value][block])
        return self.table.address(value) + offset, strides_of(value.type)

    def _transfer_demand(
        self,
        sizes: tuple[int, ...],
        values: tuple[SSAValue, SSAValue],
        starts: tuple[int, ...],
        strides: tuple[tuple[int, ...], ...],
    ) -> Demand:
        """What a transfer costs, which depends on where in a burst and in a row it starts."""
        target, dtype = self.target, dtype_of(element_type(values[0]))
        local = [dma.is_local(value) for value in values]
        burst = target.external.burst_bytes
        places = [at if here else at % burst for at, here in zip(starts, local, strict=True)]
        key = (values, sizes, *places, strides)
        if key not in self._demands:
            sides = zip(("source", "target"), local, strides, strict=True)
            accesses = [
                Access(role, here, role == "source", role == "target", sizes, steps, dtype)
                for role, here, steps in sides
            ]
            self._demands[key] = self._moved(accesses, starts)
        return self._demands[key]

    def _moved(self, accesses: Sequence[Access], starts: Sequence[int]) -> Demand:
        """What a transfer costs that touches operands at addresses."""
        target = self.target
        placed = list(zip(starts, accesses, strict=True))
        inside = [(at, access) for at, access in placed if access.local]
        cost = transfer_cost(accesses, [at % target.local.row_bytes for at, _ in inside], target)
        moved = sum(bus_bytes(at, access, target) for at, access in placed if not access.local)
        bus = bus_cycles(moved, target)
        spans = tuple(banks_of(at, access.span, target) for at, access in inside)
        return Demand(max(cost.cycles, bus), bus=bus, rows=cost.rows, spans=spans)

    def _compute(self, node: Primitive, block: int) -> Step:
        (sizes, pads), (first, last) = self.grid.sizes[block], self.grid.ends(block)
        operands = self.operands[last]
        places = [self.places[value] for value in operands]
        addresses = tuple(place.addresses[block] for place in places)
        *reads, written = (place.users(block) for place in places)
        own_sums = node.partial_sums is not None
        in_place = isinstance(node.out.owner, dma.SliceInPlaceOp)
        part = in_place and (last or not own_sums)
        after = self.table.dependencies.issue(
            node.engine,
            reads,
            slot=None if part else written,
            part=written if part else None,
            accumulates=not first and not (last and own_sums),
        )
        flat_pads = tuple(edge for pair in pads for edge in pair)
        demand = self._compute_demand(node, NodeBlock(sizes, pads, first, last), addresses)
        immediates = (sizes.sizes, flat_pads, first, last)
        return Step(node, node.engine, immediates, operands, addresses, demand, after)

    def _compute_demand(
        self, node: Primitive, block: NodeBlock, addresses: tuple[int, ...]
    ) -> Demand:
        if (block, addresses) not in self._demands:
            if block not in self._accesses:
                self._accesses[block] = primitive_accesses(node, block)
            accesses = self._accesses[block]
            starts = tuple(address % self.target.local.row_bytes for address in addresses)
            if (block, starts) not in self._costs:
                engine = engine_named(node.engine)
                cost = engine.cost(node, block, accesses, starts, self.target)
                self._costs[block, starts] = cost
            cost = self._costs[block, starts]
            spans = tuple(
                banks_of(address, access.span, self.target)
                for address, access in zip(addresses, accesses, strict=True)
            )
            demand = Demand(cost.cycles, cost.drain, rows=cost.rows, spans=spans)
            self._demands[block, addresses] = demand
        return self._demands[block, addresses]
