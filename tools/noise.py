"""How far numbers lie from what they stand in for: the error of quantisation, as the power of a noise."""

import numpy as np


class Noise:
    """The signal and the errors of any number of arrays, added up one by one."""

    def __init__(self):
        self.largest_error = 0.0
        """The largest absolute error, infinite where something is not finite that should be."""
        self._signal = 0.0
        self._noise = 0.0
        self._clipped = 0
        self._count = 0

    def add(
        self, expected: np.ndarray, found: np.ndarray, clipped: np.ndarray | None = None
    ) -> None:
        """Takes in arrays of one shape. `clipped` tells which elements found have left their range:
        without it those that are not finite, though expected to be."""
        expected, found = expected.astype(np.float64), found.astype(np.float64)
        finite = np.isfinite(expected)
        if clipped is None:
            clipped = finite & ~np.isfinite(found)
        same = (expected == found) | (np.isnan(expected) & np.isnan(found))
        with np.errstate(invalid="ignore"):
            errors = np.abs(np.where(same, 0.0, found - expected))
        errors[np.isnan(errors)] = np.inf
        self.largest_error = max(self.largest_error, float(errors.max(initial=0.0)))
        self._signal += float(np.square(expected, where=finite, out=np.zeros_like(expected)).sum())
        self._noise += float(np.square(errors).sum())
        self._clipped += int(clipped.sum())
        self._count += expected.size

    @property
    def sqnr_db(self) -> float:
        """Signal-to-quantisation-noise ratio: the power of what is expected over that of the error.

        Infinite without any error, minus infinite for errors without a signal or without a bound.
        """
        if not self._noise:
            return float("inf")
        ratio = self._signal / self._noise
        return 10 * float(np.log10(ratio)) if ratio else float("-inf")

    @property
    def clipped(self) -> float:
        """The share of elements that have left their range."""
        return self._clipped / self._count if self._count else 0.0


def sqnr_db(expected: np.ndarray, found: np.ndarray) -> float:
    """Signal-to-quantisation-noise ratio of one array."""
    noise = Noise()
    noise.add(expected, found)
    return noise.sqnr_db
