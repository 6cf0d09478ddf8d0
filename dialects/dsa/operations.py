"""Operations of the machine level."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from xdsl.dialects.builtin import (
    AffineMapAttr,
    ArrayAttr,
    FixedBitwidthType,
    IntegerAttr,
    MemRefType,
    StringAttr,
    SymbolNameConstraint,
    UnitAttr,
    i32,
    i64,
)
from xdsl.ir import Attribute, Region
from xdsl.ir.affine import AffineMap
from xdsl.irdl import (
    IRDLOperation,
    ParsePropInAttrDict,
    irdl_op_definition,
    opt_prop_def,
    prop_def,
    region_def,
    traits_def,
)
from xdsl.traits import NoTerminator, SymbolOpInterface
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.diagnostics import fault
from xnn.dialects.dsa.access import (
    Access,
    NodeBlock,
    gather_accesses,
    general_accesses,
    primitive_accesses,
)
from xnn.dialects.dsa.attributes import (
    AfterAttr,
    Direction,
    DirectionAttr,
    Role,
    RoleAttr,
    Space,
    SpaceAttr,
)
from xnn.dialects.element_types import dtype_of
from xnn.dialects.names import NamedOperation
from xnn.dialects.prim import Domain, GeneralOp, Primitive
from xnn.dialects.target import Target
from xnn.dialects.values import (
    INTEGER,
    INTEGERS,
    type_bytes,
    verify_bytes,
)

MAX_DIMENSIONS = 4
"""Of the slices that a transfer engine gathers and scatters."""
MAX_RESERVATION = 8
"""Eighths of a bank."""

Node = Primitive | GeneralOp
"""What a configuration holds."""


@irdl_op_definition
class BufferOp(NamedOperation):
    """A range of memory with a name: `slots` buffers of a type, `pitch` bytes apart.

    `live` is the first and the last layer whose instructions touch it; buffers that are never live at
    once may share addresses. Slices are local; inputs and parameters external.

    `dsa.buffer "relu1" slice local at 4096 slots 2 pitch 8192 live ["relu1", "relu1"] : memref<..>`
    """

    name = "dsa.buffer"
    SPACE_OF_ROLE: ClassVar = {
        Role.INPUT: Space.EXTERNAL,
        Role.PARAMETER: Space.EXTERNAL,
        Role.SLICE: Space.LOCAL,
    }

    role = prop_def(RoleAttr)
    space = prop_def(SpaceAttr)
    address = prop_def(INTEGER)
    slots = opt_prop_def(INTEGER)
    pitch = opt_prop_def(INTEGER)
    live = opt_prop_def(ArrayAttr[StringAttr])
    type = prop_def(MemRefType)
    assembly_format = (
        "$name $role $space `at` $address (`slots` $slots^)? (`pitch` $pitch^)? (`live` $live^)? "
        "attr-dict `:` $type"
    )

    @property
    def is_local(self) -> bool:
        return self.space.data == Space.LOCAL

    @property
    def bytes(self) -> int:
        """Bytes of one slot."""
        return type_bytes(self.type)

    @property
    def slot_starts(self) -> tuple[int, ...]:
        start, pitch = self.address.value.data, self.pitch.value.data if self.pitch else 0
        return tuple(start + i * pitch for i in range(self.slots.value.data if self.slots else 1))

    def verify_(self) -> None:
        if self.SPACE_OF_ROLE.get(self.role.data, self.space.data) != self.space.data:
            raise fault(self, f"{self.role.data} cannot be {self.space.data}")
        verify_bytes(self, self.type)
        if self.address.value.data < 0:
            raise fault(self, "address must not be negative")
        if self.slots is not None and self.slots.value.data < 1:
            raise fault(self, "slots must be positive")
        if (self.slots is None) != (self.pitch is None):
            raise fault(self, "slots and pitch belong together")
        if self.pitch is not None and self.pitch.value.data < self.bytes:
            raise fault(self, f"pitch {self.pitch.value.data} is less than its {self.bytes} bytes")
        if self.live is not None and len(self.live) != 2:
            raise fault(self, "live must name the first and the last layer")


@irdl_op_definition
class OutputOp(NamedOperation):
    """An output of the network and where it lies in external memory when the program has ended.

    `dsa.output "prob" at 4096 : memref<1x10xf32>`
    """

    name = "dsa.output"
    address = prop_def(INTEGER)
    type = prop_def(MemRefType)
    assembly_format = "$name `at` $address attr-dict `:` $type"

    def verify_(self) -> None:
        if self.address.value.data < 0:
            raise fault(self, "address must not be negative")
        verify_bytes(self, self.type)


@irdl_op_definition
class ConfigOp(IRDLOperation):
    """What all instructions of the layers that share it have in common: one primitive on typed operands.

    The arguments are the operands in order (lhs, rhs, pre, post, sums, out); their types
    have the strides. The name of the node has no effect.

    `dsa.config @matmul0 { ^bb0(...): prim.matmul "matmul0" ... }`
    """

    name = "dsa.config"
    sym_name = prop_def(SymbolNameConstraint())
    body = region_def("single_block")
    traits = traits_def(NoTerminator(), SymbolOpInterface())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$sym_name attr-dict-with-keyword $body"

    @property
    def node(self) -> Node:
        op = self.body.block.first_op
        assert isinstance(op, Primitive | GeneralOp)
        return op

    def verify_(self) -> None:
        ops = list(self.body.block.ops)
        if len(ops) != 1 or not isinstance(ops[0], Primitive | GeneralOp):
            raise fault(self, "must hold exactly one primitive or prim.general")
        node = ops[0]
        if node.outs is None:
            raise fault(node, "needs outs: the machine works on buffers")
        values = node.touched
        if tuple(value.type for value in values) != self.body.block.arg_types:
            raise fault(self, "must take the operands of its node in order")
        for value in values:
            verify_bytes(self, value.type)


@irdl_op_definition
class LayerOp(NamedOperation):
    """A layer of the network, by the name that its instructions use, and its configuration.

    A layer that only moves data has none. The discardable attribute `xnn.work` is its compulsory work
    and what was fused into it.

    `dsa.layer "relu1" @matmul0 {xnn.work = {...}}`
    """

    name = "dsa.layer"
    config = opt_prop_def(SymbolNameConstraint())
    assembly_format = "$name ($config^)? attr-dict"


class Instruction(IRDLOperation, ABC):
    """One machine node, or one for each iteration of the repeats around it.

    `addresses` maps the counters of the repeats, outermost first, to the operands' addresses in
    bytes. `reservations`, in eighths, is what each operand reserves of every bank it covers.
    """

    layer = prop_def(StringAttr)
    addresses = prop_def(AffineMapAttr)
    after = opt_prop_def(AfterAttr)
    irdl_options = (ParsePropInAttrDict(),)

    @property
    def engine_name(self) -> str:
        """The engine that runs it: the operation has the name of its engine, or names one."""
        return self.name.removeprefix("dsa.")

    @abstractmethod
    def accesses(self, node: Node | None) -> tuple[Access, ...]:
        """What each operand touches, in the order of the addresses."""

    @property
    def map(self) -> AffineMap:
        return self.addresses.data

    @property
    def tokens(self) -> tuple[tuple[str, int], ...]:
        return self.after.tokens if self.after is not None else ()

    @property
    def summary(self) -> str:
        """Its engine and what it does there, in a few words."""
        return self.engine_name

    @property
    def block(self) -> NodeBlock | None:
        """The block of its primitive that it computes; None if it works on whole operands."""
        return None

    @property
    def reservation_values(self) -> tuple[int, ...]:
        return ()

    def verify_reservations(self) -> None:
        if any(not 1 <= each <= MAX_RESERVATION for each in self.reservation_values):
            raise fault(self, f"reservations must be 1 to {MAX_RESERVATION}")


class TransferInstruction(Instruction, ABC):
    """One transfer, by the engine that it names."""

    engine = prop_def(StringAttr)
    sizes = prop_def(INTEGERS)
    source_strides = prop_def(INTEGERS)
    target_strides = prop_def(INTEGERS)
    element = prop_def(Attribute)
    reservations = prop_def(INTEGERS)

    @property
    def engine_name(self) -> str:
        return self.engine.data

    @property
    def reservation_values(self) -> tuple[int, ...]:
        return self.reservations.get_values()

    def verify_transfer(self, addresses: int, local: int) -> None:
        """It has so many addresses, of which so many are local."""
        rank = len(self.sizes)
        if len(self.source_strides) != rank or len(self.target_strides) != rank:
            raise fault(self, "sizes and strides differ in length")
        if rank > MAX_DIMENSIONS:
            raise fault(self, f"has more than {MAX_DIMENSIONS} dimensions")
        if len(self.map.results) != addresses:
            needed = "a source and a target" if addresses == 2 else "a table, an index and a target"
            raise fault(self, f"needs {needed} address")
        if len(self.reservations) != local:
            raise fault(self, f"needs {local} reservation(s), of its local side")
        if not self.engine.data.startswith("dma"):
            raise fault(self, f"'{self.engine.data}' is not a transfer engine")
        strides = *self.source_strides.get_values(), *self.target_strides.get_values()
        if min(strides, default=0) < 0:
            raise fault(self, "strides must not be negative")
        if not isinstance(self.element, FixedBitwidthType):
            raise fault(self, f"{self.element} has no known number of bytes")
        self.verify_reservations()


@irdl_op_definition
class TransferOp(TransferInstruction):
    """Moves a strided slice, up to four dimensions, between memories or within local memory.

    ```mlir
    dsa.transfer "relu1" "dma0" load at affine_map<(d0) -> (d0 * 512, 4096)> sizes [1, 3, 8, 8]
      source [192, 64, 8, 1] target [192, 64, 8, 1] reservations [2] after <matmul 1> : f32
    ```
    """

    name = "dsa.transfer"
    direction = prop_def(DirectionAttr)
    assembly_format = (
        "$layer $engine $direction `at` $addresses `sizes` $sizes `source` $source_strides "
        "`target` $target_strides `reservations` $reservations (`after` $after^)? attr-dict `:` $element"
    )

    @property
    def summary(self) -> str:
        return f"{self.engine_name} {self.direction.data} {list(self.sizes.get_values())}"

    def accesses(self, node: Node | None) -> tuple[Access, ...]:
        sizes, source, target = (
            array.get_values() for array in (self.sizes, self.source_strides, self.target_strides)
        )
        dtype, direction = dtype_of(self.element), self.direction.data
        return (
            Access("source", direction != Direction.LOAD, True, False, sizes, source, dtype),
            Access("target", direction != Direction.STORE, False, True, sizes, target, dtype),
        )

    def verify_(self) -> None:
        self.verify_transfer(2, 2 if self.direction.data == Direction.COPY else 1)


@irdl_op_definition
class GatherOp(TransferInstruction):
    """Moves rows of a table in external memory, by indices there, to local memory.

    `sizes` [outer, count, inner]; the table has `rows` rows, source strides are those of [outer, rows,
    inner]. A negative index counts from the end, one that is outside becomes the nearest that is inside.
    Time is that of the worst indices.

    ```mlir
    dsa.gather "tokens" "dma0" at affine_map<() -> (0, 256000, 0)> sizes [1, 7, 64] rows 1000
      source [64000, 64, 1] target [448, 64, 1] reservations [2] : f32 by i64
    ```
    """

    name = "dsa.gather"
    rows = prop_def(INTEGER)
    index = prop_def(Attribute)
    assembly_format = (
        "$layer $engine `at` $addresses `sizes` $sizes `rows` $rows `source` $source_strides `target` "
        "$target_strides `reservations` $reservations (`after` $after^)? attr-dict `:` $element `by` $index"
    )

    def accesses(self, node: Node | None) -> tuple[Access, ...]:
        return gather_accesses(
            self.sizes.get_values(),
            self.rows.value.data,
            (self.source_strides.get_values(), self.target_strides.get_values()),
            (dtype_of(self.element), dtype_of(self.index)),
        )

    @property
    def summary(self) -> str:
        return f"{self.engine_name} gather {list(self.sizes.get_values())}"

    def verify_(self) -> None:
        self.verify_transfer(3, 1)
        if len(self.sizes) != 3 or self.source_strides.get_values()[2] != 1:
            raise fault(self, "needs three sizes, and rows that are contiguous")
        if self.rows.value.data < 1:
            raise fault(self, "rows must be positive")
        if self.index not in (i32, i64):
            raise fault(self, f"indices must be i32 or i64, not {self.index}")


class PrimitiveInstruction(Instruction, ABC):
    """One block of a primitive: sizes of the block, pads that fall into it, operands' addresses."""

    block_sizes = prop_def(INTEGERS)
    pads = prop_def(INTEGERS)
    reservations = prop_def(INTEGERS)
    first = opt_prop_def(UnitAttr)
    last = opt_prop_def(UnitAttr)
    assembly_format = (
        "$layer $block_sizes `pads` $pads (`first` $first^)? (`last` $last^)? `at` $addresses "
        "`reservations` $reservations (`after` $after^)? attr-dict"
    )

    @property
    def summary(self) -> str:
        ends = (("first", self.first), ("last", self.last))
        marks = "".join(f" {name}" for name, given in ends if given is not None)
        return f"{self.engine_name} {list(self.block_sizes.get_values())}{marks}"

    @property
    def block(self) -> NodeBlock:
        flat, sizes = self.pads.get_values(), Domain.of_sizes(self.block_sizes.get_values())
        pads = tuple(zip(flat[::2], flat[1::2], strict=True))
        return NodeBlock(sizes, pads, self.first is not None, self.last is not None)

    @property
    def reservation_values(self) -> tuple[int, ...]:
        return self.reservations.get_values()

    def accesses(self, node: Node | None) -> tuple[Access, ...]:
        assert isinstance(node, Primitive)
        return primitive_accesses(node, self.block)

    def verify_block(self, node: Node | None, target: Target) -> None:
        """Raises VerifyException unless a target can run a block of these sizes."""
        assert isinstance(node, Primitive)
        try:
            node.verify_block(self.block.sizes, target)
        except VerifyException as error:
            raise fault(self, str(error)) from None

    def verify_(self) -> None:
        if len(self.pads) % 2 or len(self.block_sizes) != 4 + len(self.pads) // 2:
            raise fault(
                self, "needs batch, groups, rows, channels, and a size and two pads per position"
            )
        if min(self.block_sizes.get_values()) < 1:
            raise fault(self, "sizes must be positive")
        if min(self.pads.get_values(), default=0) < 0:
            raise fault(self, "pads must not be negative")
        self.verify_reservations()
        if len(self.reservations) != len(self.map.results):
            raise fault(self, "needs one reservation per address")


@irdl_op_definition
class MatmulInstruction(PrimitiveInstruction):
    """A block of a matrix product. `first` starts the sums, `last` applies `post`.

    `dsa.matmul "relu1" [1, 1, 64, 3, 16, 112] pads [3, 0, 3, 3] first last at affine_map<..> reservations [..]`
    """

    name = "dsa.matmul"


@irdl_op_definition
class SortInstruction(PrimitiveInstruction):
    """A block of a window operation of the sort primitive.

    `dsa.sort "pool1" [1, 64, 1, 1, 8, 56] pads [1, 0, 1, 0] first last at affine_map<..> reservations [..]`
    """

    name = "dsa.sort"


@irdl_op_definition
class VectorInstruction(PrimitiveInstruction):
    """A block of a map or a reduction on the vector engine. `first` starts a reduction, `last` applies `post`.

    `dsa.vector "prob" [1, 1, 1, 1000] pads [] first last at affine_map<..> reservations [..]`
    """

    name = "dsa.vector"


@irdl_op_definition
class GeneralInstruction(Instruction):
    """Operators on general compute: whole operands in external memory, inputs first, result last.

    `dsa.general "mask" at affine_map<() -> (4096, 8192)> after <dma0 1>`
    """

    name = "dsa.general"
    assembly_format = "$layer `at` $addresses (`after` $after^)? attr-dict"

    def accesses(self, node: Node | None) -> tuple[Access, ...]:
        assert isinstance(node, GeneralOp)
        return general_accesses(node)


@irdl_op_definition
class RepeatOp(IRDLOperation):
    """Runs its body `count` times; defined as its expansion. Addresses may use the iteration counter.

    ```mlir
    dsa.repeat 5 {
      dsa.transfer ... at affine_map<(d0) -> (d0 * 4096, 65536 + (d0 mod 2) * 8192)> ...
    }
    ```
    """

    name = "dsa.repeat"
    count = prop_def(INTEGER)
    body = region_def("single_block")
    traits = traits_def(NoTerminator())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$count attr-dict-with-keyword $body"

    def __init__(self, count: int, body: Region):
        super().__init__(properties={"count": IntegerAttr(count, i64)}, regions=[body])

    def verify_(self) -> None:
        if self.count.value.data < 1:
            raise fault(self, "count must be positive")
        for op in self.body.block.ops:
            if not isinstance(op, Instruction | RepeatOp):
                raise fault(self, f"cannot repeat {op.name}")
