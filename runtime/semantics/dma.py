"""Semantics of the memory level: buffers are NumPy arrays, blocks run in order on their slices.

Loads copy into buffers of their own, so a slice that is reloaded too seldom, stored too early or
clipped wrongly has wrong values here, as it would on the machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from xdsl.dialects.builtin import MemRefType, NoneAttr
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls
from xdsl.ir import Operation, SSAValue

from xnn.dialects.dma import (
    AllocOp,
    BlocksOp,
    BufferOp,
    CopyOp,
    GatherOp,
    LoadOp,
    ParameterOp,
    SliceInPlaceOp,
    SliceOp,
    StoreOp,
    ViewOp,
)
from xnn.dialects.dma.slices import GridSlices
from xnn.dialects.dsa.access import NodeBlock
from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import Primitive, shape
from xnn.dialects.values import extent, strides_of
from xnn.runtime.engines.transfer import gather
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.arrays import strided
from xnn.runtime.semantics.parameters import Parameters
from xnn.runtime.semantics.prim import PrimitiveFunction


class _Run:
    """One run of a `dma.blocks`."""

    def __init__(self, interpreter: Interpreter, op: BlocksOp):
        self.interpreter = interpreter
        self.op = op
        self.grid, node = GridSlices(op), op.primitive
        self.run_block = PrimitiveFunction(node).run_block if node is not None else None
        self.buffers: dict[SSAValue, np.ndarray] = {}
        """What the buffers of the body hold."""

    def run(self) -> None:
        ops = list(self.op.body.block.ops)
        for block in range(self.grid.count):
            for op in ops:
                self._step(op, block)

    def _step(self, op: Operation, block: int) -> None:
        if isinstance(op, LoadOp):
            if self.grid.slices[op.result].is_new[block]:
                self.buffers[op.result] = self._slice(op, block).copy()
        elif isinstance(op, SliceInPlaceOp):
            self.buffers[op.result] = self._slice(op, block)
        elif isinstance(op, BufferOp):
            # It starts empty whenever it is for another slice, or for partial sums.
            stored = self.grid.slices.get(op.result)
            if block == 0 if stored is None else stored.is_new[block]:
                assert isinstance(op.result.type, MemRefType)
                self.buffers[op.result] = empty_buffer(op.result.type)
        elif isinstance(op, Primitive):
            (domain, pads), (first, last) = self.grid.sizes[block], self.grid.ends(block)
            operands = [
                self.buffers[each.value][tuple(map(slice, each.sizes))]
                for each in op.slices(domain, pads)
                if op.is_touched(each.role, last)
            ]
            assert self.run_block is not None
            self.run_block(operands, NodeBlock(domain, pads, first, last))
        elif isinstance(op, StoreOp) and self.grid.slices[op.source].is_over[block]:
            target = self._slice(op, block)
            target[...] = self.buffers[op.source][tuple(map(slice, target.shape))]
        elif isinstance(op, CopyOp) and self.grid.slices[op.source].is_new[block]:
            self._slice(op, block)[...] = self._part(op.source, op, block)
        elif isinstance(op, GatherOp) and self.grid.slices[op.target].is_new[block]:
            found = self.grid.slices[op.target]
            ends = found.starts[block] + found.sizes[block]
            outer, rows, inner = map(slice, found.starts[block], ends)
            table, indices = self.interpreter.get_values((op.source, op.indices))
            target = self.buffers[op.target][tuple(map(slice, found.sizes[block]))]
            gather(table[outer, :, inner], indices[rows], target)

    def _slice(self, op: SliceOp, block: int) -> np.ndarray:
        """What of the whole buffer lies in the slice of a block."""
        return self._part(op.whole, op, block)

    def _part(self, buffer: SSAValue, op: SliceOp, block: int) -> np.ndarray:
        """What of a buffer lies in the slice of a block."""
        whole = self.buffers.get(buffer)
        if whole is None:
            (whole,) = self.interpreter.get_values((buffer,))
        found = self.grid.slices[op.local]
        ends = found.starts[block] + found.sizes[block]
        return whole[tuple(map(slice, found.starts[block], ends))]


def empty_buffer(type: MemRefType) -> np.ndarray:
    """A buffer that was never written: not-a-number, or zeros for integers."""
    dtype = dtype_of(type.element_type)
    fill: Any = 0 if dtype.kind in "iub" else np.nan
    return np.full(type.get_shape(), fill, dtype)


@register_impls
class DmaFunctions(InterpreterFunctions):
    """The dma dialect on NumPy arrays."""

    @impl(ParameterOp)
    def run_parameter(self, interpreter: Interpreter, op: ParameterOp, args: PythonValues) -> Any:
        return (Parameters.of(interpreter).kept(op.result_name.data),)

    @impl(AllocOp)
    def run_alloc(self, interpreter: Interpreter, op: AllocOp, args: PythonValues) -> Any:
        return (empty_buffer(op.type),)

    @impl(ViewOp)
    def run_view(self, interpreter: Interpreter, op: ViewOp, args: PythonValues) -> Any:
        source, result = op.source.type, op.result.type
        assert isinstance(source, MemRefType)
        elements = args[0].reshape(-1)
        if not isinstance(source.layout, NoneAttr):  # a view of dense memory
            elements = as_strided(args[0], (extent(source),), (args[0].itemsize,))
        return (strided(elements, op.offset.value.data, shape(op.result), strides_of(result)),)

    @impl(BlocksOp)
    def run_blocks(self, interpreter: Interpreter, op: BlocksOp, args: PythonValues) -> Any:
        _Run(interpreter, op).run()
        return ()


def register(interpreter: Interpreter, store: WeightStore) -> None:
    """Gives the interpreter the semantics of the dma dialect."""
    interpreter.register_implementations(DmaFunctions())
