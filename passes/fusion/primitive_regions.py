"""Building primitives and growing their `pre` and `post` regions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import AffineMapAttr, ArrayAttr, StringAttr
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.ir.affine import AffineMap
from xdsl.rewriter import InsertPoint, Rewriter

from xnn.dialects.prim import Primitive, RegionOperand, YieldOp, argument_type, element_type, shape
from xnn.dialects.scalar import place


@dataclass(frozen=True)
class Scalars:
    """Scalar operations to add to a region, which may need more operands."""

    build: Callable[[Sequence[SSAValue]], SSAValue]
    """Their result, from the streamed element and the elements of `operands`."""
    operands: Sequence[SSAValue] = ()
    indexing_maps: Sequence[AffineMapAttr] = ()


def layers_attribute(names: Iterable[str]) -> ArrayAttr[StringAttr]:
    """The property `layers`: names of fused layers, in order, each once."""
    return ArrayAttr(map(StringAttr, dict.fromkeys(names)))


def primitive(
    kind: type[Primitive],
    properties: Mapping[str, Attribute],
    factors: Mapping[str, SSAValue],
    result: Attribute,
    pre: tuple[Sequence[SSAValue], Region] | None = None,
    post: tuple[Sequence[SSAValue], Region] | None = None,
) -> Primitive:
    """A primitive on tensors: `factors` by role, lhs and rhs or rhs alone; pre and post are operands and region."""
    (before, pre_region), (after, post_region) = (end or ((), Region()) for end in (pre, post))
    operands = {**factors, "pre_operands": before, "post_operands": after}
    return kind.of_operands(operands, properties, [pre_region, post_region], result)


def with_post(op: Primitive, more: Scalars, result: Attribute | None = None) -> Primitive:
    """A copy of a primitive with more after its `post`, and another type of result if one is given."""
    element = op.post.block.arg_types[0] if op.post.blocks else element_type(op.out)
    old = op.post_region_operands
    rhs = _rhs_element(op)
    new = [each for each in _accesses(more) if each != rhs]
    operands = list(dict.fromkeys([*old, *new]))
    block = region_block(element, operands)
    elements = dict(zip(operands, block.args[1:], strict=True))
    value = _append(block, op.post, [block.args[0], *(elements[each] for each in old)])
    if rhs is not None:
        elements[rhs] = block.args[0]
    added = more.build([value, *(elements[each] for each in _accesses(more))])
    block.add_op(YieldOp(place(block, added)))
    return _copy(op, {"post": (operands, block)}, op.rhs, result or op.out.type)


def with_pre(op: Primitive, rhs: SSAValue, more: Scalars) -> Primitive:
    """A copy of a primitive that reads another `rhs`, with more before its `pre`."""
    old = op.pre_region_operands
    operands = list(dict.fromkeys([*old, *_accesses(more)]))
    block = region_block(element_type(rhs), operands)
    elements = dict(zip(operands, block.args[1:], strict=True))
    value = more.build([block.args[0], *(elements[each] for each in _accesses(more))])
    value = _append(block, op.pre, [place(block, value), *(elements[each] for each in old)])
    block.add_op(YieldOp(value))
    return _copy(op, {"pre": (operands, block)}, rhs, op.out.type)


def with_region(
    op: Primitive, where: str, operands: Sequence[RegionOperand], block: Block
) -> Primitive:
    """A copy of a primitive with another `pre` or `post`."""
    return _copy(op, {where: (operands, block)}, op.rhs, op.out.type)


def _accesses(more: Scalars) -> list[RegionOperand]:
    return [*zip(more.operands, more.indexing_maps, strict=True)]


def _rhs_element(op: Primitive) -> RegionOperand | None:
    """How `post` would access the element of rhs that it has already, if it has it."""
    if not op.PASSES_RHS or op.pre.blocks:
        return None
    return op.rhs, AffineMapAttr(AffineMap.identity(len(shape(op.rhs))))


def region_block(element: Attribute, operands: Sequence[RegionOperand]) -> Block:
    """The block of a region on an element of that type."""
    return Block(arg_types=[element, *(argument_type(*each) for each in operands)])


def _append(block: Block, region: Region, arguments: Sequence[SSAValue]) -> SSAValue:
    """Adds what a region computes from the arguments, and returns its result: the first one if it is empty."""
    if not region.blocks:
        return arguments[0]
    mapping: dict[SSAValue, SSAValue] = dict(zip(region.block.args, arguments, strict=True))
    *body, end = region.block.ops
    block.add_ops(op.clone(value_mapper=mapping) for op in body)
    return mapping[end.operands[0]]


def _copy(
    op: Primitive,
    regions: Mapping[str, tuple[Sequence[RegionOperand], Block]],
    rhs: SSAValue,
    result: Attribute,
) -> Primitive:
    """A copy of a primitive with `pre` or `post`, the rhs and the type of result changed."""
    properties = {k: v for k, v in op.properties.items() if not k.endswith("SegmentSizes")}
    for name, (operands, _) in regions.items():
        maps = ArrayAttr(indexing_map for _, indexing_map in operands)
        properties[f"{name}_indexing_maps"] = maps
    both: dict[str, tuple[Sequence[SSAValue], Region]] = {
        name: ([operand for operand, _ in operands], Region(block))
        for name, (operands, block) in regions.items()
    }
    if "pre" not in both:
        both["pre"] = op.pre_operands, op.pre.clone()
    if "post" not in both:
        both["post"] = op.post_operands, op.post.clone()
    factors = dict(op.factors) | {"rhs": rhs}
    new = primitive(type(op), properties, factors, result, **both)
    new.attributes.update(op.attributes)
    new.location = op.location
    if op.parent is None:  # a draft: its uses must not look like those of an operation
        op.drop_all_references()
    return new


def discard(drafts: Iterable[Primitive], kept: Sequence[Primitive] = ()) -> None:
    """Lets drafts give up their uses, and so what only they have for operands that are in no block."""
    shared = {value for each in kept for value in each.operands}
    for draft in drafts:
        draft.drop_all_references()
        for value in draft.operands:
            if value.owner.parent is None and value not in shared:
                value.owner.drop_all_references()


def insert_draft(new: Primitive, before: Operation) -> None:
    """Inserts a draft, and before it those of its operands that are in no block yet."""
    for value in new.operands:
        if isinstance(owner := value.owner, Operation) and owner.parent is None:
            owner.location = before.location
            Rewriter.insert_op(owner, InsertPoint.before(before))
    Rewriter.insert_op(new, InsertPoint.before(before))
