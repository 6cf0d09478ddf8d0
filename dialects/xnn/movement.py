"""Operators that choose, repeat and rearrange elements, or surround them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects.builtin import StringAttr, TensorType
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, opt_operand_def, prop_def, traits_def

from xnn.dialects.diagnostics import fault
from xnn.dialects.values import INTEGER, INTEGERS
from xnn.dialects.xnn.constants import ConstantOp
from xnn.dialects.xnn.operation import (
    DYNAMIC,
    NetworkOperation,
    Price,
    SingleOperation,
    ranked_type,
    shape_of,
    shown,
    tensor_type,
)
from xnn.dialects.xnn.shapes import broadcast
from xnn.dialects.xnn.traits import KeepsScale

PAD_MODES = ("constant", "edge", "reflect", "wrap")
DEPTH_MODES = ("DCR", "CRD")


class ChoosingOperation(SingleOperation, ABC):
    """Its result is `x` at certain indices along each axis."""

    traits = traits_def(KeepsScale())

    PRICE: ClassVar[Price | None] = {"cheap": 1}

    @abstractmethod
    def indices(self, shape: Sequence[int]) -> list[np.ndarray]:
        """For each axis of the result, indices along x's; x has as many, the first ones of size 1 if it had fewer."""


class RearrangingOperation(SingleOperation, ABC):
    """Its result is `x` with axes divided, in another order, and joined."""

    traits = traits_def(KeepsScale())

    PRICE: ClassVar[Price | None] = {"cheap": 1}

    @abstractmethod
    def divided(self, shape: Sequence[int]) -> tuple[list[int], tuple[int, ...]]:
        """The sizes that axes are divided into, and which of these is each axis in the new order."""


@irdl_op_definition
class SliceOp(ChoosingOperation):
    """Every `steps`-th element of `x` from `starts` to before `ends` along each of `axes`.

    A negative start or end counts from the end of the axis; both are then cut to the axis. A negative
    step goes backwards.

    ```mlir
    %y = xnn.slice "half" %x {axes = array<i64: 1>, ends = array<i64: 4>, starts = array<i64: 0>, steps = array<i64: 2>}
       : (tensor<1x8x9xf32>) -> tensor<1x2x9xf32>
    ```
    """

    name = "xnn.slice"

    axes = prop_def(INTEGERS)
    starts = prop_def(INTEGERS)
    ends = prop_def(INTEGERS)
    steps = prop_def(INTEGERS)

    @property
    def slices(self) -> dict[int, slice]:
        """By axis."""
        fields = (each.get_values() for each in (self.axes, self.starts, self.ends, self.steps))
        return {axis: slice(*bounds) for axis, *bounds in zip(*fields, strict=True)}

    def indices(self, shape: Sequence[int]) -> list[np.ndarray]:
        every, chosen = slice(None), self.slices
        return [np.arange(size)[chosen.get(axis, every)] for axis, size in enumerate(shape)]

    def infer_types(self) -> Sequence[TensorType]:
        type = tensor_type(self.x)
        axes, sizes = self.axes.get_values(), list(type.get_shape())
        if any(len(each) != len(axes) for each in (self.starts, self.ends, self.steps)):
            raise fault(self, "needs a start, an end and a step for each axis")
        if len(set(axes)) < len(axes) or any(not 0 <= axis < len(sizes) for axis in axes):
            raise fault(self, f"axes {list(axes)} must be different ones of the {len(sizes)} of x")
        if 0 in self.steps.get_values():
            raise fault(self, "a step is 0")
        for axis, each in self.slices.items():
            if sizes[axis] != DYNAMIC:
                sizes[axis] = len(range(*each.indices(sizes[axis])))
            elif each != slice(0, None, 1):
                sizes[axis] = DYNAMIC
        return [TensorType(type.element_type, sizes)]

    def fold(self) -> Sequence[SSAValue] | None:
        forward = min(self.steps.get_values(), default=1) > 0
        same = DYNAMIC not in shape_of(self.x) and self.x.type == self.result.type
        return (self.x,) if forward and same else None


@irdl_op_definition
class PadOp(NetworkOperation):
    """`x` with `pads` more elements before (first half) and after (second half) along each axis.

    They are `value` (without it 0) in mode constant, the nearest element in mode edge, those before the
    edge, in reverse, in mode reflect, and those at the other end in mode wrap. Negative pads cut off elements, in
    mode constant.

    ```mlir
    %y = xnn.pad "pad" %x {mode = "constant", pads = array<i64: 0, 0, 1, 1, 0, 0, 1, 1>}
       : (tensor<1x8x9x9xf32>) -> tensor<1x8x11x11xf32>
    ```
    """

    name = "xnn.pad"

    PRICE: ClassVar[Price | None] = {"cheap": 1}

    x = operand_def(NetworkOperation.TENSOR)
    value = opt_operand_def(NetworkOperation.TENSOR)

    mode = prop_def(StringAttr)
    pads = prop_def(INTEGERS)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Pads before and after each axis."""
        pads = self.pads.get_values()
        half = len(pads) // 2
        return list(zip(pads[:half], pads[half:], strict=True))

    @property
    def fills_with_zeros(self) -> bool:
        """Whether all around x is known to be 0."""
        if self.mode.data != "constant" or self.value is None:
            return self.mode.data == "constant"
        constant = self.value.owner
        return isinstance(constant, ConstantOp) and not constant.elements.any()

    def indices(self, shape: Sequence[int]) -> list[np.ndarray]:
        """Along each axis, what of x is not cut off, and in all modes but constant what stands around it."""
        cut = [
            np.arange(max(0, -before), size - max(0, -after))
            for size, (before, after) in zip(shape, self.pairs, strict=True)
        ]
        match self.mode.data:
            case "edge" | "reflect" | "wrap" as mode:
                return [np.pad(a, pair, mode) for a, pair in zip(cut, self.pairs, strict=True)]
            case _:
                return cut

    def infer_types(self) -> Sequence[TensorType]:
        type, mode = tensor_type(self.x), self.mode.data
        shape = type.get_shape()
        if len(self.pads) != 2 * len(shape):
            raise fault(self, f"needs {2 * len(shape)} pads, not {len(self.pads)}")
        if mode not in PAD_MODES:
            raise fault(self, f"mode {mode} is none of {', '.join(PAD_MODES)}")
        if self.value is not None:
            self.shared_element_type((self.x, self.value))
            if shape_of(self.value) not in ((), (1,)):
                raise fault(self, f"value has type {self.value.type}, expected one element")
        for size, pair in zip(shape, self.pairs, strict=True):
            most = {"reflect": size - 1, "wrap": size}.get(mode)
            if mode != "constant" and min(pair) < 0:
                raise fault(self, f"pads {list(pair)} of mode {mode} must not be negative")
            if size != DYNAMIC and most is not None and max(pair) > most:
                raise fault(self, f"pads {list(pair)} of mode {mode} on an axis of {size}")
        sizes = [
            size if size == DYNAMIC else size + sum(pair)
            for size, pair in zip(shape, self.pairs, strict=True)
        ]
        return [TensorType(type.element_type, sizes)]

    def fold(self) -> Sequence[SSAValue] | None:
        return None if any(self.pads.get_values()) else (self.x,)


@irdl_op_definition
class ExpandOp(ChoosingOperation):
    """`x` broadcast to `shape`, as in NumPy; where `shape` has 1, to x's own size.

    `%y = xnn.expand "all" %x {shape = array<i64: 2, 1, 4>} : (tensor<3x1xf32>) -> tensor<2x3x4xf32>`
    """

    name = "xnn.expand"

    shape = prop_def(INTEGERS)

    def indices(self, shape: Sequence[int]) -> list[np.ndarray]:
        result = shape_of(self.result)
        sizes = [1] * (len(result) - len(shape)) + list(shape)
        return [np.arange(n) * (old > 1) for n, old in zip(result, sizes, strict=True)]

    def infer_types(self) -> Sequence[TensorType]:
        type, target = tensor_type(self.x), self.shape.get_values()
        if min(target, default=1) < 1:
            raise fault(self, f"shape {list(target)} must have positive sizes")
        if (result := broadcast(type.get_shape(), target)) is None:
            raise fault(self, f"{shown(type.get_shape())} cannot become {list(target)}")
        return [TensorType(type.element_type, result)]

    def fold(self) -> Sequence[SSAValue] | None:
        return (self.x,) if self.x.type == self.result.type else None


@irdl_op_definition
class TileOp(ChoosingOperation):
    """`x` repeated `repeats` times along each axis.

    `%y = xnn.tile "twice" %x {repeats = array<i64: 1, 2>} : (tensor<3x4xf32>) -> tensor<3x8xf32>`
    """

    name = "xnn.tile"

    repeats = prop_def(INTEGERS)

    def indices(self, shape: Sequence[int]) -> list[np.ndarray]:
        pairs = zip(shape, self.repeats.get_values(), strict=True)
        return [np.tile(np.arange(size), count) for size, count in pairs]

    def infer_types(self) -> Sequence[TensorType]:
        type, repeats = tensor_type(self.x), self.repeats.get_values()
        shape = type.get_shape()
        if len(repeats) != len(shape) or min(repeats, default=1) < 1:
            raise fault(self, f"needs a positive number for each of {len(shape)} axes")
        sizes = [
            size if size == DYNAMIC else size * count
            for size, count in zip(shape, repeats, strict=True)
        ]
        return [TensorType(type.element_type, sizes)]

    def fold(self) -> Sequence[SSAValue] | None:
        return (self.x,) if set(self.repeats.get_values()) <= {1} else None


@irdl_op_definition
class DepthToSpaceOp(RearrangingOperation):
    """Channels of `x` to blocks of `blocksize` by `blocksize` positions.

    A channel c of the result has, of mode DCR, those of x that are c + i * channels, of mode CRD the
    neighbours from c * blocksize * blocksize on; i goes along the rows of a block.

    ```mlir
    %y = xnn.depth_to_space "up" %x {blocksize = 2 : i64, mode = "CRD"}
       : (tensor<1x8x3x5xf32>) -> tensor<1x2x6x10xf32>
    ```
    """

    name = "xnn.depth_to_space"

    blocksize = prop_def(INTEGER)
    mode = prop_def(StringAttr)

    def divided(self, shape: Sequence[int]) -> tuple[list[int], tuple[int, ...]]:
        (batch, channels, rows, columns), block = shape, self.blocksize.value.data
        channels //= block * block
        if self.mode.data == "DCR":
            return [batch, block, block, channels, rows, columns], (0, 3, 4, 1, 5, 2)
        return [batch, channels, block, block, rows, columns], (0, 1, 4, 2, 5, 3)

    def infer_types(self) -> Sequence[TensorType]:
        type, block, mode = ranked_type(self, self.x, 4), self.blocksize.value.data, self.mode.data
        batch, channels, *spatial = type.get_shape()
        if mode not in DEPTH_MODES:
            raise fault(self, f"mode {mode} is none of {', '.join(DEPTH_MODES)}")
        if len(spatial) != 2 or block < 1 or channels != DYNAMIC and channels % (block * block):
            raise fault(self, f"{channels} channels of {type} do not make up blocks of {block}")
        channels = channels if channels == DYNAMIC else channels // (block * block)
        sizes = [size if size == DYNAMIC else size * block for size in spatial]
        return [TensorType(type.element_type, [batch, channels, *sizes])]


@irdl_op_definition
class SpaceToDepthOp(RearrangingOperation):
    """Blocks of `blocksize` by `blocksize` positions of `x` to channels: the reverse of depth_to_space of that `mode`.

    `%y = xnn.space_to_depth "focus" %x {blocksize = 2 : i64} : (tensor<1x2x6x10xf32>) -> tensor<1x8x3x5xf32>`
    """

    name = "xnn.space_to_depth"

    blocksize = prop_def(INTEGER)
    mode = prop_def(StringAttr, default_value=StringAttr("DCR"))

    def divided(self, shape: Sequence[int]) -> tuple[list[int], tuple[int, ...]]:
        (batch, channels, rows, columns), block = shape, self.blocksize.value.data
        sizes = [batch, channels, rows // block, block, columns // block, block]
        return sizes, (0, 3, 5, 1, 2, 4) if self.mode.data == "DCR" else (0, 1, 3, 5, 2, 4)

    def infer_types(self) -> Sequence[TensorType]:
        type, block = ranked_type(self, self.x, 4), self.blocksize.value.data
        batch, channels, *spatial = type.get_shape()
        known = [size for size in spatial if size != DYNAMIC]
        if self.mode.data not in DEPTH_MODES:
            raise fault(self, f"mode {self.mode.data} is none of {', '.join(DEPTH_MODES)}")
        if len(spatial) != 2 or block < 1 or any(size % block for size in known):
            raise fault(self, f"positions of {type} do not make up blocks of {block}")
        channels = channels if channels == DYNAMIC else channels * block * block
        sizes = [size if size == DYNAMIC else size // block for size in spatial]
        return [TensorType(type.element_type, [batch, channels, *sizes])]
