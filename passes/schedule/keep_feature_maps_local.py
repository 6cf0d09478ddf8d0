"""The pass `keep-feature-maps-local`."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import MemRefType, ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects import dma
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import main_function
from xnn.passes.schedule.lifetimes import FeatureMap, Layer, Lifetimes, users_of
from xnn.passes.schedule.local_memory import (
    LocalMemory,
    by_gain,
    may_stay_local,
    needless_buffers,
    slice_in_place,
)


def _fits(memory: LocalMemory, layer: Layer, without: Set[Operation], exclusive: bool) -> bool:
    fits = memory.fit(layer, without, exclusive)
    memory.release(layer)
    return fits


def _try_to_keep(
    memory: LocalMemory,
    candidate: FeatureMap,
    layers: Iterable[Layer],
    without: Set[Operation],
    roomy: Set[Operation],
) -> bool:
    """Keeps the feature map if all `layers` of its lifetime still have room for their buffers.

    `without`: buffers that nobody needs then. A layer in `roomy` has banks for each of its buffers,
    and keeps them.
    """
    if not memory.keep(candidate):
        return False
    if all(_fits(memory, layer, without, layer.op in roomy) for layer in layers):
        return True
    memory.drop(candidate)
    return False


def _make_local(local: FeatureMap) -> None:
    """Moves the buffer of a feature map to local memory; its slices are used in place, or copied."""
    _change_space(local.alloc.result)
    for user in users_of(local.alloc.result):
        if user.parent is None:
            continue  # the store of a load from another part of the same buffer
        if isinstance(user, dma.LoadOp) and (slices := _slices_of(user)):
            for each in slices:
                Rewriter.replace_op(each, _in_place(each, user.source))
            Rewriter.replace_op(user, [], [user.source])
        elif isinstance(user, dma.LoadOp) and (store := _store_of(user)) is not None:
            _copy(user, store)
        elif isinstance(user, dma.LoadOp):
            Rewriter.replace_op(user, _in_place(user, user.source))
        elif isinstance(user, dma.StoreOp) and isinstance(load := user.source.owner, dma.LoadOp):
            _copy(load, user)
        elif isinstance(user, dma.StoreOp) and isinstance(user.source.owner, dma.BufferOp):
            new = _in_place(user, user.target)
            Rewriter.replace_op(user.source.owner, new)
            Rewriter.erase_op(user)


def _store_of(load: dma.LoadOp) -> dma.StoreOp | None:
    """The store of what is loaded, if it only moves on."""
    stores = (use.operation for use in load.result.uses)
    return next((each for each in stores if isinstance(each, dma.StoreOp)), None)


def _copy(load: dma.LoadOp, store: dma.StoreOp) -> None:
    """One copy in place of a load and a store, whose source or target is local now."""
    place = {"offsets": store.offsets, "sizes": store.sizes}
    copy = dma.CopyOp.build(operands=[load.source, store.target], properties=place)
    copy.location = store.location
    Rewriter.replace_op(store, copy)
    Rewriter.erase_op(load)


def _slices_of(load: dma.LoadOp) -> list[dma.SliceInPlaceOp]:
    """The slices, used in place already, of a whole operand that it loads."""
    users = [use.operation for use in load.result.uses]
    return [each for each in users if isinstance(each, dma.SliceInPlaceOp)]


def _change_space(value: SSAValue) -> None:
    assert isinstance(value.type, MemRefType)
    type = MemRefType(value.type.element_type, value.type.get_shape(), value.type.layout, dma.LOCAL)
    moved = Rewriter.replace_value_with_new_type(value, type)
    for use in list(moved.uses):
        if isinstance(use.operation, dma.ViewOp):
            _change_space(use.operation.result)


def _in_place(
    transfer: dma.LoadOp | dma.StoreOp | dma.SliceInPlaceOp, whole: SSAValue
) -> dma.SliceInPlaceOp:
    new = slice_in_place(whole, transfer.offsets, transfer.slice_sizes)
    new.location = transfer.location
    return new


@dataclass(frozen=True)
class KeepFeatureMapsLocal(ModulePass):
    """Keeps feature maps in local memory where all that is needed with them fits as well.

    ```mlir
    %x = dma.alloc "x" : memref<1x64x14x14xf32, #dma.external>
    ...
      %xb = dma.load %x at affine_map<(d0) -> (0, 0, d0 * 7 - 1, -1)> [1, 64, 9, 16] slots 2 : ...
    ```
    becomes
    ```mlir
    %x = dma.alloc "x" : memref<1x64x14x14xf32, #dma.local>
    ...
      %xb = dma.slice %x at affine_map<(d0) -> (0, 0, d0 * 7 - 1, -1)> [1, 64, 9, 16] : ...
    ```
    Those with the shortest lifetimes are kept first: they save most transfers for the room they take.
    """

    name = "keep-feature-maps-local"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        lifetimes, memory = Lifetimes(main_function(op)), LocalMemory(Target.of(op))
        maps = by_gain(lifetimes.feature_maps())
        for each in maps:
            if dma.is_local(each.alloc.result):
                memory.keep(each)
        candidates = [
            each for each in maps if may_stay_local(each) and not dma.is_local(each.alloc.result)
        ]
        kept: list[FeatureMap] = []
        needless: set[Operation] = set()
        roomy = {layer.op for layer in lifetimes.layers if _fits(memory, layer, set(), True)}
        for candidate in candidates:
            saved, layers = needless_buffers(candidate), lifetimes.during(candidate.life)
            if _try_to_keep(memory, candidate, layers, needless | saved, roomy):
                kept.append(candidate)
                needless |= saved
        for local in kept:
            _make_local(local)
