"""Which values are produced where they lie in another one, as the parts of `prim.place`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from xdsl.ir import Block, Operation, SSAValue

from xnn.dialects.prim import (
    DataMovement,
    GeneralOp,
    NodeOp,
    PlaceOp,
    Primitive,
    TransferOp,
    ViewOp,
    shape,
)
from xnn.dialects.prim.node import FeatureMapOp
from xnn.dialects.strides import Place, divided, within
from xnn.dialects.values import dense_strides
from xnn.passes.fusion.views import source_of


class Places:
    """The parts of a block that are produced in place; one that several `prim.place` have, for the last."""

    def __init__(self, block: Block):
        self.whole: dict[SSAValue, tuple[SSAValue, Place]] = {}
        """The outermost tensor that a value is produced as a part of, and where it lies there."""
        self.others: list[tuple[PlaceOp, int]] = []
        """The other parts, by number."""
        for op in reversed(list(block.ops)):
            if isinstance(op, PlaceOp):
                for number in range(len(op.parts)):
                    if not self._is_made(op, number):
                        self.others.append((op, number))

    def of(self, op: PlaceOp, number: int) -> tuple[SSAValue, Place]:
        """The outermost tensor that a part belongs to, and where it lies there."""
        if op.result not in self.whole:
            return op.result, op.places.data[number].place
        root, outer = self.whole[op.result]
        place = _part_within(op, number, outer)
        assert place is not None, "else the result would not lie there"
        return root, place

    def buffer_of(self, value: SSAValue) -> SSAValue:
        """The tensor whose buffer a value lies in; itself if it has one of its own."""
        while True:
            if isinstance(value.owner, ViewOp):
                value = value.owner.source
            elif value in self.whole:
                value = self.whole[value][0]
            else:
                return value

    def place_of(self, value: SSAValue, layout: tuple[int, ...] | None = None) -> Place | None:
        """Where in its buffer, whose tensor has this layout or its own, a value lies; None if no strides say so."""
        if value in self.whole:
            root, place = self.whole[value]
            strides = layout or layout_of(root)
            if strides == dense_strides(shape(root)):
                return place
            return within(shape(value), place, shape(root), (0, strides))
        view = value.owner
        if not isinstance(view, ViewOp):
            return 0, layout or layout_of(value)
        sizes, whole = shape(value), shape(view.source)
        if (outer := self.place_of(view.source, layout)) is None:
            return None
        if not view.is_whole:
            return within(sizes, (view.start, dense_strides(sizes)), whole, outer)
        strides = divided(zip(whole, outer[1], strict=True), sizes)
        return None if strides is None else (outer[0], strides)

    def may_have(self, layout: tuple[int, ...], uses: Iterable[tuple[Operation, SSAValue]]) -> bool:
        """Whether all that use a tensor, or what lies in its buffer, could do so if it had this layout."""
        for op, value in uses:
            if (place := self.place_of(value, layout)) is None:
                return False
            if isinstance(op, DataMovement) and value is op.out:
                if divided(zip(shape(value), place[1], strict=True), op.domain) is None:
                    return False
            elif not isinstance(op, DataMovement) and not isinstance(op, Primitive):
                return False
            elif not _can_read(op, value, place):
                return False
        return True

    def _is_made(self, op: PlaceOp, number: int) -> bool:
        """Whether a part is produced in place, which is noted for what it is a view of."""
        value = op.parts[number]
        made, (root, (offset, strides)) = source_of(value), self.of(op, number)
        found = divided(zip(shape(value), strides, strict=True), shape(made))
        if made in self.whole or found is None or not _may_lie(made, (offset, found), op):
            return False
        self.whole[made] = root, (offset, found)
        return True


def layout_of(value: SSAValue) -> tuple[int, ...]:
    """Strides of a tensor in a buffer of its own, in elements."""
    owner = value.owner
    return owner.buffer_strides if isinstance(owner, FeatureMapOp) else dense_strides(shape(value))


def _part_within(op: PlaceOp, number: int, outer: Place) -> Place | None:
    place = op.places.data[number].place
    return within(shape(op.parts[number]), place, shape(op.result), outer)


def _may_lie(made: SSAValue, place: Place, op: PlaceOp) -> bool:
    """Whether what makes a part may write it so, and all that reads it can read it there."""
    owner, (_, strides) = made.owner, place
    if not isinstance(owner, NodeOp | DataMovement | PlaceOp):
        return False
    if strides == dense_strides(shape(made)):
        return True
    if isinstance(owner, GeneralOp):
        return False
    if isinstance(owner, DataMovement):
        if divided(zip(shape(made), strides, strict=True), owner.domain) is None:
            return False
    elif isinstance(owner, PlaceOp):
        if any(_part_within(owner, i, place) is None for i in range(len(owner.parts))):
            return False
    return all(each is op or _can_read(each, made, place) for each in _readers(made))


def _can_read(op: Operation, made: SSAValue, place: Place) -> bool:
    """Whether an operation may read a value that is not contiguous."""
    if isinstance(op, TransferOp):
        offset, sizes, strides = op.layout
        return within(sizes, (offset, strides), shape(made), place) is not None
    return isinstance(op, Primitive)


def _readers(value: SSAValue) -> Iterator[Operation]:
    """Operations that use a value; those that use a view of it for the view, if they only place it."""
    for use in value.uses:
        view = use.operation
        if isinstance(view, ViewOp) and view.is_whole:
            users = list(_readers(view.result))
            yield from users if all(isinstance(each, PlaceOp) for each in users) else [view]
        else:
            yield view
