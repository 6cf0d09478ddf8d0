"""The pass `decompose-conv-transpose`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import gcd, prod
from typing import NamedTuple

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, i64
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from xnn.dialects import xnn
from xnn.dialects.xnn import ConvOp, ConvTransposeOp, GatherOp, shape_of
from xnn.passes.graph.building import Replacement, network_operations


class Phase(NamedTuple):
    """The elements r, r + stride, ... of a result along one dimension: a convolution without a stride."""

    taps: tuple[int, ...]
    """Taps of the kernel, in the order of the elements of x that they meet."""
    first: int
    """The element of x that the first tap of the first position meets, below 0 in the pads."""


def _phases(kernel: int, stride: int, dilation: int, pad: int, size: int) -> list[Phase]:
    """One for each of the first `stride` elements of the result; without a tap, it meets x nowhere."""
    result = []
    for place in range(pad, pad + stride):
        taps = [t for t in reversed(range(kernel)) if (place - t * dilation) % stride == 0]
        first = (place - taps[0] * dilation) // stride if taps else size
        result.append(Phase(tuple(taps), first) if first < size else Phase((), 0))
    return result


class _Decomposition:
    """The convolutions in the place of one transposed convolution, and what puts their results together."""

    def __init__(self, node: ConvTransposeOp):
        self.node, self.new = node, Replacement(node)
        self.batch, self.channels, *self.sizes = shape_of(node.x)
        _, self.rows, *kernel = shape_of(node.w)
        self.groups = node.groups.value.data
        self.strides, dilations = node.strides.get_values(), node.dilations.get_values()
        pads = [low for low, _ in node.pad_pairs]
        self.phases = [
            _phases(*each) for each in zip(kernel, self.strides, dilations, pads, self.sizes)
        ]
        self.steps = [d // gcd(d, s) for d, s in zip(dilations, self.strides)]
        """Dilations of the convolutions."""
        self.out = shape_of(node.result)[2:]
        self.positions = [
            max(-(-out // stride), *(size - self._span(p, step) + 1 - p.first for p in phases))
            for out, stride, size, phases, step in zip(
                self.out, self.strides, self.sizes, self.phases, self.steps
            )
        ]
        """Positions of all phases, no less than the longest needs, nor than any has that needs no cut."""

    @staticmethod
    def _span(phase: Phase, step: int) -> int:
        return max(0, len(phase.taps) - 1) * step + 1

    def run(self) -> None:
        """Phases that meet the same elements of x are one convolution, of more channels."""
        alike = all(
            len({(len(p.taps), p.first) for p in phases}) == 1 and phases[0].taps
            for phases in self.phases
        )
        rank = len(self.sizes)
        if alike:
            value = self._convolution(self.phases, "phases")
            value = self.new.reshaped(
                value,
                (self.batch, self.groups, *self.strides, self.rows, *self.positions),
                "apart",
            )
            lead, first, spatial = (0, 1, 2 + rank), 2, 3 + rank
        else:
            parts = [
                self._convolution([[phase] for phase in chosen], f"phase{i}")
                for i, chosen in enumerate(product(*self.phases))
            ]
            value = self.new.build(xnn.ConcatOp, parts, {"axis": xnn.integer(0)}, part="phases")
            channels = self.groups * self.rows
            value = self.new.reshaped(
                value, (*self.strides, self.batch, channels, *self.positions), "apart"
            )
            lead, first, spatial = (rank, rank + 1), 0, rank + 2
        pairs = (axis for i in range(rank) for axis in (spatial + i, first + i))
        value = self.new.transposed(value, (*lead, *pairs), "joined")
        whole = [q * s for q, s in zip(self.positions, self.strides)]
        shape = (self.batch, self.groups * self.rows, *whole)
        cut = [axis for axis, (n, out) in enumerate(zip(whole, self.out), 2) if n > out]
        value = self.new.reshaped(value, shape, "whole" if cut else "")
        for axis in cut:
            part = "" if axis == cut[-1] else f"cut{axis - 2}"
            value = self._taken(value, axis, range(self.out[axis - 2]), part)
        self.new.take(value)

    def _taken(self, value: SSAValue, axis: int, indices: Sequence[int], part: str) -> SSAValue:
        """Some indices of an axis of a value, in their order."""
        if list(indices) == list(range(shape_of(value)[axis])):
            return value
        name = f"{part or 'cut'}_indices"
        constant = self.new.constant(np.array(indices, np.int64), i64, name)
        properties = {"axis": xnn.integer(axis)}
        return self.new.build(GatherOp, [value, constant], properties, part=part)

    def _convolution(self, chosen: Sequence[Sequence[Phase]], part: str) -> SSAValue:
        """The products of all combinations of chosen phases of each dimension, which meet the same elements of x."""
        x, pads = self.node.x, list[tuple[int, int]]()
        for axis, (phase, *_) in enumerate(chosen):
            size, step, count = self.sizes[axis], self.steps[axis], self.positions[axis]
            first = phase.first
            if first > 0:  # what no tap meets
                x = self._taken(x, 2 + axis, range(first, size), f"{part}_x{axis}")
                size, first = size - first, 0
            pads.append((-first, first + count - 1 + self._span(phase, step) - size))
        weights = self._weights(chosen, part)
        b = self.node.b
        several = prod(map(len, chosen))
        if b is not None and several > 1:
            rows = np.arange(self.groups * self.rows).reshape(self.groups, 1, self.rows)
            b = self._taken(b, 0, np.tile(rows, (1, several, 1)).reshape(-1).tolist(), f"{part}_b")
        window = {
            "strides": xnn.integers(1 for _ in pads),
            "dilations": xnn.integers(self.steps),
            "pads": xnn.integers([*(low for low, _ in pads), *(high for _, high in pads)]),
            "groups": xnn.integer(self.groups),
        }
        layers = self.node.layer_names
        return self.new.build(ConvOp, [x, weights, b], window, part=part, layers=layers)

    def _weights(self, chosen: Sequence[Sequence[Phase]], part: str) -> SSAValue:
        """Those of the chosen phases: [groups * phases * rows, channels of a group, taps of a phase ...]."""
        w, rank = self.node.w, len(chosen)
        sizes = [self.groups, self.channels // self.groups, self.rows]
        if not all(phases[0].taps for phases in chosen):
            w = self.new.build(xnn.SubOp, [w, w], part=f"{part}_zeros")
        for axis, phases in enumerate(chosen):
            taps = [tap for phase in phases for tap in phase.taps or (0,)]
            w = self._taken(w, 2 + axis, taps, f"{part}_w{axis}")
            sizes += [len(phases), len(taps) // len(phases)]
        w = self.new.reshaped(w, sizes, f"{part}_w_axes")
        perm = (0, *range(3, 3 + 2 * rank, 2), 2, 1, *range(4, 4 + 2 * rank, 2))
        w = self.new.transposed(w, perm, f"{part}_w_turned")
        several = prod(map(len, chosen))
        shape = (self.groups * several * self.rows, sizes[1], *sizes[4::2])
        return self.new.reshaped(w, shape, f"{part}_w")


class DecomposeConvTranspose(ModulePass):
    """Transposed convolutions become convolutions without a stride, one for each phase of the result.

    ```mlir
    %y = xnn.conv_transpose "y" %x, %w {strides = array<i64: 2>, ...}
       : (tensor<1x8x5xf32>, tensor<8x4x3xf32>) -> tensor<1x4x11xf32>
    ```
    becomes
    ```mlir
    %0 = xnn.conv "y#phase0" %x, %w0 {...} : (tensor<1x8x5xf32>, tensor<4x8x2xf32>) -> tensor<1x4x6xf32>
    %1 = xnn.conv "y#phase1" %x, %w1 {...} : (tensor<1x8x5xf32>, tensor<4x8x1xf32>) -> tensor<1x4x6xf32>
    ```
    whose results are interleaved. No zeros between elements are multiplied. Phases that meet the same elements
    of x are one convolution. Networks of unknown sizes stay as they are.
    """

    name = "decompose-conv-transpose"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for node in network_operations(op):
            if isinstance(node, ConvTransposeOp) and xnn.DYNAMIC not in shape_of(node.x):
                _Decomposition(node).run()
