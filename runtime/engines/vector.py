"""The vector engine: elements one by one, or reduced along the channels and the taps of a window.

Semantics: `semantics` of a map and of a reduction, which is `reduced_windows`.
Cost: `vector_cycles`, in vectors of `lanes` elements, each a cycle per unit of weight of what is done
to its elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from math import prod
from typing import Any

import numpy as np
from xdsl.ir import Region

from xnn.dialects.prim import Domain, MapOp, Primitive, ReduceOp, Reduction, shape
from xnn.dialects.scalar import prices
from xnn.dialects.target import Target
from xnn.dialects.windows import Pads
from xnn.runtime.engines.matmul import Compute, combined_taps, pad, windows
from xnn.runtime.engines.sort import lowest

COMBINE: dict[Reduction, np.ufunc] = {
    Reduction.SUM: np.add,
    Reduction.MAX: np.maximum,
    Reduction.MIN: np.minimum,
    Reduction.PRODUCT: np.multiply,
}


def highest(dtype: np.dtype) -> float | int:
    """The value that never wins a minimum."""
    return int(np.iinfo(dtype).max) if dtype.kind in "iu" else np.inf


def neutral(reduction: Reduction, dtype: np.dtype) -> float | int:
    """The element that leaves every other one as it is."""
    if reduction == Reduction.MAX:
        return lowest(dtype)
    if reduction == Reduction.MIN:
        return highest(dtype)
    return int(reduction == Reduction.PRODUCT)


def reduced_windows(
    x: np.ndarray,
    reduction: Reduction,
    *,
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    pads: Pads,
) -> np.ndarray:
    """All channels and taps of every window made one: [B, C, *spatial] -> [B, 1, *out], in the type of `x`.

    Integers wrap around; pads are neutral.
    """
    combine = COMBINE[reduction]
    with np.errstate(all="ignore"):
        channels = combine.reduce(x, axis=1, keepdims=True, dtype=x.dtype)
        padded = pad(channels, pads, neutral(reduction, x.dtype))
        return combined_taps(combine, windows(padded, kernel, strides, dilations), kernel)


@singledispatch
def semantics(op: Primitive) -> Compute:
    """What the engine computes for a block of `op`."""
    raise NotImplementedError(op.name)


@semantics.register
def _(op: MapOp) -> Compute:
    return lambda factors, pads, partial: factors[0]


@semantics.register
def _(op: ReduceOp) -> Compute:
    window, reduction = op.window, op.reduction.data
    options = {"kernel": window.kernel, "strides": window.strides, "dilations": window.dilations}

    def compute(
        factors: Sequence[np.ndarray], pads: Pads, partial: np.ndarray | None
    ) -> np.ndarray:
        result = reduced_windows(factors[0], reduction, pads=pads, **options)
        if partial is None:
            return result
        with np.errstate(all="ignore"):
            return COMBINE[reduction](result, partial)

    return compute


def weight(region: Region, target: Target) -> int:
    """Cycles that a region takes for a vector: the sum of its operations' prices by class."""
    if not region.blocks:
        return 0
    return sum(getattr(target.general.cycles_per_element, each) for each in prices(region.block))


def streamed_elements(op: Primitive, block: Domain) -> Any:
    """Elements of rhs that a block reads: every tap of every window anew."""
    channels = block.groups * block.channels
    return block.batch * channels * op.window.taps * prod(block.positions)


def operations(op: Primitive) -> int:
    """Elementary operations of a node on whole tensors; an element that nothing is done to counts as one."""
    pre, post = (len(prices(r.block)) if r.blocks else 0 for r in (op.pre, op.post))
    results = prod(shape(op.out))
    if not isinstance(op, ReduceOp):
        return results * max(1, pre + post)
    return int(streamed_elements(op, op.domain)) * (1 + pre) + results * post


def vector_cycles(op: Primitive, block: Domain, target: Target) -> Any:
    """Cycles of a block; its sizes may be arrays of candidates.

    Vectors run along the positions of a channel; where each channel has one position, along channels.
    """
    lanes = target.vector_lanes(op.precision)
    pre, post = weight(op.pre, target), weight(op.post, target)
    positions = prod(block.positions)
    channels = block.groups * block.channels
    along_positions = channels * -(-positions // lanes)
    along_channels = -(-channels // lanes)
    read = block.batch * np.where(positions == 1, along_channels, along_positions)
    if not isinstance(op, ReduceOp):
        return read * max(1, pre + post)
    written = block.batch * -(-positions // lanes)
    # the lanes of the last vector are reduced in a tree
    tree = np.ceil(np.log2(np.minimum(channels, lanes))).astype(np.int64)
    return (
        read * op.window.taps * (1 + pre)
        + written * post
        + block.batch * np.where(positions == 1, tree, 0)
    )
