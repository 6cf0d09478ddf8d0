"""Semantics of the choice of boxes."""

from __future__ import annotations

import numpy as np

from xnn.dialects.xnn import NonMaxSuppressionOp
from xnn.runtime.semantics.operators import compute


@compute.register
def non_max_suppression(
    op: NonMaxSuppressionOp, boxes: np.ndarray, order: np.ndarray, candidates: np.ndarray
) -> np.ndarray:
    kept = np.zeros(order.shape, np.bool_)
    overlap, most = np.float32(op.overlap.value.data), op.most.value.data
    low, high = _corners(boxes, op.centers is not None)
    for sample, of_class in np.ndindex(*order.shape[:2]):
        places = np.flatnonzero(candidates[sample, of_class])
        listed = order[sample, of_class, places]
        left = (low[sample, listed], high[sample, listed])
        for _ in range(most):
            if not len(places):
                break
            kept[sample, of_class, places[0]] = True
            first, rest = ([each[part] for each in left] for part in (slice(0, 1), slice(1, None)))
            free = ~_overlap(first, rest, overlap)
            places = places[1:][free]
            left = (rest[0][free], rest[1][free])
    return kept


def _corners(boxes: np.ndarray, centers: bool) -> tuple[np.ndarray, np.ndarray]:
    """The least and the largest coordinates of boxes."""
    one, other = boxes[..., :2], boxes[..., 2:]
    if centers:
        half = other / np.float32(2)
        return one - half, one + half
    return np.minimum(one, other), np.maximum(one, other)


def _overlap(one: list[np.ndarray], others: list[np.ndarray], most: np.float32) -> np.ndarray:
    """Whether the intersection of a box with each other one is more than a share of their union."""
    size = np.minimum(one[1], others[1]) - np.maximum(one[0], others[0])
    with np.errstate(all="ignore"):
        common = size[:, 0] * size[:, 1]
        own, other = ((high - low).prod(axis=1) for low, high in (one, others))
        union = own + other - common
        share = common / union
    exists = (size > 0).all(axis=1) & (common > 0) & (own > 0) & (other > 0) & (union > 0)
    return exists & (share > most)
