"""Operations and memory spaces of the memory level."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from itertools import chain
from math import prod

from xdsl.dialects.builtin import (
    AffineMapAttr,
    DenseArrayBase,
    IntegerAttr,
    MemRefType,
    NoneAttr,
    StridedLayoutAttr,
    StringAttr,
    UnitAttr,
    i64,
)
from xdsl.interfaces import HasFolderInterface
from xdsl.ir import Attribute, Operation, ParametrizedAttribute, Region, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineMap
from xdsl.irdl import (
    IRDLOperation,
    ParsePropInAttrDict,
    irdl_attr_definition,
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

from xnn.dialects.canonicalization import ChainOperation
from xnn.dialects.diagnostics import fault
from xnn.dialects.names import NamedOperation
from xnn.dialects.prim import Primitive
from xnn.dialects.values import INTEGER, INTEGERS, element_type, shape, type_bytes, verify_bytes


@irdl_attr_definition
class ExternalAttr(ParametrizedAttribute):
    """External memory (DRAM)."""

    name = "dma.external"


@irdl_attr_definition
class LocalAttr(ParametrizedAttribute):
    """Local memory (SRAM): what the primitives read and write."""

    name = "dma.local"


EXTERNAL, LOCAL = ExternalAttr(), LocalAttr()

MAX_OFFSET = 2**31 - 1
"""The largest constant in the offsets of a slice, so that offsets are 64-bit integers."""


def buffer_type(
    sizes: Sequence[int],
    element: Attribute,
    space: Attribute,
    strides: Sequence[int] | None = None,
) -> MemRefType:
    """A buffer in a memory space: dense row-major, or with strides in elements."""
    layout = NoneAttr() if strides is None else StridedLayoutAttr(strides)
    return MemRefType(element, sizes, layout, space)


def is_local(value: SSAValue) -> bool:
    """Whether a buffer lies in local memory."""
    return isinstance(value.type, MemRefType) and value.type.memory_space == LOCAL


class AddressedBuffer(IRDLOperation, ABC):
    """An operation that returns a buffer with, once planned, an address in bytes."""

    address = opt_prop_def(INTEGER)
    result = result_def(MemRefType)
    irdl_options = (ParsePropInAttrDict(),)

    def verify_buffer(self) -> None:
        verify_bytes(self, self.result.type)
        if self.address is not None and self.address.value.data < 0:
            raise fault(self, "address must not be negative")


class NamedBuffer(NamedOperation, AddressedBuffer, ABC):
    """A buffer with a name."""

    assembly_format = "$name attr-dict `:` type($result)"

    @property
    def type(self) -> MemRefType:
        assert isinstance(self.result.type, MemRefType)
        return self.result.type

    def verify_(self) -> None:
        if self.type.memory_space not in (EXTERNAL, LOCAL):
            space = self.type.memory_space
            raise fault(self, f"needs memory space #dma.external or #dma.local, not {space}")
        self.verify_buffer()


@irdl_op_definition
class AllocOp(NamedBuffer):
    """A buffer for a feature map: external, or local if the compiler keeps it there.

    `%y = dma.alloc "relu1" : memref<1x64x56x56xf32, #dma.external>`
    """

    name = "dma.alloc"


@irdl_op_definition
class ParameterOp(NamedBuffer):
    """The value that `@weights` returns under this name, placed in external memory before the network runs.

    `%w = dma.parameter "conv1_w" : memref<64x3x7x7xf32, #dma.external>`
    """

    name = "dma.parameter"
    traits = traits_def(Pure())

    def verify_(self) -> None:
        super().verify_()
        if self.type.memory_space != EXTERNAL:
            raise fault(self, "must be external")


@irdl_op_definition
class ViewOp(ChainOperation, HasFolderInterface):
    """Elements of another buffer, from `offset` on, in another shape: nothing moves.

    `%a = dma.view %cat offset 64 : memref<1x128xf32, #dma.external> to memref<1x64xf32, ...>`
    """

    name = "dma.view"
    source = operand_def(MemRefType)
    offset = prop_def(INTEGER)
    result = result_def(MemRefType)
    traits = traits_def(Pure())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$source `offset` $offset attr-dict `:` type($source) `to` type($result)"

    def verify_(self) -> None:
        source, result = self.source.type, self.result.type
        assert isinstance(source, MemRefType) and isinstance(result, MemRefType)
        end = self.offset.value.data + prod(result.get_shape())
        if source.memory_space != result.memory_space:
            raise fault(self, "cannot change the memory space")
        if source.element_type != result.element_type:
            raise fault(self, "cannot change the element type")
        if self.offset.value.data < 0 or end > prod(source.get_shape()):
            raise fault(self, f"elements up to {end} are outside {source}")

    def fold(self) -> Sequence[SSAValue] | None:
        return (self.source,) if self.source.type == self.result.type else None

    def merged(self, inner: ViewOp) -> ViewOp:
        offset = IntegerAttr(inner.offset.value.data + self.offset.value.data, i64)
        return ViewOp.create(
            operands=[inner.source], result_types=self.result_types, properties={"offset": offset}
        )


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
        whole, local = self.whole, self.local
        rank = len(shape(whole))
        if len(self.slice_sizes) != rank or len(self.map.results) != rank:
            raise fault(self, f"offsets and sizes must have {rank} dimensions")
        if shape(local) != self.slice_sizes:
            raise fault(self, f"buffer {local.type} does not have the sizes of the slice")
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
        if not is_local(local):
            raise fault(self, "a slice must be used in local memory")


class SlottedBuffer(AddressedBuffer, ABC):
    """One of `slots` dense local buffers, `pitch` bytes apart once planned."""

    slots = prop_def(INTEGER)
    pitch = opt_prop_def(INTEGER)

    def verify_slots(self) -> None:
        self.verify_buffer()
        type, slots, pitch = self.result.type, self.slots.value.data, self.pitch
        assert isinstance(type, MemRefType)
        if not isinstance(type.layout, NoneAttr):
            raise fault(self, f"{type} must be dense")
        if slots < 1:
            raise fault(self, "slots must be positive")
        if pitch is None and self.address is not None and slots > 1:
            raise fault(self, "several slots at an address need a pitch")
        if pitch is not None and pitch.value.data < (size := type_bytes(type)):
            raise fault(self, f"pitch {pitch.value.data} is less than {size} bytes")


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
class BlocksOp(NamedOperation):
    """Runs its body for every block of a grid, in order, the last index fastest.

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
    def primitive(self) -> Primitive:
        """The one primitive of the body."""
        return next(op for op in self.body.block.ops if isinstance(op, Primitive))

    def verify_(self) -> None:
        if any(bound < 1 for bound in self.grid):
            raise fault(self, "bounds must be positive")
        if self.reduce is not None and not self.grid:
            raise fault(self, "reduce needs an innermost dimension")
        primitives = [op for op in self.body.block.ops if isinstance(op, Primitive)]
        others = [
            op for op in self.body.block.ops if not isinstance(op, Primitive | SliceOp | BufferOp)
        ]
        if len(primitives) != 1 or others:
            raise fault(self, "needs one primitive, and slices and buffers for it")
        self._verify_primitive(primitives[0])

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
