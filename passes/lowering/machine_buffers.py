"""The buffers of a machine program, for a function at the memory level whose memory is planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from xdsl.dialects import builtin
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute, Operation, SSAValue

from xnn.dialects import dsa
from xnn.dialects.dma import (
    AllocOp,
    ParameterOp,
    SlottedBuffer,
    is_borrowed,
    is_dynamic,
    is_local,
    ring_in,
    root_of,
)
from xnn.dialects.dma.sequence import layers_of
from xnn.dialects.names import slice_name, slot_name
from xnn.dialects.xnn.interface import argument_names, result_names, ties
from xnn.passes.schedule.addresses import address_of
from xnn.passes.schedule.tasks import Place


def _plain(type: Attribute) -> builtin.MemRefType:
    assert isinstance(type, builtin.MemRefType)
    return builtin.MemRefType(type.element_type, type.get_shape(), type.layout)


def _ring(buffer: SSAValue) -> dict[str, Attribute]:
    """The ring in a buffer, if it has several rows."""
    ring = ring_in(buffer)
    if ring is None or ring.rows == 1:
        return {}
    return {"ring": builtin.DenseArrayBase.from_list(builtin.i64, [ring.rows, ring.step])}


class Buffers:
    """The program's buffers, and their names."""

    def __init__(self, main: FuncOp):
        self.main = main
        self.names: dict[tuple[SSAValue, int], builtin.StringAttr] = {}
        """Of the buffers, by their values and, of slots that are no pitch apart, by these."""

    def declare(self) -> Iterator[Operation]:
        """Declarations of all buffers in both memories, and of the outputs."""
        main = self.main
        tied = ties(main)
        for number, name in enumerate(argument_names(main)):
            role = dsa.Role.STATE if number in tied else dsa.Role.INPUT
            yield self._buffer(name, role, main.args[number])
        for op in main.body.block.ops:
            if isinstance(op, ParameterOp | AllocOp):
                role = dsa.Role.PARAMETER if isinstance(op, ParameterOp) else dsa.Role.FEATURE_MAP
                yield self._buffer(op.result_name.data, role, op.result, _ring(op.result))
        for layer in layers_of(main).values():
            name = layer.result_name
            slotted = (op for op in layer.body.block.ops if isinstance(op, SlottedBuffer))
            for number, buffer in enumerate(slotted):
                yield from self._slices(slice_name(name.data, number), buffer)
        returned = main.body.block.last_op
        assert isinstance(returned, ReturnOp)
        for name, value in zip(result_names(main), returned.arguments, strict=True):
            root = root_of(value)
            offset = address_of(value, main) - address_of(root, main)
            properties: dict[str, Attribute] = {
                "name": builtin.StringAttr(name),
                "buffer": self.names[root, 0],
                "offset": builtin.IntegerAttr(offset, builtin.i64),
                "type": _plain(value.type),
            }
            yield dsa.OutputOp.build(properties=properties)

    def _slices(self, name: str, buffer: SlottedBuffer) -> Iterator[Operation]:
        """The slots of a layer's buffer: one range, or each a range of its own if they are no pitch apart."""
        if buffer.slot_offsets is not None:
            for slot in range(buffer.slots.value.data):
                own = slot_name(name, slot)
                yield self._buffer(own, dsa.Role.SLICE, buffer.result, slot=slot)
            return
        more = dict[str, Attribute]()
        if buffer.slots.value.data > 1 and buffer.pitch is not None:
            more = {"slots": buffer.slots, "pitch": buffer.pitch}
        yield self._buffer(name, dsa.Role.SLICE, buffer.result, more)

    def _buffer(
        self,
        name: str,
        role: dsa.Role,
        value: SSAValue,
        more: Mapping[str, Attribute] | None = None,
        slot: int = 0,
    ) -> Operation:
        self.names[value, slot] = builtin.StringAttr(name)
        space = dsa.Space.LOCAL if is_local(value) else dsa.Space.EXTERNAL
        properties: dict[str, Attribute] = {
            "name": self.names[value, slot],
            "role": dsa.RoleAttr(role),
            "space": dsa.SpaceAttr(space),
            "type": _plain(value.type),
            **(more or {}),
        }
        if is_dynamic(value):
            properties["dynamic"] = builtin.UnitAttr()
            if is_borrowed(value):
                properties["borrowed"] = builtin.UnitAttr()
        else:
            address = address_of(value, self.main)
            if isinstance(value.owner, SlottedBuffer):
                address += value.owner.slot_offset(slot)
            properties["address"] = builtin.IntegerAttr(address, builtin.i64)
        return dsa.BufferOp.build(properties=properties)

    def names_of(self, places: Iterable[Place]) -> builtin.ArrayAttr[builtin.StringAttr]:
        """Of the buffers in which the operands of a task lie."""
        return builtin.ArrayAttr([self._name_of(place) for place in places])

    def _name_of(self, place: Place) -> builtin.StringAttr:
        owner = place.buffer.owner
        apart = isinstance(owner, SlottedBuffer) and owner.slot_offsets is not None
        return self.names[place.buffer, place.slot if apart else 0]
