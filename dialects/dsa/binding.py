"""The addresses of buffers, some of which the text leaves to the session."""

from __future__ import annotations

from collections.abc import Mapping

from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa.buffers import BufferOp
from xnn.dialects.names import shown_name
from xnn.dialects.target import External


def tied(
    buffers: Mapping[str, BufferOp], alignment: int, addresses: Mapping[str, int]
) -> dict[str, int]:
    """The address of each buffer: that of the text, or else of `addresses`, or else one behind all others."""
    result = {name: op.known_address for name, op in buffers.items()}
    result |= addresses
    left = [name for name, op in buffers.items() if op.address is None and name not in addresses]
    outside = [name for name, op in buffers.items() if not op.is_local and name not in left]
    end = max((result[name] + buffers[name].bytes for name in outside), default=0)
    for name in left:
        result[name] = -(-end // alignment) * alignment
        end = result[name] + buffers[name].bytes
    return result


def verify_tied(
    buffers: Mapping[str, BufferOp], addresses: Mapping[str, int], memory: External
) -> None:
    """Raises UserError unless every dynamic buffer has an aligned place of its own in external memory.

    `addresses`: those of all buffers.
    """
    places = sorted(
        (addresses[name], addresses[name] + op.bytes, name)
        for name, op in buffers.items()
        if not op.is_local
    )
    for start, end, name in places:
        if buffers[name].address is not None:
            continue
        what = f"tensor '{shown_name(name)}' needs bytes {start:#x} to {end:#x} of external memory"
        if start % memory.alignment:
            raise UserError(f"{what}, but its address must be a multiple of {memory.alignment}")
        if start < 0 or end > memory.capacity_bytes:
            raise UserError(f"{what}, which has {memory.capacity_bytes:#x}")
        for low, high, other in places:
            if other != name and low < end and start < high:
                place = f"bytes {low:#x} to {high:#x} are those of '{shown_name(other)}'"
                raise UserError(f"{what}, where {place}")
