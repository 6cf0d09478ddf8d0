"""Meaning of the memory level: buffers are NumPy arrays, blocks run in order on their windows.

Loads copy into buffers of their own, so a window that is reloaded too seldom, stored too early or
clipped wrongly gives wrong numbers here, as it would on the machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np
from xdsl.dialects.builtin import MemRefType
from xdsl.interpreter import Interpreter, InterpreterFunctions, impl, register_impls
from xdsl.ir import Operation, SSAValue

from xnn.dialects.dma import (
    AllocOp,
    BlocksOp,
    BufferOp,
    LoadOp,
    ParameterOp,
    StoreOp,
    ViewOp,
    WindowInPlaceOp,
    WindowOp,
)
from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import MatmulOp, Primitive, shape
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.parameters import Parameters
from xnn.runtime.semantics.prim import run_primitive

Offsets = tuple[int, ...]


@dataclass
class Window:
    """A clipped window: its elements, and how many were clipped off at either side."""

    elements: np.ndarray
    clipped: tuple[tuple[int, int], ...] = ()


def clip(
    offsets: Sequence[int], sizes: Sequence[int], whole: Sequence[int]
) -> tuple[tuple[slice, ...], tuple[tuple[int, int], ...]]:
    """The part of a window that lies in a buffer, and what is clipped off each dimension's sides."""
    slices: list[slice] = []
    clipped: list[tuple[int, int]] = []
    for offset, size, extent in zip(offsets, sizes, whole, strict=True):
        low = min(max(-offset, 0), size)
        start = offset + low
        end = max(start, min(offset + size, extent))
        slices.append(slice(start, end))
        clipped.append((low, offset + size - end))
    return tuple(slices), tuple(clipped)


class _Blocks:
    """One run of a `dma.blocks`."""

    def __init__(self, interpreter: Interpreter, op: BlocksOp):
        self.interpreter = interpreter
        self.op = op
        self.windows: dict[SSAValue, Window] = {}
        self.current: dict[Operation, Offsets] = {}

    def run(self) -> None:
        ops = list(self.op.body.block.ops)
        grid = list(product(*(range(bound) for bound in self.op.grid)))
        for number, index in enumerate(grid):
            following = grid[number + 1] if number + 1 < len(grid) else None
            for op in ops:
                self._step(op, index, following)

    def _step(self, op: Operation, index: Offsets, following: Offsets | None) -> None:
        if isinstance(op, LoadOp):
            offsets = tuple(op.map.eval(index, ()))
            if self.current.get(op) != offsets:
                self.current[op] = offsets
                window = self._window(op, op.source, offsets)
                self.windows[op.result] = Window(window.elements.copy(), window.clipped)
        elif isinstance(op, WindowInPlaceOp):
            offsets = tuple(op.map.eval(index, ()))
            self.windows[op.result] = self._window(op, op.source, offsets)
        elif isinstance(op, BufferOp):
            self._fill_if_new(op, index)
        elif isinstance(op, Primitive):
            self._primitive(op, index)
        elif isinstance(op, StoreOp):
            offsets = tuple(op.map.eval(index, ()))
            if following is None or tuple(op.map.eval(following, ())) != offsets:
                target = self._window(op, op.target, offsets).elements
                inside = tuple(slice(0, size) for size in target.shape)
                target[...] = self.windows[op.source].elements[inside]

    def _fill_if_new(self, op: BufferOp, index: Offsets) -> None:
        """A buffer starts empty (signalling not-a-number) whenever its window changes."""
        stores = (use.operation for use in op.result.uses if isinstance(use.operation, StoreOp))
        store = next(stores, None)
        offsets = () if store is None else tuple(store.map.eval(index, ()))
        if self.current.get(op) != offsets:
            self.current[op] = offsets
            assert isinstance(op.result.type, MemRefType)
            self.windows[op.result] = Window(empty_buffer(op.result.type))

    def _window(self, op: WindowOp, whole: SSAValue, offsets: Offsets) -> Window:
        array: np.ndarray = (
            self.windows[whole].elements
            if whole in self.windows
            else self.interpreter.get_values((whole,))[0]
        )
        slices, clipped = clip(offsets, op.window_sizes, array.shape)
        return Window(array[slices], clipped)

    def _primitive(self, op: Primitive, index: Offsets) -> None:
        first = self.op.reduce is None or index[-1] == 0
        last = self.op.reduce is None or index[-1] == self.op.grid[-1] - 1
        out = self._out_window(op, index)
        maps = self.windows[op.maps]
        pads, needed = self._pads(op, maps, out.shape[2:])
        coefficients = None
        if isinstance(op, MatmulOp):
            coefficients = self.windows[op.coefficients].elements
        sums = out
        if op.partial_sums is not None:
            inside = tuple(slice(0, size) for size in out.shape)
            sums = self.windows[op.partial_sums].elements[inside]
        (out if last else sums)[...] = run_primitive(
            op,
            coefficients,
            maps.elements[(slice(None), slice(None), *needed)],
            [self.windows[value].elements for value in op.pre_operands],
            [self.windows[value].elements for value in op.post_operands],
            pads=pads,
            partial=None if first else sums.copy(),
            last=last,
        )

    def _out_window(self, op: Primitive, index: Offsets) -> np.ndarray:
        """The part of the primitive's buffer that this block fills: less at the result's edges."""
        assert op.outs is not None
        elements = self.windows[op.outs].elements
        for use in op.outs.uses:
            store = use.operation
            if isinstance(store, StoreOp):
                whole = shape(store.target)
                slices, _ = clip(store.map.eval(index, ()), store.window_sizes, whole)
                return elements[tuple(slice(0, s.stop - s.start) for s in slices)]
        return elements

    def _pads(
        self, op: Primitive, maps: Window, positions: Sequence[int]
    ) -> tuple[tuple[tuple[int, int], ...], tuple[slice, ...]]:
        """Pads of this block, and the part of the window that its positions need."""
        pads: list[tuple[int, int]] = []
        needed: list[slice] = []
        for axis, (count, stride, extent) in enumerate(
            zip(positions, op.filter.strides, op.filter.extents, strict=True), start=2
        ):
            span = (count - 1) * stride + extent
            low = min(maps.clipped[axis][0], span)
            there = min(span - low, maps.elements.shape[axis])
            pads.append((low, span - low - there))
            needed.append(slice(0, there))
        return tuple(pads), tuple(needed)


def empty_buffer(type: MemRefType) -> np.ndarray:
    """A buffer whose elements nobody has written: not a number, or zeros for integers."""
    dtype = dtype_of(type.element_type)
    fill: Any = 0 if dtype.kind in "iub" else np.nan
    return np.full(type.get_shape(), fill, dtype)


@register_impls
class DmaFunctions(InterpreterFunctions):
    """The dma dialect on NumPy arrays."""

    @impl(ParameterOp)
    def run_parameter(
        self, interpreter: Interpreter, op: ParameterOp, args: tuple[Any, ...]
    ) -> Any:
        return (Parameters.of(interpreter).kept(op.result_name.data),)

    @impl(AllocOp)
    def run_alloc(self, interpreter: Interpreter, op: AllocOp, args: tuple[Any, ...]) -> Any:
        return (empty_buffer(op.type),)

    @impl(ViewOp)
    def run_view(self, interpreter: Interpreter, op: ViewOp, args: tuple[Any, ...]) -> Any:
        start, sizes = op.offset.value.data, shape(op.result)
        return (args[0].reshape(-1)[start : start + prod(sizes)].reshape(sizes),)

    @impl(BlocksOp)
    def run_blocks(self, interpreter: Interpreter, op: BlocksOp, args: tuple[Any, ...]) -> Any:
        _Blocks(interpreter, op).run()
        return ()


def register_dma(interpreter: Interpreter, store: WeightStore) -> None:
    """Gives the interpreter the meaning of the dma dialect."""
    interpreter.register_implementations(DmaFunctions())
