"""Building primitives and growing their `pre` and `post` regions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xdsl.dialects.builtin import AffineMapAttr, ArrayAttr, StringAttr, TensorType
from xdsl.ir import Attribute, Block, Region, SSAValue

from xnn.dialects.prim import MatmulOp, Primitive, SortOp, WindowAttr, YieldOp, element_type
from xnn.dialects.scalar import place

ScalarBuilder = Callable[[Sequence[SSAValue]], SSAValue]
"""From the element and the operands' elements to a value that scalar operations compute of them."""


def primitive(
    kind: type[Primitive],
    name: str,
    operator: str,
    inputs: Sequence[SSAValue],
    window: WindowAttr,
    result: TensorType,
    layers: Sequence[str] = (),
) -> Primitive:
    """A primitive on tensors: coefficients and maps, or maps alone, with empty regions."""
    assert kind in (MatmulOp, SortOp)
    properties: dict[str, Attribute] = {
        "name": StringAttr(name),
        "operator": StringAttr(operator),
        "window": window,
    }
    if layers:
        properties["layers"] = ArrayAttr(StringAttr(layer) for layer in layers)
    return kind.build(
        operands=[*_inputs(kind, inputs), [], [], []],
        properties=properties,
        regions=[Region(), Region()],
        result_types=[[result]],
    )


def _inputs(
    kind: type[Primitive], inputs: Sequence[SSAValue]
) -> Sequence[SSAValue | Sequence[SSAValue]]:
    """Coefficients and maps, or maps alone, as a primitive on tensors takes them: without sums."""
    return (inputs[0], [], inputs[1]) if kind is MatmulOp else inputs


def _block_with(
    region: Region, element: Attribute, new: Sequence[SSAValue], build: ScalarBuilder, append: bool
) -> Region:
    """A copy of a scalar region with more arguments, and `build` after it or in front of it."""
    old = region.blocks[0] if region.blocks else None
    old_types = old.arg_types[1:] if old is not None else ()
    block = Block(arg_types=(element, *old_types, *(element_type(value) for value in new)))
    old_args, new_args = block.args[1 : 1 + len(old_types)], block.args[1 + len(old_types) :]
    value: SSAValue = block.args[0]
    if not append:
        value = place(block, build([value, *new_args]))
    if old is not None:
        mapping: dict[SSAValue, SSAValue] = {
            old.args[0]: value,
            **dict(zip(old.args[1:], old_args, strict=True)),
        }
        for op in old.ops:
            if isinstance(op, YieldOp):
                value = mapping[op.operands[0]]
            else:
                copy = op.clone(value_mapper=mapping)
                block.add_op(copy)
    if append:
        value = place(block, build([value, *new_args]))
    block.add_op(YieldOp(value))
    return Region(block)


def with_post(
    op: Primitive,
    operands: Sequence[SSAValue],
    maps: Sequence[AffineMapAttr],
    build: ScalarBuilder,
    result: TensorType,
) -> Primitive:
    """A copy of a primitive with more behind its `post`."""
    element = op.post.block.arg_types[0] if op.post.blocks else element_type(op.out)
    region = _block_with(op.post, element, operands, build, append=True)
    return _rebuilt(
        op,
        {"post_indexing_maps": ArrayAttr([*op.indexing_maps(op.post_indexing_maps), *maps])},
        (op.rhs, op.pre_operands, (*op.post_operands, *operands)),
        (op.pre.clone(), region),
        result,
    )


def with_pre(
    op: Primitive,
    maps_source: SSAValue,
    operands: Sequence[SSAValue],
    maps: Sequence[AffineMapAttr],
    build: ScalarBuilder,
) -> Primitive:
    """A copy of a primitive that reads `maps_source`, with more in front of its `pre`."""
    assert isinstance(op.out.type, TensorType)
    region = _block_with(op.pre, element_type(maps_source), operands, build, append=False)
    return _rebuilt(
        op,
        {"pre_indexing_maps": ArrayAttr([*op.indexing_maps(op.pre_indexing_maps), *maps])},
        (maps_source, (*op.pre_operands, *operands), op.post_operands),
        (region, op.post.clone()),
        op.out.type,
    )


def _rebuilt(
    op: Primitive,
    properties: dict[str, Attribute],
    operands: tuple[SSAValue, Sequence[SSAValue], Sequence[SSAValue]],
    regions: tuple[Region, Region],
    result: TensorType,
) -> Primitive:
    maps, pre, post = operands
    inputs = _inputs(type(op), (op.lhs, maps) if isinstance(op, MatmulOp) else (maps,))
    kept = {k: v for k, v in op.properties.items() if not k.endswith("SegmentSizes")}
    new = type(op).build(
        operands=[*inputs, pre, post, []],
        properties={**kept, **properties},
        regions=list(regions),
        result_types=[[result]],
        attributes=op.attributes,
    )
    new.location = op.location
    if op.parent is None:  # a draft: its uses must not look like those of an operation
        op.drop_all_references()
    return new
