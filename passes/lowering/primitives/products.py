"""Convolutions and matrix products."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.dialects import builtin
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import prim, xnn
from xnn.dialects.diagnostics import UserError
from xnn.dialects.element_types import accumulator_type, integer_range, precision_bits
from xnn.dialects.indexing_maps import axis_map, broadcast_map
from xnn.dialects.scalar import add, constant, multiply, to_type
from xnn.dialects.xnn.operation import NetworkOperation
from xnn.dialects.xnn.windows import WindowOperation
from xnn.passes.fusion.primitive_regions import Scalars, primitive, with_post
from xnn.passes.graph.building import Replacement
from xnn.passes.lowering.primitives.conversions import converts, properties_of


def product(
    op: NetworkOperation, operator: str, lhs: SSAValue, rhs: SSAValue, window: prim.WindowAttr
) -> prim.Primitive:
    """A product as it leaves the accumulators."""
    elements = [prim.element_type(lhs), prim.element_type(rhs)]
    sums = builtin.TensorType(accumulator_type(*elements), prim.shape(op.result))
    _require_sums(op, prod(prim.shape(lhs)[1:]), elements, sums.element_type)
    properties = properties_of(op, operator=builtin.StringAttr(operator), window=window)
    return primitive(prim.MatmulOp, properties, {"lhs": lhs, "rhs": rhs}, sums)


def _require_sums(
    op: NetworkOperation, taps: int, elements: Sequence[Attribute], sums: Attribute
) -> None:
    """Raises UserError if accumulators may overflow; those of wide integers wrap by definition."""
    if not isinstance(sums, builtin.IntegerType) or precision_bits(*elements) > 16:
        return
    largest = prod(
        max(map(abs, integer_range(e))) for e in elements if isinstance(e, builtin.IntegerType)
    )
    if taps * largest >= 2 ** (sums.width.data - 1):
        names = " and ".join(map(str, elements))
        raise UserError(
            f'layer "{op.shown_name}": sums of {taps} products of {names} may overflow '
            f"accumulators of type {sums}, which are sure to hold {2 ** (sums.width.data - 1) // largest}",
            hint="use fewer bits, or split the layer into several, whose results are added",
        )


def finished(node: prim.Primitive, op: NetworkOperation) -> prim.Primitive:
    """A product whose result has the element type of the operator's."""
    element = prim.element_type(op.result)
    if prim.element_type(node.out) == element:
        return node
    return with_post(node, Scalars(lambda v: to_type(v[0], element)), op.result.type)


def window_of(op: WindowOperation, kernel: Sequence[int], groups: int = 1) -> prim.WindowAttr:
    return prim.WindowAttr(
        kernel=tuple(kernel),
        strides=op.strides.get_values(),
        dilations=op.dilations.get_values(),
        pads=tuple(edge for pair in op.pad_pairs for edge in pair),
        groups=groups,
    )


@converts(xnn.ConvOp)
def _conv(op: xnn.ConvOp) -> prim.Primitive:
    window = window_of(op, prim.shape(op.w)[2:], op.groups.value.data)
    node = product(op, "conv", op.w, op.x, window)
    if op.b is not None:
        node = with_post(node, Scalars(biased, [op.b], [axis_map(len(prim.shape(op.result)), 1)]))
    return finished(node, op)


@converts(xnn.GemmOp)
def _gemm(op: xnn.GemmOp) -> prim.Primitive:
    """Rows of lhs are columns of b, rhs is a: out [M, N] has M for its batch."""
    new, turned = Replacement(op), (1, 0)
    rhs = new.transposed(op.a, turned, "a") if op.trans_a.value.data else op.a
    lhs = op.b if op.trans_b.value.data else new.transposed(op.b, turned, "b")
    node = product(op, "gemm", lhs, rhs, prim.WindowAttr())
    if op.alpha.value.data != 1.0:
        node = scaled(node, op.alpha)
    if op.c is not None:

        def scaled_sum(values: Sequence[SSAValue]) -> SSAValue:
            addend = to_type(values[1], values[0].type)
            return add(values[0], addend if op.beta.value.data == 1 else times(addend, op.beta))

        indexing_map = broadcast_map(prim.shape(op.c), prim.shape(op.result))
        node = with_post(node, Scalars(scaled_sum, [op.c], [indexing_map]))
    return finished(node, op)


def biased(values: Sequence[SSAValue]) -> SSAValue:
    """Adds to sums what may be of a shorter type."""
    return add(values[0], to_type(values[1], values[0].type))


def scaled(node: prim.Primitive, factor: builtin.FloatAttr) -> prim.Primitive:
    return with_post(node, Scalars(lambda v: times(v[0], factor)))


def times(value: SSAValue, factor: builtin.FloatAttr) -> SSAValue:
    return multiply(value, constant(factor.value.data, value.type))
