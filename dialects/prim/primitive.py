"""One use of a compute primitive, on tensors and on buffers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from xdsl.dialects import builtin
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    AnyOf,
    base,
    operand_def,
    opt_operand_def,
    opt_prop_def,
    prop_def,
    region_def,
    var_operand_def,
)

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import precision_bits
from xnn.dialects.prim.attributes import (
    BATCH,
    CHANNELS,
    GROUPS,
    POSITIONS,
    ROWS,
    Domain,
    ScheduleAttr,
    WindowAttr,
)
from xnn.dialects.prim.node import PLACEMENT_FORMAT, FeatureMapOp, NodeOp
from xnn.dialects.prim.regions import verify_region
from xnn.dialects.slices import Axes, Axis, Slice, through
from xnn.dialects.target import Target
from xnn.dialects.values import INTEGER, element_type, shape
from xnn.dialects.windows import Pads

RegionOperand = tuple[SSAValue, builtin.AffineMapAttr]
"""An operand of a region, and its indexing map."""

SHAPED = AnyOf((base(builtin.TensorType), base(builtin.MemRefType)))


class Primitive(NodeOp, FeatureMapOp, ABC):
    """One use of a compute primitive.

    `rows`: so many rows of its result, along dimension 2, lie in local memory at a time, in a ring. `in_place`: the
    result takes the place of an operand of `post`, in whichever memory that is: of one with elements of the same size
    that nothing reads later, and of which each block reads what it writes.
    """

    operator = prop_def(builtin.StringAttr)
    window = prop_def(WindowAttr)
    schedule = opt_prop_def(ScheduleAttr)
    rows = opt_prop_def(INTEGER)
    in_place = opt_prop_def(builtin.UnitAttr)
    rhs = operand_def(SHAPED)
    pre_operands = var_operand_def(SHAPED)
    post_operands = var_operand_def(SHAPED)
    pre_indexing_maps = opt_prop_def(builtin.ArrayAttr[builtin.AffineMapAttr])
    post_indexing_maps = opt_prop_def(builtin.ArrayAttr[builtin.AffineMapAttr])
    pre = region_def()
    post = region_def()

    PASSES_RHS: ClassVar[bool] = False
    """Whether `post` has each element of rhs as it enters the primitive."""

    @property
    @abstractmethod
    def domain(self) -> Domain:
        """The whole iteration space."""

    @property
    def has_no_memory(self) -> bool:
        return super().has_no_memory and self.in_place is None

    @property
    def ring_rows(self) -> int | None:
        return None if self.rows is None else self.rows.value.data

    def verify_layout(self) -> None:
        """What is in place of an operand has no memory of its own."""
        super().verify_layout()
        if self.in_place is not None and not (self.local is self.external is None):
            raise fault(self, "its result is in place of an operand, or in a memory, not both")

    @property
    def factors(self) -> tuple[tuple[str, SSAValue], ...]:
        """rhs and what it is combined with, by role."""
        return (("rhs", self.rhs),)

    @property
    def roles(self) -> tuple[tuple[str, SSAValue], ...]:
        """All that it touches, by role, in the order of an instruction's addresses."""
        return (
            *self.factors,
            *(("pre", value) for value in self.pre_operands),
            *(("post", value) for value in self.post_operands),
            *(() if self.partial_sums is None else (("sums", self.partial_sums),)),
            ("out", self.out),
        )

    @property
    def reads(self) -> tuple[SSAValue, ...]:
        return tuple(value for role, value in self.roles if role not in ("sums", "out"))

    @property
    def touched(self) -> tuple[SSAValue, ...]:
        return self.touched_by(last=True)

    def touched_by(self, last: bool) -> tuple[SSAValue, ...]:
        """What a block touches, the last of a sum or another one."""
        return tuple(value for role, value in self.roles if self.is_touched(role, last))

    def is_touched(self, role: str, last: bool) -> bool:
        """Whether a block touches an operand.

        Only the last block of a sum touches what `post` needs. Partial sums lie in `out`, unless they
        have a buffer of their own; then the last block alone touches `out`.
        """
        return last or role != "post" and (role != "out" or self.partial_sums is None)

    @property
    def accumulator_type(self) -> Attribute:
        """Element type of what it computes: what `post` takes, or else what comes out."""
        return self.post.block.arg_types[0] if self.post.blocks else element_type(self.out)

    @property
    def factor_formats(self) -> tuple[str, ...]:
        """How the elements of `factors` lie in memory: "ui8", "f32"."""
        return tuple(str(element_type(value)) for _, value in self.factors)

    @property
    def arithmetic(self) -> Attribute:
        """What it computes with: the widest float in its regions, or else the type of its accumulators."""
        results = (
            each.type for region in self.regions for op in region.walk() for each in op.results
        )
        floats = [type for type in results if isinstance(type, builtin.AnyFloat)]
        return max(floats, key=lambda type: type.bitwidth, default=self.accumulator_type)

    @property
    def partial_sums(self) -> SSAValue | None:
        """The buffer of the sums that are not complete yet, if the result's cannot hold them."""
        return None

    @property
    def needs_sums(self) -> bool:
        """Whether partial sums of blocks of channels need a buffer beside the result's."""
        return False

    @property
    def streamed_type(self) -> Attribute:
        """Type of the elements of rhs as they enter the primitive, after `pre`."""
        end = self.pre.block.last_op if self.pre.blocks else None
        return end.operands[0].type if end is not None else element_type(self.rhs)

    @property
    def precision(self) -> int:
        """Bits of the precision that it needs."""
        return precision_bits(self.streamed_type)

    def macs(self, block: Domain) -> int:
        """Multiply-accumulates of a block."""
        return 0

    @property
    def shows_window(self) -> bool:
        """Whether reports name the kernel and strides of its window beside the operator."""
        return True

    @property
    def is_network_product(self) -> bool:
        """Whether its multiply-accumulates are MACs of the network."""
        return False

    @property
    def spatial_rank(self) -> int:
        return len(self.window.kernel)

    def indexing_maps(
        self, maps: builtin.ArrayAttr[builtin.AffineMapAttr] | None
    ) -> tuple[builtin.AffineMapAttr, ...]:
        return tuple(maps) if maps is not None else ()

    @property
    def pre_region_operands(self) -> tuple[RegionOperand, ...]:
        """Operands of `pre` with their indexing maps."""
        maps = self.indexing_maps(self.pre_indexing_maps)
        return tuple(zip(self.pre_operands, maps, strict=True))

    @property
    def post_region_operands(self) -> tuple[RegionOperand, ...]:
        """Operands of `post` with their indexing maps."""
        maps = self.indexing_maps(self.post_indexing_maps)
        return tuple(zip(self.post_operands, maps, strict=True))

    def channels_of(self, lhs: Sequence[int], rhs: Sequence[int]) -> int:
        """Channels of a group, for the sizes of slices of both operands."""
        return 1

    def factor_axes(self, block: Domain, rhs: Axes, out: Axes) -> list[Axes]:
        """Axes of the slices of `factors`, for those of rhs and the result."""
        return [rhs]

    def slices(self, block: Domain, pads: Pads | None = None) -> list[Slice]:
        """The slices of the operands and the result that a block needs, in the order of `roles`.

        Sizes of the block may be arrays of candidates. With the `pads` that fall into one block, the
        slice of rhs has only what exists.
        """
        domain, window = self.domain, self.window
        padded = [sum(pair) for pair in pads or ((0, 0),) * self.spatial_rank]
        batch = Axis(block.batch, 0, ((BATCH, block.batch),))
        steps = ((GROUPS, block.groups * domain.channels), (CHANNELS, block.channels))
        rhs = [batch, Axis(block.groups * block.channels, 0, steps)]
        steps = ((GROUPS, block.groups * domain.rows), (ROWS, block.rows))
        out = [batch, Axis(block.groups * block.rows, 0, steps)]
        spans = window.spans(block.positions)
        for i, size in enumerate(block.positions):
            step = (POSITIONS + i, size * window.strides[i])
            rhs.append(Axis(spans[i] - padded[i], -window.pad_pairs[i][0], (step,)))
            out.append(Axis(size, 0, ((POSITIONS + i, size),)))
        axes = [
            *self.factor_axes(block, rhs, out),
            *(through(each.data, rhs, shape(value)) for value, each in self.pre_region_operands),
            *(through(each.data, out, shape(value)) for value, each in self.post_region_operands),
            *[out] * (1 + (self.partial_sums is not None)),
        ]
        return [Slice(*role, tuple(each)) for role, each in zip(self.roles, axes, strict=True)]

    def block_of(
        self, sizes: Mapping[str, Sequence[int]], before: Sequence[int]
    ) -> tuple[Domain, Pads]:
        """The block whose slices, clipped, are of these sizes by role, and the pads that fall into it.

        `before` is what is clipped off before the slice of rhs. Positions that are cut at the edge of
        the result may need less than the slice has.
        """
        out, rhs = sizes["out"], sizes["rhs"]
        channels = self.channels_of(sizes.get("lhs", ()), rhs)
        groups = max(1, rhs[1] // channels)
        pads: list[tuple[int, int]] = []
        spans = self.window.spans(out[2:])
        for span, clipped, there in zip(spans, before[2:], rhs[2:], strict=True):
            low = min(clipped, span)
            pads.append((low, max(0, span - low - there)))
        return Domain(out[0], groups, out[1] // groups, channels, tuple(out[2:])), tuple(pads)

    def verify_(self) -> None:
        self.verify_node()
        if self.outs is not None and not self.has_no_memory:
            raise fault(
                self,
                "the type of outs says where the result is: only tensors are local, or external",
            )
        self.verify_layout()
        self._verify_rank(self.rhs)
        self._verify_rank(self.out)
        pre, post = self.pre_indexing_maps, self.post_indexing_maps
        verify_region(self, self.pre, self.pre_operands, pre, self.rhs, "pre")
        verify_region(self, self.post, self.post_operands, post, self.out, "post")
        end = self.post.block.last_op if self.post.blocks else None
        if end is not None and end.operands[0].type != element_type(self.out):
            raise fault(self, f"post must yield the elements of {self.out.type}")
        if self.result is not None:
            self._verify_shapes()
        if self.schedule is not None:
            block, domain = self.schedule.block.sizes, self.domain.sizes
            if len(block) != len(domain):
                raise fault(self, f"schedule block needs {len(domain)} sizes, one per dimension")
            if (per_tile := self.schedule.groups_per_tile) > self.window.groups:
                raise fault(self, f"groups_per_tile {per_tile} is not in 0 to {self.window.groups}")
            if self.result is not None:
                self._verify_groups(self.schedule.block)
                self._verify_target()

    def _verify_target(self) -> None:
        """The largest block of its schedule is possible on the module's target, if it has one."""
        assert self.schedule is not None
        if (target := Target.above(self)) is not None:
            pairs = zip(self.schedule.block.sizes, self.domain.sizes, strict=True)
            block = Domain.of_sizes([min(size, whole) for size, whole in pairs])
            self.verify_block(block, target)

    def verify_block(self, block: Domain, target: Target) -> None:
        """Raises VerifyException unless a block of these sizes is possible on a target."""

    def _verify_rank(self, value: SSAValue) -> None:
        if len(shape(value)) != (rank := 2 + self.spatial_rank):
            raise fault(self, f"{value.type} needs {rank} dimensions for window {self.window}")

    def _verify_groups(self, block: Domain) -> None:
        """No block has part of one group together with another group."""
        domain = self.domain
        pairs = (block.rows, domain.rows), (block.channels, domain.channels)
        if block.groups > 1 and any(size < whole for size, whole in pairs):
            raise fault(self, "schedule block of several groups needs all their rows and channels")
        if domain.groups > 1 and any(whole % min(size, whole) for size, whole in pairs):
            raise fault(
                self,
                f"schedule block must divide the {domain.rows} rows and {domain.channels} channels "
                f"of each of {domain.groups} groups",
            )
        if block.channels < domain.channels and block.channels % self.channels_multiple:
            raise fault(self, f"schedule block of {block.channels} channels ends inside a byte")

    @property
    def channels_multiple(self) -> int:
        """What the channels of a block that has not all of them must be a multiple of."""
        return 1

    @abstractmethod
    def _verify_shapes(self) -> None:
        """The result's shape follows from the operands'."""

    def _verify_result(self, channels: int) -> None:
        """The window fits rhs, and the result is [B, channels, *positions]."""
        batch, _, *spatial = shape(self.rhs)
        positions = self.window.positions(spatial)
        if min(positions, default=1) < 1:
            raise fault(self, f"window {self.window} does not fit rhs {self.rhs.type}")
        expected, actual = (batch, channels, *positions), shape(self.out)
        if actual != expected:
            raise fault(self, f"result has shape {list(actual)}, expected {list(expected)}")


class AccumulatingPrimitive(Primitive, ABC):
    """A primitive whose blocks of channels add up: a product, a reduction.

    On buffers, partial sums are in `sums` if their type is not that of the result.
    """

    sums = opt_operand_def(builtin.MemRefType)

    @property
    def partial_sums(self) -> SSAValue | None:
        return self.sums

    @property
    def needs_sums(self) -> bool:
        return self.accumulator_type != element_type(self.out)

    @property
    @abstractmethod
    def summed_type(self) -> Attribute:
        """Element type that its sums must have."""

    @property
    @abstractmethod
    def summed(self) -> str:
        """What its sums are of, as messages call it."""

    def verify_(self) -> None:
        super().verify_()
        expected = self.summed_type
        if self.accumulator_type != expected:
            raise fault(self, f"{self.summed} are {expected}, not {self.accumulator_type}")
        if self.sums is not None and (
            self.outs is None
            or element_type(self.sums) != expected
            or shape(self.sums) != shape(self.outs)
        ):
            raise fault(self, f"partial sums must be a buffer of {expected} like its outs")


SUMS_FORMAT = "(`sums` `(` $sums^ `:` type($sums) `)`)? "
REGIONS_FORMAT = (
    "(`pre` $pre_indexing_maps^ `(` $pre_operands `:` type($pre_operands) `)` $pre)? "
    "(`post` $post_indexing_maps^ `(` $post_operands `:` type($post_operands) `)` $post)? "
    "(`schedule` $schedule^)? "
    + PLACEMENT_FORMAT
    + "(`rows` $rows^)? (`in_place` $in_place^)? (`outs` `(` $outs^ `:` type($outs) `)`)? "
    "attr-dict (`->` type($result)^)?"
)
