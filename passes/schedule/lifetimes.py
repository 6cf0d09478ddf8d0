"""From when to when buffers live: positions in the order, counted in lines.

A function without an order runs its layers as they stand, one line each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue

from xnn.dialects import dma
from xnn.dialects.diagnostics import fault
from xnn.dialects.dma.layer_blocks import AnyLoad, LayerOp
from xnn.dialects.dma.order import LineOp
from xnn.dialects.dma.sequence import layers_of, lines_of, order_of
from xnn.dialects.values import value_bytes
from xnn.passes.schedule.local_memory import FeatureMap, Room, slots


@dataclass
class Life:
    """The first and the last line in which something is used."""

    first: int
    last: int

    def meets(self, other: Life) -> bool:
        return self.first <= other.last and other.first <= self.last

    def extend(self, line: int) -> None:
        self.first, self.last = min(self.first, line), max(self.last, line)


@dataclass
class Layer:
    """A layer, and the buffers of slices that it needs in local memory, with the lines that use each."""

    op: LayerOp
    life: Life
    buffers: dict[dma.SlottedBuffer, Life] = field(default_factory=dict[dma.SlottedBuffer, Life])

    @property
    def rooms(self) -> dict[dma.SlottedBuffer, Room]:
        """What its buffers need."""
        return {
            each: Room(value_bytes(each.result), slots(each), life.first, life.last)
            for each, life in self.buffers.items()
        }


def users_of(value: SSAValue) -> list[Operation]:
    """Operations on a buffer, or on views of it."""
    result: list[Operation] = []
    for use in value.uses:
        if isinstance(use.operation, dma.ViewOp | dma.RingOp):
            result += users_of(use.operation.result)
        else:
            result.append(use.operation)
    return result


def layer_alone(op: LayerOp) -> Layer:
    """A layer that is all there is."""
    layer = Layer(op, Life(0, 0))
    _use(layer, op, 0)
    return layer


def _use(layer: Layer, op: Operation, line: int) -> None:
    """Notes that a line uses an operation of a layer, or all of them."""
    layer.life.extend(line)
    ops: Iterable[Operation] = (op,)
    if op is layer.op and isinstance(op, dma.BlocksOp):
        ops = op.body.block.ops
    for each in ops:
        buffer = each.operands[-1].owner if isinstance(each, dma.GatherOp) else each
        if isinstance(each, dma.StoreOp):
            buffer = each.source.owner
        if isinstance(buffer, dma.SlottedBuffer):
            layer.buffers.setdefault(buffer, Life(line, line)).extend(line)


class Lifetimes:
    """The layers of a function and its feature maps, with their lives."""

    def __init__(self, main: FuncOp):
        self.main = main
        self._layers: dict[LayerOp, Layer] = {}
        self._lives: dict[Operation, Life] = {}
        """Of the layers, and of their operations that have lines of their own."""
        for line, (layer, op) in enumerate(self._lines()):
            _use(self._layers.setdefault(layer, Layer(layer, Life(line, line))), op, line)
            self._lives.setdefault(op, Life(line, line)).extend(line)
        self.layers = list(self._layers.values())
        lines = 1 + max((layer.life.last for layer in self.layers), default=0)
        self._active: list[list[Layer]] = [[] for _ in range(lines)]
        for layer in self.layers:
            for line in range(layer.life.first, layer.life.last + 1):
                self._active[line].append(layer)

    def _lines(self) -> Iterator[tuple[LayerOp, Operation]]:
        """The layer of each line, and the operation of it that runs: the layer, or a single transfer."""
        layers = layers_of(self.main)
        if (order := order_of(self.main)) is None:
            yield from ((layer, layer) for layer in layers.values())
            return
        for line in lines_of(order):
            if (layer := layers.get(line.layer.data)) is None:
                raise fault(line, "there is no layer of this name")
            yield layer, _transfer_of(line, layer)

    def during(self, life: Life) -> list[Layer]:
        """The layers that live at the same time, each once."""
        lines = self._active[life.first : life.last + 1]
        return list({id(layer): layer for each in lines for layer in each}.values())

    def feature_maps(self) -> Iterator[FeatureMap]:
        """Feature maps with a buffer of their own that some layer touches."""
        for op in self.main.body.block.ops:
            if not isinstance(op, dma.AllocOp):
                continue
            lives = [
                self._lives[each]
                for user in users_of(op.result)
                for each in (user, user.parent_op())
                if each is not None and each in self._lives
            ]
            if lives:
                first, last = min(e.first for e in lives), max(e.last for e in lives)
                in_ring = dma.ring_in(op.result) is not None
                yield FeatureMap(op, value_bytes(op.result), first, last, in_ring)


def _transfer_of(line: LineOp, layer: LayerOp) -> Operation:
    """The operation of a layer that a line runs: all of it, or one transfer."""
    ops = list(layer.body.block.ops) if isinstance(layer, dma.BlocksOp) else []
    if isinstance(line, dma.PrefetchOp):
        loads, operand = [op for op in ops if isinstance(op, AnyLoad)], line.operand.value.data
        if operand >= len(loads):
            raise fault(line, f"operand {operand} is none of the {len(loads)} that the layer loads")
        return loads[operand]
    if isinstance(line, dma.WriteBackOp):
        stores = [op for op in ops if isinstance(op, dma.StoreOp)]
        if not stores:
            raise fault(line, "the layer stores nothing")
        return stores[0]
    return layer
