"""The inside of the matrix primitive, tile by tile: what `prim-expand-tiles` writes.

Not a level of its own: nothing is lowered from here. The explicit loops over tiles are the
definition that the fast path of the primitive is tested against.

A group of a product is an lhs [rows, taps], an rhs [taps, columns] (the filtering matrix of a
feature map) and their product [rows, columns]. A tap is a channel of the group and a
kernel element, a column a sample of the batch and a position, in this order, flattened. A tile is
n x n of a matrix from a row and column on; what lies outside the matrix is zero.

`groups_per_tile` groups from the group index on may share the tiles: their lhs stand block-diagonally in
one matrix, their rhs and products below each other. With `groups_per_tile` 0 the rhs and products of all
groups stand side by side, for they have the same lhs.
"""

from __future__ import annotations

from xdsl.dialects import builtin
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    IRDLOperation,
    ParsePropInAttrDict,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    region_def,
    result_def,
    traits_def,
    var_operand_def,
)
from xdsl.traits import IsolatedFromAbove, MemoryAllocEffect, Pure

from xnn.dialects.diagnostics import fault
from xnn.dialects.prim.attributes import PackedAttr, WindowAttr
from xnn.dialects.prim.node import NamedOp
from xnn.dialects.prim.regions import verify_region
from xnn.dialects.values import INTEGER, element_type, shape

_ONE = builtin.IntegerAttr(1, builtin.i64)


def tile_size(tile: SSAValue) -> int:
    """n of a tile of n x n."""
    return shape(tile)[0]


def _verify_tile(op: IRDLOperation, tile: SSAValue, element: Attribute) -> None:
    sizes = shape(tile)
    if len(sizes) != 2 or sizes[0] != sizes[1] or sizes[0] < 1:
        raise fault(op, f"{tile.type} is not a tile: n x n is expected")
    if element_type(tile) != element:
        raise fault(op, f"elements of {tile.type} must be {element}")


@irdl_op_definition
class LhsTileOp(IRDLOperation):
    """A tile of the lhs of a group, read as it lies in memory.

    `lhs` is [groups * rows, channels, *kernel], or [rows, channels, *kernel] if all groups `share` it;
    a `packed` lhs is rows of bytes, which are expanded.

    `%a = prim.lhs_tile %w[%group, %row, %tap] groups 2 : tensor<8x3x3x3xf32> to tensor<4x4xf32>`
    """

    name = "prim.lhs_tile"
    lhs = operand_def(builtin.TensorType)
    group = operand_def(builtin.IndexType)
    row = operand_def(builtin.IndexType)
    tap = operand_def(builtin.IndexType)
    groups = prop_def(INTEGER, default_value=_ONE)
    groups_per_tile = prop_def(INTEGER, default_value=_ONE)
    shared = opt_prop_def(builtin.UnitAttr)
    packed = opt_prop_def(PackedAttr)
    tile = result_def(builtin.TensorType)
    traits = traits_def(Pure())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = (
        "$lhs `[` $group `,` $row `,` $tap `]` (`groups` $groups^)? (`groups_per_tile` $groups_per_tile^)? "
        "(`shared` $shared^)? (`packed` $packed^)? attr-dict `:` type($lhs) `to` type($tile)"
    )

    @property
    def rows(self) -> int:
        """Rows of the lhs of a group."""
        rows = shape(self.lhs)[0]
        return rows if self.shared else rows // self.groups.value.data

    def verify_(self) -> None:
        packed = self.packed
        element = element_type(self.lhs) if packed is None else packed.element_type
        _verify_tile(self, self.tile, element)
        groups, groups_per_tile = self.groups.value.data, self.groups_per_tile.value.data
        _verify_groups(self, groups, groups_per_tile)
        if len(shape(self.lhs)) < 2:
            raise fault(self, f"lhs {self.lhs.type} needs rows and channels")
        if not self.shared and shape(self.lhs)[0] % groups:
            raise fault(self, f"{groups} groups do not divide {self.lhs.type}")
        if groups_per_tile == 0 and not self.shared:
            raise fault(self, "groups_per_tile 0 needs a shared lhs")


@irdl_op_definition
class RhsTileOp(IRDLOperation):
    """A tile of the rhs of a group, formed by pre-processing: it exists nowhere in memory.

    Tap by tap and column by column the element of the feature map that the window names: through
    `pre` if it lies in the feature map, zero if it lies in the pads.

    `%b = prim.rhs_tile %x[%group, %tap, %column] window<kernel = [3, 3], pads = [1, 1, 1, 1]>
    : tensor<1x6x8x8xf32> to tensor<4x4xf32>`
    """

    name = "prim.rhs_tile"
    feature_map = operand_def(builtin.TensorType)
    group = operand_def(builtin.IndexType)
    tap = operand_def(builtin.IndexType)
    column = operand_def(builtin.IndexType)
    pre_operands = var_operand_def(builtin.TensorType)
    window = prop_def(WindowAttr)
    groups_per_tile = prop_def(INTEGER, default_value=_ONE)
    pre_indexing_maps = opt_prop_def(builtin.ArrayAttr[builtin.AffineMapAttr])
    pre = region_def()
    tile = result_def(builtin.TensorType)
    traits = traits_def(Pure(), IsolatedFromAbove())
    irdl_options = (AttrSizedOperandSegments(as_property=True), ParsePropInAttrDict())
    assembly_format = (
        "$feature_map `[` $group `,` $tap `,` $column `]` `window` $window (`groups_per_tile` $groups_per_tile^)? "
        "(`pre` $pre_indexing_maps^ `(` $pre_operands `:` type($pre_operands) `)` $pre)? "
        "attr-dict `:` type($feature_map) `to` type($tile)"
    )

    @property
    def taps(self) -> int:
        """Rows of the rhs of a group."""
        return shape(self.feature_map)[1] // self.window.groups * self.window.taps

    @property
    def positions(self) -> tuple[int, ...]:
        """Positions of the window in each sample."""
        return self.window.positions(shape(self.feature_map)[2:])

    def verify_(self) -> None:
        _verify_groups(self, self.window.groups, self.groups_per_tile.value.data)
        if (
            len(shape(self.feature_map)) != 2 + len(self.window.kernel)
            or min(self.positions, default=1) < 1
        ):
            raise fault(self, f"{self.window} does not fit feature map {self.feature_map.type}")
        if shape(self.feature_map)[1] % self.window.groups:
            raise fault(self, f"{self.window.groups} groups do not divide {self.feature_map.type}")
        maps = self.pre_indexing_maps
        verify_region(self, self.pre, self.pre_operands, maps, self.feature_map, "pre")
        element = element_type(self.feature_map)
        if self.pre.blocks and (end := self.pre.block.last_op) is not None:
            element = end.operands[0].type
        _verify_tile(self, self.tile, element)


@irdl_op_definition
class AccumulatorsOp(IRDLOperation):
    """New accumulators, all zero: those of a tile, or of a row or column of tiles.

    `%sums = prim.accumulators : memref<4x4xf32>`
    """

    name = "prim.accumulators"
    sums = result_def(builtin.MemRefType)
    traits = traits_def(MemoryAllocEffect())
    assembly_format = "attr-dict `:` type($sums)"

    def verify_(self) -> None:
        if len(shape(self.sums)) != 2 or min(shape(self.sums)) < 1:
            raise fault(self, f"{self.sums.type} must have rows and columns of known number")


@irdl_op_definition
class MultiplyTileOp(IRDLOperation):
    """The work of the engine, n cycles: adds the product of two tiles to the sums from an index on.

    `prim.multiply_tile %a, %b, %sums[%row, %column]
    : tensor<4x4xf32>, tensor<4x4xf32>, memref<4x4xf32>`
    """

    name = "prim.multiply_tile"
    lhs = operand_def(builtin.TensorType)
    rhs = operand_def(builtin.TensorType)
    sums = operand_def(builtin.MemRefType)
    row = operand_def(builtin.IndexType)
    column = operand_def(builtin.IndexType)
    assembly_format = (
        "$lhs `,` $rhs `,` $sums `[` $row `,` $column `]` attr-dict "
        "`:` type($lhs) `,` type($rhs) `,` type($sums)"
    )

    def verify_(self) -> None:
        for tile in (self.lhs, self.rhs):
            _verify_tile(self, tile, element_type(tile))
        if shape(self.lhs) != shape(self.rhs):
            raise fault(self, f"{self.lhs.type} and {self.rhs.type} differ in size")
        _verify_sums(self, self.sums, tile_size(self.lhs))


@irdl_op_definition
class WriteTileOp(NamedOp):
    """Writes a tile of sums to the result, through `post`; what lies outside the result is dropped.

    `prim.write_tile "y" %sums[%i, %j] size 4 to %y[%group, %row, %column] groups 2
    : memref<4x4xf32> to memref<1x8x6x6xf32>`
    """

    name = "prim.write_tile"
    sums = operand_def(builtin.MemRefType)
    sums_row = operand_def(builtin.IndexType)
    sums_column = operand_def(builtin.IndexType)
    out = operand_def(builtin.MemRefType)
    group = operand_def(builtin.IndexType)
    row = operand_def(builtin.IndexType)
    column = operand_def(builtin.IndexType)
    post_operands = var_operand_def(builtin.TensorType)
    size = prop_def(INTEGER)
    groups = prop_def(INTEGER, default_value=_ONE)
    groups_per_tile = prop_def(INTEGER, default_value=_ONE)
    post_indexing_maps = opt_prop_def(builtin.ArrayAttr[builtin.AffineMapAttr])
    post = region_def()
    traits = traits_def(IsolatedFromAbove())
    irdl_options = (AttrSizedOperandSegments(as_property=True), ParsePropInAttrDict())
    assembly_format = (
        "$name $sums `[` $sums_row `,` $sums_column `]` `size` $size "
        "`to` $out `[` $group `,` $row `,` $column `]` (`groups` $groups^)? (`groups_per_tile` $groups_per_tile^)? "
        "(`post` $post_indexing_maps^ `(` $post_operands `:` type($post_operands) `)` $post)? "
        "attr-dict `:` type($sums) `to` type($out)"
    )

    @property
    def rows(self) -> int:
        """Rows of the product of a group."""
        return shape(self.out)[1] // self.groups.value.data

    def verify_(self) -> None:
        groups = self.groups.value.data
        _verify_groups(self, groups, self.groups_per_tile.value.data)
        _verify_sums(self, self.sums, self.size.value.data)
        if len(shape(self.out)) < 2 or shape(self.out)[1] % groups:
            raise fault(self, f"{groups} groups do not divide {self.out.type}")
        maps = self.post_indexing_maps
        verify_region(self, self.post, self.post_operands, maps, self.out, "post")


def _verify_groups(op: IRDLOperation, groups: int, groups_per_tile: int) -> None:
    if groups < 1 or not 0 <= groups_per_tile <= groups:
        raise fault(op, f"groups_per_tile {groups_per_tile} is not in 0 to {groups}")


def _verify_sums(op: IRDLOperation, sums: SSAValue, n: int) -> None:
    if len(shape(sums)) != 2 or n < 1 or any(size < 1 or size % n for size in shape(sums)):
        raise fault(op, f"{sums.type} does not hold tiles of {n} x {n}")
