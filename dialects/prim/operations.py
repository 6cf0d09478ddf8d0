"""The operations of the primitive level, on tensors and on buffers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from xdsl.dialects.builtin import (
    IntegerType,
)
from xdsl.ir import Attribute, Block, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    region_def,
    var_operand_def,
)

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import UI8, accumulator_type, precision_bits
from xnn.dialects.packing import whole_bytes
from xnn.dialects.prim.attributes import CHANNELS, ROWS, Domain, PackedAttr
from xnn.dialects.prim.node import NodeOp
from xnn.dialects.prim.primitive import (
    REGIONS_FORMAT,
    SHAPED,
    SUMS_FORMAT,
    AccumulatingPrimitive,
    Primitive,
)
from xnn.dialects.prim.regions import YieldOp
from xnn.dialects.prim.tiling import Form, Product, fits_tile
from xnn.dialects.slices import Axes, Axis, Slice
from xnn.dialects.target import Target
from xnn.dialects.values import element_type, item_bytes, shape
from xnn.dialects.windows import Pads

OF_MATRICES = ("gemm", "einsum")
"""Operators that are products of matrices."""


@irdl_op_definition
class MatmulOp(AccumulatingPrimitive):
    """Matrix product of an lhs with the filtering matrix of an rhs, a feature map.

    lhs [M, C / groups, *kernel] by rhs [B, C, *spatial] is [B, M, *positions]. A shared lhs
    [M / groups, ...] serves every group (average pooling). Sums have the type of the operands'
    accumulators (`xnn.dialects.element_types`). On buffers, partial sums are in `sums` if their type
    is not that of the result. `operator` is the network's operator: products of conv, gemm and einsum
    count as its MACs, other uses of the primitive do not.

    A `packed` lhs [M, bytes] is rows of bytes that the primitive expands: C / groups channels
    by the kernel, several to a byte.

    ```mlir
    %z = prim.matmul "relu1" "conv" ins(%w, %x : tensor<64x3x7x7xf32>, tensor<1x3x224x224xf32>)
      window<kernel = [7, 7], strides = [2, 2], pads = [3, 3, 3, 3]>
      post [affine_map<(d0, d1, d2, d3) -> (d1)>] (%b : tensor<64xf32>) {
      ^bb0(%acc: f32, %bias: f32):
        %s = arith.addf %acc, %bias : f32
        prim.yield %s : f32
      } -> tensor<1x64x112x112xf32>
    ```
    """

    name = "prim.matmul"
    lhs = operand_def(SHAPED)
    packed = opt_prop_def(PackedAttr)
    assembly_format = (
        "$name $operator `ins` `(` $lhs `,` $rhs `:` "
        "type($lhs) `,` type($rhs) `)` (`packed` $packed^)? `window` $window "
        + SUMS_FORMAT
        + REGIONS_FORMAT
    )

    @property
    def domain(self) -> Domain:
        out, groups = shape(self.out), self.window.groups
        return Domain(
            batch=out[0],
            groups=groups,
            rows=out[1] // groups,
            channels=self.channels_of(shape(self.lhs), shape(self.rhs)),
            positions=out[2:],
        )

    def channels_of(self, lhs: Sequence[int], rhs: Sequence[int]) -> int:
        if self.packed is None:
            return lhs[1]
        # A block of several groups holds them whole.
        return min(rhs[1], self.packed.taps // self.window.taps)

    @property
    def lhs_type(self) -> Attribute:
        """Type of the elements of lhs as they enter the primitive."""
        return element_type(self.lhs) if self.packed is None else self.packed.element_type

    @property
    def channels_multiple(self) -> int:
        """The packed lhs of a block ends with a byte."""
        if self.packed is None:
            return 1
        return whole_bytes(self.packed.format, self.window.taps)

    @property
    def lhs_bits(self) -> int:
        """Bits of an element of lhs in memory."""
        return 8 * item_bytes(self.lhs) if self.packed is None else self.packed.bits

    @property
    def factors(self) -> tuple[tuple[str, SSAValue], ...]:
        return (("lhs", self.lhs), *super().factors)

    @property
    def factor_formats(self) -> tuple[str, ...]:
        lhs, *others = super().factor_formats
        return (lhs if self.packed is None else self.packed.format, *others)

    @property
    def arithmetic(self) -> Attribute:
        return self.accumulator_type

    def factor_axes(self, block: Domain, rhs: Axes, out: Axes) -> list[Axes]:
        rows = Axis(block.rows, 0, ((ROWS, block.rows),)) if self.shared else out[1]
        if self.packed is not None:
            size = self.packed.bytes(block.channels * self.window.taps)
            return [(rows, Axis(size, 0, ((CHANNELS, size),))), rhs]
        channels = Axis(block.channels, 0, ((CHANNELS, block.channels),))
        return [(rows, channels, *map(Axis, self.window.kernel)), rhs]

    def slices(self, block: Domain, pads: Pads | None = None) -> list[Slice]:
        return [
            replace(each, pitch_axis=self._pitch_axis(each)) for each in super().slices(block, pads)
        ]

    def _pitch_axis(self, slice: Slice) -> int | None:
        """Vectors are parts of rows of lhs or of other matrices, or of planes; those of taps begin anywhere."""
        if slice.role == "lhs":
            return 0
        if slice.role == "rhs" and self.window.taps > 1:
            return None
        # counted from the last dimension: operands of regions may lack the first ones
        axis = len(slice.axes) - 1 - max(1, self.spatial_rank)
        return axis if axis >= 0 else None

    @property
    def precision(self) -> int:
        return precision_bits(self.lhs_type, self.streamed_type)

    @property
    def mac_format(self) -> str:
        """The kind of its multiply-accumulates: i8, f32, ...; those of 64-bit integers count as f64."""
        bits = self.precision
        kind = "i" if isinstance(self.accumulator_type, IntegerType) and bits < 64 else "f"
        return f"{kind}{bits}"

    @property
    def form(self) -> Form:
        """How its schedule lays it out in tiles; without a schedule the plainest."""
        schedule = self.schedule
        if schedule is None:
            return Form()
        return Form(schedule.order, schedule.groups_per_tile, schedule.output_phases)

    def macs(self, block: Domain) -> int:
        """Multiply-accumulates of a block."""
        return prod((block.groups, block.rows, block.channels, self.window.taps, block.columns))

    @property
    def shared(self) -> bool:
        """Whether one lhs serves every group."""
        return shape(self.lhs)[0] < shape(self.out)[1]

    @property
    def is_network_product(self) -> bool:
        """Whether its products are MACs of the network."""
        return self.operator.data == "conv" or self.operator.data in OF_MATRICES

    @property
    def shows_window(self) -> bool:
        """A window is how the matrices of a product happen to be read."""
        return self.operator.data not in OF_MATRICES

    @property
    def summed(self) -> str:
        return f"sums of products of {self.lhs_type} and {self.streamed_type}"

    @property
    def summed_type(self) -> Attribute:
        return accumulator_type(self.lhs_type, self.streamed_type)

    def verify_(self) -> None:
        self._verify_lhs()
        super().verify_()

    def verify_block(self, block: Domain, target: Target) -> None:
        """Its form exists, fits tiles of the target, and the sums of a block its accumulators."""
        form, n = self.form, target.matmul_n(self.precision)
        several = block.groups > 1 or self.result is not None  # a block of one group may share
        if form.groups_per_tile == 0 and several and not self.shared:
            raise fault(self, "schedule groups_per_tile 0 needs one lhs that all groups share")
        largest = self.schedule.block if self.schedule is not None else block  # at an edge, less
        if form.output_phases > 1 and (
            not self.window.kernel or form.output_phases > largest.positions[-1]
        ):
            raise fault(
                self, f"schedule output_phases {form.output_phases} need as many positions in a row"
            )
        if not fits_tile(block, self.window, form, n):
            raise fault(
                self,
                f"schedule groups_per_tile {form.groups_per_tile} and output_phases {form.output_phases} "
                f"do not fit one tile of {n} x {n}: a group of a block has {block.rows} rows "
                f"and {block.channels * self.window.taps} taps",
            )
        needed, there = (
            Product.of(block, self.window, form).accumulator_rows,
            target.matmul.accumulator_rows,
        )
        if needed > there:
            raise fault(
                self,
                f"the sums of a block {list(block.sizes)} in order {form.order} need {needed} rows of accumulators, "
                f"but the target has {there}",
            )

    def _verify_lhs(self) -> None:
        """It has dimensions for rows, channels and the kernel, or, if packed, for rows and bytes."""
        if self.packed is None:
            self._verify_rank(self.lhs)
        elif len(shape(self.lhs)) != 2 or element_type(self.lhs) != UI8:
            raise fault(self, f"a packed lhs must be rows of bytes (ui8), not {self.lhs.type}")
        elif self.packed.taps % self.window.taps:
            raise fault(self, f"{self.packed.taps} taps are not a multiple of the kernel's")
        has_kernel = self.packed is None and self.outs is not None  # on tensors: _verify_shapes
        if has_kernel and shape(self.lhs)[2:] != self.window.kernel:
            raise fault(self, f"lhs {self.lhs.type} does not have the kernel of {self.window}")

    def _verify_shapes(self) -> None:
        lhs, rhs, groups = shape(self.lhs), shape(self.rhs), self.window.groups
        if self.packed is not None:
            if lhs[1] != self.packed.bytes(self.packed.taps):
                raise fault(
                    self,
                    f"rows of {lhs[1]} bytes do not hold {self.packed.taps} taps of {self.packed.format}",
                )
            lhs = (lhs[0], self.packed.taps // self.window.taps, *self.window.kernel)
        if lhs[2:] != self.window.kernel or rhs[1] != lhs[1] * groups:
            raise fault(
                self, f"lhs {self.lhs.type} does not fit rhs {self.rhs.type} with {self.window}"
            )
        rows = shape(self.out)[1]
        if lhs[0] != rows and lhs[0] * groups != rows or rows % groups:
            raise fault(self, f"{lhs[0]} rows of lhs do not fit {rows} channels")
        self._verify_result(rows)


@irdl_op_definition
class SortOp(Primitive):
    """The first (largest) element of every window of each channel: max pooling.

    ```mlir
    %z = prim.sort "pool1" "max_pool" ins(%x : tensor<1x64x112x112xf32>)
      window<kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> -> tensor<1x64x56x56xf32>
    ```
    """

    name = "prim.sort"
    assembly_format = "$name $operator `ins` `(` $rhs `:` type($rhs) `)` `window` $window " + (
        REGIONS_FORMAT
    )

    @property
    def domain(self) -> Domain:
        out = shape(self.out)
        return Domain(batch=out[0], groups=out[1], rows=1, channels=1, positions=out[2:])

    def _verify_shapes(self) -> None:
        if self.window.groups != 1:
            raise fault(self, "works on each channel by itself: it has no groups")
        if not self.post.blocks and element_type(self.out) != self.streamed_type:
            raise fault(self, f"elements of type {self.streamed_type} do not fit {self.out.type}")
        self._verify_result(shape(self.rhs)[1])


@irdl_op_definition
class GeneralOp(NodeOp):
    """Operators of the network that map to no primitive, run on general compute.

    ```mlir
    %y = prim.general "mask" ins(%x : tensor<1x1000xf32>) {
    ^bb0(%a: tensor<1x1000xf32>):
      %r = xnn.cast "mask" %a {to = i1} : (tensor<1x1000xf32>) -> tensor<1x1000xi1>
      prim.yield %r : tensor<1x1000xi1>
    } -> tensor<1x1000xi1>
    ```
    """

    name = "prim.general"
    inputs = var_operand_def(SHAPED)
    body = region_def("single_block")
    assembly_format = (
        "$name `ins` `(` $inputs `:` type($inputs) `)` (`outs` `(` $outs^ `:` type($outs) `)`)? "
        "$body attr-dict (`->` type($result)^)?"
    )

    @property
    def block(self) -> Block:
        return self.body.block

    @property
    def reads(self) -> tuple[SSAValue, ...]:
        return tuple(self.inputs)

    def verify_(self) -> None:
        self.verify_node()
        end = self.block.last_op
        if not isinstance(end, YieldOp) or len(end.operands) != 1:
            raise fault(self, "its region must yield one value")
        pairs = [*zip(self.block.args, self.inputs, strict=False), (end.operands[0], self.out)]
        if len(self.block.args) != len(self.inputs) or any(
            shape(inner) != shape(outer) or element_type(inner) != element_type(outer)
            for inner, outer in pairs
        ):
            raise fault(self, "its region must take its inputs and yield its result")
