"""The order of a function, expanded: every transfer and every block that runs, line by line.

The only definition of what a line of `dma.order` stands for: execution, verification and the step table use it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf

from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation

from xnn.dialects.diagnostics import fault, suggestion
from xnn.dialects.dma.buffers import buffer_name, root_of
from xnn.dialects.dma.definitions import require_values
from xnn.dialects.dma.layer_blocks import LayerBlocks, LayerOp, Moves, layer_blocks
from xnn.dialects.dma.line import Event, Events, Line, Loop, flat
from xnn.dialects.dma.order import LineOp, OrderOp, PrefetchOp, RepeatOp, RunOp, WriteBackOp
from xnn.dialects.names import shown_name


def layers_of(main: FuncOp) -> dict[str, LayerOp]:
    """The layers of a function by name, in the order of the text; raises VerifyException if two share one."""
    layers: dict[str, LayerOp] = {}
    for op in main.body.block.ops:
        if isinstance(op, LayerOp) and layers.setdefault(op.result_name.data, op) is not op:
            raise fault(op, "another layer has this name")
    return layers


def order_of(main: FuncOp) -> OrderOp | None:
    """The order of a function; raises VerifyException if it has several."""
    orders = [op for op in main.body.block.ops if isinstance(op, OrderOp)]
    if len(orders) > 1:
        raise fault(orders[1], "the function has another order")
    return orders[0] if orders else None


def lines_of(order: OrderOp) -> Iterator[LineOp]:
    """The lines of an order as often as they stand for."""

    def walk(ops: Iterable[Operation]) -> Iterator[LineOp]:
        for op in ops:
            if isinstance(op, RepeatOp):
                for _ in range(op.count.value.data):
                    yield from walk(op.body.block.ops)
            elif isinstance(op, LineOp):
                yield op

    return walk(order.body.block.ops)


State = tuple[int, tuple[int, ...], int, int]
"""How far a cursor has come."""


class Cursor:
    """How far the order has come in a layer."""

    def __init__(self, layer: LayerBlocks):
        self.layer = layer
        self.block = 0
        """Blocks that have run."""
        self._loaded = [0] * len(layer.loads)
        self._reached = 0
        """Blocks whose loads are all done."""
        self._stored = 0

    @property
    def state(self) -> State:
        """All that decides what the layer's next line stands for."""
        return self.block, tuple(self._loaded), self._reached, self._stored

    @state.setter
    def state(self, state: State) -> None:
        self.block, loaded, self._reached, self._stored = state
        self._loaded = list(loaded)

    def run(self, op: Operation, blocks: int, ahead: int, behind: int) -> Line:
        """The next blocks, as `dma.run` says."""
        line = Events(first=self.block)
        line.before = self._loads_up_to(op, min(self.block + ahead, self.layer.count))
        for block in range(self.block, self.block + blocks):
            events = self._loads_up_to(op, min(block + ahead + 1, self.layer.count))
            if self.layer.node is not None:
                self._require_result_slot(op, block)
                events.append((self.layer.node, block))
            self.block = block + 1
            events += self._stores_up_to(block + 1 - behind)
            line.blocks.append(events)
        return Line(op, self.layer, line)

    def prefetch(self, op: Operation, operand: int, count: int) -> Line:
        """The next slices of an operand, as `dma.prefetch` says."""
        loads = self.layer.loads
        if operand >= len(loads):
            raise fault(op, f"operand {operand} is none of the {len(loads)} that the layer loads")
        left = len(loads[operand].blocks) - self._loaded[operand]
        if count > left:
            raise fault(op, f"operand {operand} has {left} slice(s) left to load, not {count}")
        start = self._loaded[operand]
        before = [self._load(op, operand, number) for number in range(start, start + count)]
        return Line(op, self.layer, Events(before))

    def write_back(self, op: Operation, count: int) -> Line:
        """The next stores, as `dma.write_back` says."""
        start, events = self._stored, self._stores_up_to(self.block, count)
        if self._stored - start < count:
            raise fault(op, f"has {self._stored - start} result(s) to store, not {count}")
        return Line(op, self.layer, Events(events))

    def require_end(self, op: Operation) -> None:
        """Raises VerifyException at the order `op` unless all of the layer is done."""
        name = shown_name(self.layer.op.result_name.data)
        if self.block < self.layer.count:
            left = self.layer.count - self.block
            raise fault(
                op, f'{left} of the {self.layer.count} block(s) of layer "{name}" never run'
            )
        if self.layer.stores is not None and self._stored < len(self.layer.stores.blocks):
            left = len(self.layer.stores.blocks) - self._stored
            raise fault(op, f'{left} result(s) of layer "{name}" are never stored')

    def _loads_up_to(self, op: Operation, end: int) -> list[Event]:
        events: list[Event] = []
        for block in range(self._reached, end):
            for operand, number in self.layer.loads_of[block]:
                if number >= self._loaded[operand]:
                    events.append(self._load(op, operand, number))
        self._reached = max(self._reached, end)
        return events

    def _load(self, op: Operation, operand: int, number: int) -> Event:
        load = self.layer.loads[operand]
        old = load.slice(number) - load.slots
        if load.slots and old >= 0:
            self._require_free(op, load, number, old)
        self._loaded[operand] = number + 1
        return load.op, load.blocks[number]

    def _require_free(self, op: Operation, load: Moves, number: int, old: int) -> None:
        """Nobody needs the slice `old` any more, in whose slot a load moves another."""
        user, left = load.begins[old + 1] - 1, None
        if self.layer.node is not None and self.block <= user:
            left = f"only {self.block} block(s) have run"
        elif self.layer.node is None and self._oldest_result() <= old:
            left = "it is not stored yet"
        if left is not None:
            name = buffer_name(root_of(load.op.operands[0]))
            raise fault(
                op,
                f'the load of "{name}" for block {load.blocks[number]} overwrites what block {user} '
                f"needs: there are {load.slots} slot(s), and {left}",
            )

    def _require_result_slot(self, op: Operation, block: int) -> None:
        """The result in the slot that a block writes has been stored."""
        stores, slots = self.layer.stores, self.layer.result_slots
        if stores is not None and stores.slice_of[block] - slots >= self._oldest_result():
            raise fault(
                op,
                f"block {block} overwrites a result that is not stored yet: there are {slots} slot(s)",
            )

    def _oldest_result(self) -> float:
        """The first result that is not stored yet; infinite if all are."""
        stores = self.layer.stores
        if stores is None or self._stored >= len(stores.blocks):
            return inf
        return stores.slice(self._stored)

    def _stores_up_to(self, end: int, most: int | None = None) -> list[Event]:
        """The stores of results that were done before block `end`."""
        events: list[Event] = []
        stores = self.layer.stores
        while stores is not None and self._stored < len(stores.blocks):
            if stores.blocks[self._stored] >= end or len(events) == most:
                break
            events.append((stores.op, stores.blocks[self._stored]))
            self._stored += 1
        return events


def whole_layer(op: Operation, layer: LayerBlocks, ahead: int) -> Line:
    """All blocks of a layer, loads `ahead` of the blocks that need them."""
    return Cursor(layer).run(op, layer.count, ahead, 0)


class Known:
    """What was worked out for one order of some layers, and holds in all others."""

    def __init__(self) -> None:
        self._lines: dict[object, tuple[Events, State]] = {}

    def line(self, op: LineOp, cursor: Cursor) -> Line:
        """What a line stands for where its layer has come to the cursor, which it moves."""
        key = cursor.layer, cursor.state, op.name, tuple(op.properties.items())
        if (known := self._lines.get(key)) is not None:
            events, cursor.state = known
            return Line(op, cursor.layer, events)
        line = _expand(op, cursor)
        self._lines[key] = line.events, cursor.state
        return line


def expand_order(main: FuncOp, order: OrderOp, known: Known | None = None) -> list[Line | Loop]:
    """What an order stands for; raises VerifyException, at its line, for what cannot run so."""
    known = known or Known()
    order_of(main)  # is the only one
    layers = layers_of(main)
    cursors: dict[str, Cursor] = {}

    def line(op: LineOp) -> Line:
        name = op.layer.data
        if name not in layers:
            near = suggestion(op.shown_layer, map(shown_name, layers))
            raise fault(op, f"there is no layer of this name{f'; {near}' if near else ''}")
        if name not in cursors:
            cursors[name] = Cursor(layer_blocks(layers[name]))
        return known.line(op, cursors[name])

    def walk(ops: Iterable[Operation]) -> list[Line | Loop]:
        lines: list[Line | Loop] = []
        for op in ops:
            if isinstance(op, RepeatOp):
                count, body = op.count.value.data, op.body.block
                lines.append(Loop([walk(body.ops) for _ in range(count)]))
            elif isinstance(op, LineOp):
                lines.append(line(op))
        return lines

    lines = walk(order.body.block.ops)
    for name in layers:
        if name not in cursors:
            raise fault(order, f'layer "{shown_name(name)}" never runs')
        cursors[name].require_end(order)
    require_values(list(flat(lines)), list(layers.values()))
    return lines


def _expand(op: LineOp, cursor: Cursor) -> Line:
    if isinstance(op, PrefetchOp):
        return cursor.prefetch(op, op.operand.value.data, op.count.value.data)
    if isinstance(op, WriteBackOp):
        return cursor.write_back(op, op.count.value.data)
    assert isinstance(op, RunOp)
    left = cursor.layer.count - cursor.block
    count = op.blocks.value.data if op.blocks is not None else left
    if not 0 < count <= left:
        raise fault(op, f"has {left} block(s) left to run, not {max(count, 1)}")
    return cursor.run(op, count, op.ahead.value.data, op.behind.value.data)
