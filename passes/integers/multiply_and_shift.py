"""The pass `multiply-and-shift`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import IntegerType, ModuleOp, i32, i64
from xdsl.ir import OpResult, SSAValue
from xdsl.passes import ModulePass
from xdsl.transforms.dead_code_elimination import region_dce

from xnn.dialects import xnn
from xnn.passes.graph.building import Replacement, erase, network_operations
from xnn.passes.integers.fold_products import centred
from xnn.passes.integers.parameters import before, is_single, known
from xnn.passes.integers.scales import note_scale

FINE = 12
"""Bits below the result's step that the terms of an addition keep."""


Fixed = tuple[np.ndarray, int]
"""Integers and a shift, which stand for integers / 2^shift."""


def _fixed_point(factor: np.ndarray, sums: SSAValue) -> Fixed | None:
    """The nearest fixed-point number whose products with `sums` fit 64 bits; None if the factor is too large.

    Sums of 16-bit integers take up to 48 of them. Trailing zeros that all integers share are dropped,
    so that a power of two becomes 1.
    """
    kind = xnn.tensor_type(sums).element_type
    assert isinstance(kind, IntegerType)
    bits = 16 if kind.width.data > 32 else 31
    largest = float(np.max(np.abs(factor)))
    if not 0 < largest < 2.0 ** (bits - 1):
        return None
    shift = min(62, bits - 1 - int(np.frexp(largest)[1]))
    integers = np.rint(factor.astype(np.float64) * 2.0**shift).astype(np.int64)
    while shift and not (integers & 1).any():
        integers, shift = integers >> 1, shift - 1
    return integers, shift


def _rescaled(
    new: Replacement,
    sums: SSAValue,
    fixed: Fixed,
    zero_point: SSAValue,
    part: str = "",
    axis: int = 1,
    layers: Iterable[str] = (),
) -> OpResult:
    """Sums times a factor, plus a zero point, in its type."""
    multiplier = new.constant(fixed[0], i32, f"{part}multiplier")
    properties = {"shift": xnn.integer(fixed[1]), "axis": xnn.integer(axis)}
    operands = [sums, multiplier, zero_point]
    return new.build(xnn.RescaleOp, operands, properties, part=part, layers=layers)


def _requantize(node: xnn.RequantizeOp) -> None:
    multiplier = known(node.multiplier)
    fixed = None if multiplier is None else _fixed_point(multiplier, node.sums)
    if fixed is None:
        return
    new = Replacement(node)
    axis, layers = node.axis.value.data, node.layer_names
    found = _rescaled(new, node.sums, fixed, node.zero_point, axis=axis, layers=layers)
    found.op.attributes.update(node.attributes)
    new.take(found)


def _in_steps(value: SSAValue, step: float) -> tuple[xnn.DequantizeOp, Fixed] | None:
    """The dequantisation that produces a value, and the factor that makes its integers multiples of `step`."""
    source = value.owner
    if not isinstance(source, xnn.DequantizeOp) or (scale := known(source.scale)) is None:
        return None
    fixed = _fixed_point(scale / step, source.q)
    return None if fixed is None else (source, fixed)


def _term(new: Replacement, source: xnn.DequantizeOp, fixed: Fixed, part: str) -> SSAValue:
    """Dequantised integers as multiples of a step, in 64 bits, so that sums do not wrap around."""
    integers = centred(new, source, f"{part}c")
    zero = new.constant(np.array(0), i64, f"{part}zero")
    return _rescaled(new, integers, fixed, zero, part, source.axis.value.data)


def _sum(node: xnn.QuantizeOp) -> None:
    """The quantisation of a sum of two dequantised values, with or without ReLU between."""
    scale, (value, between) = known(node.scale), before(node.x, xnn.ReluOp)
    added = value.owner
    if scale is None or not is_single(node.scale):
        return
    if not isinstance(added, xnn.AddOp) or not value.has_one_use():
        return
    step = float(scale) / 2**FINE
    found = [_in_steps(operand, step) for operand in added.operands]
    sources = [each for each in found if each is not None]
    if len(sources) < len(found):
        return
    new = Replacement(node)
    terms = [_term(new, *each, f"term{i}") for i, each in enumerate(sources)]
    total = new.build(xnn.AddOp, terms, part="total", layers=added.layer_names)
    if between:
        total = new.build(xnn.ReluOp, [total], part="relu")
    rounded = _rescaled(new, total, (np.array(1), FINE), node.zero_point)
    note_scale(rounded, node.scale)
    new.take(rounded)
    for op in (*between, added):
        erase(op)


@dataclass(frozen=True)
class MultiplyAndShift(ModulePass):
    """Narrows sums by an integer multiplication and a shift: no float is left in a quantised layer.

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
    changes_values = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for node in network_operations(op):
            if isinstance(node, xnn.RequantizeOp):
                _requantize(node)
            elif isinstance(node, xnn.QuantizeOp):
                _sum(node)
        region_dce(op.body)  # dequantisations whose users compute with integers now
