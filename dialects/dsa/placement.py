"""Whether buffers lie in their memories, and operands and outputs in their buffers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.ir import Operation

from xnn.dialects.diagnostics import fault
from xnn.dialects.dsa.access import Access
from xnn.dialects.dsa.attributes import Space
from xnn.dialects.dsa.buffers import BufferOp, OutputOp
from xnn.dialects.dsa.instructions import Instruction, TransferInstruction
from xnn.dialects.names import shown_name
from xnn.dialects.target import Target
from xnn.dialects.values import type_bytes


def verify_buffers(buffers: Sequence[BufferOp], target: Target | None) -> None:
    """Names are unique, and buffers lie inside their memory."""
    names: set[str] = set()
    for buffer in buffers:
        name = buffer.result_name.data
        if name in names:
            raise fault(buffer, "another buffer has this name")
        names.add(name)
        end = buffer.known_address + buffer.slot_offsets[-1] + buffer.bytes
        if target is not None:
            memory = target.local if buffer.is_local else target.external
            if end > memory.capacity_bytes:
                raise fault(
                    buffer,
                    f"ends at byte {end} of {buffer.space.data} memory, "
                    f"which has {memory.capacity_bytes}",
                )


def verify_outputs(outputs: Sequence[OutputOp], buffers: dict[str, BufferOp]) -> None:
    """Each output has a name of its own and lies within a buffer of external memory."""
    names: set[str] = set()
    for op in outputs:
        if op.result_name.data in names:
            raise fault(op, "another output has this name")
        names.add(op.result_name.data)
        size, name = type_bytes(op.type), op.buffer.data
        buffer = _buffer(op, "", size, name, False, buffers)
        _verify_inside(op, "", buffer, size, np.array([op.offset.value.data]))


def verify_operand(
    op: Instruction,
    column: int,
    access: Access,
    offsets: np.ndarray,
    buffers: dict[str, BufferOp],
) -> None:
    """An operand has a buffer, in the memory that it needs; in each node it is aligned and lies in one slot."""
    what = f"operand {column} "
    buffer = _buffer(op, what, access.span, op.buffer_names[column], access.local, buffers)
    least = min(access.sizes, default=1)
    if least < 0 or least == 0 and isinstance(op, TransferInstruction):
        raise fault(op, f"{what}has no elements: sizes {list(access.sizes)}")
    if least == 0:
        return  # all of the block's slice is pads
    wrong = (offsets + buffer.known_address) % access.itemsize
    if wrong.any():
        at = int(offsets[np.argmax(wrong > 0)]) + buffer.known_address
        raise fault(
            op,
            f'{what}in buffer "{buffer.shown_name}" begins at {at:#x}, '
            f"which is not aligned to its {access.itemsize}-byte elements",
        )
    _verify_inside(op, what, buffer, access.span, offsets)


def _buffer(
    op: Operation, what: str, size: int, name: str, local: bool, buffers: dict[str, BufferOp]
) -> BufferOp:
    """The buffer of this name, which is in the memory that an operand or an output of so many bytes needs."""
    space = Space.LOCAL if local else Space.EXTERNAL
    if (buffer := buffers.get(name)) is None:
        needs = f"needs {size} bytes of {space} memory"
        raise fault(op, f'{what}{needs} in buffer "{shown_name(name)}", which does not exist')
    if buffer.space.data != space:
        raise fault(
            op,
            f'{what}needs {size} bytes of {space} memory, but the {buffer.bytes} of buffer "{buffer.shown_name}" '
            f"are in {buffer.space.data} memory",
        )
    return buffer


def _verify_inside(
    op: Operation, what: str, buffer: BufferOp, size: int, offsets: np.ndarray
) -> None:
    """So many bytes from each of these offsets on lie in one slot of a buffer."""
    starts = np.array(buffer.slot_offsets, np.int64)
    slot = np.maximum(np.searchsorted(starts, offsets, side="right") - 1, 0)
    inner = offsets - starts[slot]
    bad = (inner < 0) | (inner > buffer.bytes - min(size, 2**62))
    if bad.any():
        worst = int(np.argmax(bad))
        low, count = int(inner[worst]), len(starts)
        slots = f"slot {int(slot[worst])} of " if count > 1 else ""
        raise fault(
            op,
            f'{what}needs bytes {low} to {low + size} of {slots}buffer "{buffer.shown_name}", '
            f"which has {buffer.bytes}",
        )
