"""The pass `convert-to-primitives`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from xdsl.context import Context
from xdsl.dialects import builtin
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects import Level, prim, xnn
from xnn.dialects.diagnostics import UserError
from xnn.dialects.element_types import accumulator_type, integer_range, precision_bits
from xnn.dialects.indexing_maps import axis_map, broadcast_map
from xnn.dialects.levels import set_level
from xnn.dialects.scalar import add, constant, multiply, to_type
from xnn.dialects.values import dense_strides
from xnn.dialects.xnn.interface import main_function, stated_constant
from xnn.dialects.xnn.operation import NetworkOperation, integer, integers
from xnn.dialects.xnn.windows import WindowOperation
from xnn.passes.fusion.primitive_regions import Scalars, primitive, with_post
from xnn.passes.graph.building import Replacement
from xnn.passes.lowering.normalization import lrn, softmax
from xnn.passes.module.xnn_bind import require_static
from xnn.runtime.engines.transfer import rows_of_indices


def _window(op: WindowOperation, kernel: Sequence[int], groups: int = 1) -> prim.WindowAttr:
    return prim.WindowAttr(
        kernel=tuple(kernel),
        strides=op.strides.get_values(),
        dilations=op.dilations.get_values(),
        pads=tuple(edge for pair in op.pad_pairs for edge in pair),
        groups=groups,
    )


def _properties(op: NetworkOperation, **more: Attribute) -> dict[str, Attribute]:
    """Name and fused layers of an operator, and other properties."""
    return {k: v for k, v in op.properties.items() if k in ("name", "layers")} | more


def _product(
    op: NetworkOperation, operator: str, lhs: SSAValue, rhs: SSAValue, window: prim.WindowAttr
) -> prim.Primitive:
    """A product as it leaves the accumulators."""
    elements = [prim.element_type(lhs), prim.element_type(rhs)]
    sums = builtin.TensorType(accumulator_type(*elements), prim.shape(op.result))
    _require_sums(op, prod(prim.shape(lhs)[1:]), elements, sums.element_type)
    properties = _properties(op, operator=builtin.StringAttr(operator), window=window)
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


def _finished(node: prim.Primitive, op: NetworkOperation) -> prim.Primitive:
    """A product whose result has the element type of the operator's."""
    element = prim.element_type(op.result)
    if prim.element_type(node.out) == element:
        return node
    return with_post(node, Scalars(lambda v: to_type(v[0], element)), op.result.type)


def _conv(op: xnn.ConvOp) -> prim.Primitive:
    window = _window(op, prim.shape(op.w)[2:], op.groups.value.data)
    node = _product(op, "conv", op.w, op.x, window)
    if op.b is not None:
        node = with_post(node, Scalars(_sum, [op.b], [axis_map(len(prim.shape(op.result)), 1)]))
    return _finished(node, op)


def _gemm(op: xnn.GemmOp) -> prim.Primitive:
    """Rows of lhs are columns of b, rhs is a: out [M, N] has M for its batch."""
    new, turned = Replacement(op), (1, 0)
    rhs = new.transposed(op.a, turned, "a") if op.trans_a.value.data else op.a
    lhs = op.b if op.trans_b.value.data else new.transposed(op.b, turned, "b")
    node = _product(op, "gemm", lhs, rhs, prim.WindowAttr())
    if op.alpha.value.data != 1.0:
        node = _scaled(node, op.alpha)
    if op.c is not None:

        def scaled_sum(values: Sequence[SSAValue]) -> SSAValue:
            addend = to_type(values[1], values[0].type)
            return add(values[0], addend if op.beta.value.data == 1 else _times(addend, op.beta))

        indexing_map = broadcast_map(prim.shape(op.c), prim.shape(op.result))
        node = with_post(node, Scalars(scaled_sum, [op.c], [indexing_map]))
    return _finished(node, op)


def _sum(values: Sequence[SSAValue]) -> SSAValue:
    """Adds to sums what may be of a shorter type."""
    return add(values[0], to_type(values[1], values[0].type))


def _scaled(node: prim.Primitive, factor: builtin.FloatAttr) -> prim.Primitive:
    return with_post(node, Scalars(lambda v: _times(v[0], factor)))


def _times(value: SSAValue, factor: builtin.FloatAttr) -> SSAValue:
    return multiply(value, constant(factor.value.data, value.type))


def _mean(
    op: NetworkOperation,
    x: SSAValue,
    window: prim.WindowAttr,
    coverage: Sequence[np.ndarray | None],
) -> prim.Primitive:
    """Means of windows as a product with one row of lhs that all channels share.

    `coverage`: per spatial dimension the taps that lie inside the feature map at each position, or
    None if all of them count everywhere.
    """
    new, element = Replacement(op), prim.element_type(x)
    share = 1.0 / prod(k for k, c in zip(window.kernel, coverage, strict=True) if c is None)
    short = precision_bits(element) < 32  # 1 / n would be less precise than the sums are
    taps = np.full((1, 1, *window.kernel), 1.0 if short else share, np.float64)
    node = _product(op, "average_pool", new.constant(taps, element, "taps"), x, window)
    if short:
        node = _scaled(node, builtin.FloatAttr(share, builtin.f32))
    for axis, counts in enumerate(coverage, start=2):
        if counts is not None:
            shares = new.constant(1.0 / counts, prim.element_type(node.out), f"share{axis - 2}")
            indexing_map = axis_map(len(prim.shape(op.result)), axis)
            more = Scalars(lambda v: multiply(v[0], v[1]), [shares], [indexing_map])
            node = with_post(node, more)
    return _finished(node, op)


def _sum_pool(op: xnn.SumPoolOp) -> prim.Primitive:
    """Sums of windows: a product with ones that all channels share."""
    window = _window(op, op.kernel_shape.get_values(), prim.shape(op.x)[1])
    taps = Replacement(op).constant(np.ones((1, 1, *window.kernel), np.int8), builtin.i8, "taps")
    return _finished(_product(op, "sum_pool", taps, op.x, window), op)


def _average_pool(op: xnn.AveragePoolOp) -> prim.Primitive:
    window = _window(op, op.kernel_shape.get_values(), prim.shape(op.x)[1])
    coverage: list[np.ndarray | None] = []
    for axis, kernel in enumerate(window.kernel):
        pads = window.pad_pairs[axis]
        if op.count_include_pad.value.data or pads == (0, 0):
            coverage.append(None)
            continue
        starts = np.arange(prim.shape(op.result)[2 + axis]) * window.strides[axis] - pads[0]
        taps = starts[:, None] + np.arange(kernel) * window.dilations[axis]
        coverage.append(
            ((taps >= 0) & (taps < prim.shape(op.x)[2 + axis])).sum(axis=1).astype(float)
        )
    return _mean(op, op.x, window, coverage)


def _global_average_pool(op: xnn.GlobalAveragePoolOp) -> prim.Primitive:
    _, channels, *spatial = prim.shape(op.x)
    window = prim.WindowAttr(kernel=tuple(spatial), groups=channels)
    return _mean(op, op.x, window, [None] * len(spatial))


def _max_pool(op: xnn.MaxPoolOp) -> prim.Primitive:
    window = _window(op, op.kernel_shape.get_values())
    properties = _properties(op, operator=builtin.StringAttr("max_pool"), window=window)
    return primitive(prim.SortOp, properties, {"rhs": op.x}, op.result.type)


def _transpose(op: xnn.TransposeOp) -> prim.TransferOp | prim.ViewOp:
    """A transfer with the strides of x in the order of the result."""
    sizes, strides = prim.shape(op.x), dense_strides(prim.shape(op.x))
    axes = [(sizes[axis], strides[axis]) for axis in op.perm.get_values()]
    return _transfer(op, "transpose", 0, axes)


def _gather(op: xnn.GatherOp) -> Operation:
    """A transfer by indices; by strides if the indices are a constant whose steps are equal, not negative."""
    sizes, axis = prim.shape(op.x), op.axis.value.data
    rows, inner = sizes[axis], prod(sizes[axis + 1 :])
    if (constant := stated_constant(op.indices)) is not None:
        indices = rows_of_indices(constant.elements, rows)
        if len(indices) == 1:  # of a splat as well
            indices = np.broadcast_to(indices, prod(prim.shape(op.indices)))
        steps = np.unique(np.diff(indices)).tolist() or [0]
        if len(steps) == 1 and steps[0] >= 0:
            axes = [(len(indices), steps[0] * inner), (inner, 1)]
            outer = (prod(sizes[:axis]), rows * inner)
            return _transfer(op, "gather", int(indices[0]) * inner, [outer, *axes])
    return prim.GatherOp.create(
        operands=[op.x, op.indices],
        properties=_properties(op, operator=builtin.StringAttr("gather"), axis=op.axis),
        result_types=[op.result.type],
    )


def _transfer(
    op: xnn.TransposeOp | xnn.GatherOp, operator: str, offset: int, axes: Sequence[tuple[int, int]]
) -> prim.TransferOp | prim.ViewOp:
    """Elements of x by `axes` (size, stride); a view if these are all of them in order."""
    kept = prim.joined(axes) or [(1, 1)]
    if kept == [(prod(prim.shape(op.x)), 1)]:
        return _view(op)
    properties = _properties(
        op,
        operator=builtin.StringAttr(operator),
        offset=integer(offset),
        sizes=integers(size for size, _ in kept),
        strides=integers(stride for _, stride in kept),
    )
    return prim.TransferOp.create(
        operands=[op.x], properties=properties, result_types=[op.result.type]
    )


def _view(op: xnn.ReshapeOp | xnn.TransposeOp | xnn.GatherOp) -> prim.ViewOp:
    return prim.ViewOp.create(
        operands=[op.x], properties=_properties(op), result_types=[op.result.type]
    )


def _concat(op: xnn.ConcatOp) -> prim.ConcatOp | None:
    """By placement where every input is contiguous in the result; otherwise it stays, for general compute."""
    inputs = op.operands
    placeable = prod(prim.shape(op.result)[: op.axis.value.data]) == 1
    placeable = placeable and len(set(inputs)) == len(inputs)
    if not placeable or any(not _can_be_placed(value) for value in inputs):
        return None
    properties = _properties(op, axis=op.axis)
    return prim.ConcatOp.create(
        operands=inputs, properties=properties, result_types=[op.result.type]
    )


def _can_be_placed(value: SSAValue) -> bool:
    """Whether a node may write a value into a concatenation: it has no other place, nor has what it is a view of."""
    if isinstance(value.owner, prim.ViewOp) and value.owner.source.has_one_use():
        return _can_be_placed(value.owner.source)
    writes = prim.Primitive | NetworkOperation | prim.ConcatOp | prim.DataMovement
    return isinstance(value.owner, writes) and not any(
        isinstance(use.operation, prim.ConcatOp) for use in value.uses
    )


CONVERSIONS: dict[type[Operation], Callable[[Any], Operation | None]] = {
    xnn.ConvOp: _conv,
    xnn.GemmOp: _gemm,
    xnn.MaxPoolOp: _max_pool,
    xnn.AveragePoolOp: _average_pool,
    xnn.GlobalAveragePoolOp: _global_average_pool,
    xnn.SumPoolOp: _sum_pool,
    xnn.SoftmaxOp: softmax,
    xnn.LrnOp: lrn,
    xnn.ReshapeOp: _view,
    xnn.TransposeOp: _transpose,
    xnn.GatherOp: _gather,
    xnn.ConcatOp: _concat,
}


def _converted(node: Operation, constants: xnn.ConstantExpressions) -> Operation | None:
    """What takes the place of a node; None if it stays."""
    convert = CONVERSIONS.get(type(node))
    if convert is None or node.results[0] in constants:
        return None
    if isinstance(node, xnn.ConcatOp) and any(v in constants for v in node.operands):
        return None  # a constant has its place already
    return convert(node)


@dataclass(frozen=True)
class ConvertToPrimitives(ModulePass):
    """Converts operators to the primitives that compute them; operators without one stay.

    ```mlir
    %y = xnn.conv "y" %x, %w, %b {pads = array<i64: 1, 1, 1, 1>, ...} : (...) -> tensor<1x8x4x4xf32>
    ```
    becomes
    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <kernel = [3, 3], pads = [1, 1, 1, 1]>
      post [affine_map<(d0, d1, d2, d3) -> (d1)>] (%b : tensor<8xf32>) {
      ^bb0(%acc: f32, %bias: f32):
        %s = arith.addf %acc, %bias : f32
        prim.yield %s : f32
      } -> tensor<1x8x4x4xf32>
    ```
    Softmax and local response normalisation are maps and reductions of the vector engine. Average
    pooling is a product whose lhs is one row, a reshape a view, a transposition or a gather a
    transfer, a concatenation a placement of its inputs where they can be produced in place.
    """

    name = "convert-to-primitives"

    def apply(self, ctx: Context, op: builtin.ModuleOp) -> None:
        require_static(op)
        constants, block, seen = xnn.ConstantExpressions(), main_function(op).body.block, set()
        while nodes := [node for node in block.ops if node not in seen]:
            seen.update(nodes)  # conversions may leave operators to convert
            for node in nodes:
                if (new := _converted(node, constants)) is not None:
                    new.location = node.location
                    Rewriter.replace_op(node, new)
        set_level(op, Level.PRIM)
