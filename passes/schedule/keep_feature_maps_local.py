"""The pass `keep-feature-maps-local`."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import MemRefType, ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects.dma import (
    LOCAL,
    BufferOp,
    LoadOp,
    SliceInPlaceOp,
    StoreOp,
    ViewOp,
    buffer_type,
    is_local,
)
from xnn.dialects.prim import Primitive
from xnn.dialects.target import Target
from xnn.dialects.values import strides_of
from xnn.dialects.xnn.interface import main_function
from xnn.passes.schedule.local_memory import (
    Layer,
    LocalMemory,
    Map,
    layers_of,
    maps_of,
    may_stay_local,
    needless_windows,
)


def _fits(memory: LocalMemory, layer: Layer, without: Set[Operation], exclusive: bool) -> bool:
    fits = memory.fit(layer, without, exclusive)
    memory.release(layer)
    return fits


def _try_to_keep(
    memory: LocalMemory, candidate: Map, without: Set[Operation], roomy: Set[Operation]
) -> bool:
    """Keeps the map if all layers that it lives through still have room for their windows.

    `without`: windows that nobody needs then. A layer in `roomy` has banks for each of its windows,
    and keeps them.
    """
    if not memory.keep(candidate):
        return False
    if all(
        _fits(memory, layer, without, layer.op in roomy)
        for layer in memory.layers[candidate.first : candidate.last + 1]
    ):
        return True
    memory.drop(candidate)
    return False


def _make_local(local: Map) -> None:
    """Moves a map's buffer to local memory; its windows are used where they lie."""
    _change_space(local.alloc.result)
    for user in local.users:
        if isinstance(user, LoadOp) and _has_windows(user):
            Rewriter.replace_op(user, [], [user.source])
        elif isinstance(user, LoadOp):
            Rewriter.replace_op(user, _window(user, user.source))
        elif isinstance(user, StoreOp):
            buffer = user.source.owner
            assert isinstance(buffer, BufferOp)
            window = _window(user, user.target)
            primitive = next(
                use.operation for use in buffer.result.uses if isinstance(use.operation, Primitive)
            )
            block = primitive.parent_block()
            assert block is not None
            block.insert_op_before(window, primitive)
            Rewriter.erase_op(user)
            buffer.result.replace_all_uses_with(window.result)
            Rewriter.erase_op(buffer)


def _has_windows(load: LoadOp) -> bool:
    """Whether it brings a whole operand, whose windows are used in place already."""
    return any(isinstance(use.operation, SliceInPlaceOp) for use in load.result.uses)


def _change_space(value: SSAValue) -> None:
    assert isinstance(value.type, MemRefType)
    type = buffer_type(value.type.get_shape(), value.type.element_type, LOCAL)
    moved = Rewriter.replace_value_with_new_type(value, type)
    for use in list(moved.uses):
        if isinstance(use.operation, ViewOp):
            _change_space(use.operation.result)


def _window(window: LoadOp | StoreOp, whole: SSAValue) -> SliceInPlaceOp:
    assert isinstance(whole.type, MemRefType)
    strides = strides_of(whole.type)
    type = buffer_type(window.slice_sizes, whole.type.element_type, LOCAL, strides)
    properties = {"offsets": window.offsets, "sizes": window.sizes}
    new = SliceInPlaceOp.build(operands=[whole], properties=properties, result_types=[type])
    new.location = window.location
    return new


@dataclass(frozen=True)
class KeepFeatureMapsLocal(ModulePass):
    """Leaves feature maps in local memory where all that is needed with them fits as well.

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
    Maps that live shortest go first: they save most transfers for the room they take.
    """

    name = "keep-feature-maps-local"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        operations = list(main_function(op).body.block.ops)
        layers = layers_of(operations)
        memory = LocalMemory(Target.of(op), layers)
        candidates = [
            each
            for each in maps_of(operations, layers)
            if may_stay_local(each) and not is_local(each.alloc.result)
        ]
        candidates.sort(key=lambda each: (each.last - each.first, -each.size, each.first))
        kept: list[Map] = []
        needless: set[Operation] = set()
        roomy = {layer.op for layer in layers if _fits(memory, layer, set(), True)}
        for candidate in candidates:
            saved = needless_windows(candidate)
            if _try_to_keep(memory, candidate, needless | saved, roomy):
                kept.append(candidate)
                needless |= saved
        for local in kept:
            _make_local(local)
