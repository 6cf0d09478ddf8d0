"""The buffers of a machine program, for a function at the memory level whose memory is planned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
from xnn.dialects.names import slice_name
from xnn.dialects.xnn.interface import argument_names, result_names, ties
from xnn.passes.schedule.addresses import address_of


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
        self.names: dict[SSAValue, builtin.StringAttr] = {}
        """Of the buffers, by their values."""

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
                yield self._buffer(op.result_name.data, role, op.result, **_ring(op.result))
        for layer in layers_of(main).values():
            name = layer.result_name
            slotted = (op for op in layer.body.block.ops if isinstance(op, SlottedBuffer))
            for number, buffer in enumerate(slotted):
                more = dict[str, Attribute]()
                if buffer.slots.value.data > 1 and buffer.pitch is not None:
                    more = {"slots": buffer.slots, "pitch": buffer.pitch}
                own = slice_name(name.data, number)
                yield self._buffer(own, dsa.Role.SLICE, buffer.result, **more)
        returned = main.body.block.last_op
        assert isinstance(returned, ReturnOp)
        for name, value in zip(result_names(main), returned.arguments, strict=True):
            root = root_of(value)
            offset = address_of(value, main) - address_of(root, main)
            properties: dict[str, Attribute] = {
                "name": builtin.StringAttr(name),
                "buffer": self.names[root],
                "offset": builtin.IntegerAttr(offset, builtin.i64),
                "type": _plain(value.type),
            }
            yield dsa.OutputOp.build(properties=properties)

    def _buffer(self, name: str, role: dsa.Role, value: SSAValue, **more: Attribute) -> Operation:
        self.names[value] = builtin.StringAttr(name)
        space = dsa.Space.LOCAL if is_local(value) else dsa.Space.EXTERNAL
        properties: dict[str, Attribute] = {
            "name": self.names[value],
            "role": dsa.RoleAttr(role),
            "space": dsa.SpaceAttr(space),
            "type": _plain(value.type),
            **more,
        }
        if is_dynamic(value):
            properties["dynamic"] = builtin.UnitAttr()
            if is_borrowed(value):
                properties["borrowed"] = builtin.UnitAttr()
        else:
            address = address_of(value, self.main)
            properties["address"] = builtin.IntegerAttr(address, builtin.i64)
        return dsa.BufferOp.build(properties=properties)

    def names_of(self, buffers: Iterable[SSAValue]) -> builtin.ArrayAttr[builtin.StringAttr]:
        return builtin.ArrayAttr([self.names[buffer] for buffer in buffers])
