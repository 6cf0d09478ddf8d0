"""The pass `place-shuffled-groups`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr, TensorType
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineDimExpr
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects.names import part_name
from xnn.dialects.prim import (
    MatmulOp,
    PlaceAttr,
    PlaceOp,
    RegionOperand,
    TransferOp,
    ViewOp,
    shape,
)
from xnn.dialects.strides import divided
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, element_type, value_bytes
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import integer
from xnn.passes.fusion.primitive_regions import discard, insert_draft, layers_attribute
from xnn.passes.fusion.views import erase_unused, is_used_within, source_of
from xnn.passes.lowering.place_transposed_results import strides_in_result
from xnn.runtime.engines.engine import whole_cycles
from xnn.runtime.targets import target_of

CHANNEL = 1
"""The axis of a feature map along which its groups lie."""
MOST_GROUPS = 8
"""More products would be many small nodes: ShuffleNets have up to 8 groups, depthwise convolutions hundreds."""


class _Groups:
    """A product of several groups, as one product for each."""

    def __init__(self, op: MatmulOp):
        self.op, self.count = op, op.window.groups
        self._made: dict[tuple[SSAValue, int], SSAValue] = {}

    def product(self, group: int) -> MatmulOp:
        """That of a group: a draft, with views that are in no block yet."""
        op = self.op
        name = part_name(op.result_name.data, f"group{group}")
        properties = {k: v for k, v in op.properties.items() if not k.endswith("SegmentSizes")}
        properties |= {
            "name": StringAttr(name),
            "layers": layers_attribute((*op.layer_names, op.result_name.data)),
            "window": replace(op.window, groups=1),
        }
        operands = {
            "lhs": op.lhs if op.shared else self._part(op.lhs, 0, group),
            "rhs": self._part(op.rhs, CHANNEL, group),
            "pre_operands": [self._of_region(each, group) for each in op.pre_region_operands],
            "post_operands": [self._of_region(each, group) for each in op.post_region_operands],
        }
        regions = [op.pre.clone(), op.post.clone()]
        return MatmulOp.of_operands(operands, properties, regions, self.type)

    @property
    def type(self) -> TensorType:
        """Of the result of each."""
        batch, channels, *positions = shape(self.op.out)
        return TensorType(element_type(self.op.out), (batch, channels // self.count, *positions))

    @property
    def are_contiguous(self) -> bool:
        """Whether what each group needs of the operands is contiguous."""
        operands = (*self.op.pre_region_operands, *self.op.post_region_operands)
        return shape(self.op.out)[0] == 1 and all(map(self._is_contiguous, operands))

    def _is_contiguous(self, operand: RegionOperand) -> bool:
        value, indexing_map = operand
        results = indexing_map.data.results
        if not all(isinstance(each, AffineDimExpr) or not each.used_dims() for each in results):
            return False
        axis = _channel_axis(operand)
        return axis is None or all(size == 1 for size in shape(value)[:axis])

    def _of_region(self, operand: RegionOperand, group: int) -> SSAValue:
        axis = _channel_axis(operand)
        return operand[0] if axis is None else self._part(operand[0], axis, group)

    def _part(self, value: SSAValue, axis: int, group: int) -> SSAValue:
        """What a group needs of an operand along an axis, before which all have one element."""
        if (value, group) not in self._made:
            sizes = list(shape(value))
            sizes[axis] //= self.count
            number = list(self.op.operands).index(value)
            name = part_name(self.op.result_name.data, f"group{group}_operand{number}")
            self._made[value, group] = ViewOp.create(
                operands=[value],
                properties={
                    "name": StringAttr(name),
                    "offset": integer(group * sizes[axis] * dense_strides(sizes)[axis]),
                },
                result_types=[TensorType(element_type(value), sizes)],
            ).result
        return self._made[value, group]


def _channel_axis(operand: RegionOperand) -> int | None:
    """The axis of an operand of a region that its channels lie along; None if it has none."""
    results = operand[1].data.results
    found = [
        axis
        for axis, each in enumerate(results)
        if isinstance(each, AffineDimExpr) and each.position == CHANNEL
    ]
    return found[0] if found and shape(operand[0])[found[0]] > 1 else None


def _shuffled(op: TransferOp) -> tuple[MatmulOp, Sequence[int]] | None:
    """The product of several groups whose result a transfer shuffles, and where groups, rows and positions go.

    Positions stay in order: where rows became the vectors that are written, those of a group would be few.
    """
    node, strides = source_of(op.source).owner, strides_in_result(op)
    if strides is None or not isinstance(node, MatmulOp) or node.schedule is not None:
        return None
    domain = node.domain
    if not 1 < domain.groups <= MOST_GROUPS or not is_used_within(op.source, [op]):
        return None
    sizes = (domain.groups, domain.rows, *domain.positions)
    found = divided(zip(shape(op.source), strides, strict=True), sizes)
    if found is None or found[2:] != dense_strides(sizes)[2:]:
        return None
    return node, found


def _place(op: TransferOp, target: Target) -> None:
    """Has groups write their results where a transfer leaves them, if that is possible and takes no longer."""
    if (found := _shuffled(op)) is None:
        return
    node, (step, *strides) = found
    groups = _Groups(node)
    if node.engine not in target.engines or not groups.are_contiguous:
        return
    parts = [groups.product(group) for group in range(groups.count)]
    apart = sum(whole_cycles(each, target) for each in parts)
    copy = -(-value_bytes(op.result) // target.dma.local_bytes_per_cycle)
    if apart > whole_cycles(node, target) + copy:
        discard(parts)
        return
    for each in parts:
        each.location = node.location
        insert_draft(each, node)
    batch = prod(shape(op.result))
    places = ArrayAttr(
        PlaceAttr(offset=group * step, strides=(batch, *strides)) for group in range(groups.count)
    )
    names = {
        k: op.properties[k] for k in (*PlaceOp.PLACEMENT, "name", "layers") if k in op.properties
    }
    place = PlaceOp.create(
        operands=[each.out for each in parts],
        properties={**names, "places": places},
        result_types=[op.result.type],
    )
    place.location = op.location
    source = op.source
    Rewriter.replace_op(op, place)
    erase_unused(source)


@dataclass(frozen=True)
class PlaceShuffledGroups(ModulePass):
    """Makes the groups of a product write their results where a channel shuffle leaves them.

    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <kernel = [1, 1], groups = 2> -> tensor<1x6x4x4xi8>
    %v = prim.view "v" %y : tensor<1x6x4x4xi8> to tensor<1x2x3x4x4xi8>
    %s = prim.transfer "s" "transpose" %v offset 0 sizes [1, 3, 2, 16] strides [96, 16, 48, 1] : ...
    ```
    becomes
    ```mlir
    %y0 = prim.matmul "y#group0" "conv" ins(%w0, %x0 : ...) window <kernel = [1, 1]> -> tensor<1x3x4x4xi8>
    %y1 = prim.matmul "y#group1" "conv" ins(%w1, %x1 : ...) window <kernel = [1, 1]> -> tensor<1x3x4x4xi8>
    %s = prim.place "s" %y0, %y1 at [#prim.place_of<offset = 0, strides = [96, 32, 4, 1]>,
      #prim.place_of<offset = 16, strides = [96, 32, 4, 1]>] : ... -> tensor<1x3x2x4x4xi8>
    ```
    The shuffle of ShuffleNet (Zhang et al., CVPR 2018) is such a transposition of groups and their channels: nothing
    moves then. Only where nothing else uses the result, for one image, and where the products of the groups take no
    longer than all of them together and the copy: groups that share a tile (`groups_per_tile`) may. Nor for more than
    8 groups, each of which would be a node.
    """

    name = "place-shuffled-groups"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        target = target_of(op)
        for node in list(main_function(op).body.block.ops):
            if isinstance(node, TransferOp) and node.schedule is None:
                _place(node, target)
