"""Softmax, normalisations and local response normalisation as maps and reductions of the vector engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import ceil, prod

import numpy as np
from xdsl.dialects import math
from xdsl.dialects.builtin import ModuleOp, StringAttr, TensorType, f32, i8, i32
from xdsl.ir import Attribute, Operation, SSAValue

from xnn.dialects import prim, xnn
from xnn.dialects.element_types import UI8, accumulator_type
from xnn.dialects.indexing_maps import broadcast_map
from xnn.dialects.names import part_name
from xnn.dialects.scalar import (
    add,
    compare,
    constant,
    divide,
    multiply,
    select,
    subtract,
    to_type,
)
from xnn.passes.fusion.primitive_regions import Scalars, primitive, with_post, with_pre
from xnn.passes.fusion.views import view_of, viewed
from xnn.passes.graph.building import Replacement
from xnn.passes.lowering.primitives.conversions import converts, properties_of
from xnn.passes.lowering.primitives.reductions import (
    Reducer,
    insert,
    mean,
    point,
    square,
    variance,
)
from xnn.runtime.targets import target_of


@converts(xnn.SoftmaxOp, xnn.LogSoftmaxOp)
def softmax(op: xnn.SoftmaxOp | xnn.LogSoftmaxOp) -> Operation:
    """exp(x - max) * (1 / sum(exp(x - max))) along the channels of x, or its log.

    x is seen as [before, along the axes, after].
    The exponentials are computed twice, so that they need not be stored; with `exponent_step` the numbers
    of steps are, and tables can hold the exponentials. Where sums are wider than elements
    they are rounded, and a reciprocal would be rounded once more: there it is a quotient.
    """
    logarithm, name, sizes = isinstance(op, xnn.LogSoftmaxOp), op.result_name.data, prim.shape(op.x)
    first, last = op.axes[0], op.axes[-1]
    seen = prod(sizes[:first]), prod(sizes[first : last + 1]), prod(sizes[last + 1 :])
    shape = sizes if op.axes == (1,) else seen[:2] if seen[2] == 1 else seen
    x, element = viewed(op.x, shape, part_name(name, "x"), op), prim.element_type(op.x)
    along = (shape[0], 1, *shape[2:])
    per_position, sums = broadcast_map(along, shape), accumulator_type(element)
    inverted = sums == element and not logarithm

    def properties(part: str) -> dict[str, Attribute]:
        result = _properties(part, op.name.removeprefix("xnn."), point(len(shape)))
        return result if part != name else {**properties_of(op), **result}

    def reduced(part: str, reduction: prim.Reduction, type: Attribute) -> prim.Primitive:
        own = properties(part_name(name, part)) | {"reduction": prim.ReductionAttr(reduction)}
        return primitive(prim.ReduceOp, own, {"rhs": x}, TensorType(type, along))

    def mapped(part: str, scalars: Scalars, type: Attribute) -> prim.Primitive:
        node = primitive(prim.MapOp, properties(part), {"rhs": x}, x.type)
        return with_post(node, scalars, TensorType(type, shape))

    shifts = [insert(reduced("max", prim.Reduction.MAX, element), op).out]
    exponential = _exponential
    if isinstance(op, xnn.SoftmaxOp) and op.exponent_step is not None:
        step = op.exponent_step.value.data
        steps = Scalars(partial(_steps, step), shifts, [per_position])
        x = insert(mapped(part_name(name, "steps"), steps, UI8), op).out
        shifts, exponential = [], partial(_exponential_of_steps, step)
    maps = [per_position] * len(shifts)
    shifted = Scalars(lambda v: to_type(exponential(v), sums), shifts, maps)
    total = with_pre(reduced("sum", prim.Reduction.SUM, sums), x, shifted)

    def finish(values: Sequence[SSAValue]) -> SSAValue:
        result = divide(constant(1, sums), values[0]) if inverted else values[0]
        return to_type(math.LogOp(result).result if logarithm else result, element)

    total = insert(with_post(total, Scalars(finish), TensorType(element, along)), op).out

    def share(values: Sequence[SSAValue]) -> SSAValue:
        if logarithm:
            return subtract(subtract(values[0], values[1]), values[2])
        return (multiply if inverted else divide)(exponential(values), values[-1])

    result = mapped(name, Scalars(share, [*shifts, total], [*maps, per_position]), element)
    if shape == sizes:
        return result
    return view_of(insert(result, op).out, sizes, name)


def _exponential(values: Sequence[SSAValue]) -> SSAValue:
    """The exponential of x less the largest x."""
    return math.ExpOp(subtract(values[0], values[1])).result


def _steps(step: float, values: Sequence[SSAValue]) -> SSAValue:
    """How many steps x is below the largest x, as far as a byte can say."""
    x, largest = values
    return to_type(multiply(subtract(largest, x), constant(1 / step, f32)), UI8)


def _exponential_of_steps(step: float, values: Sequence[SSAValue]) -> SSAValue:
    """The exponential of so many steps below 0."""
    steps = values[0]
    exponent = multiply(to_type(steps, f32), constant(-step, f32))
    vanishes = compare("eq", steps, constant(xnn.SoftmaxOp.MOST_STEPS, UI8))
    return select(vanishes, constant(0, f32), math.ExpOp(exponent).result)


@converts(xnn.NormalizeOp)
def normalize(op: xnn.NormalizeOp) -> Operation:
    """Two reductions, of x and of the squares of its deviations, and one map for all else."""
    sizes, element = prim.shape(op.x), prim.element_type(op.x)
    sums, name = accumulator_type(element), op.result_name.data
    reducer = Reducer(op, op.x, op.axes.get_values())
    means = mean(reducer) if op.uncentered is None else None

    def inverse(values: Sequence[SSAValue]) -> SSAValue:
        shifted = add(values[0], constant(op.epsilon.value.data, sums))
        return divide(constant(1, sums), math.SqrtOp(shifted).result)

    inverses = variance(reducer, "inverse", means, inverse, sums)
    statistics = [
        viewed(each, reducer.kept, part_name(name, f"factor{number}"), op) if each else None
        for number, each in enumerate((means, inverses))
    ]
    each_step = zip((subtract, multiply, multiply, add), (*statistics, op.scale, op.bias))
    steps = [(step, operand) for step, operand in each_step if operand is not None]
    factors = [operand for _, operand in steps]

    def normalized(values: Sequence[SSAValue]) -> SSAValue:
        value = to_type(values[0], sums)
        for (step, _), factor in zip(steps, values[1:], strict=True):
            value = step(value, to_type(factor, sums))
        return to_type(value, element)

    shape = (1,) * (2 - len(sizes)) + sizes
    properties = {**properties_of(op), **_properties(name, "normalize", point(len(shape)))}
    x = viewed(op.x, shape, part_name(name, "rows"), op)
    result = primitive(prim.MapOp, properties, {"rhs": x}, TensorType(element, shape))
    maps = [broadcast_map(prim.shape(each), shape) for each in factors]
    result = with_post(result, Scalars(normalized, factors, maps))
    return result if shape == sizes else view_of(insert(result, op).out, sizes, name)


@converts(xnn.LrnOp)
def lrn(op: xnn.LrnOp) -> Operation:
    """x * (bias + alpha / size * sum(x * x)) ** -beta, a product because a division is dear.

    It is left for fusion, which lets it convert x itself.
    """
    name, element = op.result_name.data, prim.element_type(op.x)
    node = _sum_of_steps(op) if _is_cheap_product(op) else _sum_of_squares(op)
    step = op.square_step.value.data if op.square_step is not None else 1
    numbers = op.alpha.value.data * step / op.size.value.data, -op.beta.value.data

    def scale(values: Sequence[SSAValue]) -> SSAValue:
        alpha, exponent, bias = (
            constant(number, element) for number in (*numbers, op.bias.value.data)
        )
        total = multiply(alpha, to_type(values[0], element))
        return math.PowFOp(add(bias, total), exponent).result

    type = TensorType(element, prim.shape(node.out))
    node = insert(with_post(node, Scalars(scale), type), op)
    factor = view_of(node.out, prim.shape(op.x), part_name(name, "factor"))
    return xnn.MulOp.of(name, [op.x, insert(factor, op).result], layers=op.layer_names)


def _squares(op: xnn.LrnOp, sums: Attribute) -> Scalars:
    """The square of an element, or the number of steps of it, in the type of sums."""
    if op.square_step is None:
        return Scalars(lambda v: to_type(square(v), sums))
    steps = 1 / op.square_step.value.data

    def squares(values: Sequence[SSAValue]) -> SSAValue:
        scaled = multiply(square(values), constant(steps, f32))
        return to_type(to_type(scaled, op.squares), sums)

    return Scalars(squares)


def _is_cheap_product(op: xnn.LrnOp) -> bool:
    """Whether the target can sum steps by a product with a whole matrix, in less time than by additions.

    Each of its tiles takes as long for a position as each lane does for an element and a unit of price.
    """
    if op.square_step is None:
        return False
    module = op.get_toplevel_object()
    assert isinstance(module, ModuleOp)
    target, channels, bits = target_of(module), prim.shape(op.x)[1], op.squares.width.data
    if target.vector is None:
        return True
    tiles = ceil(channels / target.matmul_n(bits)) ** 2
    units = 2 * (sum(op.reach) + 1)
    is_less = tiles <= units * channels / target.vector.lanes
    return is_less and target.mac_pj(f"i{bits}") is not None


def _sum_of_squares(op: xnn.LrnOp) -> prim.Primitive:
    """Channels are a dimension that a window slides along."""
    name, (batch, channels, *spatial) = op.result_name.data, prim.shape(op.x)
    sums, (before, after) = accumulator_type(prim.element_type(op.x)), op.reach
    sums = sums if op.square_step is None else i32
    ones, zeros = (1,) * len(spatial), (0, 0) * len(spatial)
    window = prim.WindowAttr(kernel=(before + after + 1, *ones), pads=(before, after, *zeros))
    seen = (batch, 1, channels, *spatial)
    x = viewed(op.x, seen, part_name(name, "x"), op)
    properties = _properties(part_name(name, "scale"), "lrn", window)
    properties["reduction"] = prim.ReductionAttr(prim.Reduction.SUM)
    node = primitive(prim.ReduceOp, properties, {"rhs": x}, TensorType(sums, seen))
    return with_pre(node, x, _squares(op, sums))


def _sum_of_steps(op: xnn.LrnOp) -> prim.Primitive:
    """A product with a band of ones."""
    name, (_, channels, *spatial) = op.result_name.data, prim.shape(op.x)
    (before, after), ones = op.reach, (1,) * len(spatial)
    band = np.tri(channels, k=after) - np.tri(channels, k=-before - 1)
    lhs = Replacement(op).stored(band.reshape(channels, channels, *ones), i8, "band")
    properties = _properties(part_name(name, "scale"), "lrn", prim.WindowAttr(kernel=ones))
    type = TensorType(accumulator_type(i8, op.squares), prim.shape(op.x))
    node = primitive(prim.MatmulOp, properties, {"lhs": lhs, "rhs": op.x}, type)
    return with_pre(node, op.x, _squares(op, op.squares))


def _properties(name: str, operator: str, window: prim.WindowAttr) -> dict[str, Attribute]:
    return {"name": StringAttr(name), "operator": StringAttr(operator), "window": window}
