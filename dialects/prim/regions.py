"""The `pre` and `post` regions: scalar functions of each element that streams through a node."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import AffineMapAttr, ArrayAttr, TensorType
from xdsl.ir import Attribute, Operation, Region, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineMap
from xdsl.irdl import IRDLOperation, irdl_op_definition, traits_def, var_operand_def
from xdsl.traits import IsTerminator, Pure

from xnn.dialects.diagnostics import fault
from xnn.dialects.indexing_maps import is_table
from xnn.dialects.scalar import verify_scalars
from xnn.dialects.values import element_type, shape


@irdl_op_definition
class YieldOp(IRDLOperation):
    """Ends a region: `prim.yield %v : f32`."""

    name = "prim.yield"
    values = var_operand_def()
    traits = traits_def(IsTerminator(), Pure())
    assembly_format = "attr-dict $values `:` type($values)"

    def __init__(self, *values: SSAValue):
        super().__init__(operands=[values])


def argument_type(operand: SSAValue, indexing_map: AffineMapAttr) -> Attribute:
    """The type of a region's argument for an operand: of one element, or of all if it is a table."""
    if is_table(indexing_map.data, shape(operand)):
        return TensorType(element_type(operand), shape(operand))
    return element_type(operand)


def _leads_to(indexing_map: AffineMap, streamed: Sequence[int], operand: Sequence[int]) -> bool:
    """Whether an operand is a table, or each of its dimensions is one of the streamed element's, or of size 1."""
    if indexing_map.num_dims != len(streamed) or len(indexing_map.results) != len(operand):
        return False
    if is_table(indexing_map, operand):
        return True
    used: list[int] = []
    for result, size in zip(indexing_map.results, operand, strict=True):
        if isinstance(result, AffineDimExpr) and size == streamed[result.position]:
            used.append(result.position)
        elif result != AffineConstantExpr(0) or size != 1:
            return False
    return len(used) == len(set(used))


def verify_region(
    op: Operation,
    region: Region,
    operands: Sequence[SSAValue],
    maps: ArrayAttr[AffineMapAttr] | None,
    streamed: SSAValue,
    where: str,
) -> None:
    """Raises VerifyException unless a region of `op` fits its operands, their indexing maps and the streamed operand.

    `where`, pre or post, is what messages call the region.
    """
    indexing_maps = tuple(maps) if maps is not None else ()
    if len(indexing_maps) != len(operands):
        raise fault(op, f"{where} needs one indexing map per operand")
    for indexing_map, operand in zip(indexing_maps, operands, strict=True):
        if not _leads_to(indexing_map.data, shape(streamed), shape(operand)):
            raise fault(
                op,
                f"{where} indexing map {indexing_map} does not lead from {streamed.type} to {operand.type}",
            )
    if not region.blocks:
        if operands:
            raise fault(op, f"{where} operands without a {where} region")
        return
    block = region.block
    types = (element_type(streamed), *map(argument_type, operands, indexing_maps))
    if (
        len(block.args) != len(types)
        or block.arg_types[where == "post" :] != types[where == "post" :]
    ):
        raise fault(op, f"{where} region must take {', '.join(map(str, types))}")
    if not isinstance(block.last_op, YieldOp) or len(block.last_op.operands) != 1:
        raise fault(op, f"{where} region must yield one value")
    verify_scalars(op, block, where)
