"""The pass `insert-quantization`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from math import log, prod

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import FloatAttr, IntegerType, ModuleOp, Signedness, StringAttr, f32
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint

from xnn.dialects import xnn
from xnn.dialects.diagnostics import UserError
from xnn.dialects.element_types import integer_range
from xnn.dialects.packing import LEVELS
from xnn.dialects.xnn.interface import main_function, set_kept_formats
from xnn.dialects.xnn.linear import MultiplyAccumulateOperation, ProductOperation
from xnn.dialects.xnn.traits import NeverNegative, WithinRange
from xnn.passes.graph.building import Parts, network_operations
from xnn.passes.quantize.dynamic_range import dynamic_range
from xnn.passes.quantize.formats import NumberFormats, require_choice
from xnn.passes.quantize.integer_maps import IntegerMaps
from xnn.passes.quantize.kept_formats import reasons_of, reasons_of_dynamic
from xnn.passes.quantize.ranges import name_of
from xnn.passes.quantize.shared_ranges import SharedRanges
from xnn.passes.quantize.weight_scales import Fit, fit_levels, fit_range
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.runtime.semantics.parameters import Parameters

SMALL = 4096
"""Elements of a state of a recurrent network, up to which elementwise operators work on real values."""

Format = tuple[np.float32, int, IntegerType]
"""Scale, zero point and type of integers."""


class _Insertion:
    """Quantisation of the feature maps and weights of one network."""

    def __init__(self, module: ModuleOp, options: InsertQuantization):
        self.module = module
        self.options = options
        self.main = main_function(module)
        self.constants = xnn.ConstantExpressions()
        self.parameters = Parameters.of(interpreter_of(module, WeightStore()))
        operators = network_operations(module)
        self.operators = [op for op in operators if op.result not in self.constants]

    def run(self) -> None:
        products = [op for op in self.operators if isinstance(op, ProductOperation)]
        if self.options.dynamic:
            products = [op for op in products if isinstance(op, MultiplyAccumulateOperation)]
            for value in dict.fromkeys(op.operands[0] for op in products):
                self._quantize_dynamically(value)
            set_kept_formats(self.module, reasons_of_dynamic(self.operators))
        else:
            self._quantize_statically()
        for op in products:
            for index in (0, 1):
                value = op.operands[index]
                if value in self.constants and xnn.tensor_type(value).element_type == f32:
                    self._quantize_constant(op, index)

    def _quantize_statically(self) -> None:
        """Quantises all feature maps that become integers, with scales from their calibrated ranges."""
        maps = IntegerMaps(self.module, self.operators, self.constants, self.options.small)
        set_kept_formats(self.module, reasons_of(maps))
        ranges = SharedRanges(self.module, maps, self.options.ramp)
        formats = {
            value: self.options.feature_map_format(*found)
            for value, found in ranges.of_feature_maps()
        }
        rescaled = [(op, formats[op.result]) for op in self.operators if maps.moves_integers(op)]
        differing = [
            (op, index, form)
            for op, form in rescaled
            for index, value in enumerate(op.operands)
            if xnn.tensor_type(value).element_type == f32
            and (value in self.constants or not ranges.share(value, op.result))
        ]
        if self.options.bits <= 8:
            self._step(formats)
        for value, form in formats.items():
            users = {use.operation for use in value.uses if maps.reads_integers(use.operation)}
            self._quantize(self._parts_of(value), value, users, form)
        for op, index, form in differing:
            parts = Parts(op.result_name.data, InsertPoint.before(op)).of(f"operand{index}")
            self._quantize(parts, op.operands[index], {op}, form)

    def _step(self, formats: Mapping[SSAValue, Format]) -> None:
        """Rounds inside operators to bytes too, whose results are rounded to bytes."""
        for op in self.operators:
            if op.result not in formats:
                continue
            if isinstance(op, xnn.SoftmaxOp):
                op.exponent_step = FloatAttr(_exponent_step(op), f32)
            elif isinstance(op, xnn.LrnOp) and op.x in formats:
                _set_square_step(op, *formats[op.x])

    def _quantize_dynamically(self, value: SSAValue) -> None:
        """Quantises a feature map with the scale of its range in each run."""
        if value in self.constants or xnn.tensor_type(value).element_type != f32:
            return
        kind = IntegerType(self.options.bits, Signedness.UNSIGNED)
        parts = self._parts_of(value)
        users = {
            use.operation
            for use in value.uses
            if isinstance(use.operation, MultiplyAccumulateOperation)
        }
        scale, zero_point = dynamic_range(parts, value, kind, _never_negative(value))
        self._quantize_for(parts, value, users, scale, zero_point)

    def _parts_of(self, value: SSAValue) -> Parts:
        """Builds parts of a feature map, as early as it exists."""
        place = InsertPoint.at_start(self.main.body.block)
        if isinstance(value.owner, Operation):
            place = InsertPoint.after(value.owner)
        return Parts(name_of(self.module, value), place)

    def _quantize(
        self, parts: Parts, value: SSAValue, users: Collection[Operation], form: Format
    ) -> None:
        scale, zero_point, kind = form
        scale = parts.constant(scale, f32, "scale")
        zero_point = parts.constant(zero_point, kind, "zero")
        self._quantize_for(parts, value, users, scale, zero_point)

    def _quantize_for(
        self,
        parts: Parts,
        value: SSAValue,
        users: Collection[Operation],
        scale: SSAValue,
        zero_point: SSAValue,
    ) -> None:
        """Rounds a value to integers and back for some of its users."""
        q = parts.build(xnn.QuantizeOp, [value, scale, zero_point], part="quantized")
        dequantized = parts.build(xnn.DequantizeOp, [q, scale, zero_point], part="dequantized")
        value.replace_uses_with_if(dequantized, lambda use: use.operation in users)

    def _quantize_constant(self, op: ProductOperation, index: int) -> None:
        """Quantises a constant operand with one scale or, weights only, one per output channel."""
        w = op.operands[index]
        axis, per_channel = 0, False
        if isinstance(op, MultiplyAccumulateOperation) and index == 1:
            axis, per_channel = op.output_axis, self.options.per_channel
        name, properties = op.result_name.data, {"axis": xnn.integer(axis)}
        for what, value in (("weights", w), ("bias", op.bias)):
            if (
                value is not None
                and value in self.constants
                and not np.isfinite(self.parameters.evaluate(value)).all()
            ):
                raise UserError(
                    f'{self.options.name}: the {what} of layer "{op.shown_name}" must be finite'
                )
        rows = np.moveaxis(self.parameters.evaluate(w), axis, 0)
        rows = rows.reshape(len(rows) if per_channel else 1, -1)
        fit = self.options.weight_fit(rows)
        shape, part = (-1,) if per_channel else (), ("x", "w")[index]
        steps, parts = fit.steps.reshape(shape), Parts(name, InsertPoint.before(op))
        scale = parts.constant(steps, f32, f"{part}_scale")
        zero = parts.constant(np.zeros(steps.shape), fit.kind, f"{part}_zero")
        if fit.nearest is None:
            q = parts.build(xnn.QuantizeOp, [w, scale, zero], properties, part=f"{part}_q")
        else:
            nearest = parts.constant(fit.nearest.reshape(shape), f32, f"{part}_nearest")
            restricted = {**properties, "levels": StringAttr(self.options.levels or "")}
            q = parts.build(xnn.RestrictOp, [w, nearest], restricted, part=f"{part}_q")
        back = parts.build(xnn.DequantizeOp, [q, scale, zero], properties, part=f"{part}_dq")
        op.operands[index] = back


def _exponent_step(op: xnn.SoftmaxOp) -> float:
    """The least step with which all exponentials that count as 0 are together less than 1 % of the sum."""
    count = prod(xnn.shape_of(op.x)[axis] for axis in op.axes)
    return log(100 * count) / xnn.SoftmaxOp.MOST_STEPS


def _set_square_step(op: xnn.LrnOp, scale: np.float32, zero_point: int, kind: IntegerType) -> None:
    """The least step with which a byte, or two, hold the squares of all numbers of a format, if f32 holds them.

    A byte is enough where the largest square adds no more than one to what the power is of: results then differ by
    less than half a step of theirs.
    """
    largest = (float(scale) * max(abs(bound - zero_point) for bound in integer_range(kind))) ** 2
    share = abs(op.alpha.value.data) / op.size.value.data * largest
    bits = 8 if share <= abs(op.bias.value.data) else 16
    step, floats = largest / (2**bits - 1), np.finfo(np.float32)
    if float(floats.tiny) < step and largest < float(floats.max):
        op.square_step, op.square_bits = FloatAttr(step, f32), xnn.integer(bits)


def _never_negative(value: SSAValue) -> bool:
    """Whether a feature map is known to have no negative elements, whatever the input."""
    op = value.owner
    if not isinstance(op, xnn.NetworkOperation):
        return False
    if op.has_trait(WithinRange):
        return all(_never_negative(operand) for operand in op.operands)
    return op.has_trait(NeverNegative)


@dataclass(frozen=True)
class InsertQuantization(NumberFormats, ModulePass):
    """Rounds feature maps and weights to integers and back: fixed point, simulated with floats.

    ```mlir
    %y = xnn.conv "y" %x, %w {...} : ...
    ```
    becomes
    ```mlir
    %q = xnn.quantize "x#quantized" %x, %s, %z : (tensor<1x8x4x4xf32>, ...) -> tensor<1x8x4x4xui8>
    %d = xnn.dequantize "x#dequantized" %q, %s, %z : ...
    %wq = xnn.quantize "y#w_q" %w, %sw, %zw {axis = 0 : i64} : ... -> tensor<8x8x3x3xi8>
    %wd = xnn.dequantize "y#w_dq" %wq, %sw, %zw {axis = 0 : i64} : ...
    %y = xnn.conv "y" %d, %wd {...} : ...
    ```
    Needs the ranges from `calibrate`. Feature maps have `bits` (2 to 16) and a zero point; those that are
    never negative are unsigned unless `signed`. Weights have `weight-bits`, by default as many, or are
    restricted to `levels` (binary, ternary, power_of_two); they are symmetric, with a scale for each
    output channel or, without `per-channel`, one for all. `ramp` is the factor by which ranges are
    widened at the last layer; it grows from 1.0 at the first. Operands and result of a concatenation, a
    maximum or a move share one scale, unless that is far too coarse for one of them; means are widened as
    their operands are. Sums, differences and products of two feature maps use sums of products unrounded;
    states [batch, features] of up to `small` elements stay real. `power-of-two-scales` rounds every scale up to a
    power of two. What is not finite on some sample, such as a mask, stays real.

    With `dynamic`, scales are computed from the range in each run, without calibration: operands of
    products are quantised, unsigned, everything else stays as it is; `ramp` and `signed` are ignored.
    """

    name = "insert-quantization"
    changes_values = True

    power_of_two_scales: bool = False
    small: int = SMALL

    @property
    def bits_of_weights(self) -> int:
        return self.bits if self.weight_bits is None else self.weight_bits

    def feature_map_format(self, low: float, high: float) -> Format:
        """Scale, zero point and type of feature maps of a range that holds 0."""
        signless = low < 0 or self.signed
        sign = Signedness.SIGNLESS if signless else Signedness.UNSIGNED
        kind = IntegerType(self.bits, sign)
        least, most = integer_range(kind)
        scale = np.float32(self.rounded(np.asarray((high - low) / (most - least) or 1.0)))
        zero_point = int(np.clip(np.rint(least - low / scale), least, most))
        return scale, zero_point, kind

    def weight_fit(self, rows: np.ndarray) -> Fit:
        """Type and scales of weights, for each of their rows."""
        fit = fit_range(rows, self.bits_of_weights)
        if self.levels is not None:
            fit = fit_levels(rows, self.levels)
        return replace(fit, steps=self.rounded(fit.steps))

    def rounded(self, scale: np.ndarray) -> np.ndarray:
        """Positive scales that float32 can represent, or the next powers of two if asked for."""
        scale = np.maximum(scale, np.finfo(np.float32).tiny)
        return np.exp2(np.ceil(np.log2(scale))) if self.power_of_two_scales else scale

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for what, bits in (("bits", self.bits), ("weight-bits", self.bits_of_weights)):
            if not 2 <= bits <= 16:
                raise UserError(f"{self.name}: {what} must be 2 to 16, not {bits}")
        if self.levels is not None:
            require_choice(self.name, "levels", self.levels, LEVELS)
        if not self.ramp >= 1:
            raise UserError(f"{self.name}: ramp must be at least 1, not {self.ramp}")
        _Insertion(op, self).run()
