"""What the schedule of a node depends on beside the node: which engines its neighbours run on, and which parts of
its result they begin with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

from xdsl.ir import Operation, SSAValue

from xnn.dialects.prim import Domain, MatmulOp, Primitive, TransferOp, shape
from xnn.dialects.prim.attributes import BATCH, CHANNELS, GROUPS, POSITIONS, ROWS
from xnn.dialects.prim.node import NamedOp, NodeOp
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides

DEPTH = 3
"""Nodes that sum nothing, or only move data, that are looked through."""


@dataclass(frozen=True)
class Neighbours:
    """The nodes around a node."""

    reads_mixed: bool
    """Whether what it reads is made on another engine."""
    writes_mixed: bool
    """Whether what it writes is used on another engine, which waits for nothing else after that."""
    summed: frozenset[int]
    """Dimensions of its domain, all of which those that read its result need for the first of theirs: as
    a convolution needs all channels of a position."""
    made_at_once: frozenset[int]
    """Dimensions of its domain, all of which those that make its operands make at once, or for the first of another:
    as a tile of a product has all channels of its positions, and one of the nodes whose results lie one after the
    other all positions of its channels."""

    @staticmethod
    def of(op: Primitive, target: Target) -> Neighbours:
        made = [node for value in op.operands for node in _makers(value)]
        users = [node for node, _ in _users(op.out) if isinstance(node, NodeOp)]
        return Neighbours(
            reads_mixed=any(node.engine != op.engine for node in made),
            writes_mixed=any(
                node.engine != op.engine and not _waits_longer(node, op) for node in users
            ),
            summed=_summed_dimensions(op),
            made_at_once=frozenset(_made_at_once(op, target)),
        )


def _waits_longer(user: NodeOp, op: NodeOp) -> bool:
    """Whether a user of a node waits for another one, which comes after it, as a concatenation's does."""
    others = (node for value in user.operands for node in _makers(value) if node is not op)
    return any(op.is_before_in_block(node) for node in others)


def _made_at_once(op: Primitive, target: Target) -> Iterator[int]:
    """As Neighbours.made_at_once."""
    for value in op.operands:
        made = [*_makers(value)]
        if any(_makes_at_once(node, op.domain.groups, target) for node in made):
            yield GROUPS
        if len(made) > 1:
            yield from range(POSITIONS, POSITIONS + len(op.domain.positions))


def _makes_at_once(node: NodeOp, channels: int, target: Target) -> bool:
    """Whether a node makes so many channels in one row of tiles."""
    if not isinstance(node, MatmulOp) or node.domain.groups > 1:
        return False
    return channels <= node.domain.rows <= target.matmul_n(node.precision)


def _makers(value: SSAValue) -> Iterator[NodeOp]:
    """The nodes whose results lie in a value."""
    owner = value.owner
    if isinstance(owner, NodeOp):
        yield owner
    elif isinstance(owner, NamedOp):
        for part in owner.lies_in:
            yield from _makers(part)


def _users(value: SSAValue) -> Iterator[tuple[Operation, SSAValue]]:
    """The nodes that use a value, or what it lies in, each with the value that it uses."""
    for use in value.uses:
        user = use.operation
        if isinstance(user, NodeOp):
            yield user, value
        elif isinstance(user, NamedOp) and user.lies_in:
            yield from _users(user.results[0])


@dataclass(frozen=True)
class _Run:
    """Elements of a dense tensor, `stride` apart, up to `end`: those along one of its axes, or more."""

    stride: int
    end: int

    def covers(self, stride: int, count: int) -> bool:
        """Whether all of so many elements, that far apart, are among them."""
        return count > 1 and self.stride <= stride and stride * count <= self.end


def _summed_dimensions(op: Primitive) -> frozenset[int]:
    """As Neighbours.summed; channels of the result if nobody says."""
    domain = op.domain
    _, row, *positions = strides = dense_strides(shape(op.out))
    places = {
        BATCH: (strides[0], domain.batch),
        GROUPS: (row * domain.rows, domain.groups),
        ROWS: (row, domain.rows),
        **{
            POSITIONS + i: each
            for i, each in enumerate(zip(positions, domain.positions, strict=False))
        },
    }
    runs = [*_summed(op.out, DEPTH)]
    if not runs:
        return frozenset((GROUPS, ROWS))
    return frozenset(
        dimension for dimension, place in places.items() if any(run.covers(*place) for run in runs)
    )


def _summed(value: SSAValue, depth: int) -> Iterator[_Run]:
    """What the users of a value sum up, or those of their results if they sum up nothing, where the value lies."""
    for user, used in _users(value):
        if isinstance(user, TransferOp):
            _, sizes, strides = user.layout
            if depth:
                yield from _before(user.result, sizes, sizes, strides, depth)
        elif isinstance(user, Primitive):
            found = [*_read_whole(user, used)]
            sizes, before = shape(user.out), shape(used)
            if not found and depth and len(sizes) == len(before):
                found = [*_before(user.out, sizes, before, dense_strides(before), depth)]
            yield from found
            if used is not value:
                yield from _passed_over(used)


def _read_whole(user: Primitive, value: SSAValue) -> Iterator[_Run]:
    """What a node reads whole for a single element of its result."""
    domain = user.domain
    one = Domain(1, 1, 1, domain.channels, (1,) * len(domain.positions))
    for part, (_, operand) in zip(user.slices(one), user.roles, strict=True):
        if operand is not value or operand is user.out:
            continue
        sizes = shape(operand)
        for axis, size, stride in zip(part.axes, sizes, dense_strides(sizes), strict=True):
            if axis.size > 1 and (axis.size >= size or CHANNELS in dict(axis.steps)):
                yield _Run(stride, stride * min(axis.size, size))


def _passed_over(view: SSAValue) -> Iterator[_Run]:
    """What is behind a sample of a view before the next one, where it joins several dimensions of what lies there."""
    samples, *inside = shape(view) or (1,)
    if samples > 1:
        yield _Run(prod(inside), prod((samples, *inside)) - 1)


def _before(
    result: SSAValue,
    sizes: Sequence[int],
    before: Sequence[int],
    strides: Sequence[int],
    depth: int,
) -> Iterator[_Run]:
    """What the users of a result of these sizes sum up, in an operand with the same axes, where that lies."""
    runs = [*_summed(result, depth - 1)]
    for size, stride, old, old_stride in zip(
        sizes, dense_strides(sizes), before, strides, strict=True
    ):
        if any(run.covers(stride, size) for run in runs):
            yield _Run(old_stride, old_stride * old)
