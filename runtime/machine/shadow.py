"""Shadow memory: of every element of a program's buffers, which nodes wrote and read it last."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from xnn.dialects.dsa import BufferOp, Role, Space
from xnn.dialects.dsa.access import Access
from xnn.dialects.values import element_bytes
from xnn.runtime.machine.machine import Machine

NEVER, START, FIRST_NODE = 0, 1, 2
"""Marks: no access; written before the start; node i is i + FIRST_NODE."""
_MARK = np.dtype(np.int32)


@dataclass
class Region:
    """Shadow of adjoining buffers: the last writer of each grain, and its last reader by engine."""

    start: int
    writer: np.ndarray
    readers: dict[int, np.ndarray] = field(default_factory=dict)

    def reader(self, engine: int) -> np.ndarray:
        """The last readers that run on an engine."""
        if engine not in self.readers:
            self.readers[engine] = np.zeros(len(self.writer), _MARK)
        return self.readers[engine]


@dataclass
class Slot:
    """Bytes [start, end) of a buffer. Parameters have no shadow: they are large, and only read."""

    start: int
    end: int
    buffer: BufferOp
    region: Region | None = None

    @property
    def role(self) -> str:
        return self.buffer.role.data


class ShadowMemory:
    """The buffers of a program and their shadows. A grain is what one mark stands for."""

    def __init__(self, machine: Machine):
        self.grain = _grain(machine)
        """Bytes; divides all addresses and sizes of elements."""
        self._slots: dict[str, list[Slot]] = {}
        """Of each buffer, by its name."""
        for space in Space:
            for slot in self._slots_in(machine, space):
                self._slots.setdefault(slot.buffer.result_name.data, []).append(slot)

    def _slots_in(self, machine: Machine, space: Space) -> list[Slot]:
        """A memory's slots by address, with one shadow for each run of adjoining ones."""
        buffers = [buffer for buffer in machine.buffers if buffer.space.data == space]
        slots = [
            Slot(at, at + buffer.bytes, buffer)
            for buffer in buffers
            for at in machine.expansion.starts_of(buffer)
        ]
        slots.sort(key=lambda slot: slot.start)
        runs: list[list[Slot]] = []
        end = -1
        for slot in slots:
            if slot.role != Role.PARAMETER:
                if slot.start > end:
                    runs.append([])
                runs[-1].append(slot)
                end = max(end, slot.end)
        for run in runs:
            start, size = run[0].start, max(slot.end for slot in run) - run[0].start
            region = Region(start, np.zeros(size // self.grain, _MARK))
            for slot in run:
                slot.region = region
                if slot.role in (Role.INPUT, Role.STATE):
                    low, high = ((at - start) // self.grain for at in (slot.start, slot.end))
                    region.writer[low:high] = START
        return slots

    def slot_at(self, buffer: str, low: int, high: int) -> Slot | None:
        """The slot of a buffer that holds bytes [low, high)."""
        slots = self._slots.get(buffer, ())
        return next((each for each in slots if each.start <= low and high <= each.end), None)

    def marks(self, region: Region, shadow: np.ndarray, access: Access, address: int) -> np.ndarray:
        """A view of what an access touches in a shadow of its region: its sizes, then grains."""
        grains = access.itemsize // self.grain
        step = grains * _MARK.itemsize
        return np.ndarray(
            (*access.sizes, grains),
            _MARK,
            shadow.data,
            (address - region.start) // self.grain * _MARK.itemsize,
            (*(stride * step for stride in access.strides), _MARK.itemsize),
        )


def _grain(machine: Machine) -> int:
    numbers = [access.itemsize for each in machine.decoded for access in each.accesses]
    for buffer in machine.buffers:
        item = element_bytes(buffer.type.element_type)
        numbers += [item, buffer.bytes, *machine.expansion.starts_of(buffer)]
    numbers += [machine.address_of(output) for output in machine.outputs]
    addresses = machine.expansion.addresses.ravel()
    return int(np.gcd.reduce(np.concatenate([np.array(numbers, np.int64), addresses]))) or 1
