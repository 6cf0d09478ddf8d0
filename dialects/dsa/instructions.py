"""Instructions of the machine's engines, and repeats of them."""

from __future__ import annotations

from abc import ABC, abstractmethod

from xdsl.dialects.builtin import (
    AffineMapAttr,
    ArrayAttr,
    FixedBitwidthType,
    IntegerAttr,
    StringAttr,
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
from xdsl.traits import NoTerminator
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.diagnostics import fault
from xnn.dialects.dsa.access import (
    Access,
    NodeBlock,
    gather_accesses,
    general_accesses,
    primitive_accesses,
)
from xnn.dialects.dsa.attributes import AfterAttr, Direction, DirectionAttr
from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import Domain, GeneralOp, NodeOp, Primitive
from xnn.dialects.target import MAX_RESERVATION, Target
from xnn.dialects.values import INTEGER, INTEGERS

MAX_DIMENSIONS = 4
"""Of the slices that a transfer engine gathers and scatters."""


class Instruction(IRDLOperation, ABC):
    """One machine node, or one for each iteration of the repeats around it.

    `buffers` names the buffer of each operand; `offsets` maps the counters of the repeats, outermost
    first, to where in them the operands lie, in bytes. `reservations`, in eighths, is what each
    operand reserves of every bank it covers.
    """

    layer = prop_def(StringAttr)
    buffers = prop_def(ArrayAttr[StringAttr])
    offsets = prop_def(AffineMapAttr)
    after = opt_prop_def(AfterAttr)
    irdl_options = (ParsePropInAttrDict(),)

    @property
    def engine_name(self) -> str:
        """The engine that runs it: the operation has the name of its engine, or names one."""
        return self.name.removeprefix("dsa.")

    @abstractmethod
    def accesses(self, node: NodeOp | None) -> tuple[Access, ...]:
        """What each operand touches, in the order of the buffers."""

    @property
    def work(self) -> object:
        """Equal for instructions of a layer that touch and cost the same, but for the addresses."""
        return self.name

    @property
    def map(self) -> AffineMap:
        return self.offsets.data

    @property
    def buffer_names(self) -> tuple[str, ...]:
        return tuple(name.data for name in self.buffers)

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

    def verify_operands(self) -> None:
        """It has as many buffers as offsets, and reservations that a bank can grant."""
        if len(self.buffers) != len(self.map.results):
            raise fault(
                self, f"names {len(self.buffers)} buffers for {len(self.map.results)} offsets"
            )
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
    def work(self) -> object:
        return self.name, self.sizes, self.source_strides, self.target_strides, self.element

    @property
    def reservation_values(self) -> tuple[int, ...]:
        return self.reservations.get_values()

    def verify_transfer(self, operands: int, local: int) -> None:
        """It has so many operands, of which so many are local."""
        rank = len(self.sizes)
        if len(self.source_strides) != rank or len(self.target_strides) != rank:
            raise fault(self, "sizes and strides differ in length")
        if rank > MAX_DIMENSIONS:
            raise fault(self, f"has more than {MAX_DIMENSIONS} dimensions")
        if len(self.map.results) != operands:
            needed = "a source and a target" if operands == 2 else "a table, indices and a target"
            raise fault(self, f"needs {needed}")
        if len(self.reservations) != local:
            raise fault(self, f"needs {local} reservation(s), of its local side")
        if not self.engine.data.startswith("dma"):
            raise fault(self, f"'{self.engine.data}' is not a transfer engine")
        strides = *self.source_strides.get_values(), *self.target_strides.get_values()
        if min(strides, default=0) < 0:
            raise fault(self, "strides must not be negative")
        if not isinstance(self.element, FixedBitwidthType):
            raise fault(self, f"{self.element} has no known number of bytes")
        self.verify_operands()


@irdl_op_definition
class TransferOp(TransferInstruction):
    """Moves a strided slice, up to four dimensions, between memories or within local memory.

    ```mlir
    dsa.transfer "relu1" "dma0" load of ["data", "relu1#0"] at affine_map<(d0) -> (d0 * 512, (d0 mod 2) * 8192)>
      sizes [1, 3, 8, 8] source [192, 64, 8, 1] target [192, 64, 8, 1] reservations [2] after <matmul 1> : f32
    ```
    """

    name = "dsa.transfer"
    direction = prop_def(DirectionAttr)
    assembly_format = (
        "$layer $engine $direction `of` $buffers `at` $offsets `sizes` $sizes `source` $source_strides "
        "`target` $target_strides `reservations` $reservations (`after` $after^)? attr-dict `:` $element"
    )

    @property
    def work(self) -> object:
        return super().work, self.direction

    @property
    def summary(self) -> str:
        return f"{self.engine_name} {self.direction.data} {list(self.sizes.get_values())}"

    def accesses(self, node: NodeOp | None) -> tuple[Access, ...]:
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
    dsa.gather "tokens" "dma0" of ["table", "ids", "tokens#0"] at affine_map<() -> (0, 0, 0)> sizes [1, 7, 64] rows 1000
      source [64000, 64, 1] target [448, 64, 1] reservations [2] : f32 by i64
    ```
    """

    name = "dsa.gather"
    rows = prop_def(INTEGER)
    index = prop_def(Attribute)
    assembly_format = (
        "$layer $engine `of` $buffers `at` $offsets `sizes` $sizes `rows` $rows `source` $source_strides `target` "
        "$target_strides `reservations` $reservations (`after` $after^)? attr-dict `:` $element `by` $index"
    )

    @property
    def work(self) -> object:
        return super().work, self.rows, self.index

    def accesses(self, node: NodeOp | None) -> tuple[Access, ...]:
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
    """One block of a primitive: sizes of the block, pads that fall into it, and its operands."""

    block_sizes = prop_def(INTEGERS)
    pads = prop_def(INTEGERS)
    reservations = prop_def(INTEGERS)
    first = opt_prop_def(UnitAttr)
    last = opt_prop_def(UnitAttr)
    assembly_format = (
        "$layer $block_sizes `pads` $pads (`first` $first^)? (`last` $last^)? `of` $buffers `at` $offsets "
        "`reservations` $reservations (`after` $after^)? attr-dict"
    )

    @property
    def summary(self) -> str:
        ends = (("first", self.first), ("last", self.last))
        marks = "".join(f" {name}" for name, given in ends if given is not None)
        return f"{self.engine_name} {list(self.block_sizes.get_values())}{marks}"

    @property
    def work(self) -> object:
        return self.block_sizes, self.pads, self.first, self.last

    @property
    def block(self) -> NodeBlock:
        flat, sizes = self.pads.get_values(), Domain.of_sizes(self.block_sizes.get_values())
        pads = tuple(zip(flat[::2], flat[1::2], strict=True))
        return NodeBlock(sizes, pads, self.first is not None, self.last is not None)

    @property
    def reservation_values(self) -> tuple[int, ...]:
        return self.reservations.get_values()

    def accesses(self, node: NodeOp | None) -> tuple[Access, ...]:
        assert isinstance(node, Primitive)
        return primitive_accesses(node, self.block)

    def verify_block(self, node: NodeOp | None, target: Target) -> None:
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
        self.verify_operands()
        if len(self.reservations) != len(self.map.results):
            raise fault(self, "needs one reservation per operand")


@irdl_op_definition
class MatmulInstruction(PrimitiveInstruction):
    """A block of a matrix product. `first` starts the sums, `last` applies `post`.

    `dsa.matmul "relu1" [1, 1, 64, 3, 16, 112] pads [3, 0, 3, 3] first last of [..] at affine_map<..> reservations [..]`
    """

    name = "dsa.matmul"


@irdl_op_definition
class SortInstruction(PrimitiveInstruction):
    """A block of a window operation of the sort primitive.

    `dsa.sort "pool1" [1, 64, 1, 1, 8, 56] pads [1, 0, 1, 0] first last of [..] at affine_map<..> reservations [..]`
    """

    name = "dsa.sort"


@irdl_op_definition
class VectorInstruction(PrimitiveInstruction):
    """A block of a map or a reduction on the vector engine. `first` starts a reduction, `last` applies `post`.

    `dsa.vector "prob" [1, 1, 1, 1000] pads [] first last of [..] at affine_map<..> reservations [..]`
    """

    name = "dsa.vector"


@irdl_op_definition
class GeneralInstruction(Instruction):
    """Operators on general compute: whole operands in external memory, inputs first, result last.

    `dsa.general "mask" of ["scores", "mask"] at affine_map<() -> (0, 0)> after <dma0 1>`
    """

    name = "dsa.general"
    assembly_format = "$layer `of` $buffers `at` $offsets (`after` $after^)? attr-dict"

    def accesses(self, node: NodeOp | None) -> tuple[Access, ...]:
        assert isinstance(node, GeneralOp)
        return general_accesses(node)

    def verify_(self) -> None:
        self.verify_operands()


@irdl_op_definition
class RepeatOp(IRDLOperation):
    """Runs its body `count` times; defined as its expansion. Offsets may use the iteration counter.

    ```mlir
    dsa.repeat 5 {
      dsa.transfer ... at affine_map<(d0) -> (d0 * 4096, (d0 mod 2) * 8192)> ...
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
