"""Whether buffers lie in their memories, and operands and outputs in their buffers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    if buffer.ring is not None:
        _verify_in_ring(op, what, access, buffer, offsets)
    for placed, nodes in in_rings(access, buffer, offsets):
        _verify_inside(op, what, buffer, placed.span, offsets[nodes] + placed.low)


def in_rings(
    access: Access, buffer: BufferOp, offsets: np.ndarray
) -> Iterator[tuple[Access, np.ndarray | slice]]:
    """What an operand touches from offsets in its buffer on, in each place of its ring, and which are there."""
    if buffer.ring is None:
        yield access, slice(None)
        return
    rows, step = buffer.ring.get_values()
    first = offsets // step % rows
    for each in np.unique(first):
        places = np.flatnonzero(first == each)
        yield buffer.placed(access, int(offsets[places[0]])), places


def _verify_in_ring(
    op: Instruction, what: str, access: Access, buffer: BufferOp, offsets: np.ndarray
) -> None:
    """It has no more rows than its ring, and where it wraps it consists of parts of rows."""
    assert buffer.ring is not None
    rows, step = buffer.ring.get_values()
    along = access.axes_along(step)
    needed = max((access.sizes[axis] for axis in along), default=0)
    if needed > rows:
        raise fault(
            op,
            f'{what}needs {needed} rows of buffer "{buffer.shown_name}": ring too small, it has {rows}',
        )
    wraps = [
        (placed, offset)
        for placed, places in in_rings(access, buffer, offsets)
        for offset in offsets[places].tolist()
        if placed.wrap is not None
    ]
    for placed, offset in wraps:
        assert placed.wrap is not None
        others = [
            ((size - 1) * stride * placed.itemsize, stride * placed.itemsize)
            for axis, (size, stride) in enumerate(zip(placed.sizes, placed.strides, strict=True))
            if size > 1 and axis != placed.wrap.axis
        ]
        inside = sum(reach for reach, stride in others if stride < step) + placed.itemsize
        apart = all(stride % (rows * step) == 0 for _, stride in others if stride >= step)
        if len(along) > 1 or not apart or offset % step + inside > step or placed.role == "lhs":
            raise fault(
                op, f'{what}does not wrap row by row in the ring of buffer "{buffer.shown_name}"'
            )


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
    room = buffer.bytes - size
    if offsets.min() >= 0 and offsets.max() <= room:
        return  # in the first slot
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
