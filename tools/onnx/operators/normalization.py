"""Normalisations, the softmax family, dropout."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import ml_dtypes
import numpy as np
from xdsl.dialects.builtin import AnyFloat, DenseArrayBase, FloatAttr, UnitAttr, f32, i64
from xdsl.ir import Attribute, SSAValue

from xnn.dialects.element_types import accumulator_type, dtype_of
from xnn.dialects.xnn import (
    DYNAMIC,
    AddOp,
    ArgMaxOp,
    BatchNormOp,
    CastOp,
    ClipOp,
    DivOp,
    DropoutOp,
    EqualOp,
    LogSoftmaxOp,
    LrnOp,
    MulOp,
    NormalizeOp,
    ReduceL1Op,
    ReduceL2Op,
    ReduceMeanOp,
    ReduceVarianceOp,
    SoftmaxOp,
    SqrtOp,
    integer,
    integers,
    shape_of,
    tensor_type,
)
from xnn.dialects.xnn.operation import shown
from xnn.tools.onnx.node import MICROSOFT, Node, Unsupported, imports


@imports("BatchNormalization")
def batch_normalization(node: Node) -> SSAValue | tuple[SSAValue, ...]:
    if not node.attribute("spatial", 1):
        raise Unsupported("spatial = 0")
    epsilon = FloatAttr(node.attribute("epsilon", 1e-5), f32)
    if node.attribute("training_mode", 0):
        return _batch_statistics(node, epsilon)
    if any(node.used[1:]):
        raise Unsupported("statistics are used without training_mode")
    return node.build(BatchNormOp, [node.value(i) for i in range(5)], {"epsilon": epsilon})


def _batch_statistics(node: Node, epsilon: FloatAttr) -> tuple[SSAValue, ...]:
    """Training mode: normalised by the statistics of the batch, into which running ones move by 1 - momentum."""
    x, scale, bias, *running = (node.value(i) for i in range(5))
    rank = len(node.shape())
    axes = integers(axis for axis in range(rank) if axis != 1)
    y = _normalized(node, x, scale, bias, axes, epsilon, after=rank - 2)
    momentum = node.attribute("momentum", 0.9)
    results = [y]
    for part, old, operator in zip(("mean", "var"), running, (ReduceMeanOp, ReduceVarianceOp)):
        if not any(node.used[len(results) : len(results) + 1]):
            results.append(old)
            continue
        new = node.build(operator, [x], {"axes": axes}, part=f"batch_{part}")
        kind = tensor_type(old).element_type
        if tensor_type(new).element_type != kind:
            new = node.build(CastOp, [new], {"to": kind}, part=f"cast_{part}")
        shares = [
            node.build(MulOp, [value, node.constant(share, kind, name)], part=f"{name}_share")
            for name, value, share in (
                (f"old_{part}", old, momentum),
                (f"new_{part}", new, 1 - momentum),
            )
        ]
        results.append(node.build(AddOp, shares, part=f"running_{part}"))
    return tuple(results)


def _normalized(
    node: Node,
    x: SSAValue,
    scale: SSAValue | None,
    bias: SSAValue | None,
    axes: DenseArrayBase,
    epsilon: FloatAttr,
    *,
    after: int = 0,
    part: str = "",
    uncentered: bool = False,
) -> SSAValue:
    """The normalisation of x along `axes`; scale and bias get `after` more dimensions at the end."""
    kind = tensor_type(x).element_type
    factors: list[SSAValue | None] = []
    for name, value in (("scale", scale), ("bias", bias)):
        if value is not None and tensor_type(value).element_type != kind:
            value = node.build(CastOp, [value], {"to": kind}, part=f"{name}_cast")
        if value is not None and after:
            value = node.reshaped(value, (*shape_of(value), *(1,) * after), f"{name}_aligned")
        factors.append(value)
    properties: dict[str, Attribute] = {"axes": axes, "epsilon": epsilon}
    if uncentered:
        properties["uncentered"] = UnitAttr()
    return node.build(NormalizeOp, [x, *factors], properties, part=part)


def _last_axes(node: Node, default: int = -1) -> DenseArrayBase:
    """The axes from `axis` on."""
    rank = len(node.shape())
    return integers(range(node.axis(node.attribute("axis", default), rank), rank))


@imports("LayerNormalization")
def layer_normalization(node: Node) -> tuple[SSAValue, ...]:
    """With the means and the inverses of the standard deviations, in f32 unless x is wider, if they are used."""
    epsilon = FloatAttr(node.attribute("epsilon", 1e-5), f32)
    x, axes = node.value(0), _last_axes(node)
    y = _normalized(node, x, node.value(1), node.optional_value(2), axes, epsilon)
    return y, *_statistics(node, x, axes, epsilon, node.used[1:])


def _statistics(
    node: Node, x: SSAValue, axes: DenseArrayBase, epsilon: FloatAttr, used: Sequence[bool]
) -> list[SSAValue]:
    """Means and inverses of standard deviations of x along `axes`, as far as they are `used`."""
    if not any(used):
        return []
    if (kind := accumulator_type(tensor_type(x).element_type)) != tensor_type(x).element_type:
        x = node.build(CastOp, [x], {"to": kind}, part="wide")
    properties = {"axes": axes, "keepdims": UnitAttr()}
    means = node.build(ReduceMeanOp, [x], properties, part="means")
    if not any(used[1:]):
        return [means]
    variance = node.build(ReduceVarianceOp, [x], properties, part="variance")
    shifted = node.build(
        AddOp, [variance, node.constant(epsilon.value.data, kind, "epsilon")], part="shifted"
    )
    deviation = node.build(SqrtOp, [shifted], part="deviation")
    return [
        means,
        node.build(DivOp, [node.constant(1.0, kind, "one"), deviation], part="inverse_deviation"),
    ]


@imports("RMSNormalization", "SimplifiedLayerNormalization")
def rms_normalization(node: Node) -> SSAValue:
    epsilon = FloatAttr(node.attribute("epsilon", 1e-5), f32)
    x, axes = node.value(0), _last_axes(node)
    return _normalized(node, x, node.value(1), None, axes, epsilon, uncentered=True)


@imports(f"{MICROSOFT}.SkipLayerNormalization", f"{MICROSOFT}.SkipSimplifiedLayerNormalization")
def skip_layer_normalization(node: Node) -> tuple[SSAValue, ...]:
    """The normalisation of a sum of x, skip and maybe a bias, and the sum itself."""
    simplified = "Simplified" in node.proto.op_type
    scale, shift = node.value(2), None if simplified else node.optional_value(3)
    addend = node.optional_value(3 if simplified else 4)
    total = node.build(AddOp, [node.value(0), node.value(1)], part="sum")
    if addend is not None:
        total = node.build(AddOp, [total, addend], part="biased")
    axes = integers([len(shape_of(total)) - 1])
    epsilon = FloatAttr(node.attribute("epsilon", 1e-12), f32)
    y = _normalized(node, total, scale, shift, axes, epsilon, uncentered=simplified)
    if any(node.used[1:3]):
        raise Unsupported("means or deviations are used")
    return y, total, total, total


@imports("InstanceNormalization")
def instance_normalization(node: Node) -> SSAValue:
    x, rank = node.value(0), len(node.shape())
    epsilon = FloatAttr(node.attribute("epsilon", 1e-5), f32)
    axes = integers(range(2, rank))
    return _normalized(node, x, node.value(1), node.value(2), axes, epsilon, after=rank - 2)


@imports("GroupNormalization")
def group_normalization(node: Node) -> SSAValue:
    """Before opset 21 one scale and bias for each group, since then for each channel."""
    x, sizes = node.value(0), node.shape()
    groups = node.attribute("num_groups", 1)
    if DYNAMIC in sizes or groups < 1 or sizes[1] % groups:
        raise Unsupported(f"{groups} groups of {shown(sizes)}")
    apart = (sizes[0], groups, sizes[1] // groups, *sizes[2:])
    factors = [node.value(1), node.value(2)]
    if node.opset >= 21:
        factors = [
            node.reshaped(value, (groups, sizes[1] // groups), f"factor{number}")
            for number, value in enumerate(factors)
        ]
    after = len(apart) - 1 - len(shape_of(factors[0]))
    axes, epsilon = integers(range(2, len(apart))), node.attribute("epsilon", 1e-5)
    y = _normalized(
        node,
        node.reshaped(x, apart, "groups"),
        factors[0],
        factors[1],
        axes,
        FloatAttr(epsilon, f32),
        after=after,
        part="normalized",
    )
    return node.reshaped(y, sizes)


@imports("MeanVarianceNormalization")
def mean_variance_normalization(node: Node) -> SSAValue:
    """ONNX adds 1e-9 to the standard deviation: much the same as its square to the variance."""
    rank = len(node.shape())
    axes = integers(sorted(node.axis(a, rank) for a in node.attribute("axes", (0, 2, 3))))
    return _normalized(node, node.value(0), None, None, axes, FloatAttr(1e-18, f32))


@imports("LpNormalization")
def lp_normalization(node: Node) -> SSAValue:
    """x over its norm; where that is zero, so is x, and the result."""
    x, axis = node.value(0), node.axis(node.attribute("axis", -1), len(node.shape()))
    operators = {1: ReduceL1Op, 2: ReduceL2Op}
    if (p := node.attribute("p", 2)) not in operators:
        raise Unsupported(f"p = {p}")
    properties = {"axes": integers([axis]), "keepdims": UnitAttr()}
    norm = node.build(operators[p], [x], properties, part="norm")
    assert isinstance(kind := tensor_type(x).element_type, AnyFloat)  # a norm is of floats
    least = FloatAttr(float(ml_dtypes.finfo(dtype_of(kind)).tiny), kind)
    positive = node.build(ClipOp, [norm], {"min": least}, part="positive")
    return node.build(DivOp, [x, positive])


@imports("LRN")
def lrn(node: Node) -> SSAValue:
    defaults = {"alpha": 1e-4, "beta": 0.75, "bias": 1.0}
    floats = {name: FloatAttr(node.attribute(name, each), f32) for name, each in defaults.items()}
    size = integer(node.attribute("size", 0))
    return node.build(LrnOp, [node.value(0)], {"size": size, **floats})


def softmax_properties(node: Node, opset: int) -> dict[str, Attribute]:
    """Before opset 13 over all axes from `axis` on, which is 1 by default; since then over one, by default the last."""
    flattens = opset < 13
    rank = len(node.shape())
    axis = node.axis(node.attribute("axis", 1 if flattens else -1), rank)
    together = {"to_end": UnitAttr()} if flattens and axis < rank - 1 else {}
    return {"axis": integer(axis), **together}


@imports("Softmax", "LogSoftmax")
def softmax(node: Node) -> SSAValue:
    operator = LogSoftmaxOp if node.proto.op_type == "LogSoftmax" else SoftmaxOp
    return node.build(operator, [node.value(0)], softmax_properties(node, node.opset))


@imports("Hardmax")
def hardmax(node: Node) -> SSAValue:
    """One for the first of the largest elements, zero for all others: whether the index is the one that is sought."""
    x, sizes, flattens = node.value(0), node.shape(), node.opset < 13
    if DYNAMIC in sizes:
        raise Unsupported(f"input of shape {shown(sizes)}")
    axis = node.axis(node.attribute("axis", 1 if flattens else -1), len(sizes))
    seen = (prod(sizes[:axis]), prod(sizes[axis:])) if flattens else sizes
    axis = 1 if flattens else axis
    rows = node.reshaped(x, seen, "rows")
    properties = {"axis": integer(axis), "keepdims": UnitAttr()}
    sought = node.build(ArgMaxOp, [rows], properties, part="sought")
    numbers = np.arange(seen[axis]).reshape(-1, *(1 for _ in seen[axis + 1 :]))
    numbers = node.stored(numbers, i64, "numbers")
    found = node.build(EqualOp, [numbers, sought], part="found")
    ones = node.build(CastOp, [found], {"to": tensor_type(x).element_type}, part="ones")
    return node.reshaped(ones, sizes)


@imports("Dropout")
def dropout(node: Node) -> SSAValue:
    if any(node.used[1:]):
        raise Unsupported("the output mask is used")
    training = node.elements(2, "training_mode")
    if training is not None and training.any():
        raise Unsupported("training mode")
    ratio = node.attribute("ratio", 0.5)
    if (given := node.elements(1, "ratio")) is not None:
        if given.size != 1:
            raise Unsupported("ratio is not one number")
        ratio = float(given.item())
    return node.build(DropoutOp, [node.value(0)], {"ratio": FloatAttr(ratio, f32)})
