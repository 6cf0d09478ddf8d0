"""What local memory has to hold in every layer, and where.

Shared by the pass that decides which feature maps stay local and the pass that fixes the addresses: both
use the same placement, so the second can place what the first admits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import Any

from xdsl.ir import Attribute, Operation, SSAValue

from xnn.dialects import dma
from xnn.dialects.slices import Slice
from xnn.dialects.target import Target
from xnn.dialects.values import element_type, strides_of, value_bytes
from xnn.dialects.xnn.operation import integer, integers
from xnn.passes.schedule.lifetimes import FeatureMap, Layer, Slotted
from xnn.passes.schedule.placement import Item, Placement


def slots(buffer: Slotted) -> int:
    """The ping-pong depth of a buffer."""
    return buffer.slots.value.data


def aligned(size: Any, alignment: int) -> Any:
    """The next multiple of an alignment; sizes may be arrays."""
    return -(-size // alignment) * alignment


def is_small(size: Any, target: Target) -> Any:
    """Whether a buffer is too small for banks of its own."""
    return size * 8 <= target.local.bank_bytes


def stays_whole(slice: Slice, target: Target) -> bool:
    """Whether an operand of a region is loaded once, whole, and used in place.

    Biases and scales are small; a transfer for each of their slices would be all latency.
    """
    size = 16 * value_bytes(slice.value)
    return slice.role in ("pre", "post") and size <= target.local.capacity_bytes


class LocalMemory:
    """Addresses of local feature maps and of every layer's buffers of slices.

    The buffers of a layer get banks of their own where there is room, so that engines that work on
    different slots at the same time do not meet in a bank; else they are packed densely. Small
    buffers share banks, but first slots only with first slots, second ones with second ones.
    """

    def __init__(self, target: Target):
        self.target = target
        self.bank = target.local.bank_alignment
        self.alignment = target.local.alignment
        self.placement = Placement(target.local.capacity_bytes)
        self.addresses: dict[Operation, int] = {}
        self.pitches: dict[Operation, int] = {}
        self._keys: dict[Operation, int] = {}

    def _key(self, op: Operation) -> int:
        return self._keys.setdefault(op, len(self._keys))

    def keep(self, local: FeatureMap) -> bool:
        """Places a feature map for its whole lifetime."""
        item = Item(self._key(local.alloc), local.size, local.life.first, local.life.last)
        if self.placement.place(item, self.bank) or self.placement.place(item, self.alignment):
            self.addresses[local.alloc] = self.placement.addresses[item.key]
            return True
        return False

    def drop(self, local: FeatureMap) -> None:
        """Removes a feature map."""
        self.placement.remove([self._key(local.alloc)])
        self.addresses.pop(local.alloc, None)

    def fit(
        self,
        layer: Layer,
        without: Set[Operation] = frozenset(),
        exclusive_only: bool = False,
    ) -> bool:
        """Places the buffers of a layer, except those that local feature maps make needless."""
        buffers = [buffer for buffer in layer.buffers if buffer not in without]
        buffers.sort(key=lambda buffer: -value_bytes(buffer.result) * slots(buffer))
        if self._place(layer, self._groups(buffers), self.bank, True):
            return True
        alone = [[buffer] for buffer in buffers]
        return not exclusive_only and self._place(layer, alone, self.alignment, False)

    def release(self, layer: Layer) -> None:
        """Removes the buffers of a layer."""
        self.placement.remove(map(self._key, layer.buffers))

    def _groups(self, buffers: Sequence[Slotted]) -> list[list[Slotted]]:
        """Buffers that share banks: small ones with as many slots."""
        groups: list[list[Slotted]] = []
        small: dict[int, list[Slotted]] = {}
        for buffer in buffers:
            if is_small(value_bytes(buffer.result), self.target):
                small.setdefault(slots(buffer), []).append(buffer)
            else:
                groups.append([buffer])
        return [*groups, *small.values()]

    def _place(
        self, layer: Layer, groups: Sequence[list[Slotted]], alignment: int, exclusive: bool
    ) -> bool:
        done: list[int] = []
        for group in groups:
            offsets: list[int] = []
            size = 0
            for buffer in group:
                offsets.append(size)
                size = aligned(size + value_bytes(buffer.result), self.alignment)
            pitch = aligned(size, alignment)
            total = pitch * (slots(group[0]) - 1) + size
            lives = [layer.buffers[buffer] for buffer in group]
            first, last = min(each.first for each in lives), max(each.last for each in lives)
            item = Item(self._key(group[0]), total, first, last)
            if not self.placement.place(item, alignment, exclusive):
                self.placement.remove(done)
                return False
            done.append(item.key)
            start = self.placement.addresses[item.key]
            for buffer, offset in zip(group, offsets, strict=True):
                self.addresses[buffer] = start + offset
                self.pitches[buffer] = pitch
        return True

    def write_addresses(self) -> None:
        """Writes the addresses, and the pitches of buffers with slots, to their operations."""
        for op, address in self.addresses.items():
            op.properties["address"] = integer(address)
        for op, pitch in self.pitches.items():
            op.properties["pitch"] = integer(pitch)


def slice_in_place(whole: SSAValue, offsets: Attribute, sizes: Sequence[int]) -> dma.SliceInPlaceOp:
    """The slice of a local buffer at each block, used where it lies."""
    type = dma.buffer_type(sizes, element_type(whole), dma.LOCAL, strides_of(whole.type))
    properties = {"offsets": offsets, "sizes": integers(sizes)}
    return dma.SliceInPlaceOp.build(operands=[whole], properties=properties, result_types=[type])


def needless_buffers(local: FeatureMap) -> set[Operation]:
    """Buffers that nobody needs once a feature map is local: its slices are used in place."""
    result: set[Operation] = set()
    for user in local.users:
        if isinstance(user, dma.LoadOp):
            result.add(user)
        elif isinstance(user, dma.StoreOp) and isinstance(user.source.owner, Slotted):
            result.add(user.source.owner)
    return result


def by_gain(maps: Iterable[FeatureMap]) -> list[FeatureMap]:
    """Those with the shortest lives first: they save most transfers for the room they take."""
    return sorted(maps, key=lambda m: (m.life.last - m.life.first, -m.size, m.life.first))


def may_stay_local(candidate: FeatureMap) -> bool:
    """Whether only blocks touch a feature map: general compute and the outside need it in external memory."""
    if candidate.alloc.dynamic is not None:
        return False
    return all(isinstance(user, dma.SliceOp) for user in candidate.users)
