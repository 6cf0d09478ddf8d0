"""The pass `multiply-and-shift`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import IntegerType, ModuleOp, i32
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from xnn.dialects.xnn import (
    AddOp,
    CenterOp,
    DequantizeOp,
    NetworkOperation,
    QuantizeOp,
    ReluOp,
    RequantizeOp,
    RescaleOp,
    integer,
    tensor_type,
)
from xnn.passes.graph.building import Replacement, erase, network_operations
from xnn.passes.quantization.parameters import is_single, is_zero, known
from xnn.passes.quantization.scales import note_scale

FINE = 12
"""Bits below the result's step that the terms of an addition keep."""


def _fixed_point(factor: np.ndarray, bits: int) -> tuple[np.ndarray, int] | None:
    """Integers of so many bits and a shift: factor = integers / 2^shift, nearly; None if it is too large.

    Trailing zeros that all share are left out, so that a power of two becomes 1.
    """
    largest = float(np.max(np.abs(factor)))
    if not 0 < largest < 2.0 ** (bits - 1):
        return None
    shift = min(62, bits - 1 - int(np.frexp(largest)[1]))
    integers = np.rint(factor.astype(np.float64) * 2.0**shift).astype(np.int64)
    while shift and not (integers & 1).any():
        integers, shift = integers >> 1, shift - 1
    return integers, shift


class _Rewriting:
    """What replaces one operator."""

    def __init__(self, node: NetworkOperation):
        self.new = Replacement(node)

    def rescaled(
        self, sums: SSAValue, factor: np.ndarray, zero_point: SSAValue, part: str, axis: int = 1
    ) -> RescaleOp | None:
        """Sums times a factor, plus a zero point, in its type."""
        kind = tensor_type(sums).element_type
        assert isinstance(kind, IntegerType)
        # Products stay within 64 bits: sums of 16-bit integers take up to 48 of them.
        found = _fixed_point(factor, 16 if kind.width.data > 32 else 31)
        if found is None:
            return None
        multiplier = self.new.constant(found[0], i32, f"{part}multiplier")
        properties = {"shift": integer(found[1]), "axis": integer(axis)}
        return self.new.build(RescaleOp, [sums, multiplier, zero_point], properties, part=part)

    def term(self, value: SSAValue, step: float, part: str) -> SSAValue | None:
        """A dequantised value as a multiple of `step`."""
        source = value.owner
        if not isinstance(source, DequantizeOp) or (scale := known(source.scale)) is None:
            return None
        integers = source.q
        if not is_zero(source.zero_point):
            properties = {"axis": source.axis}
            operands = [source.q, source.zero_point]
            integers = self.new.build(CenterOp, operands, properties, part=f"{part}c").result
        zero = self.new.constant(np.array(0), i32, f"{part}zero")
        found = self.rescaled(integers, scale / step, zero, part, source.axis.value.data)
        return None if found is None else found.result


def _requantize(node: RequantizeOp) -> None:
    multiplier = known(node.multiplier)
    if multiplier is None:
        return
    rewriting = _Rewriting(node)
    axis = node.axis.value.data
    found = rewriting.rescaled(node.sums, multiplier, node.zero_point, "", axis)
    if found is not None:
        found.attributes.update(node.attributes)
        if node.layers is not None:
            found.properties["layers"] = node.layers
        rewriting.new.take(found.result)


def _sum(node: QuantizeOp) -> None:
    """The quantisation of a sum of two dequantised values, with or without ReLU between."""
    scale, value, between = known(node.scale), node.x, list[NetworkOperation]()
    while isinstance(value.owner, ReluOp | AddOp) and value.has_one_use():
        between.append(value.owner)
        if isinstance(value.owner, AddOp):
            break
        value = value.owner.operands[0]
    if scale is None or not is_single(node.scale) or not between:
        return
    added = between[-1]
    if not isinstance(added, AddOp) or any(not isinstance(op, ReluOp) for op in between[:-1]):
        return
    rewriting, step = _Rewriting(node), float(scale) / 2**FINE
    terms = [rewriting.term(operand, step, f"term{i}") for i, operand in enumerate(added.operands)]
    if None in terms:
        return
    total = rewriting.new.build(AddOp, terms, part="total", layers=added.layer_names).result
    if len(between) > 1:
        total = rewriting.new.build(ReluOp, [total], part="relu").result
    one = np.asarray(2.0**-FINE)
    found = rewriting.rescaled(total, one, node.zero_point, "")
    assert found is not None
    note_scale(found, node.scale)
    rewriting.new.take(found.result)
    for op in between:
        erase(op)


@dataclass(frozen=True)
class MultiplyAndShift(ModulePass):
    """Sums become narrow by an integer multiplication and a shift: no float is left in a quantised layer.

    ```mlir
    %q = xnn.requantize "q" %sums, %m, %z : (tensor<1x8x4x4xi32>, tensor<f32>, tensor<i8>) -> tensor<1x8x4x4xi8>
    ```
    becomes, with the integer constant %n that is nearest to %m * 2^36,
    ```mlir
    %q = xnn.rescale "q" %sums, %n, %z {shift = 36 : i64}
       : (tensor<1x8x4x4xi32>, tensor<i32>, tensor<i8>) -> tensor<1x8x4x4xi8>
    ```
    A multiplier is rounded to 30 bits, or to 15 for sums of 16-bit integers; a power of two becomes a
    shift alone. The terms of a quantised addition are brought to a common scale, 4096 times finer than
    the result's. Scales that are not in the text stay.
    """

    name = "multiply-and-shift"
    changes_numbers = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for node in network_operations(op):
            if isinstance(node, RequantizeOp):
                _requantize(node)
            elif isinstance(node, QuantizeOp):
                _sum(node)
        for node in reversed(network_operations(op)):
            if isinstance(node, DequantizeOp) and node.result.first_use is None:
                erase(node)
