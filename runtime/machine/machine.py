"""The machine: runs a program of the `dsa` level, byte by byte and cycle by cycle.

Decoding turns the expanded program into a table once; values come from running the table on the
memories, times from the timing contract (`xnn.runtime.machine.timeline`). Time does not depend on data, so
any number of inputs costs one simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter

from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa import BufferOp, OutputOp, Role
from xnn.dialects.dsa.access import Access
from xnn.dialects.dsa.binding import tied, verify_tied
from xnn.dialects.dsa.expansion import expand
from xnn.dialects.dsa.instructions import (
    Instruction,
    TransferInstruction,
)
from xnn.dialects.dsa.program import program_of
from xnn.dialects.element_types import dtype_of
from xnn.dialects.target import Target
from xnn.dialects.values import strides_of
from xnn.runtime.engines.engine import NodeCost, engine_named
from xnn.runtime.engines.reservations import Span, banks_of, duration
from xnn.runtime.engines.transfer import bus_bytes, bus_cycles, transfer_cost
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.machine.arrays import verify_arrays
from xnn.runtime.machine.critical_path import Part, critical_path
from xnn.runtime.machine.decoded import Decoded
from xnn.runtime.machine.memory import Memory
from xnn.runtime.machine.runners import Runner, Runners
from xnn.runtime.machine.timeline import Nodes, Timeline, simulate
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.runtime.semantics.parameters import Parameters


class Machine:
    """A program loaded into a machine. `initialise` places the weights; `execute` runs one input."""

    def __init__(self, module: ModuleOp, store: WeightStore):
        self.module = module
        self.program = program_of(module)
        self.target = Target.of(module)
        self.engines = {name: number for number, name in enumerate(self.target.engines)}
        self.expansion = expand(self.program.block, self.target.external.alignment)
        self.layers = self.program.nodes
        """What the configuration of each layer holds, by the layers' names, in order."""
        self.decoded = self._decode()
        self.buffers = [*self.expansion.buffers.values()]
        self.outputs = [op for op in self.program.block.ops if isinstance(op, OutputOp)]
        self._store = store
        self._external: dict[str, Memory] | None = None
        """Where each buffer in external memory lies, by its name."""
        self._arrays: dict[str, np.ndarray] = {}
        """Of the caller, by the names of the buffers that lie there."""

    @cached_property
    def _local(self) -> Memory:
        """Local memory, full of not-a-number at first: so a use of what was never written shows."""
        starts = [(self.expansion.starts_of(b)[-1], b) for b in self.buffers if b.is_local]
        memory = Memory(max((start + buffer.bytes for start, buffer in starts), default=0))
        memory.bytes.fill(0xFF)
        return memory

    @cached_property
    def _interpreter(self) -> Interpreter:
        """For weights, and for what general compute runs."""
        return interpreter_of(self.module, self._store)

    def address_of(self, op: BufferOp | OutputOp) -> int:
        """Where a buffer or an output begins, in bytes."""
        if isinstance(op, BufferOp):
            return self.expansion.bases[op.result_name.data]
        return self.address_of(self.expansion.buffers[op.buffer.data]) + op.offset.value.data

    # --- decoding ---------------------------------------------------------------------------

    def _decode(self) -> list[Decoded]:
        known: dict[object, tuple[tuple[Access, ...], dict[object, NodeCost]]] = {}

        def decode(op: Instruction) -> Decoded:
            node, kind = self.layers[op.layer.data], (op.layer.data, op.work)
            if kind not in known:
                known[kind] = op.accesses(node), {}
            accesses, costs = known[kind]
            buffers = tuple(self.expansion.buffers[name] for name in op.buffer_names)
            tokens = tuple((self.engines[engine], back) for engine, back in op.tokens)
            return Decoded(op, node, self.engines[op.engine_name], accesses, buffers, tokens, costs)

        return [decode(op) for op in self.expansion.ops]

    def accesses(self, each: Decoded, addresses: Sequence[int]) -> tuple[Access, ...]:
        """What a node of an instruction touches."""
        if not each.in_ring:
            return each.accesses
        return tuple(
            buffer.placed(access, address - self.address_of(buffer))
            for access, buffer, address in zip(each.accesses, each.buffers, addresses, strict=False)
        )

    @cached_property
    def costs(self) -> list[NodeCost]:
        """What each node costs, but for the bus."""
        return [self._cost(self.decoded[op], addresses) for op, addresses in self.expansion.nodes]

    def _cost(self, each: Decoded, addresses: Sequence[int]) -> NodeCost:
        row, accesses = self.target.local.row_bytes, self.accesses(each, addresses)
        pairs = zip(accesses, addresses, strict=False)
        starts = tuple(address % row for access, address in pairs if access.local)
        key = starts
        if each.in_ring:
            key = starts, tuple(access.wrap for access in accesses)
        if key not in each.costs:
            if isinstance(each.op, TransferInstruction):
                cost = transfer_cost(accesses, starts, self.target)
            else:
                node, block = each.node, each.op.block
                assert node is not None
                engine = engine_named(node.engine)
                cost = engine.cost(node, block, accesses, starts, self.target)
            each.costs[key] = cost
        return each.costs[key]

    @cached_property
    def bus_bytes(self) -> list[int]:
        """Bytes of all bursts that each node moves on the bus."""
        return [
            sum(
                bus_bytes(address, access, self.target)
                for access, address in zip(self.decoded[op].accesses, addresses, strict=False)
                if not access.local
            )
            for op, addresses in self.expansion.nodes
        ]

    # --- time -------------------------------------------------------------------------------

    @cached_property
    def nodes(self) -> Nodes:
        """All nodes with their costs, banks and tokens, decoded from instructions and addresses."""
        index = self.expansion.op_index
        cycles, drain, bus = (np.zeros(len(index), np.int64) for _ in range(3))
        reservations = [each.op.reservation_values for each in self.decoded]
        demand: list[tuple[tuple[int, int], ...]] = []
        for i, (op, addresses) in enumerate(self.expansion.nodes):
            each = self.decoded[op]
            spans = self._spans(each, addresses)
            cost, on_bus = self.costs[i], bus_cycles(self.bus_bytes[i], self.target)
            cycles[i] = duration(max(cost.cycles, on_bus), cost.rows, reservations[op])
            drain[i], bus[i] = cost.drain, cycles[i] if on_bus and spans else on_bus
            if spans not in each.demands:
                each.demands[spans] = _demand(spans, reservations[op])
            demand.append(each.demands[spans])
        engine = np.array([each.engine for each in self.decoded], np.int64)
        return Nodes(
            engine[index],
            cycles,
            drain,
            bus,
            [self.decoded[op].tokens for op, _ in self.expansion.nodes],
            demand,
        )

    def _spans(self, each: Decoded, addresses: Sequence[int]) -> tuple[Span, ...]:
        return tuple(
            banks_of(address + access.low, access.span, self.target)
            for access, address in zip(self.accesses(each, addresses), addresses, strict=False)
            if access.local
        )

    @cached_property
    def timeline(self) -> Timeline:
        """The simulated times."""
        return simulate(self.nodes, self.target)

    @cached_property
    def critical_path(self) -> list[Part]:
        """The walk back from the last token, whose parts make up all cycles."""
        return critical_path(self.nodes, self.timeline, self.price, self.target)

    def price(self, node: int) -> dict[str, int]:
        """What makes up the cycles of a node if its banks keep up."""
        return self.costs[node].parts(bus_cycles(self.bus_bytes[node], self.target))

    # --- values -----------------------------------------------------------------------------

    @property
    def dynamic(self) -> dict[str, int]:
        """Names of dynamic buffers, and the addresses that they are tied to."""
        return {b.shown_name: self.address_of(b) for b in self.buffers if b.address is None}

    @property
    def bound(self) -> list[str]:
        """Names of the buffers that lie in arrays of the caller."""
        return [op.shown_name for op in self.buffers if op.result_name.data in self._arrays]

    def bind(self, places: Mapping[str, int | np.ndarray]) -> None:
        """Ties dynamic buffers, by name or that of an output there, to addresses; the others go behind.

        A borrowed one may lie in an array. State keeps its value, but in an array has that of the array.
        Raises UserError for a name of none, for a place or an array that does not fit.
        """
        state = self.state if self._external is not None else {}
        tensors = self._dynamic_tensors()
        names = {name: buffer.result_name.data for name, (_, buffer) in tensors.items()}
        if unknown := [name for name in places if name not in names]:
            raise UserError(
                f"no dynamic tensor is called '{unknown[0]}'",
                hint=f"dynamic are {', '.join(names) or 'none'}; --dynamic NAME makes one so",
            )
        for name, place in places.items():
            if not isinstance(place, int | np.integer | np.ndarray):
                kind = type(place).__name__
                raise UserError(f"'{name}' needs an address or an array, not {kind}")
        arrays = {n: array for n, array in places.items() if isinstance(array, np.ndarray)}
        verify_arrays(tensors, arrays)
        buffers, memory = self.expansion.buffers, self.target.external
        given = {names[n]: at for n, at in places.items() if not isinstance(at, np.ndarray)}
        bases = tied(buffers, memory.alignment, given)
        verify_tied(buffers, bases, memory)
        self.expansion = replace(self.expansion, bases=bases)
        self._arrays = {names[name]: array for name, array in arrays.items()}
        self._external = None
        self.__dict__.pop("_runners", None)
        self.set_state({name: value for name, value in state.items() if name not in self.bound})

    def _dynamic_tensors(self) -> dict[str, tuple[BufferOp | OutputOp, BufferOp]]:
        """Dynamic buffers, and outputs that begin where one does, by name; each with its buffer."""
        result: dict[str, tuple[BufferOp | OutputOp, BufferOp]] = {
            op.shown_name: (op, self.expansion.buffers[op.buffer.data])
            for op in self.outputs
            if op.offset.value.data == 0
        }
        result |= {op.shown_name: (op, op) for op in self.buffers}
        return {name: pair for name, pair in result.items() if pair[1].address is None}

    def initialise(self) -> None:
        """Allocates external memory and lays the weights out in it; costs no cycles."""
        verify_tied(self.expansion.buffers, self.expansion.bases, self.target.external)
        external = [buffer for buffer in self.buffers if not buffer.is_local]
        places = {b.result_name.data: self.address_of(b) for b in external}
        own = [b for b in external if b.result_name.data not in self._arrays]
        memory = Memory(max((places[b.result_name.data] + b.bytes for b in own), default=0))
        mapped = {name: Memory.of(array, places[name]) for name, array in self._arrays.items()}
        self._external = dict.fromkeys(places, memory) | mapped
        parameters = Parameters.of(self._interpreter)
        for buffer in external:
            if buffer.role.data == Role.PARAMETER:
                value = parameters.value(buffer.result_name.data)
                self.view_of(buffer)[...] = value

    @cached_property
    def _runners(self) -> list[Runner]:
        runners = Runners(self._interpreter)
        return [
            runners.of(each, list(map(self.memory_of, each.buffers)), partial(self.accesses, each))
            for each in self.decoded
        ]

    def execute(
        self, inputs: Mapping[str, np.ndarray], after_node: Callable[[int], None] = lambda _: None
    ) -> dict[str, np.ndarray]:
        """Outputs by name for inputs by name, of which state may be left out.

        `after_node` is called when a node has run, with its place in program order.
        """
        self.load(inputs)
        for node in self.run_nodes():
            after_node(node)
        return self.results()

    def load(self, inputs: Mapping[str, np.ndarray]) -> None:
        """Puts inputs, by name, where the program reads them; of state those that are there."""
        if self._external is None:
            self.initialise()
        for buffer in self.buffers:
            if buffer.role.data == Role.INPUT and buffer.result_name.data not in self._arrays:
                self.view_of(buffer)[...] = inputs[buffer.shown_name]
        self.set_state({name: inputs[name] for name in self._state_buffers if name in inputs})

    def results(self) -> dict[str, np.ndarray]:
        """Outputs by name, with bytes of their own or of the arrays bound."""
        views = {op: self.view_of(op) for op in self.outputs}
        return {
            op.shown_name: view if op.buffer.data in self._arrays else view.copy()
            for op, view in views.items()
        }

    @property
    def state(self) -> dict[str, np.ndarray]:
        """State by name, as the last run left it; zeros before the first."""
        if self._external is None:
            self.initialise()
        return {name: self.view_of(op).copy() for name, op in self._state_buffers.items()}

    def set_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Sets state by name; what is not named stays as it is."""
        if self._external is None:
            self.initialise()
        for name, value in state.items():
            self.view_of(self._state_buffers[name])[...] = value

    @cached_property
    def _state_buffers(self) -> dict[str, BufferOp]:
        return {op.shown_name: op for op in self.buffers if op.role.data == Role.STATE}

    def run_nodes(self) -> Iterator[int]:
        """Runs one node after the other, in program order."""
        runners = self._runners
        for i, (op, addresses) in enumerate(self.expansion.nodes):
            runners[op](addresses)
            yield i

    def view_of(self, op: BufferOp | OutputOp) -> np.ndarray:
        """The memory of a buffer, in its first slot, or of an output."""
        name = op.result_name if isinstance(op, BufferOp) else op.buffer
        sizes = op.type.get_shape()
        dtype = dtype_of(op.type.element_type)
        memory = self.memory_of(self.expansion.buffers[name.data])
        return memory.view(self.address_of(op), dtype, sizes, strides_of(op.type))

    def memory_of(self, buffer: BufferOp) -> Memory:
        """Where a buffer lies, once a run has begun."""
        if buffer.is_local:
            return self._local
        assert self._external is not None
        return self._external[buffer.result_name.data]

    def views_of(self, node: int, operand: int) -> Iterator[tuple[int, Access, np.ndarray]]:
        """The memory that an operand of a node touches: for each run of rows that does not wrap the
        address, the access there, and a view."""
        op, addresses = self.expansion.nodes[node]
        each, address = self.decoded[op], addresses[operand]
        memory = self.memory_of(each.buffers[operand])
        for offset, access in self.accesses(each, addresses)[operand].parts:
            at = address + offset
            yield at, access, memory.view(at, access.dtype, access.sizes, access.strides)


def _demand(spans: Sequence[Span], reservations: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Reservations by bank, of operands that cover spans of banks."""
    result: dict[int, int] = {}
    for (first, last), reservation in zip(spans, reservations, strict=True):
        for bank in range(first, last + 1):
            result[bank] = result.get(bank, 0) + reservation
    return tuple(sorted(result.items()))
