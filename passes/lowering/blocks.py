"""The `dma.blocks` of one primitive: its schedule as a grid, its operands as slices."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.builder import Builder
from xdsl.dialects.builtin import AffineMapAttr, MemRefType, TensorType
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.ir.affine import AffineMap
from xdsl.rewriter import InsertPoint

from xnn.dialects.dma import (
    EXTERNAL,
    LOCAL,
    BlocksOp,
    BufferOp,
    LoadOp,
    StoreOp,
    buffer_type,
    is_local,
)
from xnn.dialects.prim import Primitive, ScheduleAttr, element_type, shape
from xnn.dialects.prim.attributes import CHANNELS
from xnn.dialects.slices import Axis, Slice
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, element_bytes
from xnn.dialects.xnn.operation import integer, integers
from xnn.passes.schedule.local_memory import slice_in_place, stays_whole
from xnn.passes.schedule.slice_layouts import slot_strides


def tensor_buffer(
    type: Attribute, space: Attribute = EXTERNAL, strides: tuple[int, ...] | None = None
) -> MemRefType:
    """The buffer of a tensor: dense, or with strides."""
    assert isinstance(type, TensorType)
    sizes = type.get_shape()
    dense = strides is None or strides == dense_strides(sizes)
    return buffer_type(sizes, type.element_type, space, None if dense else strides)


class Blocks:
    """Builds the `dma.blocks` of a primitive on tensors with a schedule.

    `buffers`: those of its operands; `out`: that of its result. Slices of local ones are used in place.
    """

    def __init__(
        self,
        node: Primitive,
        buffers: dict[SSAValue, SSAValue],
        out: SSAValue,
        target: Target,
        schedule: ScheduleAttr,
    ):
        self.node = node
        self.buffers = buffers
        self.out = out
        self.target = target
        self.schedule = schedule
        loops = schedule.loops(node.domain)
        self.loops, self.grid = list(loops), list(loops.values())
        self.reduce = CHANNELS in loops
        self.slices = node.slices(schedule.clamped(node.domain))

    def build(self) -> BlocksOp:
        """The operation, not inserted yet."""
        body = Block()
        builder = Builder(InsertPoint.at_end(body))
        *inputs, result = self.slices
        operands = [self._load(builder, each) for each in inputs]
        if is_local(self.out):
            out = self._in_place(builder, result, self.out)
        else:
            out = self._buffer(builder, self._local_type(result), self._slots(result))
        builder.insert(self._on_buffers(operands, self._sums(builder, result), out))
        if not is_local(self.out):
            properties = self._slice_properties(result)
            builder.insert(StoreOp.build(operands=[out, self.out], properties=properties))
        return BlocksOp(self.node.result_name.data, self.grid, self.reduce, Region(body))

    def _sums(self, builder: Builder, result: Slice) -> list[SSAValue]:
        """A buffer for partial sums, if there are any and the result's cannot hold them."""
        node = self.node
        if not self.reduce or not node.needs_sums:
            return []
        type = self._local_type(result, node.accumulator_type)
        return [self._buffer(builder, type, 1)]

    def _buffer(self, builder: Builder, type: Attribute, slots: int) -> SSAValue:
        buffer = BufferOp.build(properties={"slots": integer(slots)}, result_types=[type])
        return builder.insert(buffer).result

    def _on_buffers(
        self, operands: list[SSAValue], sums: list[SSAValue], out: SSAValue
    ) -> Primitive:
        """The primitive on local buffers; slices come in the order lhs, rhs, pre, post."""
        node = self.node
        roles = [role for role, _ in node.factors]
        end = len(roles) + len(node.pre_operands)
        by_name: dict[str, SSAValue | Sequence[SSAValue]] = {
            **dict(zip(roles, operands, strict=False)),
            "pre_operands": operands[len(roles) : end],
            "post_operands": operands[end:],
            "sums": sums,
            "outs": [out],
        }
        kept = {k: v for k, v in node.properties.items() if not k.endswith("SegmentSizes")}
        for of_tensor in node.PLACEMENT:
            kept.pop(of_tensor, None)
        properties = {**kept, "schedule": self.schedule}
        new = node.of_operands(by_name, properties, [node.pre.clone(), node.post.clone()])
        new.location = node.location
        return new

    def _load(self, builder: Builder, slice: Slice) -> SSAValue:
        """A load of the slice, or of the whole operand, whose slice is used in place; none if that is local."""
        if is_local(buffer := self.buffers[slice.value]):
            return self._in_place(builder, slice, buffer)
        whole = Slice(slice.role, slice.value, tuple(map(Axis, shape(slice.value))))
        in_place = self._moves(slice) and stays_whole(slice, self.target)
        loaded = whole if in_place else slice
        type = self._local_type(loaded)
        load = LoadOp.build(
            operands=[buffer],
            properties={**self._slice_properties(loaded), "slots": integer(self._slots(loaded))},
            result_types=[type],
        )
        builder.insert(load)
        if not in_place:
            return load.result
        return self._in_place(builder, slice, load.result)

    def _in_place(self, builder: Builder, slice: Slice, whole: SSAValue) -> SSAValue:
        offsets = self._slice_properties(slice)["offsets"]
        return builder.insert(slice_in_place(whole, offsets, slice.sizes)).result

    def _slots(self, slice: Slice) -> int:
        return self.schedule.slots if self._moves(slice) else 1

    def _moves(self, slice: Slice) -> bool:
        return any(dim in slice.moving for dim in self.loops)

    def _local_type(self, slice: Slice, element: Attribute | None = None) -> Attribute:
        element = element or element_type(slice.value)
        strides = slot_strides(slice, element_bytes(element), self.schedule.layout, self.target)
        dense = strides == dense_strides(slice.sizes)
        return buffer_type(slice.sizes, element, LOCAL, None if dense else strides)

    def _slice_properties(self, slice: Slice) -> dict[str, Attribute]:
        offsets = tuple(axis.offset(self.loops) for axis in slice.axes)
        return {
            "offsets": AffineMapAttr(AffineMap(len(self.loops), 0, offsets)),
            "sizes": integers(slice.sizes),
        }
