"""The pass `calibrate`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter, PythonValues
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn import ConstantExpressions, NetworkOperation
from xnn.dialects.xnn.interface import argument_names, main_function
from xnn.dialects.xnn.linear import MultiplyAccumulateOperation
from xnn.passes.quantize.formats import require_choice
from xnn.passes.quantize.ranges import Range, channel_means, means_of_parts, set_means, set_range
from xnn.passes.quantize.simulation import samples_for
from xnn.runtime.session import Session

NO_RANGE = float("nan"), float("nan")
"""The range of a feature map that is not finite."""
EMPTY = 0.0, 0.0
"""The range of one without elements."""
BINS, SHRINKS = 2048, np.linspace(0.3, 1.0, 36)
"""Bins of the histogram, and factors tried, in the search for the range of least squared error."""


def _minmax(x: np.ndarray, percentile: float) -> Range:
    return float(x.min()), float(x.max())


def _absmax(x: np.ndarray, percentile: float) -> Range:
    largest = float(max(x.max(), -x.min()))
    return (-largest if x.min() < 0 else 0.0), largest


def _percentile(x: np.ndarray, percentile: float) -> Range:
    low, high = np.quantile(x, [1 - percentile / 100, percentile / 100])
    return float(low), float(high)


def _mse(x: np.ndarray, percentile: float) -> Range:
    """The shrunk range whose 8-bit quantisation has the least squared error, clipping included."""
    low, high = float(x.min()), float(x.max())
    if low == high:
        return low, high
    counts, edges = np.histogram(x.astype(np.float64), BINS)
    centres = (edges[:-1] + edges[1:]) / 2
    errors: list[float] = []
    for shrink in SHRINKS:
        step = (high - low) * shrink / 255 or 1.0
        clipped = np.clip(centres, low * shrink, high * shrink)
        moved = np.abs(centres - clipped)
        errors.append(float((counts * (moved**2 + step**2 / 12)).sum()))
    shrink = float(SHRINKS[int(np.argmin(errors))])
    return low * shrink, high * shrink


JOINED = {"minmax", "absmax"}
"""Methods whose range holds every sample; those of the others, which clip, are averaged over the samples."""

METHODS: dict[str, Callable[[np.ndarray, float], Range]] = {
    "minmax": _minmax,
    "absmax": _absmax,
    "percentile": _percentile,
    "mse": _mse,
}


class _Ranges(Interpreter.Listener):
    """Ranges of the values of a network, and means of the channels of its products, for each sample."""

    def __init__(self, measure: Callable[[np.ndarray], Range]):
        self.measure = measure
        self.found: dict[SSAValue, list[Range]] = {}
        self.means: dict[MultiplyAccumulateOperation, list[np.ndarray]] = {}
        self._constants = ConstantExpressions()

    def add(self, value: SSAValue, array: np.ndarray) -> None:
        found = EMPTY
        if array.size:
            found = self.measure(array) if np.isfinite(array).all() else NO_RANGE
        self.found.setdefault(value, []).append(found)

    def did_interpret_op(self, op: Operation, results: PythonValues) -> None:
        if isinstance(op, NetworkOperation) and op.result not in self._constants:
            array = np.asarray(results[0])
            if array.dtype == np.float32:
                self.add(op.result, array)
                if isinstance(op, MultiplyAccumulateOperation) and array.size:
                    self.means.setdefault(op, []).append(channel_means(array))


@dataclass(frozen=True)
class Calibrate(ModulePass):
    """Runs the network on samples and attaches the range of every feature map.

    ```mlir
    %y = xnn.relu "y" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
    becomes
    ```mlir
    %y = xnn.relu "y" %x {xnn.range = [0.0 : f32, 5.25 : f32]} : ...
    ```
    `inputs` is an .npz file of samples; without it `samples` random ones are drawn from `seed`. `method`
    is how the range of a sample is found: `minmax`, `absmax`, `percentile` (at both ends) or `mse` (least
    squared error at 8 bits); ranges of samples are joined for the first two, for the others averaged. A
    feature map that is not finite has the range [nan, nan]. With `means`, `xnn.means` holds the means of
    the channels of each product, for each of up to four parts of the samples. Raises UserError for inputs
    that do not fit.
    """

    name = "calibrate"

    inputs: str | None = None
    method: str = "minmax"
    percentile: float = 99.99
    seed: int = 0
    samples: int = 4
    means: bool = False

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        require_choice(self.name, "method", self.method, METHODS)
        if not 50 < self.percentile <= 100:
            raise UserError(f"{self.name}: percentile {self.percentile} is not in (50, 100]")
        measure = METHODS[self.method]
        ranges = _Ranges(lambda array: measure(array, self.percentile))
        session = Session(op)
        session.interpreter.listeners += (ranges,)
        main = main_function(op)
        for sample in samples_for(op, self.inputs, self.seed, self.samples):
            for name, argument in zip(argument_names(main), main.args, strict=True):
                if sample[name].dtype == np.float32:
                    ranges.add(argument, sample[name])
            session.run(sample)
        for value, found in ranges.found.items():
            set_range(op, value, self._together(found))
        if self.means:
            for product, means in ranges.means.items():
                set_means(product, means_of_parts(means))

    def _together(self, found: list[Range]) -> Range:
        lows, highs = zip(*found, strict=True)
        if self.method in JOINED:
            return min(lows), max(highs)
        return float(np.mean(lows)), float(np.mean(highs))
