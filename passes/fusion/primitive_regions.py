"""Building primitives and growing their `pre` and `post` regions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import AffineMapAttr, ArrayAttr, StringAttr
from xdsl.ir import Attribute, Block, Region, SSAValue

from xnn.dialects.prim import Primitive, YieldOp, element_type
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
    post = _extended(op.post, op.post_operands, element, more, append=True)
    maps = [*op.indexing_maps(op.post_indexing_maps), *more.indexing_maps]
    properties = {"post_indexing_maps": ArrayAttr(maps)}
    pre = op.pre_operands, op.pre.clone()
    return _copy(op, properties, op.rhs, result or op.out.type, pre, post)


def with_pre(op: Primitive, rhs: SSAValue, more: Scalars) -> Primitive:
    """A copy of a primitive that reads another `rhs`, with more before its `pre`."""
    pre = _extended(op.pre, op.pre_operands, element_type(rhs), more, append=False)
    maps = [*op.indexing_maps(op.pre_indexing_maps), *more.indexing_maps]
    properties = {"pre_indexing_maps": ArrayAttr(maps)}
    post = op.post_operands, op.post.clone()
    return _copy(op, properties, rhs, op.out.type, pre, post)


def _extended(
    region: Region, operands: Sequence[SSAValue], element: Attribute, more: Scalars, append: bool
) -> tuple[Sequence[SSAValue], Region]:
    """Operands and a copy of a region on an `element` of that type, with more after or before it."""
    old = region.block if region.blocks else None
    all_operands = [*operands, *more.operands]
    block = Block(arg_types=[element, *map(element_type, all_operands)])
    value: SSAValue = block.args[0]
    added = block.args[1 + len(operands) :]
    if not append:
        value = place(block, more.build([value, *added]))
    if old is not None:
        mapping: dict[SSAValue, SSAValue] = dict(zip(old.args, [value, *block.args[1:]]))
        *body, end = old.ops
        block.add_ops(op.clone(value_mapper=mapping) for op in body)
        value = mapping[end.operands[0]]
    if append:
        value = place(block, more.build([value, *added]))
    block.add_op(YieldOp(value))
    return all_operands, Region(block)


def _copy(
    op: Primitive,
    properties: Mapping[str, Attribute],
    rhs: SSAValue,
    result: Attribute,
    pre: tuple[Sequence[SSAValue], Region],
    post: tuple[Sequence[SSAValue], Region],
) -> Primitive:
    """A copy of a primitive with some properties, the rhs, the type of result, pre and post changed."""
    kept = {k: v for k, v in op.properties.items() if not k.endswith("SegmentSizes")}
    factors = dict(op.factors) | {"rhs": rhs}
    new = primitive(type(op), {**kept, **properties}, factors, result, pre, post)
    new.attributes.update(op.attributes)
    new.location = op.location
    if op.parent is None:  # a draft: its uses must not look like those of an operation
        op.drop_all_references()
    return new
