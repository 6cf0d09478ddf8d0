"""Values that lie in the buffer of an older one: new values of state, and results in place of an operand."""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue, Use

from xnn.dialects.diagnostics import UserError, location_of
from xnn.dialects.prim import (
    DataMovement,
    Domain,
    NodeOp,
    PlaceOp,
    Primitive,
    ViewOp,
    shape,
)
from xnn.dialects.slices import Slice
from xnn.dialects.values import item_bytes
from xnn.dialects.xnn.interface import ties
from xnn.passes.fusion.views import source_of


def homes(main: FuncOp) -> dict[SSAValue, SSAValue]:
    """Values of a function on tensors that are made where an argument that is state or a result lies, and which.

    A value that is state twice is made in one place; one whose argument is still needed in none. Raises UserError for
    a result that cannot lie in place of an operand.
    """
    returned = main.body.block.last_op
    assert returned is not None
    places = _places(main)
    result: dict[SSAValue, SSAValue] = {}
    for argument, number in ties(main).items():
        made, old = source_of(returned.operands[number]), main.args[argument]
        if made not in result and _may_lie_in(old, made, places):
            result[made] = old
    for node in places:
        if isinstance(node, Primitive) and node.in_place is not None:
            if (old := _operand_to_replace(node, places)) is None:
                raise UserError(
                    f'layer "{node.shown_name}": its result cannot take the place of an operand: post has none of '
                    "the same size that blocks read just where they write, and that nothing reads later",
                    location=location_of(node),
                )
            result[node.out] = result.get(old, old)
    return result


def may_lie_in_place(main: FuncOp) -> dict[Primitive, SSAValue]:
    """The nodes of a function on tensors whose results may take the place of an operand, and of which."""
    places = _places(main)
    found = {
        node: _operand_to_replace(node, places) for node in places if isinstance(node, Primitive)
    }
    return {node: old for node, old in found.items() if old is not None}


def _places(main: FuncOp) -> dict[Operation, int]:
    """The operations in order."""
    return {op: place for place, op in enumerate(main.body.block.ops)}


def _operand_to_replace(node: Primitive, places: dict[Operation, int]) -> SSAValue | None:
    """The first operand of `post` in whose place a result may lie: what a primitive made, in a buffer of its own.

    Only nodes use both: what is returned, as state is, has its place. None where partial sums of the result would
    lie there before the operand is read.
    """
    if node.domain.channels > 1 and not node.needs_sums:
        return None
    for old in node.post_operands:
        if (
            isinstance(old.owner, Primitive)
            and old.owner.ring_rows is None
            and item_bytes(old) == item_bytes(node.out)
            and all(
                isinstance(use.operation, Primitive | DataMovement)
                for use in (*old.uses, *node.out.uses)
            )
            and _may_lie_in(old, node.out, places)
        ):
            return old
    return None


def _may_lie_in(old: SSAValue, made: SSAValue, places: dict[Operation, int]) -> bool:
    """Whether no node reads an argument once a value is being made in its place.

    The one node that makes it may read the argument, at the slice that each of its blocks writes.
    """
    writers = list(_writers(made))
    if not writers or any(isinstance(use.operation, PlaceOp) for use in _uses(made)):
        return False
    first = min(places[op] for op in writers)
    return all(
        places[use.operation] < first
        or writers == [use.operation]
        and _reads_what_it_writes(writers[0], use)
        for use in _uses(old)
    )


def _writers(made: SSAValue) -> Iterator[Operation]:
    """The nodes that write a value; none if it is there before the network runs."""
    owner = made.owner
    if isinstance(owner, PlaceOp):
        for value in owner.parts:
            yield from _writers(source_of(value))
    elif isinstance(owner, NodeOp | DataMovement):
        yield owner


def _uses(value: SSAValue) -> Iterator[Use]:
    """Uses of a value, and of views of it instead of the views."""
    for use in value.uses:
        if isinstance(use.operation, ViewOp):
            yield from _uses(use.operation.result)
        else:
            yield use


def _reads_what_it_writes(node: Operation, use: Use) -> bool:
    """Whether every block of a node reads, of one operand, the slice that it writes of the result."""
    operand = node.operands[use.index]
    if not isinstance(node, Primitive) or shape(operand) != shape(node.out):
        return False
    *read, written = node.slices(Domain.of_sizes([1] * len(node.domain.sizes)))
    return all(
        _moves(each, node.domain) == _moves(written, node.domain)
        for each in read
        if each.value == operand
    )


def _moves(slice: Slice, domain: Domain) -> list[object]:
    """Where a slice of blocks of one element is, and how it moves from block to block."""
    return [
        (axis.size, axis.base, [step for step in axis.steps if domain.sizes[step[0]] > 1])
        for axis in slice.axes
    ]
