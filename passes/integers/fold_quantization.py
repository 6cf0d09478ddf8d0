"""The pass `fold-quantization`."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import DenseArrayBase, ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute
from xdsl.passes import ModulePass
from xdsl.transforms.dead_code_elimination import region_dce

from xnn.dialects import xnn
from xnn.dialects.names import split_name
from xnn.dialects.values import ssa_hint
from xnn.dialects.xnn.interface import argument_names
from xnn.dialects.xnn.linear import ProductOperation
from xnn.dialects.xnn.traits import KeepsScale
from xnn.passes.graph.building import Replacement, erase, network_operations
from xnn.passes.integers.fold_products import centred, dequantized, fold_product, is_accumulated
from xnn.passes.integers.parameters import (
    before,
    combined,
    is_single,
    known,
    require_scale,
    same,
    saturates,
)
from xnn.passes.integers.scales import note_scale
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.runtime.semantics.parameters import Parameters

# --- operators that keep scale and zero point -----------------------------------------------------------


def _moved(node: xnn.NetworkOperation) -> None:
    """Moves dequantised integers of one scale: moves the integers, then dequantises."""
    operands, first = list(node.operands), dequantized(node.operands[0])
    for index, value in enumerate(operands):
        if xnn.tensor_type(value).element_type != xnn.tensor_type(node.result).element_type:
            continue  # indices
        each = dequantized(value)
        if each is None or first is None:
            return
        if not (same(each.scale, first.scale) and same(each.zero_point, first.zero_point)):
            return
        operands[index] = each.q
    if first is None:
        return
    new = Replacement(node)
    properties = {k: v for k, v in node.properties.items() if k not in ("name", "layers")}
    inner = new.build(type(node), operands, properties, part="integers", layers=node.layer_names)
    new.take(new.build(xnn.DequantizeOp, [inner, first.scale, first.zero_point]))


# --- means ------------------------------------------------------------------------------------


def _mean(node: xnn.NetworkOperation, window: dict[str, Attribute]) -> None:
    """A mean of dequantised integers: their sum, with the division in the scale."""
    source = dequantized(node.operands[0])
    if source is None or is_accumulated(source.q):
        return
    new = Replacement(node)
    kernel = window["kernel_shape"]
    assert isinstance(kernel, DenseArrayBase)
    count = prod(kernel.get_values())
    element = xnn.tensor_type(source.scale).element_type
    if (array := known(source.scale)) is not None:
        scale = new.constant(array / array.dtype.type(count), element, "scale")
    else:
        share = new.constant(np.array(1 / count), element, "share")
        scale = new.build(xnn.MulOp, [source.scale, share], part="scale")
    pooled = new.build(xnn.SumPoolOp, [centred(new, source, "x")], window, part="sums")
    zero = new.constant(np.array(0), xnn.tensor_type(pooled).element_type, "sums_zero")
    new.take(new.build(xnn.DequantizeOp, [pooled, scale, zero]))


def _average_pool(node: xnn.AveragePoolOp) -> None:
    if any(node.pads.get_values()) and not node.count_include_pad.value.data:
        return
    names = ("kernel_shape", "strides", "dilations", "pads")
    _mean(node, {name: node.properties[name] for name in names})


def _global_average_pool(node: xnn.GlobalAveragePoolOp) -> None:
    spatial = xnn.shape_of(node.operands[0])[2:]
    if xnn.DYNAMIC in spatial:
        return
    ones, zeros = (1,) * len(spatial), (0,) * 2 * len(spatial)
    window = {"kernel_shape": spatial, "strides": ones, "dilations": ones, "pads": zeros}
    _mean(node, {name: xnn.integers(values) for name, values in window.items()})


# --- back to narrow integers ------------------------------------------------------------------


def _quantize(node: xnn.QuantizeOp) -> None:
    """The quantisation of dequantised integers: a requantisation, or nothing if the scale is the same."""
    if isinstance(node.x.owner, xnn.ConcatOp) and node.x.has_one_use() and is_single(node.scale):
        _quantize_parts(node, node.x.owner)
        return
    value, clips = before(node.x, xnn.ReluOp | xnn.ClipOp)
    source = value.owner
    if not isinstance(source, xnn.DequantizeOp) or not is_single(node.scale):
        return
    if is_accumulated(source.q) and not value.has_one_use():
        return
    needed = [clip for clip in clips if not saturates(clip, node)]
    if any(isinstance(clip, xnn.ClipOp) for clip in needed):
        return
    unchanged = same(source.scale, node.scale) and same(source.zero_point, node.zero_point)
    new = Replacement(node)
    if unchanged and not needed:
        new.take(source.q)
    else:
        integers_of = centred(new, source, "x")
        if needed:
            integers_of = new.build(xnn.ReluOp, [integers_of], part="relu")
        taken = ([source] if is_accumulated(source.q) else []) + clips[::-1]
        layers = [name for each in taken for name in each.all_names]
        multiplier = combined(new, xnn.DivOp, source.scale, node.scale, "multiplier")
        operands = [integers_of, multiplier, node.zero_point]
        properties = {"axis": source.axis}
        requantized = new.build(xnn.RequantizeOp, operands, properties, layers=layers)
        note_scale(requantized, node.scale)
        new.take(requantized)
    for clip in clips:
        erase(clip)


def _quantize_parts(node: xnn.QuantizeOp, concat: xnn.ConcatOp) -> None:
    """The quantisation of a concatenation: a concatenation of quantised parts."""
    new = Replacement(node)
    parts = [
        new.build(xnn.QuantizeOp, [value, node.scale, node.zero_point], part=f"part{i}")
        for i, value in enumerate(concat.operands)
    ]
    layers = concat.all_names
    new.take(new.build(xnn.ConcatOp, parts, {"axis": concat.axis}, layers=layers))
    erase(concat)
    for part in parts:
        assert isinstance(part.owner, xnn.QuantizeOp)
        _quantize(part.owner)


def _give_names_back(module: ModuleOp) -> None:
    """Gives the name of a tensor that was replaced to the last of its parts."""
    constants = xnn.ConstantExpressions()
    nodes = [node for node in network_operations(module) if node.result not in constants]
    # The tensor in memory has the name, not its conversion on the way to a primitive.
    parts = [node for node in nodes if not isinstance(node, xnn.DequantizeOp)]
    taken = {node.result_name.data for node in nodes}
    for func in module.body.block.ops:
        taken.update(argument_names(func) if isinstance(func, FuncOp) else ())
    for node in reversed(parts):
        name = split_name(node.result_name.data)[0]
        if name not in taken:
            taken.add(name)
            node.properties["name"] = StringAttr(name)
            node.result.name_hint = ssa_hint(name)


def _fold(
    node: xnn.NetworkOperation, constants: xnn.ConstantExpressions, parameters: Parameters
) -> None:
    if node.has_trait(KeepsScale):
        _moved(node)
    elif isinstance(node, ProductOperation):
        fold_product(constants, parameters, node)
    elif isinstance(node, xnn.AveragePoolOp):
        _average_pool(node)
    elif isinstance(node, xnn.GlobalAveragePoolOp):
        _global_average_pool(node)
    elif isinstance(node, xnn.QuantizeOp):
        if node.reciprocal is None:
            _quantize(node)


@dataclass(frozen=True)
class FoldQuantization(ModulePass):
    """Operators between dequantisation and quantisation become operators on integers.

    ```mlir
    %x = xnn.dequantize "x" %xq, %sx, %zx : ...
    %w = xnn.dequantize "w" %wq, %sw, %zero : ...
    %c = xnn.conv "c" %x, %w {...} : ...
    %r = xnn.relu "r" %c : ...
    %q = xnn.quantize "q" %r, %sy, %zy : ...
    ```
    becomes, with the multiplier sx * sw / sy,
    ```mlir
    %xc = xnn.center "c#x" %xq, %zx : (tensor<1x8x4x4xui8>, tensor<ui8>) -> tensor<1x8x4x4xi9>
    %c = xnn.conv "c#sums" %xc, %wq {...} : (tensor<1x8x4x4xi9>, tensor<8x8x3x3xi8>) -> tensor<1x8x4x4xi32>
    %q = xnn.requantize "q" %c, %m, %zy {xnn.scale = 0.125 : f32, layers = ["r"]} : ...
    ```
    Means become sums; maxima, moves and concatenations work on the integers as they are; additions
    stay between dequantisation and quantisation, all of which primitives do in their regions. A
    bias is rounded to the scale of the sums if they have room for it, else added as a real value.
    Rounding once instead of twice may change a value by one step. The scale sy, which does not follow
    from the multiplier, becomes an attribute. Raises UserError for a scale that is not positive and finite.
    """

    name = "fold-quantization"
    changes_values = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        nodes = network_operations(op)
        quantised = [node for node in nodes if isinstance(node, xnn.QuantizeOp | xnn.DequantizeOp)]
        for node in quantised:
            require_scale(node, node.scale)
        if not quantised:
            return
        constants = xnn.ConstantExpressions()
        parameters = Parameters(interpreter_of(op, WeightStore()))
        for node in nodes:
            if node.parent is not None:
                _fold(node, constants, parameters)
        region_dce(op.body)  # dequantisations whose users compute with integers now
        _give_names_back(op)
