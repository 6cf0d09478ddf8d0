"""The addresses that `plan-memory` writes."""

from __future__ import annotations

from xdsl.dialects.builtin import IntegerAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument, SSAValue

from xnn.dialects import dma
from xnn.dialects.diagnostics import UserError
from xnn.dialects.values import item_bytes

ADDRESS = "dma.address"
"""Attribute of the function's arguments: where the input lies in external memory."""


def address_of(value: SSAValue, main: FuncOp) -> int:
    """Planned address in bytes of a buffer or view; raises UserError if there is none yet.

    0 stands for that of a dynamic buffer: costs depend on its place in a burst alone.
    """
    offset, value = dma.offset_of(value) * item_bytes(value), dma.root_of(value)
    attribute = None
    if dma.is_dynamic(value):
        return offset
    if isinstance(value, BlockArgument):
        attributes = main.arg_attrs
        attribute = attributes.data[value.index].data.get(ADDRESS) if attributes else None
    elif isinstance(value.owner, dma.AddressedBuffer):
        attribute = value.owner.address
    if not isinstance(attribute, IntegerAttr):
        raise UserError(
            f"a buffer of type {value.type} has no address", hint="run --plan-memory first"
        )
    return attribute.value.data + offset
