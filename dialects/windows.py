"""A window along one dimension: what it spans, and its positions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Pads = Sequence[tuple[int, int]]
"""Before and after, for each spatial dimension."""


def span(count: Any, kernel: int, stride: int, dilation: int) -> Any:
    """Elements from the first to the last that `count` positions of a window cover."""
    return (count - 1) * stride + dilation * (kernel - 1) + 1


def positions(
    size: int, kernel: int, stride: int = 1, dilation: int = 1, pads: tuple[int, int] = (0, 0)
) -> int:
    """Positions of a window over `size` elements and the pads around them; below 1 if it fits nowhere."""
    return (size + sum(pads) - span(1, kernel, stride, dilation)) // stride + 1
