"""The pass `correct-biases`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, f32
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn import AddOp, DequantizeOp, GemmOp
from xnn.dialects.xnn.linear import MultiplyAccumulateOperation
from xnn.dialects.xnn.operation import shown
from xnn.passes.graph.building import Parts
from xnn.passes.quantize.ranges import channel_means, means_of_parts, take_means
from xnn.passes.quantize.simulation import Simulation, samples_for


def _can_be_corrected(op: MultiplyAccumulateOperation, simulation: Simulation) -> bool:
    """Whether a product has rounded operands and no bias but one that is known now."""
    if not any(isinstance(value.owner, DequantizeOp) for value in op.operands[:2]):
        return False
    if isinstance(op, GemmOp) and op.beta.value.data != 1:
        return False
    return all(simulation.is_constant(bias) for bias in op.operands[2:])


def _correction(errors: np.ndarray) -> np.ndarray:
    """The mean of errors [parts, channels], shrunk the more the parts disagree."""
    mean = errors.mean(axis=0)
    size = (mean**2).sum()
    if len(errors) == 1 or not size:
        return mean
    doubt = errors.var(axis=0, ddof=1).sum() / len(errors)
    return mean * max(0.0, 1 - doubt / size)


def _add_to_bias(op: MultiplyAccumulateOperation, array: np.ndarray) -> None:
    """Adds an array, of one element per channel, to the bias of a product."""
    parts, bias = Parts(op.result_name.data, InsertPoint.before(op)), op.operands[2:]
    result = parts.stored(array, f32, "correction")
    if bias:
        result = parts.build(AddOp, [*bias, result], part="corrected")
    op.operands = [*op.operands[:2], result]


@dataclass(frozen=True)
class CorrectBiases(ModulePass):
    """Subtracts from the bias of each product what rounding adds to the means of its channels.

    ```mlir
    %y = xnn.conv "y" %d, %wd, %b {xnn.means = dense<[[0.5, -1.0]]> : tensor<1x2xf32>, ...} : ...
    ```
    becomes, if the means with rounded operands are 0.625 and -1.125,
    ```mlir
    %e = xnn.constant "y#correction" dense<[-0.125, 0.125]> : tensor<2xf32>
    %c = xnn.add "y#corrected" %b, %e : ...
    %y = xnn.conv "y" %d, %wd, %c {...} : ...
    ```
    Runs after `insert-quantization`; the means before quantisation come from `calibrate`, with the
    same `inputs` (an .npz file; else `samples` random ones from `seed`). Products are corrected in
    order, each for the errors that remain. A correction that differs between parts of the samples
    is shrunk as in the James-Stein estimator of means (1961). After Nagel et al.,
    Data-Free Quantization Through Weight Equalization and Bias Correction, 2019 (the empirical
    form). Raises UserError for inputs that do not fit the network.
    """

    name = "correct-biases"
    changes_values = True

    inputs: str | None = None
    seed: int = 0
    samples: int = 4

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        simulation = Simulation(op, samples_for(op, self.inputs, self.seed, self.samples))
        for product in simulation.products():
            expected = take_means(product)
            if expected is None or not _can_be_corrected(product, simulation):
                continue
            results = simulation.run(product)
            found = means_of_parts([channel_means(result) for result in results])
            if expected.shape != found.shape:
                raise UserError(
                    f'{self.name}: layer "{product.shown_name}": xnn.means has shape '
                    f"{shown(expected.shape)}, expected {shown(found.shape)}",
                    hint='run --calibrate="means=true" first, with the same inputs',
                )
            correction = _correction(expected - found).astype(np.float32)
            if correction.any():
                _add_to_bias(product, correction)
            ones = (1,) * (results[0].ndim - 2)
            simulation[product.result] = [
                result + correction.reshape(-1, *ones) for result in results
            ]
