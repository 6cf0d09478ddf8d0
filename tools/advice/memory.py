"""How much local memory the network wants."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import ceil

from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa import Role
from xnn.dialects.names import shown_name
from xnn.runtime.engines.work import Work
from xnn.runtime.machine.machine import Machine
from xnn.runtime.report.table import si
from xnn.tools.advice.measurements import Measurements

HALVINGS = 3
"""Between two powers of two: the smallest memory is found to an eighth."""


@dataclass(frozen=True)
class MemoryAdvice:
    """Bytes of local memory."""

    has: int
    ok: int
    """The smallest in which each layer has room for its feature maps or for its weights."""
    ok_because_of: str
    """The layer that needs so much."""
    better: int
    """The smallest, as measured, with which as many feature maps stay local as with room for everything."""
    read_back: int
    """Bytes of feature maps that are read from external memory even then."""

    def lines(self) -> list[str]:
        """For people."""
        ok = f"ok: {si(self.ok)}B, where each layer's feature maps or weights fit (the largest: {self.ok_because_of})"
        better = f"better: {si(self.better)}B, measured, where all feature maps stay local"
        if self.read_back:
            better += f" that ever do (all but {si(self.read_back)}B of reads)"
        return [f"local memory: {si(self.has)}B", ok, better]


def memory_advice(measured: Measurements) -> MemoryAdvice:
    """What each layer needs, and by compiling again what all of them need together."""
    needs = {name: _need(work) for name, work in measured.works.items()}
    largest = max(needs, key=needs.__getitem__, default="")
    better, read_back = _better(measured)
    return MemoryAdvice(
        has=measured.target.local.capacity_bytes,
        ok=needs.get(largest, 0),
        ok_because_of=shown_name(largest),
        better=better,
        read_back=read_back,
    )


def _need(work: Work) -> int:
    """What of a layer has to stay so that the rest passes once; without weights only products read anything twice."""
    if not work.constant_bytes and work.macs:
        return work.feature_map_bytes
    return min(work.feature_map_bytes, work.constant_bytes)


def read_back_bytes(machine: Machine) -> int:
    """Bytes of feature maps that are read from external memory."""
    return sum(
        access.bytes
        for op, _ in machine.expansion.nodes
        for access, buffer in zip(
            machine.decoded[op].accesses, machine.decoded[op].buffers, strict=False
        )
        if access.reads and not access.local and buffer.role.data == Role.FEATURE_MAP
    )


def _better(measured: Measurements) -> tuple[int, int]:
    """Bytes of the smallest memory with the least bytes read back, and these, by bisection over its rows."""
    local, works = measured.target.local, measured.works.values()
    everything = 2 * sum(work.feature_map_bytes + work.constant_bytes for work in works)
    row = local.banks * local.row_bytes
    most = max(1, ceil(everything / row))
    least_read = _read_back(measured, most)
    assert least_read is not None

    def fits(rows: int) -> bool:
        found = _read_back(measured, rows)
        return found is not None and found <= least_read

    powers = [1 << power for power in range(most.bit_length())]
    place = bisect_left(powers, True, key=fits)
    most = powers[place] if place < len(powers) else most
    least = most // 2
    for _ in range(HALVINGS):
        middle = (least + most) // 2
        if middle in (least, most):
            break
        least, most = (least, middle) if fits(middle) else (middle, most)
    return most * row, least_read


def _read_back(measured: Measurements, rows: int) -> int | None:
    """Bytes read back with so many rows; None if they are too few for some layer."""
    try:
        machine = measured.compiled([f"local.rows={rows}"]).session.machine
    except UserError:
        return None
    return read_back_bytes(machine) if machine is not None else None
