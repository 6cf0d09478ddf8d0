"""The pass `round-weights`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import IntegerType, ModuleOp, f16, f32
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint

from xnn.dialects import xnn
from xnn.dialects.diagnostics import UserError
from xnn.dialects.element_types import integer_range
from xnn.dialects.xnn.linear import MultiplyAccumulateOperation
from xnn.passes.graph.building import Parts, Replacement
from xnn.passes.integers.parameters import is_single, is_zero, same
from xnn.passes.quantize.simulation import Simulation, samples_for
from xnn.runtime.engines.matmul import filtering_matrix, pad
from xnn.runtime.semantics.xnn.quantization import restrict

LONGEST = 1024
"""Taps whose second moments are factorised together, in time cubic in this."""
AT_ONCE = 64
"""Taps whose errors are propagated to the others by one matrix product."""

Rounding = Callable[[np.ndarray], np.ndarray]
"""Rounds weights [groups, rows] to integers."""

Inputs = Callable[[], Iterable[np.ndarray]]
"""Returns, for each sample, what the weights are multiplied with: [groups, taps, positions]."""


def _rounded_block(
    goal: np.ndarray, moments: np.ndarray, scale: np.ndarray, nearest: Rounding
) -> np.ndarray:
    """Integers q [G, K, M] that make (goal - scale q)' moments (goal - scale q) small.

    goal [G, K, M], moments [G, K, K], scale [G, M]. Taps are rounded one after the other, each after
    the errors of those before it, weighted by the Cholesky factor of the moments, are added.
    """
    order = np.argsort(_diagonal(moments).sum(axis=0), kind="stable")
    factor = np.linalg.cholesky(moments[:, order][:, :, order])
    factor = (factor / _diagonal(factor)[:, None]).astype(np.float32)
    goal = goal[:, order]
    q, errors = np.empty_like(goal), np.zeros_like(goal)
    for end in range(len(order), 0, -AT_ONCE):
        first = max(0, end - AT_ONCE)
        wanted = goal[:, first:end] + _transposed(factor[:, end:, first:end]) @ errors[:, end:]
        for tap in range(end - 1, first - 1, -1):
            propagated = factor[:, None, tap + 1 : end, tap] @ errors[:, tap + 1 : end]
            value = wanted[:, tap - first] + propagated[:, 0]
            q[:, order[tap]] = rounded = nearest(value)
            errors[:, tap] = goal[:, tap] - rounded * scale
    return q


def _diagonal(matrices: np.ndarray) -> np.ndarray:
    """The diagonals [G, K] of matrices [G, K, K], as a view."""
    return np.einsum("gkk->gk", matrices)


def _transposed(matrices: np.ndarray) -> np.ndarray:
    return matrices.transpose(0, 2, 1)


def rounded(
    w: np.ndarray, scale: np.ndarray, nearest: Rounding, inputs: Inputs, damping: float
) -> np.ndarray:
    """Integers q [G, M, K] for which the products of scale q are close to those of w.

    w [G, M, K], scale [G, M]; `nearest` rounds values [G, M] of one tap. Taps are rounded in blocks;
    each block compensates the errors in the products of those before it. `damping`, relative to
    the mean of the diagonal of the moments, is added to the diagonal.
    """
    w = _transposed(w)
    blocks = -(-w.shape[1] // LONGEST)
    bounds = [w.shape[1] * block // blocks for block in range(blocks + 1)]
    q = np.empty_like(w)
    missing: list[np.ndarray] = []
    """For each sample [G, M, positions]: the products of w minus those of q, of the blocks so far."""
    for first, end in zip(bounds, bounds[1:], strict=False):
        goal = w[:, first:end]
        moments = np.zeros((len(w), end - first, end - first), np.float32)
        owed = np.zeros_like(goal)
        for sample, taps in enumerate(inputs()):
            near = taps[:, first:end]
            moments += near @ _transposed(near)
            if missing:
                owed += near @ _transposed(missing[sample])
        moments = moments.astype(np.float64)
        diagonal = _diagonal(moments)
        diagonal += damping * diagonal.mean(axis=1, keepdims=True)
        diagonal[diagonal == 0] = 1  # no sample reaches the group
        if missing:
            goal = goal + np.linalg.solve(moments, owed).astype(np.float32)
        q[:, first:end] = _rounded_block(goal, moments, scale, nearest)
        if end < w.shape[1]:
            errors = _transposed(w[:, first:end] - q[:, first:end] * scale[:, None])
            new = [errors @ taps[:, first:end] for taps in inputs()]
            missing = [a + b for a, b in zip(missing, new, strict=True)] if missing else new
    return _transposed(q)


def _taps(op: MultiplyAccumulateOperation, x: np.ndarray) -> np.ndarray:
    """What the weights of a product are multiplied with: [groups, taps, positions]."""
    if isinstance(op, xnn.GemmOp):
        return (x if op.trans_a.value.data else x.T)[None]
    assert isinstance(op, xnn.ConvOp)
    taps = filtering_matrix(
        pad(x, op.pad_pairs, 0),
        xnn.shape_of(op.w)[2:],
        op.strides.get_values(),
        op.dilations.get_values(),
        op.groups.value.data,
    )
    return np.concatenate(list(taps), axis=-1)


def to_ends(scale: np.ndarray, low: int, high: int) -> Rounding:
    """Rounding to the nearest multiple of a scale, clipped to two integers."""
    return lambda value: np.clip(np.rint(value / scale), low, high)


def _round(
    op: MultiplyAccumulateOperation,
    quantized: xnn.QuantizeOp | xnn.RestrictOp,
    simulation: Simulation,
    damping: float,
) -> None:
    """Replaces the nearest integers by those that fit the simulated feature maps."""
    feature_maps = simulation[op.operands[0]]
    if not all(np.isfinite(x).all() for x in feature_maps):
        name = op.shown_name
        raise UserError(
            f'round-weights: layer "{name}": its feature map is not finite on the samples'
        )
    dequantized = op.operands[1].owner
    assert isinstance(dequantized, xnn.DequantizeOp)
    w = simulation.constant(quantized.x)
    turned = op.output_axis == 1
    rows = w.T if turned else w
    groups = op.groups.value.data if isinstance(op, xnn.ConvOp) else 1
    per_group = len(rows) // groups

    def by_row(scale: SSAValue) -> np.ndarray:
        array = simulation.constant(scale)
        return np.broadcast_to(array, len(rows)).reshape(groups, per_group)

    scale = by_row(dequantized.scale)
    q = rounded(
        rows.reshape(groups, per_group, -1),
        scale,
        _nearest(quantized, by_row(quantized.scale)),
        lambda: (_taps(op, x) for x in feature_maps),
        damping,
    ).reshape(rows.shape)
    Replacement(quantized).take(_restated(quantized, q.T if turned else q))


def _nearest(quantized: xnn.QuantizeOp | xnn.RestrictOp, scale: np.ndarray) -> Rounding:
    """Rounding of weights to the nearest integers."""
    if isinstance(quantized, xnn.RestrictOp):
        levels = quantized.levels.data
        return lambda value: restrict(value, scale, levels).astype(np.float32)
    kind = xnn.tensor_type(quantized.result).element_type
    assert isinstance(kind, IntegerType)
    return to_ends(scale, *integer_range(kind))


def _restated(quantized: xnn.QuantizeOp | xnn.RestrictOp, q: np.ndarray) -> SSAValue:
    """A value of these integers; levels stay restricted, for that says how they are packed."""
    parts = Parts(quantized.result_name.data, InsertPoint.before(quantized))
    if isinstance(quantized, xnn.QuantizeOp):
        return parts.stored(q, xnn.tensor_type(quantized.result).element_type)
    operands = [parts.stored(q, f16, "levels"), parts.constant(1, f32, "one")]
    return parts.build(xnn.RestrictOp, operands, {"levels": quantized.levels})


def _quantization(
    op: MultiplyAccumulateOperation, simulation: Simulation
) -> xnn.QuantizeOp | xnn.RestrictOp | None:
    """The operator that rounds the weights of a product, and nothing else, with a scale for each output channel."""
    dequantized = op.operands[1].owner
    if not isinstance(dequantized, xnn.DequantizeOp) or not dequantized.result.has_one_use():
        return None
    quantized = dequantized.q.owner
    if not isinstance(quantized, xnn.QuantizeOp | xnn.RestrictOp):
        return None
    if not quantized.result.has_one_use() or not all(
        simulation.is_constant(value) for value in quantized.operands
    ):
        return None
    by_row = is_single(quantized.scale) or quantized.axis.value.data == op.output_axis
    fits = by_row and is_zero(dequantized.zero_point)
    if isinstance(quantized, xnn.QuantizeOp):
        fits = fits and same(quantized.scale, dequantized.scale) and is_zero(quantized.zero_point)
    return quantized if fits else None


@dataclass(frozen=True)
class RoundWeights(ModulePass):
    """Rounds the weights of each product together, so that their errors cancel in its results.

    ```mlir
    %wq = xnn.quantize "y#w_q" %w, %sw, %zw {axis = 0 : i64} : (tensor<8x8x3x3xf32>, ...) -> tensor<8x8x3x3xi8>
    %wd = xnn.dequantize "y#w_dq" %wq, %sw, %zw {axis = 0 : i64} : ...
    %y = xnn.conv "y" %d, %wd {...} : ...
    ```
    becomes
    ```mlir
    %wq = xnn.constant "y#w_q" dense<...> : tensor<8x8x3x3xi8>
    ```
    and nothing else changes; weights that are restricted to few levels are rounded alike. More than
    4 KiB become an `xnn.weight` in memory. Runs after `insert-quantization`, layer by layer, on the
    quantised feature maps of `inputs` (an .npz file; else of `samples` random ones from `seed`), after
    the rounding of the layers before; `damping` (0.01) keeps weights near where the samples say
    little. GPTQ (Frantar et al., 2022), in the form of Babai's nearest plane (Chen et al., The
    Geometry of LLM Quantization, 2025). Raises UserError for inputs that do not fit the network.
    """

    name = "round-weights"
    changes_values = True

    inputs: str | None = None
    seed: int = 0
    samples: int = 4
    damping: float = 0.01

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not self.damping > 0:
            raise UserError(f"{self.name}: damping must be positive, not {self.damping}")
        simulation = Simulation(op, samples_for(op, self.inputs, self.seed, self.samples))
        for product in simulation.products():
            if (quantized := _quantization(product, simulation)) is not None:
                _round(product, quantized, simulation, self.damping)
