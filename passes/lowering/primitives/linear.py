"""Matrix products, of stacks too: which operand is lhs, which rhs, and what must move for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xdsl.dialects import builtin
from xdsl.ir import Operation, SSAValue

from xnn.dialects import prim, xnn
from xnn.dialects.indexing_maps import broadcast_map
from xnn.dialects.scalar import add, to_type
from xnn.dialects.xnn.operation import integers
from xnn.passes.fusion.primitive_regions import Scalars, with_post
from xnn.passes.graph.building import Replacement
from xnn.passes.lowering.primitives.arrangements import (
    Arrangement,
    Moves,
    arrangements,
    count_of,
    moves_of,
)
from xnn.passes.lowering.primitives.conversions import converts
from xnn.passes.lowering.primitives.products import finished, in_shape, product, scaled, times


def arranged_product(
    op: xnn.ProductOperation, operator: str, moves: Moves, found: Arrangement
) -> prim.Primitive:
    """The product of the first two operands, as it leaves the accumulators; those that lie in another order are
    transposed before."""
    new, sizes = Replacement(op), moves.sizes
    wanted = (found.rhs, found.lhs) if found.swapped else (found.lhs, found.rhs)
    values = [
        _arranged(new, *each, sizes, part)
        for each, part in zip(
            zip(op.operands, moves.terms, wanted, strict=False), ("a", "b"), strict=True
        )
    ]
    lhs, rhs = values[::-1] if found.swapped else values

    groups, summed = count_of(found.groups, sizes), count_of(found.summed, sizes)
    batch, rows, *positions = found.shape(sizes)
    ones = (1,) * len(positions)
    lhs = new.reshaped(lhs, (rows, summed, *ones), "lhs")
    rhs = new.reshaped(rhs, (batch, groups * summed, *positions), "rhs")
    window = prim.WindowAttr(kernel=ones, groups=groups)
    return product(op, operator, lhs, rhs, window, rows)


@converts(xnn.EinsumOp)
def _einsum(op: xnn.EinsumOp) -> Operation:
    """A product of as many groups as the labels that all terms have make up.

    Of the labels that rhs alone has, the first may be its samples and the others its positions; a result that
    lies in another order is transposed.
    """
    moves = moves_of(op)
    sizes, out = moves.sizes, moves.terms[2]
    found = moves.best()
    node = finished(arranged_product(op, "einsum", moves, found), op)
    if found.out == out:
        return in_shape(op, node)
    new = Replacement(op)
    node.properties["name"] = builtin.StringAttr(new.name_of("products"))
    turned = new.reshaped(new.insert(node).out, [sizes[x] for x in found.out], "turned")
    perm = [found.out.index(label) for label in out]
    if prim.shape(op.result) == tuple(sizes[label] for label in out):
        return xnn.TransposeOp.of(new.name, [turned], {"perm": integers(perm)})
    lies = new.transposed(turned, perm, "lies")
    return xnn.ReshapeOp.of(new.name, [lies], {"shape": integers(prim.shape(op.result))})


@converts(xnn.GemmOp)
def _gemm(op: xnn.GemmOp) -> Operation:
    """As an einsum, but its result lies as it should for c."""
    moves, (rows, columns) = moves_of(op), prim.shape(op.result)
    shapes = (rows, columns), (1, rows, columns)
    fitting = [each for each in arrangements(moves.terms) if each.shape(moves.sizes) in shapes]
    fitting = [each for each in fitting if each.out == moves.terms[2]]
    node = arranged_product(op, "gemm", moves, moves.best(fitting))
    if op.alpha.value.data != 1.0:
        node = scaled(node, op.alpha)
    if op.c is not None:

        def scaled_sum(values: Sequence[SSAValue]) -> SSAValue:
            addend = to_type(values[1], values[0].type)
            return add(values[0], addend if op.beta.value.data == 1 else times(addend, op.beta))

        indexing_map = broadcast_map(prim.shape(op.c), prim.shape(node.out))
        node = with_post(node, Scalars(scaled_sum, [op.c], [indexing_map]))
    return in_shape(op, finished(node, op))


def _arranged(
    new: Replacement, value: SSAValue, term: str, goal: str, sizes: Mapping[str, int], part: str
) -> SSAValue:
    """An operand whose axes of more than one element, `term`, are in the order `goal`."""
    if term == goal:
        return value
    value = new.reshaped(value, [sizes[label] for label in term], f"{part}_axes")
    return new.transposed(value, [term.index(label) for label in goal], part)
