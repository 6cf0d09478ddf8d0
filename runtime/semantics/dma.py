"""Semantics of the memory level: buffers are NumPy arrays, blocks run and slices move as the order says.

Loads copy into buffers of their own, so a slice that is reloaded too seldom, stored too early or
clipped wrongly has wrong values here, as it would on the machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from xdsl.dialects.builtin import MemRefType, NoneAttr
from xdsl.dialects.func import FuncOp
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls
from xdsl.ir import Operation, SSAValue

from xnn.dialects.dma import (
    LOCAL,
    AllocOp,
    BlocksOp,
    BufferOp,
    CopyOp,
    GatherOp,
    LoadOp,
    OrderOp,
    ParameterOp,
    RingOp,
    SliceInPlaceOp,
    SliceOp,
    SlottedBuffer,
    StoreOp,
    ViewOp,
    buffer_type,
    ring_in,
)
from xnn.dialects.dma.layer_blocks import LayerBlocks, LayerOp, layer_blocks
from xnn.dialects.dma.line import flat
from xnn.dialects.dma.sequence import expand_order, order_of, whole_layer
from xnn.dialects.dma.slices import GridSlices
from xnn.dialects.dsa.access import NodeBlock
from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import GeneralOp, Primitive, shape
from xnn.dialects.values import extent, strides_of
from xnn.runtime.engines.transfer import gather
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.arrays import strided
from xnn.runtime.semantics.parameters import Parameters
from xnn.runtime.semantics.prim import PrimitiveFunction, run_general


class _Layer:
    """What the local buffers of a layer hold while its blocks run."""

    def __init__(self, interpreter: Interpreter, blocks: LayerBlocks):
        self.interpreter = interpreter
        self.blocks = blocks
        self.buffers: dict[tuple[SSAValue, int], np.ndarray] = {}
        """By buffer and slot."""
        self._slots: dict[SSAValue, list[int]] = {}
        """By buffer, the slot that holds the slice of each block."""
        if isinstance(blocks.node, Primitive):
            self.run_block = PrimitiveFunction(blocks.node).run_block

    def run(self, op: Operation, block: int) -> None:
        """One event of the order."""
        if isinstance(op, LoadOp):
            self.buffers[op.result, self._slot(op.result, block)] = self._slice(op, block).copy()
        elif isinstance(op, GeneralOp):
            *inputs, out = self.interpreter.get_values(op.operands)
            out[...] = run_general(self.interpreter, op, inputs)
        elif isinstance(op, Primitive):
            self._compute(op, block)
        elif isinstance(op, StoreOp):
            target = self._slice(op, block)
            target[...] = self._buffer(op.source, block)[tuple(map(slice, target.shape))]
        elif isinstance(op, CopyOp):
            self._put(op.target, op, block, self._part(op.source, op, block))
        elif isinstance(op, GatherOp):
            self._gather(op, block)

    def _compute(self, op: Primitive, block: int) -> None:
        grid = self.grid
        (domain, pads), (first, last) = grid.sizes[block], grid.ends(block)
        for _, value in op.roles:
            if isinstance(value.owner, BufferOp) and self._begins(value, block):
                self._empty(value, block)
        operands = [
            self._buffer(each.value, block)[tuple(map(slice, each.sizes))]
            for each in op.slices(domain, pads)
            if op.is_touched(each.role, last)
        ]
        self.run_block(operands, NodeBlock(domain, pads, first, last))
        if op.is_touched("out", last):
            self._write_back(op.out, block, operands[-1])

    def _gather(self, op: GatherOp, block: int) -> None:
        if isinstance(op.target.owner, BufferOp):
            self._empty(op.target, block)
        found = self.grid.slices[op.target]
        ends = found.starts[block] + found.sizes[block]
        outer, rows, inner = map(slice, found.starts[block], ends)
        table, indices = self.interpreter.get_values((op.source, op.indices))
        target = self._buffer(op.target, block)[tuple(map(slice, found.sizes[block]))]
        gather(table[outer, :, inner], indices[rows], target)
        self._write_back(op.target, block, target)

    @property
    def grid(self) -> GridSlices:
        assert self.blocks.grid is not None
        return self.blocks.grid

    def _begins(self, buffer: SSAValue, block: int) -> bool:
        """Whether a buffer is for another slice than before, or for the first partial sums."""
        stored = self.grid.slices.get(buffer)
        return block == 0 if stored is None else bool(stored.is_new[block])

    def _empty(self, buffer: SSAValue, block: int) -> None:
        assert isinstance(buffer.type, MemRefType)
        self.buffers[buffer, self._slot(buffer, block)] = empty_buffer(buffer.type)

    def _slot(self, buffer: SSAValue, block: int) -> int:
        """The slot of a buffer that holds the slice of a block."""
        if buffer not in self._slots:
            assert isinstance(buffer.owner, SlottedBuffer)
            found, slots = self.grid.slices.get(buffer), buffer.owner.slots.value.data
            self._slots[buffer] = [0] * self.blocks.count if found is None else found.slots(slots)
        return self._slots[buffer][block]

    def _buffer(self, value: SSAValue, block: int) -> np.ndarray:
        """What a block finds in a buffer of the layer, or in the slice of another that is used in place."""
        if isinstance(value.owner, SliceInPlaceOp):
            return self._slice(value.owner, block)
        if isinstance(value.owner, LoadOp) and self.grid.slices[value].empty[block]:
            # nothing has moved: all of the slice lies in the pads
            sizes = self.grid.slices[value].sizes[block]
            return np.empty(sizes, dtype_of(value.owner.result.type.element_type))
        return self.buffers[value, self._slot(value, block)]

    def _slice(self, op: SliceOp, block: int) -> np.ndarray:
        """What of the whole buffer lies in the slice of a block."""
        return self._part(op.whole, op, block)

    def _part(self, buffer: SSAValue, op: SliceOp, block: int) -> np.ndarray:
        """What of a buffer lies in the slice of a block."""
        if isinstance(buffer.owner, SlottedBuffer):
            whole = self._buffer(buffer, block)
        else:
            (whole,) = self.interpreter.get_values((buffer,))
        return whole[self._place(whole, buffer, op, block)]

    def _place(
        self, whole: np.ndarray, buffer: SSAValue, op: SliceOp, block: int
    ) -> tuple[Any, ...]:
        """Where in a buffer, the array `whole`, the slice of a block lies; rows of a ring by their numbers."""
        found = self.grid.slices[op.local]
        starts, sizes = found.starts[block], found.sizes[block]
        place: list[Any] = list(map(slice, starts, starts + sizes))
        if isinstance(ring := buffer.owner, RingOp):
            dim = ring.dim.value.data
            place[dim] = (starts[dim] + np.arange(sizes[dim])) % whole.shape[dim]
        return tuple(place)

    def _put(self, buffer: SSAValue, op: SliceOp, block: int, value: np.ndarray) -> None:
        """Writes the slice of a block of a feature map."""
        (whole,) = self.interpreter.get_values((buffer,))
        whole[self._place(whole, buffer, op, block)] = value

    def _write_back(self, value: SSAValue, block: int, result: np.ndarray) -> None:
        """Writes the slice of a ring, of which a block had a copy."""
        op = value.owner
        if isinstance(op, SliceInPlaceOp) and isinstance(op.source.owner, RingOp):
            self._put(op.source, op, block, result)


def empty_buffer(type: MemRefType) -> np.ndarray:
    """A buffer that was never written: not-a-number, or zeros for integers."""
    dtype = dtype_of(type.element_type)
    fill: Any = 0 if dtype.kind in "iub" else np.nan
    return strided(np.full(extent(type), fill, dtype), 0, type.get_shape(), strides_of(type))


@register_impls
class DmaFunctions(InterpreterFunctions):
    """The dma dialect on NumPy arrays."""

    @impl(ParameterOp)
    def run_parameter(self, interpreter: Interpreter, op: ParameterOp, args: PythonValues) -> Any:
        return (Parameters.of(interpreter).kept(op.result_name.data),)

    @impl(AllocOp)
    def run_alloc(self, interpreter: Interpreter, op: AllocOp, args: PythonValues) -> Any:
        ring, type = ring_in(op.result), op.type
        if ring is not None and _order(op) is None:  # layers run one by one: all rows exist
            type = buffer_type(shape(ring.result), type.element_type, LOCAL)
        return (empty_buffer(type),)

    @impl(ViewOp)
    def run_view(self, interpreter: Interpreter, op: ViewOp, args: PythonValues) -> Any:
        source, result = op.source.type, op.result.type
        assert isinstance(source, MemRefType) and isinstance(result, MemRefType)
        elements = args[0].reshape(-1)
        if not isinstance(source.layout, NoneAttr):  # a view of dense memory
            size = args[0].itemsize
            words = args[0].view(f"u{size}")  # NumPy knows no floats of a byte
            elements = as_strided(words, (extent(source),), (size,)).view(args[0].dtype)
        if source.element_type != result.element_type:
            elements = elements.view(dtype_of(result.element_type))
        return (strided(elements, op.offset.value.data, shape(op.result), strides_of(result)),)

    @impl(RingOp)
    def run_ring(self, interpreter: Interpreter, op: RingOp, args: PythonValues) -> Any:
        return args  # the rows that exist

    @impl(BlocksOp)
    def run_blocks(self, interpreter: Interpreter, op: BlocksOp, args: PythonValues) -> Any:
        if _order(op) is None:
            _run_layer(interpreter, op)
        return ()

    @impl(GeneralOp)
    def run_general(self, interpreter: Interpreter, op: GeneralOp, args: PythonValues) -> Any:
        if _order(op) is None:
            _run_layer(interpreter, op)
        return ()

    @impl(OrderOp)
    def run_order(self, interpreter: Interpreter, op: OrderOp, args: PythonValues) -> Any:
        main = op.parent_op()
        assert isinstance(main, FuncOp)
        layers: dict[LayerBlocks, _Layer] = {}
        for line in flat(expand_order(main, op)):
            if line.layer not in layers:
                layers[line.layer] = _Layer(interpreter, line.layer)
            for event in line.events.all():
                layers[line.layer].run(*event)
        return ()


def _order(op: Operation) -> OrderOp | None:
    """The order of the function that a layer stands in, which then runs it."""
    main = op.parent_op()
    return order_of(main) if isinstance(main, FuncOp) else None


def _run_layer(interpreter: Interpreter, op: LayerOp) -> None:
    """All blocks of a layer, one after the other."""
    blocks = layer_blocks(op)
    layer = _Layer(interpreter, blocks)
    for event in whole_layer(op, blocks, 0).events.all():
        layer.run(*event)


def register(interpreter: Interpreter, store: WeightStore) -> None:
    """Gives the interpreter the semantics of the dma dialect."""
    interpreter.register_implementations(DmaFunctions(), override=True)
