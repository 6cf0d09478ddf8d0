"""The block that an instruction of a primitive computes, and the operands that it touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from xdsl.dialects.builtin import MemRefType, TensorType
from xdsl.ir import Attribute, Region, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap

from tests.recount.program import Node, Ring, item_bytes, strides_of
from xnn.dialects.dsa.instructions import PrimitiveInstruction
from xnn.dialects.prim import MatmulOp, Primitive, TopKOp
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
    ring: Ring | None = None

    @property
    def size(self) -> int:
        """Bytes of an element."""
        return item_bytes(self.element)

    @property
    def wrapping(self) -> int | None:
        """The dimension that goes on in the first row of its ring."""
        if self.ring is not None:
            for dimension, (size, stride) in enumerate(zip(self.sizes, self.strides)):
                if stride == self.ring.step and size > 1:
                    return dimension if self.ring.first + size > self.ring.rows else None
        return None

    def along(self, dimension: int, index: Any) -> Any:
        """Bytes from the address to an element of this index along a dimension."""
        if self.ring is not None and dimension == self.wrapping:
            first, rows = self.ring.first, self.ring.rows
            index = (first + index) % rows - first
        return index * self.strides[dimension]

    @property
    def addresses(self) -> np.ndarray:
        """Of all elements, the last dimension fastest."""
        addresses = np.array(self.address)
        for dimension, count in enumerate(self.sizes):
            addresses = addresses[..., None] + self.along(dimension, np.arange(count))
        return addresses.reshape(-1)

    @property
    def first_byte(self) -> int:
        return self._edge(min)

    @property
    def last_byte(self) -> int:
        if self.is_empty:
            return self.address  # one without bytes covers its address
        return self._edge(max) + self.size - 1

    def _edge(self, which: Any) -> int:
        places = (self.along(d, np.arange(max(n, 1))) for d, n in enumerate(self.sizes))
        return self.address + sum(int(which(each)) for each in places)

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
        self.operands = self._operands(node)

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

    def _operands(self, node: Node) -> list[Operand]:
        """In the order of the addresses: lhs, rhs, pre, post, sums, out; only what this block touches."""
        op, found = self.primitive, list[Operand]()
        sums = op.sums if isinstance(op, MatmulOp | ReduceOp | TopKOp) else None
        assert op.outs is not None
        rhs = (self.B, self.G * self.C, *self.existing)
        out = (self.B, self.G * self.M, *self.P)

        def add(role: str, value: SSAValue, sizes: Sequence[int], times: int = 1) -> None:
            type = _memref(value)
            address, steps = node.addresses[len(found)], _bytes(type, strides_of(type))
            fields = len(found), role, address, type.element_type, tuple(sizes), steps
            ring = node.rings[len(found)]
            found.append(Operand(*fields, times, is_empty=0 in sizes, ring=ring))

        def add_region(role: str, region: Region, operands, maps, sizes: tuple[int, ...]) -> None:
            for i, (value, map) in enumerate(zip(operands, maps or ())):
                type = _memref(value)
                if isinstance(region.block.args[1 + i].type, TensorType):
                    add("table", value, type.get_shape())
                    continue
                is_empty = any(d is not None and sizes[d] == 0 for d in _dimensions(map.data))
                address, steps = node.addresses[len(found)], _steps(type, map.data)
                fields = len(found), role, address, type.element_type, sizes, steps
                ring = node.rings[len(found)]
                found.append(Operand(*fields, is_empty=is_empty, ring=ring))

        if isinstance(op, MatmulOp):
            rows = self.M if self.shared else self.G * self.M
            if op.packed is None:
                add("lhs", op.lhs, (rows, self.C, *self.kernel))
            else:
                add("lhs", op.lhs, (rows, -(-self.C * self.taps * op.packed.bits // 8)))
        add("rhs", op.rhs, rhs)
        add_region("pre", op.pre, op.pre_operands, op.pre_indexing_maps, rhs)
        if self.last:
            add_region("post", op.post, op.post_operands, op.post_indexing_maps, out)
        if sums is not None:  # the last block reads them and writes the result in their place
            add("sums", sums, out, (not self.first) + (not self.last))
        if self.last or sums is None:
            add("out", op.outs, out, 1 if sums is not None or self.first else 2)
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
        return _memref(self.primitive.outs).element_type


def _memref(value: SSAValue) -> MemRefType:
    assert isinstance(value.type, MemRefType)
    return value.type


def _bytes(type: MemRefType, strides: Sequence[int]) -> tuple[int, ...]:
    return tuple(item_bytes(type.element_type) * stride for stride in strides)


def _dimensions(map: AffineMap) -> list[int | None]:
    """The dimension of the element that streams by, for each of the operand; None: it has but one element there."""
    return [each.position if isinstance(each, AffineDimExpr) else None for each in map.results]


def _steps(type: MemRefType, map: AffineMap) -> tuple[int, ...]:
    """Strides in bytes of an operand of a region by the dimensions of the element that streams by."""
    steps = [0] * map.num_dims
    for dimension, size, stride in zip(_dimensions(map), type.get_shape(), strides_of(type)):
        if dimension is not None and size > 1:
            steps[dimension] = stride
    return _bytes(type, steps)


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
    "prim.bitcast": None,
    "prim.yield": None,
}
"""The class of an operation of a region: None costs nothing, all else is cheap."""


def priced(region: Region, prices: dict[str, int]) -> list[tuple[int, Attribute]]:
    """Units of price of each operation of a region that has one, and the type of its result."""
    ops = region.block.ops if region.blocks else ()
    classes = [(PRICES.get(op.name, "cheap"), op) for op in ops]
    return [(prices[name], op.results[0].type) for name, op in classes if name is not None]
