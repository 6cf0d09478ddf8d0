"""Memory spaces, and the buffers of the memory level outside of blocks."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence

from xdsl.dialects.builtin import (
    IntegerAttr,
    MemRefType,
    NoneAttr,
    StridedLayoutAttr,
    UnitAttr,
    i64,
)
from xdsl.dialects.func import FuncOp
from xdsl.interfaces import HasFolderInterface
from xdsl.ir import Attribute, BlockArgument, Operation, ParametrizedAttribute, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    ParsePropInAttrDict,
    irdl_attr_definition,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure

from xnn.dialects.canonicalization import ChainOperation
from xnn.dialects.diagnostics import fault
from xnn.dialects.names import NamedOperation, shown_name
from xnn.dialects.values import INTEGER, extent, item_bytes, shape, strides_of, verify_bytes
from xnn.dialects.xnn.interface import argument_names


@irdl_attr_definition
class ExternalAttr(ParametrizedAttribute):
    """External memory (DRAM)."""

    name = "dma.external"


@irdl_attr_definition
class LocalAttr(ParametrizedAttribute):
    """Local memory (SRAM): what the primitives read and write."""

    name = "dma.local"


EXTERNAL, LOCAL = ExternalAttr(), LocalAttr()

DYNAMIC = "dma.dynamic"
"""On an argument of the function: a session ties its buffer to an address when it starts."""

BORROWED = "dma.borrowed"
"""On an argument of the function, with `dma.dynamic`: its bytes may be those of the caller."""

MAX_RING_RANK = 4
"""Dimensions of a ring, so that a slice is one transfer."""


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


def root_of(value: SSAValue) -> SSAValue:
    """The buffer that a view is part of, or that a ring lies in."""
    while isinstance(value.owner, ViewOp | RingOp):
        value = value.owner.source
    return value


def ring_in(buffer: SSAValue) -> RingOp | None:
    """The ring that lies in a buffer."""
    users = (use.operation for use in buffer.uses)
    return next((op for op in users if isinstance(op, RingOp)), None)


def offset_of(value: SSAValue) -> int:
    """Elements from the beginning of its root to that of a buffer or view."""
    offset = 0
    while isinstance(value.owner, ViewOp | RingOp):
        if isinstance(value.owner, ViewOp):
            offset += value.owner.offset.value.data
        value = value.owner.source
    return offset


def is_dynamic(value: SSAValue) -> bool:
    """Whether a buffer is tied to its address by a session."""
    if not isinstance(value, BlockArgument):
        return isinstance(value.owner, NamedBuffer) and value.owner.dynamic is not None
    return _has(value, DYNAMIC)


def is_borrowed(value: SSAValue) -> bool:
    """Whether the bytes of a dynamic buffer may be those of the caller."""
    if not isinstance(value, BlockArgument):
        return isinstance(value.owner, AllocOp) and value.owner.borrowed is not None
    return _has(value, BORROWED)


def _has(argument: BlockArgument, attribute: str) -> bool:
    function = argument.block.parent_op()
    attributes = function.arg_attrs if isinstance(function, FuncOp) else None
    return attributes is not None and attribute in attributes.data[argument.index].data


def verify_layout(op: Operation, type: MemRefType) -> None:
    """The type of a buffer is dense, or has strides that are known and not negative, and no offset."""
    layout = type.layout
    if isinstance(layout, StridedLayoutAttr):
        if layout.get_offset() != 0 or None in layout.get_strides():
            raise fault(op, f"{layout} must have known strides, and no offset")
        if min(strides_of(type), default=0) < 0:
            raise fault(op, "strides must not be negative")
    elif not isinstance(layout, NoneAttr):
        raise fault(op, f"layout {layout} is not strided")


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
    """A buffer with a name; `dynamic`: an external one, which a session ties to an address when it starts."""

    dynamic = opt_prop_def(UnitAttr)
    assembly_format = "$name (`dynamic` $dynamic^)? attr-dict `:` type($result)"

    @property
    def type(self) -> MemRefType:
        assert isinstance(self.result.type, MemRefType)
        return self.result.type

    def verify_(self) -> None:
        if self.type.memory_space not in (EXTERNAL, LOCAL):
            space = self.type.memory_space
            raise fault(self, f"needs memory space #dma.external or #dma.local, not {space}")
        if self.dynamic is not None and (self.address is not None or is_local(self.result)):
            raise fault(self, "only an external buffer without an address is dynamic")
        self.verify_buffer()


@irdl_op_definition
class AllocOp(NamedBuffer):
    """A buffer for a feature map: external, or local if the compiler keeps it there.

    `borrowed`: a dynamic one, whose bytes may be those of the caller.

    `%y = dma.alloc "relu1" : memref<1x64x56x56xf32, #dma.external>`
    """

    name = "dma.alloc"
    borrowed = opt_prop_def(UnitAttr)
    assembly_format = (
        "$name (`dynamic` $dynamic^)? (`borrowed` $borrowed^)? attr-dict `:` type($result)"
    )

    def verify_(self) -> None:
        super().verify_()
        if self.borrowed is not None and self.dynamic is None:
            raise fault(self, "only a dynamic buffer can be borrowed")


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
    """Elements of another buffer, from `offset` on, in another shape and order: nothing moves.

    The layout of the result says which: its strides count elements of memory, whatever the source's layout.
    A view that is not dense is for slices only. Elements may have another type of the same size.

    `%a = dma.view %cat offset 64 : memref<1x128xf32, #dma.external> to memref<1x64xf32, ...>`
    `%t = dma.view %x offset 0 : memref<1x8x49xf32, ...> to memref<49x8xf32, strided<[1, 49]>, ...>`
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
        if isinstance(self.source.owner, RingOp):
            raise fault(self, "there are no views of a ring")
        if source.memory_space != result.memory_space:
            raise fault(self, "cannot change the memory space")
        if item_bytes(self.source) != item_bytes(self.result):
            raise fault(self, "cannot change the size of elements")
        verify_layout(self, result)
        end = self.offset.value.data + extent(result)
        if self.offset.value.data < 0 or end > extent(source):
            raise fault(self, f"elements up to {end} are outside {source}")

    def fold(self) -> Sequence[SSAValue] | None:
        return (self.source,) if self.source.type == self.result.type else None

    def merged(self, inner: ViewOp) -> ViewOp:
        offset = IntegerAttr(inner.offset.value.data + self.offset.value.data, i64)
        return ViewOp.create(
            operands=[inner.source], result_types=self.result_types, properties={"offset": offset}
        )


@irdl_op_definition
class RingOp(IRDLOperation):
    """A whole feature map whose rows, along dimension `dim`, lie in a buffer that has fewer: row i at i mod those.

    Its slices and copies are those of the whole map; none is taller than the ring. A slice that goes on
    past the last row of the buffer does so in the first.

    `%r = dma.ring %b dim 2 : memref<1x64x12x56xf32, ..> to memref<1x64x56x56xf32, strided<[43008, 672, 56, 1]>, ..>`
    """

    name = "dma.ring"
    source = operand_def(MemRefType)
    dim = prop_def(INTEGER)
    result = result_def(MemRefType)
    traits = traits_def(Pure())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$source `dim` $dim attr-dict `:` type($source) `to` type($result)"

    @property
    def rows(self) -> int:
        """Rows that exist."""
        return shape(self.source)[self.dim.value.data]

    @property
    def step(self) -> int:
        """Bytes from a row to the next."""
        return strides_of(self.source.type)[self.dim.value.data] * item_bytes(self.source)

    @property
    def buffer_name(self) -> str:
        """Name of its buffer, as the user knows it."""
        assert isinstance(self.source.owner, AllocOp)
        return self.source.owner.shown_name

    def verify_(self) -> None:
        source, result, dim = self.source.type, self.result.type, self.dim.value.data
        assert isinstance(source, MemRefType) and isinstance(result, MemRefType)
        if not isinstance(self.source.owner, AllocOp) or not is_local(self.source):
            raise fault(self, "needs a local dma.alloc")
        if not isinstance(source.layout, NoneAttr):
            raise fault(self, f"{source} must be dense")
        rank = len(source.get_shape())
        if not 2 <= dim < rank <= MAX_RING_RANK:
            raise fault(self, f"dim must be 2 or more, of at most {MAX_RING_RANK} dimensions")
        if (
            self.rows < 1
            or isinstance(result.layout, StridedLayoutAttr)
            and result.layout.get_offset()
        ):
            raise fault(self, f"{result} in {source} needs rows, and no offset")
        whole = list(source.get_shape())
        whole[dim] = shape(self.result)[dim] if len(shape(self.result)) == rank else 0
        expected = source.element_type, source.memory_space, tuple(whole), strides_of(source)
        given = result.element_type, result.memory_space, shape(self.result), strides_of(result)
        if expected != given:
            raise fault(self, f"{result} is not {source} with other rows")
        if whole[dim] < self.rows:
            raise fault(self, f"has {self.rows} rows for a map of {whole[dim]}")
        if len({op.dim for use in self.source.uses if isinstance(op := use.operation, RingOp)}) > 1:
            raise fault(self, "its buffer is a ring along another dimension too")


def buffer_name(root: SSAValue) -> str:
    """The name of a buffer, as the user knows it."""
    if isinstance(root.owner, NamedBuffer):
        return root.owner.shown_name
    assert isinstance(root, BlockArgument) and isinstance(main := root.owner.parent_op(), FuncOp)
    return shown_name(argument_names(main)[root.index])
