"""The pass `convert-to-primitives`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import FloatAttr, IntegerType, ModuleOp, TensorType, f32, i8
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects import Level, xnn
from xnn.dialects.diagnostics import UserError
from xnn.dialects.element_types import accumulator_type, integer_range, precision_bits
from xnn.dialects.indexing_maps import axis_map, broadcast_map
from xnn.dialects.levels import set_level
from xnn.dialects.prim import (
    ConcatOp,
    MatmulOp,
    Primitive,
    SortOp,
    ViewOp,
    WindowAttr,
    element_type,
    shape,
)
from xnn.dialects.scalar import add, constant, multiply, to_type
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import NetworkOperation, integers, tensor_type
from xnn.dialects.xnn.windows import WindowOperation
from xnn.passes.fusion.primitive_regions import primitive, with_post
from xnn.passes.module.xnn_bind import require_static
from xnn.runtime.semantics.arrays import dense_of


def _filter(op: WindowOperation, kernel: Sequence[int], groups: int = 1) -> WindowAttr:
    return WindowAttr(
        kernel=tuple(kernel),
        strides=op.strides.get_values(),
        dilations=op.dilations.get_values(),
        pads=tuple(edge for pair in op.pad_pairs for edge in pair),
        groups=groups,
    )


def _product(
    op: NetworkOperation,
    operator: str,
    inputs: Sequence[SSAValue],
    window: WindowAttr,
) -> tuple[Primitive, TensorType]:
    """A product as it leaves the accumulators, and their type."""
    result = tensor_type(op.result)
    elements = [tensor_type(value).element_type for value in inputs]
    sums = TensorType(accumulator_type(*elements), result.get_shape())
    _require_sums(op, prod(shape(inputs[0])[1:]), elements, sums.element_type)
    name, layers = op.result_name.data, op.layer_names
    return primitive(MatmulOp, name, operator, inputs, window, sums, layers), sums


def _require_sums(
    op: NetworkOperation, taps: int, elements: Sequence[Attribute], sums: Attribute
) -> None:
    """Raises UserError if accumulators may overflow; those of wide integers wrap by definition."""
    if not isinstance(sums, IntegerType) or precision_bits(*elements) > 16:
        return
    largest = prod(max(map(abs, integer_range(e))) for e in elements if isinstance(e, IntegerType))
    if taps * largest >= 2 ** (sums.width.data - 1):
        names = " and ".join(map(str, elements))
        raise UserError(
            f'layer "{op.result_name.data}": sums of {taps} products of {names} may overflow '
            f"accumulators of type {sums}, which are sure to hold {2 ** (sums.width.data - 1) // largest}",
            hint="fewer bits, or the layer in several with an addition behind them",
        )


def _finished(node: Primitive, op: NetworkOperation) -> Primitive:
    """A product whose last step gives its result the type that the operator's has."""
    result = tensor_type(op.result)
    if element_type(node.out) == result.element_type:
        return node
    return with_post(node, [], [], lambda v: to_type(v[0], result.element_type), result)


def _conv(op: xnn.ConvOp) -> list[Operation]:
    window = _filter(op, shape(op.w)[2:], op.groups.value.data)
    node, sums = _product(op, "conv", [op.w, op.x], window)
    if op.b is not None:
        bias = axis_map(len(shape(op.result)), 1)
        node = with_post(node, [op.b], [bias], _sum, sums)
    return [_finished(node, op)]


def _gemm(op: xnn.GemmOp) -> list[Operation]:
    """The coefficients are b's columns, the maps a's rows: out [M, N] has M for its batch."""
    ops: list[Operation] = []

    def transposed(value: SSAValue, name: str) -> SSAValue:
        transpose = xnn.TransposeOp.of(name, [value], {"perm": integers((1, 0))})
        ops.append(transpose)
        return transpose.result

    name = op.result_name.data
    maps = transposed(op.a, f"{name}#a") if op.trans_a.value.data else op.a
    coefficients = op.b if op.trans_b.value.data else transposed(op.b, f"{name}#b")
    node, sums = _product(op, "gemm", [coefficients, maps], WindowAttr())
    if op.alpha.value.data != 1.0:
        node = with_post(node, [], [], lambda v: _scaled(v[0], op.alpha), sums)
    if op.c is not None:
        indexing_map = broadcast_map(shape(op.c), shape(op.result))

        def scaled_sum(values: Sequence[SSAValue]) -> SSAValue:
            addend = to_type(values[1], values[0].type)
            return add(values[0], addend if op.beta.value.data == 1 else _scaled(addend, op.beta))

        node = with_post(node, [op.c], [indexing_map], scaled_sum, sums)
    return [*ops, _finished(node, op)]


def _sum(values: Sequence[SSAValue]) -> SSAValue:
    """Adds to sums what may be of a shorter type."""
    return add(values[0], to_type(values[1], values[0].type))


def _scaled(value: SSAValue, factor: FloatAttr) -> SSAValue:
    return multiply(value, constant(factor.value.data, value.type))


def _constant(name: str, array: np.ndarray, element: Attribute) -> xnn.ConstantOp:
    return xnn.ConstantOp.dense(name, dense_of(array, element))


def _mean(
    op: NetworkOperation, x: SSAValue, window: WindowAttr, coverage: Sequence[np.ndarray | None]
) -> list[Operation]:
    """Means of windows as a product with one row of coefficients that all channels share.

    `coverage`: per spatial dimension the taps that lie inside the maps at each position, or None
    if all of them count everywhere.
    """
    everywhere = [k for k, c in zip(window.kernel, coverage, strict=True) if c is None]
    share, element = 1.0 / prod(everywhere), element_type(x)
    short = precision_bits(element) < 32  # 1 / n would be less precise than the sums are
    taps = np.full((1, 1, *window.kernel), 1.0 if short else share, np.float64)
    coefficients = _constant(f"{op.result_name.data}#taps", taps, element)
    ops: list[Operation] = [coefficients]
    node, sums = _product(op, "average_pool", [coefficients.result, x], window)
    if short:
        factor = FloatAttr(share, f32)
        node = with_post(node, [], [], lambda v: _scaled(v[0], factor), sums)
    for axis, counts in enumerate(coverage, start=2):
        if counts is None:
            continue
        shares = _constant(
            f"{op.result_name.data}#share{axis - 2}", 1.0 / counts, sums.element_type
        )
        ops.append(shares)
        indexing_map = axis_map(len(shape(op.result)), axis)
        node = with_post(
            node, [shares.result], [indexing_map], lambda v: multiply(v[0], v[1]), sums
        )
    return [*ops, _finished(node, op)]


def _sum_pool(op: xnn.SumPoolOp) -> list[Operation]:
    """Sums of windows: a product with ones that all channels share."""
    window = _filter(op, op.kernel_shape.get_values(), shape(op.x)[1])
    taps = np.ones((1, 1, *window.kernel), np.int8)
    coefficients = _constant(f"{op.result_name.data}#taps", taps, i8)
    node, _ = _product(op, "sum_pool", [coefficients.result, op.x], window)
    return [coefficients, _finished(node, op)]


def _average_pool(op: xnn.AveragePoolOp) -> list[Operation]:
    window = _filter(op, op.kernel_shape.get_values(), shape(op.x)[1])
    coverage: list[np.ndarray | None] = []
    for axis, kernel in enumerate(window.kernel):
        pads = window.pad_pairs[axis]
        if op.count_include_pad.value.data or pads == (0, 0):
            coverage.append(None)
            continue
        starts = np.arange(shape(op.result)[2 + axis]) * window.strides[axis] - pads[0]
        taps = starts[:, None] + np.arange(kernel) * window.dilations[axis]
        coverage.append(((taps >= 0) & (taps < shape(op.x)[2 + axis])).sum(axis=1).astype(float))
    return _mean(op, op.x, window, coverage)


def _global_average_pool(op: xnn.GlobalAveragePoolOp) -> list[Operation]:
    _, channels, *spatial = shape(op.x)
    window = WindowAttr(kernel=tuple(spatial), groups=channels)
    return _mean(op, op.x, window, [None] * len(spatial))


def _max_pool(op: xnn.MaxPoolOp) -> list[Operation]:
    window = _filter(op, op.kernel_shape.get_values())
    result = tensor_type(op.result)
    return [
        primitive(SortOp, op.result_name.data, "max_pool", [op.x], window, result, op.layer_names)
    ]


def _reshape(op: xnn.ReshapeOp) -> list[Operation]:
    properties = {k: v for k, v in op.properties.items() if k in ("name", "layers")}
    return [ViewOp.build(operands=[op.x], properties=properties, result_types=[op.result.type])]


def _concat(op: xnn.ConcatOp) -> list[Operation]:
    """By placement where every input is a piece of its own; otherwise it stays, for general compute."""
    axis = op.axis.value.data
    inputs = list(op.operands)
    placeable = prod(shape(op.result)[:axis]) == 1 and len(set(inputs)) == len(inputs)
    if not placeable or any(not _can_be_placed(value, op) for value in inputs):
        return []
    properties = {k: v for k, v in op.properties.items() if k in ("name", "layers", "axis")}
    return [ConcatOp.build(operands=[inputs], properties=properties, result_types=[op.result.type])]


def _can_be_placed(value: SSAValue, concat: Operation) -> bool:
    """Whether a node may write a value straight into a concatenation: it has no other place."""
    if not isinstance(value.owner, Primitive | NetworkOperation | ConcatOp):
        return False
    placing = [
        use.operation
        for use in value.uses
        if isinstance(use.operation, ConcatOp | xnn.ConcatOp) and use.operation is not concat
    ]
    return not any(isinstance(op, ConcatOp) for op in placing)


CONVERSIONS: dict[type[Operation], Callable[..., list[Operation]]] = {
    xnn.ConvOp: _conv,
    xnn.GemmOp: _gemm,
    xnn.MaxPoolOp: _max_pool,
    xnn.AveragePoolOp: _average_pool,
    xnn.GlobalAveragePoolOp: _global_average_pool,
    xnn.SumPoolOp: _sum_pool,
    xnn.ReshapeOp: _reshape,
    xnn.ConcatOp: _concat,
}


@dataclass(frozen=True)
class ConvertToPrimitives(ModulePass):
    """Turns operators into the primitive that computes them; what has none stays.

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
    Average pooling is a product with one row of coefficients, a reshape a view, a concatenation a
    placement of its inputs where they can be produced in place.
    """

    name = "convert-to-primitives"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        require_static(op)
        constants = xnn.ConstantExpressions()
        for node in list(main_function(op).body.block.ops):
            convert = CONVERSIONS.get(type(node))
            if convert is None or node.results[0] in constants:
                continue
            if isinstance(node, xnn.ConcatOp) and any(v in constants for v in node.operands):
                continue  # a constant has its place already
            new = convert(node)
            for each in new:
                each.location = node.location
            if new:
                Rewriter.replace_op(node, new)
        set_level(op, Level.PRIM)
