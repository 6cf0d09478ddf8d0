"""The block that an instruction of a primitive computes, and the operands that it touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from xdsl.dialects.builtin import AffineMapAttr, MemRefType
from xdsl.ir import Attribute, Region, SSAValue
from xdsl.ir.affine import AffineDimExpr

from tests.recount.program import Node, item_bytes, strides_of
from xnn.dialects.dsa.operations import PrimitiveInstruction
from xnn.dialects.prim import MatmulOp, Primitive
from xnn.dialects.prim.vector import ReduceOp


@dataclass(frozen=True)
class Operand:
    """One operand: where it is, and how the elements that a node touches lie there.

    Those of rhs, the result and the regions are seen by the dimensions of the element that streams by: sample,
    channel, positions; the stride is 0 for a dimension that an operand of a region lacks.
    """

    number: int
    """Its place among the addresses."""
    role: str
    address: int
    element: Attribute
    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    """Bytes."""
    times: int = 1
    """How often its rows count: twice if it is both read and written."""
    is_empty: bool = False
    """Whether none of its elements exist: all of them are pads."""

    @property
    def size(self) -> int:
        """Bytes of an element."""
        return item_bytes(self.element)

    @property
    def last_byte(self) -> int:
        if self.is_empty:
            return self.address  # one without bytes covers its address
        steps = ((size - 1) * stride for size, stride in zip(self.sizes, self.strides))
        return self.address + sum(steps) + self.size - 1

    @property
    def depends_on_position(self) -> bool:
        """Whether it depends on a position of which there are several."""
        return any(
            size > 1 and stride > 0 for size, stride in zip(self.sizes[2:], self.strides[2:])
        )

    @property
    def depends_on_sample(self) -> bool:
        """Whether it depends on the sample, and there are several."""
        return self.sizes[0] > 1 and self.strides[0] > 0


class Block:
    """[batch B, groups G, rows M, channels C, positions P] of a primitive, with the pads that fall into it."""

    def __init__(self, node: Node):
        op, primitive = node.op, node.node
        assert isinstance(op, PrimitiveInstruction) and isinstance(primitive, Primitive)
        self.primitive = primitive
        self.B, self.G, self.M, self.C, *self.P = op.block_sizes.get_values()
        self.pads = op.pads.get_values()
        self.first, self.last = op.first is not None, op.last is not None
        window = primitive.window
        self.kernel, self.strides, self.dilations = window.kernel, window.strides, window.dilations
        self.operands = self._operands(node.addresses)

    @property
    def taps(self) -> int:
        return prod(self.kernel)

    @property
    def existing(self) -> tuple[int, ...]:
        """Elements of the feature map in each spatial dimension, without the pads."""
        spans = [
            (count - 1) * stride + dilation * (kernel - 1) + 1
            for count, stride, dilation, kernel in zip(
                self.P, self.strides, self.dilations, self.kernel
            )
        ]
        return tuple(s - a - b for s, a, b in zip(spans, self.pads[::2], self.pads[1::2]))

    def operand(self, role: str) -> Operand:
        return next(each for each in self.operands if each.role == role)

    def of_role(self, *roles: str) -> list[Operand]:
        return [each for each in self.operands if each.role in roles]

    def _operands(self, addresses: Sequence[int]) -> list[Operand]:
        """In the order of the addresses: lhs, rhs, pre, post, sums, out; only what this block touches."""
        op, found = self.primitive, list[Operand]()
        sums = op.sums if isinstance(op, MatmulOp | ReduceOp) else None
        assert op.outs is not None
        rhs = (self.B, self.G * self.C, *self.existing)
        out = (self.B, self.G * self.M, *self.P)
        accumulated = 1 + (not self.first)  # written, and read by a block that is not the first

        def add(role: str, value: SSAValue, sizes: Sequence[int], times: int = 1, map=None) -> None:
            type, address = value.type, addresses[len(found)]
            assert isinstance(type, MemRefType)
            element = type.element_type
            steps = _steps(type, map)
            number = len(found)
            own = range(len(sizes)) if map is None else _dimensions(map)
            is_empty = any(sizes[dimension] == 0 for dimension in own)
            found.append(
                Operand(number, role, address, element, tuple(sizes), steps, times, is_empty)
            )

        if isinstance(op, MatmulOp):
            rows = self.M if self.shared else self.G * self.M
            if op.packed is None:
                add("lhs", op.lhs, (rows, self.C, *self.kernel))
            else:
                add("lhs", op.lhs, (rows, -(-self.C * self.taps * op.packed.bits // 8)))
        add("rhs", op.rhs, rhs)
        for value, map in zip(op.pre_operands, op.pre_indexing_maps or ()):
            add("pre", value, rhs, map=map)
        if self.last:
            for value, map in zip(op.post_operands, op.post_indexing_maps or ()):
                add("post", value, out, map=map)
        if sums is not None:  # the last block reads them and writes the result in their place
            add("sums", sums, out, (not self.first) + (not self.last))
        if self.last or sums is None:
            add("out", op.outs, out, accumulated if sums is None else 1)
        return found

    @property
    def shared(self) -> bool:
        """Whether one lhs serves all groups."""
        op = self.primitive
        assert isinstance(op, MatmulOp) and op.outs is not None
        lhs, out = op.lhs.type, op.outs.type
        assert isinstance(lhs, MemRefType) and isinstance(out, MemRefType)
        return lhs.get_shape()[0] < out.get_shape()[1]

    @property
    def streamed_type(self) -> Attribute:
        """Type of the elements of rhs as they enter the primitive."""
        end = self.primitive.pre.block.last_op if self.primitive.pre.blocks else None
        return end.operands[0].type if end is not None else self.operand("rhs").element

    @property
    def accumulator_type(self) -> Attribute:
        """Type of what `post` takes, or else of the result."""
        if self.primitive.post.blocks:
            return self.primitive.post.block.args[0].type
        assert self.primitive.outs is not None
        return self.primitive.outs.type.element_type


def _steps(type: MemRefType, map: AffineMapAttr | None) -> tuple[int, ...]:
    """Strides in bytes by the dimensions of the element that streams by."""
    size = item_bytes(type.element_type)
    own = [size * stride for stride in strides_of(type)]
    if map is None:
        return tuple(own)
    steps = [0] * map.data.num_dims
    for result, count, stride in zip(map.data.results, type.get_shape(), own):
        if isinstance(result, AffineDimExpr) and count > 1:
            steps[result.position] += stride
    return tuple(steps)


def _dimensions(map: AffineMapAttr) -> list[int]:
    """Those of the element that streams by which an indexing map uses."""
    return [each.position for each in map.data.results if isinstance(each, AffineDimExpr)]


# regions


PRICES = {
    "arith.divf": "divide",
    "arith.divsi": "divide",
    "math.sqrt": "divide",
    "math.exp": "transcendental",
    "math.log": "transcendental",
    "math.powf": "transcendental",
    "math.tanh": "transcendental",
    "arith.constant": None,
    "prim.yield": None,
}
"""The class of an operation of a region: None costs nothing, all else is cheap."""


def priced(region: Region, prices: dict[str, int]) -> list[tuple[int, Attribute]]:
    """Units of price of each operation of a region that has one, and the type of its result."""
    ops = region.block.ops if region.blocks else ()
    classes = [(PRICES.get(op.name, "cheap"), op) for op in ops]
    return [(prices[name], op.results[0].type) for name, op in classes if name is not None]
