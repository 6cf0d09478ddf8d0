"""The pass `quantize`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from xnn.dialects.diagnostics import UserError
from xnn.passes.pipelines import pass_named
from xnn.passes.quantization.calibrate import Calibrate
from xnn.passes.quantization.fold_quantization import FoldQuantization
from xnn.passes.quantization.insert_quantization import InsertQuantization
from xnn.passes.quantization.multiply_and_shift import MultiplyAndShift

COMPUTE_SCALES = ("free", "shift", "power_of_two")
"""How sums become narrow: by a float factor, an integer one and a shift, or a shift alone."""


@dataclass(frozen=True)
class Quantize(ModulePass):
    """Makes a network of numbers one of integers: calibrate, insert-quantization, fold-quantization.

    `calibrate` is an .npz file of inputs; without it ranges come from random inputs. The other options
    are those of `calibrate` and `insert-quantization`. The graph is optimised first, and afterwards.
    `compute-scale` is what sums are multiplied with to become narrow: any number (free), an integer
    with a shift behind it (shift), or a power of two, for which all scales are powers of two. With
    `dynamic` scales follow each input (see `insert-quantization`); that takes a free compute scale.

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
    changes_numbers = True

    bits: int = 8
    coefficient_bits: int | None = None
    levels: str | None = None
    per_channel: bool = True
    signed: bool = False
    ramp: float = 1.0
    compute_scale: str = "free"
    dynamic: bool = False
    calibrate: str | None = None
    method: str = "minmax"
    percentile: float = 99.99
    seed: int = 0
    samples: int = 4

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.compute_scale not in COMPUTE_SCALES:
            raise UserError(
                f"{self.name}: there is no compute-scale '{self.compute_scale}'",
                hint=f"compute scales: {', '.join(COMPUTE_SCALES)}",
            )
        if self.dynamic and self.compute_scale != "free":
            raise UserError(
                f"{self.name}: compute-scale={self.compute_scale} needs scales that are known before",
                hint="leave out dynamic, or compute-scale",
            )
        calibration = Calibrate(
            self.calibrate, self.method, self.percentile, self.seed, self.samples
        )
        steps = (
            pass_named("optimize-graph")(),
            *([] if self.dynamic else [calibration]),
            InsertQuantization(
                self.bits,
                self.coefficient_bits,
                self.levels,
                self.per_channel,
                self.signed,
                self.ramp,
                self.compute_scale == "power_of_two",
                self.dynamic,
            ),
            FoldQuantization(),
            *([] if self.compute_scale == "free" else [MultiplyAndShift()]),
            pass_named("optimize-graph")(),
        )
        for step in steps:
            step.apply(ctx, op)
            op.verify()
