"""Semantics of the choice of boxes."""

from __future__ import annotations

import numpy as np

from xnn.dialects.xnn import NonMaxSuppressionOp
from xnn.runtime.semantics.operators import compute

TOGETHER = 256
"""Boxes that are compared with each other at a time."""


@compute.register
def non_max_suppression(
    op: NonMaxSuppressionOp, boxes: np.ndarray, order: np.ndarray, candidates: np.ndarray
) -> np.ndarray:
    most = op.most.value.data
    kept = np.full((*order.shape[:2], most), -1, np.int64)
    corners = _corners(boxes, op.centers is not None)
    for sample, of_class in np.ndindex(*order.shape[:2]):
        listed = order[sample, of_class, candidates[sample, of_class]]
        found = _kept(corners[sample, listed], most, np.float32(op.overlap.value.data))
        kept[sample, of_class, : len(found)] = listed[found]
    return kept


def _kept(boxes: np.ndarray, most: int, overlap: np.float32) -> list[int]:
    """Which boxes are kept, at most so many."""
    found: list[int] = []
    for start in range(0, len(boxes), TOGETHER):
        those = boxes[start : start + TOGETHER]
        free = np.asarray(~_overlap(boxes[found], those, overlap).any(axis=0))
        among = _overlap(those, those, overlap)
        for i in range(len(those)):
            if free[i]:
                found.append(start + i)
                if len(found) == most:
                    return found
                free &= ~among[i]
    return found


def _corners(boxes: np.ndarray, centers: bool) -> np.ndarray:
    """The least coordinates of boxes, then the largest."""
    one, other = boxes[..., :2], boxes[..., 2:]
    if centers:
        half = other / np.float32(2)
        return np.concatenate([one - half, one + half], axis=-1)
    return np.concatenate([np.minimum(one, other), np.maximum(one, other)], axis=-1)


def _overlap(some: np.ndarray, others: np.ndarray, most: np.float32) -> np.ndarray:
    """Whether the intersection of a box with another one is more than a share of their union: [some, others]."""
    (low, high), (other_low, other_high) = ((each[:, :2], each[:, 2:]) for each in (some, others))
    with np.errstate(all="ignore"):
        size = np.minimum(high[:, None], other_high) - np.maximum(low[:, None], other_low)
        common = size[..., 0] * size[..., 1]
        own, other = (high - low).prod(axis=1)[:, None], (other_high - other_low).prod(axis=1)
        union = own + other - common
        more = _is_more(common, union, most)
    return more & (size > 0).all(axis=-1) & (common > 0) & (own > 0) & (other > 0) & (union > 0)


def _is_more(part: np.ndarray, whole: np.ndarray, share: np.float32) -> np.ndarray:
    """Whether the quotient in f32 is more than a share, without a division.

    It is if part is more than whole times what lies between the share and the next number; a quotient in the
    middle is rounded to the even one of both. The product is exact in f64.
    """
    after = np.nextafter(share, np.float32(np.inf))
    bound = whole * ((np.float64(share) + np.float64(after)) / 2)
    is_odd = np.frombuffer(share.tobytes(), np.int32).item() & 1
    return np.greater_equal(part, bound) if is_odd else np.greater(part, bound)
