"""What local memory has to hold in every layer, and where.

Shared by the pass that decides which feature maps stay local and the pass that fixes the addresses: both
use the same placement, so the second can place what the first admits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from xdsl.ir import Attribute, Operation, SSAValue

from xnn.dialects import dma
from xnn.dialects.prim import GeneralOp
from xnn.dialects.slices import Slice
from xnn.dialects.target import Target
from xnn.dialects.values import element_type, strides_of, value_bytes
from xnn.dialects.xnn.operation import integers
from xnn.passes.schedule.placement import Item, Placement

Slotted = dma.LoadOp | dma.BufferOp


@dataclass
class Layer:
    """One `dma.blocks` or `prim.general`, and the buffers of slices that it needs in local memory."""

    op: Operation
    place: int
    buffers: list[Slotted] = field(default_factory=list)


@dataclass
class FeatureMap:
    """A feature map with a buffer of its own, and the layers that touch it."""

    alloc: dma.AllocOp
    first: int
    last: int
    size: int
    users: list[Operation]
    """Loads, stores and other operations on the buffer or on views of it."""


def layers_of(operations: Iterable[Operation]) -> list[Layer]:
    """The layers of a function's block, in order."""
    layers: list[Layer] = []
    for op in operations:
        if isinstance(op, dma.BlocksOp | GeneralOp):
            layer = Layer(op, len(layers))
            if isinstance(op, dma.BlocksOp):
                layer.buffers = [w for w in op.body.block.ops if isinstance(w, Slotted)]
            layers.append(layer)
    return layers


def users_of(value: SSAValue) -> list[Operation]:
    """Operations on a buffer, or on views of it."""
    result: list[Operation] = []
    for use in value.uses:
        if isinstance(use.operation, dma.ViewOp):
            result += users_of(use.operation.result)
        else:
            result.append(use.operation)
    return result


def feature_maps_of(operations: Iterable[Operation], layers: Sequence[Layer]) -> list[FeatureMap]:
    """Feature maps with a buffer of their own that some layer touches."""
    places = {layer.op: layer.place for layer in layers}
    result: list[FeatureMap] = []
    for op in operations:
        if not isinstance(op, dma.AllocOp):
            continue
        users = users_of(op.result)
        touched = [
            places[layer]
            for user in users
            for layer in (user, user.parent_op())
            if layer is not None and layer in places
        ]
        if touched:
            size = value_bytes(op.result)
            result.append(FeatureMap(op, min(touched), max(touched), size, users))
    return result


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

    def __init__(self, target: Target, layers: Sequence[Layer]):
        self.layers = layers
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
        item = Item(self._key(local.alloc), local.size, local.first, local.last)
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
            item = Item(self._key(group[0]), total, layer.place, layer.place)
            if not self.placement.place(item, alignment, exclusive):
                self.placement.remove(done)
                return False
            done.append(item.key)
            start = self.placement.addresses[item.key]
            for buffer, offset in zip(group, offsets, strict=True):
                self.addresses[buffer] = start + offset
                self.pitches[buffer] = pitch
        return True


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


def may_stay_local(candidate: FeatureMap) -> bool:
    """Whether only blocks touch a feature map: general compute and the outside need it in external memory."""
    return all(isinstance(user, dma.SliceOp) for user in candidate.users)
