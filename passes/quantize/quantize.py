"""The pass `quantize`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from xnn.dialects.diagnostics import UserError
from xnn.passes import pass_named
from xnn.passes.integers.fold_quantization import FoldQuantization
from xnn.passes.integers.multiply_and_shift import MultiplyAndShift
from xnn.passes.integers.multiply_by_reciprocals import MultiplyByReciprocals
from xnn.passes.pipelines import PIPELINES
from xnn.passes.quantize.calibrate import Calibrate
from xnn.passes.quantize.correct_biases import CorrectBiases
from xnn.passes.quantize.formats import NumberFormats, require_choice
from xnn.passes.quantize.insert_quantization import SMALL, InsertQuantization
from xnn.passes.quantize.round_weights import RoundWeights

COMPUTE_SCALES = ("free", "shift", "power_of_two")
"""How sums are narrowed: by a float factor, by an integer one and a shift, or by a shift alone."""

ROUNDINGS = ("nearest", "gptq")
"""How weights are rounded: each to the nearest integer, or by `round-weights`."""


@dataclass(frozen=True)
class Quantize(NumberFormats, ModulePass):
    """Turns a network that computes with real values into one that computes with integers.

    Runs `calibrate`, `insert-quantization`, `round-weights` (if `rounding` is `gptq`), `correct-biases`,
    `fold-quantization`, `multiply-and-shift` (unless the compute scale is free) and
    `multiply-by-reciprocals`, between two optimisations of the graph; the options are theirs. Without
    `calibrate`, an .npz file of inputs, ranges come from random inputs and biases are corrected only if
    asked for. `compute-scale` is the factor that narrows sums: any float (free), an integer and a shift
    (shift), or a power of two, as all scales are then (power_of_two). `dynamic` needs free. Raises
    UserError for unknown choices.

    ```mlir
    %c = xnn.conv "c" %x, %w {...} : (tensor<1x8x4x4xf32>, tensor<8x8x3x3xf32>) -> tensor<1x8x4x4xf32>
    %y = xnn.relu "y" %c : ...
    ```
    becomes
    ```mlir
    %q = xnn.quantize "x#quantized" %x, %s, %z : ...
    %c = xnn.conv "c#sums" %q, %wq {...} : (tensor<1x8x4x4xi8>, ...) -> tensor<1x8x4x4xi32>
    %y = xnn.requantize "y#quantized" %c, %m, %zy : ... -> tensor<1x8x4x4xui8>
    ```
    """

    name = "quantize"
    changes_values = True

    compute_scale: str = "free"
    calibrate: str | None = None
    method: str = "minmax"
    percentile: float = 99.99
    seed: int = 0
    samples: int = 4
    rounding: str = "nearest"
    correct_biases: bool | None = None

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        require_choice(self.name, "compute-scale", self.compute_scale, COMPUTE_SCALES)
        require_choice(self.name, "rounding", self.rounding, ROUNDINGS)
        if self.dynamic and self.compute_scale != "free":
            raise UserError(
                f"{self.name}: compute-scale={self.compute_scale} needs scales that are known before the network runs",
                hint="leave out dynamic, or compute-scale",
            )
        corrects = self.correct_biases
        if corrects is None:
            corrects = self.calibrate is not None
        inputs = (self.calibrate, self.seed, self.samples)
        calibration = Calibrate(
            self.calibrate, self.method, self.percentile, self.seed, self.samples, corrects
        )
        powers_of_two = self.compute_scale == "power_of_two"
        optimizing = [pass_named(name)() for name in PIPELINES["optimize-graph"]]
        steps = [
            *optimizing,
            *([] if self.dynamic and not corrects else [calibration]),
            InsertQuantization(
                **self.number_formats,
                power_of_two_scales=powers_of_two,
                small=SMALL if self.compute_scale == "free" else 0,
            ),
            *([RoundWeights(*inputs)] if self.rounding == "gptq" else []),
            *([CorrectBiases(*inputs)] if corrects else []),
            FoldQuantization(),
            *([] if self.compute_scale == "free" else [MultiplyAndShift()]),
            MultiplyByReciprocals(),
            *optimizing,
        ]
        for step in steps:
            step.apply(ctx, op)
