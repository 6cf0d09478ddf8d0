"""Convolutions and matrix products."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.dialects import builtin
from xdsl.ir import Attribute, Operation, SSAValue

from xnn.dialects import prim, xnn
from xnn.dialects.diagnostics import UserError
from xnn.dialects.element_types import accumulator_type, integer_range, precision_bits
from xnn.dialects.indexing_maps import axis_map
from xnn.dialects.scalar import add, constant, multiply, to_type
from xnn.dialects.xnn.operation import NetworkOperation
from xnn.dialects.xnn.windows import WindowOperation
from xnn.passes.fusion.primitive_regions import Scalars, primitive, with_post
from xnn.passes.fusion.views import view_of
from xnn.passes.graph.building import Replacement
from xnn.passes.lowering.primitives.conversions import converts, properties_of


def product(
    op: NetworkOperation,
    operator: str,
    lhs: SSAValue,
    rhs: SSAValue,
    window: prim.WindowAttr,
    channels: int,
) -> prim.Primitive:
    """A product with so many channels as it leaves the accumulators."""
    elements = [prim.element_type(lhs), prim.element_type(rhs)]
    batch, _, *spatial = prim.shape(rhs)
    sizes = (batch, channels, *window.positions(spatial))
    sums = builtin.TensorType(accumulator_type(*elements), sizes)
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
    type = builtin.TensorType(element, prim.shape(node.out))
    return with_post(node, Scalars(lambda v: to_type(v[0], element)), type)


def in_shape(op: NetworkOperation, node: prim.Primitive) -> Operation:
    """A node, not inserted yet, or a view of it in the shape of the operator's result."""
    sizes = prim.shape(op.result)
    if prim.shape(node.out) == sizes:
        return node
    Replacement(op).insert(node)
    return view_of(node.out, sizes, op.result_name.data)


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
    node = product(op, "conv", op.w, op.x, window, prim.shape(op.w)[0])
    if op.b is not None:
        node = with_post(node, Scalars(biased, [op.b], [axis_map(len(prim.shape(op.result)), 1)]))
    return finished(node, op)


def biased(values: Sequence[SSAValue]) -> SSAValue:
    """Adds to sums what may be of a shorter type."""
    return add(values[0], to_type(values[1], values[0].type))


def scaled(node: prim.Primitive, factor: builtin.FloatAttr) -> prim.Primitive:
    return with_post(node, Scalars(lambda v: times(v[0], factor)))


def times(value: SSAValue, factor: builtin.FloatAttr) -> SSAValue:
    return multiply(value, constant(factor.value.data, value.type))
