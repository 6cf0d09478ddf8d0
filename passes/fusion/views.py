"""Scalar forms through views: the same elements in another shape."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from xdsl.dialects.builtin import AffineMapAttr, StringAttr, TensorType
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap
from xdsl.rewriter import InsertPoint, Rewriter

from xnn.dialects.prim import ViewOp, element_type, shape
from xnn.passes.fusion.primitive_regions import Scalars


def viewed(value: SSAValue, sizes: Sequence[int], name: str, before: Operation) -> SSAValue:
    """A value in another shape, for an operation that needs it so: itself if it has that shape already."""
    if shape(value) == tuple(sizes):
        return value
    view = view_of(value, sizes, name)
    view.location = before.location
    Rewriter.insert_op(view, InsertPoint.before(before))
    return view.result


def view_of(value: SSAValue, sizes: Sequence[int], name: str) -> ViewOp:
    """A view, not inserted yet."""
    return ViewOp.create(
        operands=[value],
        properties={"name": StringAttr(name)},
        result_types=[TensorType(element_type(value), sizes)],
    )


def source_of(value: SSAValue) -> SSAValue:
    """What a value is a view of all elements of; itself if it is none."""
    while isinstance(value.owner, ViewOp) and value.owner.is_whole:
        value = value.owner.source
    return value


def view_for_all(value: SSAValue) -> SSAValue:
    """The view through which all users see a value; itself if there is none."""
    while value.has_one_use() and isinstance(view := value.get_user_of_unique_use(), ViewOp):
        if not view.is_whole:
            break
        value = view.result
    return value


def readers_of(value: SSAValue) -> Iterator[tuple[Operation, SSAValue]]:
    """The operations that use a value, or views of all elements of it, each with what it uses."""
    for use in value.uses:
        if isinstance(view := use.operation, ViewOp) and view.is_whole:
            yield from readers_of(view.result)
        else:
            yield use.operation, value


def is_used_within(value: SSAValue, users: Collection[Operation]) -> bool:
    """Whether a value has no other users, nor has what it is a view of."""
    if not all(use.operation in users for use in value.uses):
        return False
    view = value.owner
    return not isinstance(view, ViewOp) or is_used_within(view.source, [view])


def erase_unused(value: SSAValue) -> None:
    """Erases the operation that a value comes from, and those that it is a view of, unless they have uses."""
    op = value.owner
    if isinstance(op, Operation) and all(each.first_use is None for each in op.results):
        source = op.source if isinstance(op, ViewOp) else None
        Rewriter.erase_op(op)
        if source is not None:
            erase_unused(source)


def in_shape(more: Scalars, seen: Sequence[int], lies: Sequence[int]) -> Scalars | None:
    """Scalars on elements of shape `seen` for the same elements in shape `lies`.

    None if an operand depends on an index that the other shape does not have: of a dimension that is
    divided or joined there.
    """
    if tuple(seen) == tuple(lies):
        return more
    maps = [_in_shape(each.data, seen, lies) for each in more.indexing_maps]
    found = [AffineMapAttr(each) for each in maps if each is not None]
    return Scalars(more.build, more.operands, found) if len(found) == len(maps) else None


def _in_shape(
    indexing_map: AffineMap, seen: Sequence[int], lies: Sequence[int]
) -> AffineMap | None:
    places = _same_dimensions(seen, lies)
    results: list[AffineExpr] = []
    for result in indexing_map.results:
        if isinstance(result, AffineDimExpr) and seen[result.position] == 1:
            result = AffineConstantExpr(0)
        elif isinstance(result, AffineDimExpr):
            if result.position not in places:
                return None
            result = AffineExpr.dimension(places[result.position])
        results.append(result)
    return AffineMap(len(lies), 0, tuple(results))


def _same_dimensions(seen: Sequence[int], lies: Sequence[int]) -> dict[int, int]:
    """The dimensions of `seen`, of sizes above 1, that stand in `lies` as they are, and where.

    In row-major order: rows [56, 56] that are joined to [3136] are not the same, channels behind them are.
    """
    left = [place for place, size in enumerate(seen) if size != 1]
    right = [place for place, size in enumerate(lies) if size != 1]
    places: dict[int, int] = {}
    while left and right and 0 not in seen:
        one, other = [left.pop()], [right.pop()]
        counts = [seen[one[0]], lies[other[0]]]
        while counts[0] != counts[1]:
            short = int(counts[1] < counts[0])
            taken, sizes = ((left, seen), (right, lies))[short]
            place = taken.pop()
            (one, other)[short].append(place)
            counts[short] *= sizes[place]
        if len(one) == len(other) == 1:
            places[one[0]] = other[0]
    return places
