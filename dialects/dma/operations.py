"""Blocks, and the slices and buffers in them, of the memory level."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from itertools import chain
from math import prod

from xdsl.dialects.builtin import (
    AffineMapAttr,
    DenseArrayBase,
    MemRefType,
    StringAttr,
    UnitAttr,
    i32,
    i64,
)
from xdsl.ir import Operation, Region, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineMap
from xdsl.irdl import (
    IRDLOperation,
    ParsePropInAttrDict,
    irdl_op_definition,
    lazy_traits_def,
    operand_def,
    opt_prop_def,
    prop_def,
    region_def,
    result_def,
    traits_def,
)
from xdsl.traits import HasParent, NoTerminator, Pure

from xnn.dialects.diagnostics import fault
from xnn.dialects.dma.buffers import AddressedBuffer, is_local, verify_layout
from xnn.dialects.evaluated_once import EvaluatedOnce
from xnn.dialects.names import NamedOperation
from xnn.dialects.prim import Primitive
from xnn.dialects.values import INTEGER, INTEGERS, element_type, shape, strides_of, type_bytes

MAX_OFFSET = 2**31 - 1
"""The largest constant in the offsets of a slice, so that offsets are 64-bit integers."""

MAX_BLOCKS = 2**20
"""Of a layer: slices are evaluated for all of its blocks."""


class SliceOp(IRDLOperation, ABC):
    """A slice of a buffer: offsets, as a function of the block's indices, and sizes."""

    offsets = prop_def(AffineMapAttr)
    sizes = prop_def(INTEGERS)
    traits = lazy_traits_def(lambda: (HasParent(BlocksOp),))
    irdl_options = (ParsePropInAttrDict(),)

    @property
    def whole(self) -> SSAValue:
        """The buffer that it is a slice of."""
        return self.operands[-1]

    @property
    def local(self) -> SSAValue:
        """The local buffer that holds the slice."""
        return self.results[0] if self.results else self.operands[0]

    @property
    def slice_sizes(self) -> tuple[int, ...]:
        return self.sizes.get_values()

    @property
    def map(self) -> AffineMap:
        return self.offsets.data

    def verify_slice(self) -> None:
        self.verify_place()
        if shape(self.local) != self.slice_sizes:
            raise fault(self, f"buffer {self.local.type} does not have the sizes of the slice")
        if not is_local(self.local):
            raise fault(self, "a slice must be used in local memory")

    def verify_place(self) -> None:
        """Offsets and sizes fit the buffers."""
        whole, local = self.whole, self.local
        rank = len(shape(whole))
        if len(self.slice_sizes) != rank or len(self.map.results) != rank:
            raise fault(self, f"offsets and sizes must have {rank} dimensions")
        if element_type(local) != element_type(whole):
            raise fault(self, f"{whole.type} and {local.type} differ in element type")
        if any(size < 1 for size in self.slice_sizes):
            raise fault(self, "sizes must be positive")
        blocks = self.parent_op()
        if isinstance(blocks, BlocksOp) and self.map.num_dims != len(blocks.bounds):
            raise fault(self, f"offsets must take {len(blocks.bounds)} indices")
        parts = chain(*(result.dfs() for result in self.map.results))
        if any(isinstance(e, AffineConstantExpr) and abs(e.value) > MAX_OFFSET for e in parts):
            raise fault(self, f"offsets {self.map} are far outside {whole.type}")


class SlottedBuffer(AddressedBuffer, ABC):
    """One of `slots` local buffers, whose rows or planes may have a pitch. Once planned they are `pitch` bytes apart,
    or each is so many bytes from the address as `slot_offsets` says.
    """

    slots = prop_def(INTEGER)
    pitch = opt_prop_def(INTEGER)
    slot_offsets = opt_prop_def(INTEGERS)

    def slot_offset(self, slot: int) -> int:
        """Bytes from the address to a slot."""
        if self.slot_offsets is not None:
            return self.slot_offsets.get_values()[slot]
        return slot * self.pitch.value.data if self.pitch is not None else 0

    def verify_slots(self) -> None:
        self.verify_buffer()
        type, slots, pitch = self.result.type, self.slots.value.data, self.pitch
        assert isinstance(type, MemRefType)
        self._verify_layout(type)
        if slots < 1:
            raise fault(self, "slots must be positive")
        if (offsets := self.slot_offsets) is not None:
            if pitch is not None or self.address is None:
                raise fault(self, "slot_offsets need an address, and no pitch")
            if len(offsets) != slots or min(offsets.get_values()) < 0:
                raise fault(self, f"slot_offsets must be {slots} numbers, none negative")
        elif pitch is None and self.address is not None and slots > 1:
            raise fault(self, "several slots at an address need a pitch, or slot_offsets")
        if pitch is not None and pitch.value.data < (size := type_bytes(type)):
            raise fault(self, f"pitch {pitch.value.data} is less than {size} bytes")

    def _verify_layout(self, type: MemRefType) -> None:
        """Its elements lie in row-major order, dense or with gaps between them."""
        verify_layout(self, type)
        least = 1
        for size, stride in reversed(list(zip(type.get_shape(), strides_of(type), strict=True))):
            if size > 1 and stride < least:
                raise fault(self, f"elements of {type} must lie in row-major order")
            least = max(least, stride * size)


@irdl_op_definition
class LoadOp(SliceOp, SlottedBuffer):
    """Loads a slice of an external buffer into one of `slots` local buffers, if the slice changed.

    `%xb = dma.load %x at affine_map<(d0) -> (0, 0, d0 * 32 - 3, 0)> [1, 3, 37, 224] slots 2 : ...`
    """

    name = "dma.load"
    source = operand_def(MemRefType)
    assembly_format = (
        "$source `at` $offsets $sizes `slots` $slots attr-dict `:` type($source) `->` type($result)"
    )

    def verify_(self) -> None:
        self.verify_slice()
        if is_local(self.source):
            raise fault(self, "source must be external; use dma.slice")
        self.verify_slots()


@irdl_op_definition
class SliceInPlaceOp(SliceOp):
    """A slice of a local buffer, used in place: nothing moves.

    `%xb = dma.slice %x at affine_map<(d0) -> (0, 0, d0 * 8, 0)> [1, 64, 8, 28] : ... -> ...`
    """

    name = "dma.slice"
    traits = traits_def(Pure())
    source = operand_def(MemRefType)
    result = result_def(MemRefType)
    assembly_format = "$source `at` $offsets $sizes attr-dict `:` type($source) `->` type($result)"

    def verify_(self) -> None:
        self.verify_slice()
        if not is_local(self.source):
            raise fault(self, "source must be local; use dma.load")
        source, result = self.source.type, self.result.type
        assert isinstance(source, MemRefType) and isinstance(result, MemRefType)
        if source.get_strides() != result.get_strides():
            raise fault(self, f"{result} lacks the strides of {source}")


@irdl_op_definition
class BufferOp(SlottedBuffer):
    """One of `slots` local buffers that a primitive writes and a `dma.store` stores.

    Without a store it holds partial sums, for which the elements of the result's buffer are too narrow.

    `%yb = dma.buffer slots 2 : memref<1x64x16x112xf32, #dma.local>`
    """

    name = "dma.buffer"
    traits = lazy_traits_def(lambda: (HasParent(BlocksOp),))
    assembly_format = "`slots` $slots attr-dict `:` type($result)"

    def verify_(self) -> None:
        if not is_local(self.result):
            raise fault(self, "must be local")
        self.verify_slots()
        stores = [use for use in self.result.uses if isinstance(use.operation, StoreOp)]
        if self.holds_sums:
            if stores or self.slots.value.data != 1:
                raise fault(self, "partial sums need one slot and no dma.store")
        elif len(stores) != 1:
            raise fault(self, "needs exactly one dma.store")

    @property
    def holds_sums(self) -> bool:
        """Whether it is for partial sums."""
        return any(
            isinstance(use.operation, Primitive) and use.operation.partial_sums is self.result
            for use in self.result.uses
        )


@irdl_op_definition
class StoreOp(SliceOp):
    """Stores a finished local buffer to its slice of an external one, before the slice changes.

    `dma.store %yb to %y at affine_map<(d0) -> (0, 0, d0 * 16, 0)> [1, 64, 16, 112] : ... to ...`
    """

    name = "dma.store"
    source = operand_def(MemRefType)
    target = operand_def(MemRefType)
    assembly_format = (
        "$source `to` $target `at` $offsets $sizes attr-dict `:` type($source) `to` type($target)"
    )

    def verify_(self) -> None:
        self.verify_slice()
        if is_local(self.target):
            raise fault(self, "target must be external; use dma.slice")


@irdl_op_definition
class CopyOp(SliceOp):
    """Copies a slice of one buffer to the same slice of another, if the slice changed.

    At least one of them is local: between external buffers a slice is loaded, then stored.

    `dma.copy %t to %y at affine_map<(d0) -> (d0 * 7, 0)> [7, 64] : memref<..> to memref<..>`
    """

    name = "dma.copy"
    source = operand_def(MemRefType)
    target = operand_def(MemRefType)
    assembly_format = (
        "$source `to` $target `at` $offsets $sizes attr-dict `:` type($source) `to` type($target)"
    )

    def verify_(self) -> None:
        self.verify_place()
        if shape(self.source) != shape(self.target):
            raise fault(self, f"{self.source.type} and {self.target.type} differ in shape")
        if not is_local(self.source) and not is_local(self.target):
            raise fault(self, "source or target must be local; use dma.load and dma.store")


@irdl_op_definition
class GatherOp(IRDLOperation):
    """Gathers rows of a table by indices that are data, where the slice of the result that `target` is for changes.

    source [outer, rows, inner] and indices [count] are external; the result [outer, count, inner]. A negative
    index counts from the end, one that is outside becomes the nearest that is inside.

    `dma.gather %table by %ids to %yb : memref<1x1000x64xf32, ..>, memref<14xi64, ..> to memref<1x7x64xf32, ..>`
    """

    name = "dma.gather"
    source = operand_def(MemRefType)
    indices = operand_def(MemRefType)
    target = operand_def(MemRefType)
    traits = lazy_traits_def(lambda: (HasParent(BlocksOp),))
    assembly_format = (
        "$source `by` $indices `to` $target attr-dict "
        "`:` type($source) `,` type($indices) `to` type($target)"
    )

    def verify_(self) -> None:
        ranks = [len(shape(value)) for value in self.operands]
        if ranks != [3, 1, 3]:
            raise fault(self, "needs a table of 3 dimensions, indices of 1, a target of 3")
        if is_local(self.source) or is_local(self.indices) or not is_local(self.target):
            raise fault(self, "table and indices must be external, target local")
        if element_type(self.source) != element_type(self.target):
            raise fault(self, f"{self.source.type} and {self.target.type} differ in element type")
        if element_type(self.indices) not in (i32, i64):
            raise fault(self, f"indices must be i32 or i64, not {element_type(self.indices)}")

    @property
    def local(self) -> SSAValue:
        """The local buffer that it fills."""
        return self.target

    @property
    def result_shape(self) -> tuple[int, ...]:
        """Shape of the whole result."""
        (outer, _, inner), (count,) = shape(self.source), shape(self.indices)
        return outer, count, inner


@irdl_op_definition
class BlocksOp(NamedOperation, EvaluatedOnce):
    """Runs its body for every block of a grid, in order, the last index fastest.

    The body has one primitive; or it only moves data: a `dma.copy`, a `dma.load` and a `dma.store`, or a
    `dma.gather`.

    ```mlir
    dma.blocks "relu1" [4, 8] reduce {
      %wb = dma.load %w at affine_map<(d0, d1) -> (d0 * 16, d1 * 32, 0, 0)> [16, 32, 3, 3] slots 2 : ...
      ...
    }
    ```
    """

    name = "dma.blocks"
    bounds = prop_def(INTEGERS)
    reduce = opt_prop_def(UnitAttr)
    body = region_def("single_block")
    traits = traits_def(NoTerminator())
    assembly_format = "$name $bounds (`reduce` $reduce^)? attr-dict-with-keyword $body"

    def __init__(self, name: str, bounds: Sequence[int], reduce: bool, body: Region):
        super().__init__(
            properties={
                "name": StringAttr(name),
                "bounds": DenseArrayBase.from_list(i64, list(bounds)),
                "reduce": UnitAttr() if reduce else None,
            },
            regions=[body],
        )

    @property
    def grid(self) -> tuple[int, ...]:
        return self.bounds.get_values()

    @property
    def primitive(self) -> Primitive | None:
        """The primitive of the body; None if it only moves data."""
        return next((op for op in self.body.block.ops if isinstance(op, Primitive)), None)

    def verify_(self) -> None:
        if any(bound < 1 for bound in self.grid):
            raise fault(self, "bounds must be positive")
        if (blocks := prod(self.grid)) > MAX_BLOCKS:
            raise fault(self, f"has {blocks} blocks, more than {MAX_BLOCKS}")
        if self.reduce is not None and not self.grid:
            raise fault(self, "reduce needs an innermost dimension")
        primitives = [op for op in self.body.block.ops if isinstance(op, Primitive)]
        others = [
            op
            for op in self.body.block.ops
            if not isinstance(op, Primitive | LoadOp | SliceInPlaceOp | BufferOp | StoreOp)
        ]
        if len(primitives) == 1 and not others:
            self._verify_primitive(primitives[0])
        elif not self._only_moves():
            raise fault(
                self,
                "needs one primitive, and slices and buffers for it; or one dma.copy; "
                "or a dma.load and a dma.store of the same slice; or a dma.gather into a slice",
            )
        elif self.reduce is not None:
            raise fault(self, "reduce needs a primitive")

    def _only_moves(self) -> bool:
        """Whether the body is one dma.copy, a dma.load and its dma.store, or a dma.gather into a slice."""
        match list(self.body.block.ops):
            case [CopyOp()]:
                return True
            case [LoadOp() as load, StoreOp() as store]:
                place = store.map, store.slice_sizes
                same = (load.map, load.slice_sizes) == place
                same = same and shape(load.source) == shape(store.target)
                return same and store.source == load.result
            case [BufferOp() as buffer, GatherOp() as gather, StoreOp() as store]:
                fits = shape(store.target) == gather.result_shape
                return fits and buffer.result == gather.target == store.source
            case [SliceInPlaceOp() as slice, GatherOp() as gather]:
                fits = shape(slice.source) == gather.result_shape
                return fits and slice.result == gather.target
            case _:
                return False

    def _verify_primitive(self, node: Primitive) -> None:
        """It reads slices of the body, and writes a buffer that is stored or a slice in place."""
        out = node.outs
        slices: dict[SSAValue, Operation] = {
            op.result: op
            for op in self.body.block.ops
            if isinstance(op, LoadOp | SliceInPlaceOp | BufferOp)
        }
        if any(isinstance(slices.get(value), BufferOp | None) for value in node.reads):
            raise fault(self, "its primitive must read slices of the body")
        if out is None or isinstance(slices.get(out), LoadOp | None):
            raise fault(self, "its primitive must write a dma.buffer or dma.slice")
        if node.partial_sums is not None and not isinstance(
            slices.get(node.partial_sums), BufferOp
        ):
            raise fault(self, "partial sums must lie in a dma.buffer of the body")
        place = slices[out]
        for op in self.body.block.ops:
            if isinstance(op, StoreOp):
                if op.source != out:
                    raise fault(self, "stores what its primitive does not write")
                place = op
        if self.reduce is not None and node.partial_sums is None and node.needs_sums:
            raise fault(self, f"{out.type} cannot hold the partial sums")
        moves = isinstance(place, SliceOp) and any(
            len(self.grid) - 1 in offset.used_dims() for offset in place.map.results
        )
        if self.reduce is not None and moves:
            raise fault(self, "partial sums must stay in place, innermost")
