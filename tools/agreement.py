"""How well values agree with expected ones: the largest error, and the power of errors as noise."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from xnn.dialects.diagnostics import UserError


@dataclass(frozen=True)
class Agreement:
    """The error of an output, relative to its largest expected value."""

    name: str
    error: float
    tolerance: float

    @property
    def holds(self) -> bool:
        return self.error <= self.tolerance

    def __str__(self) -> str:
        verdict = "agrees" if self.holds else "DIFFERS"
        return f"{self.name}: {verdict}, error {self.error:.2e} (tolerance {self.tolerance:g})"


def compare(
    outputs: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray], tolerance: float
) -> list[Agreement]:
    """How each expected output agrees; raises UserError if names or shapes do not match."""
    problems, result = [], []
    for name, value in expected.items():
        if name not in outputs:
            problems.append(f"expected output '{name}' is none of {', '.join(outputs)}")
        elif outputs[name].shape != value.shape:
            shapes = f"{list(outputs[name].shape)}, expected {list(value.shape)}"
            problems.append(f"output '{name}' has shape {shapes}")
        elif value.dtype.kind not in "biuf" and value.dtype != outputs[name].dtype:
            problems.append(f"expected output '{name}' holds {value.dtype}, which is no number")
        else:
            result.append(Agreement(name, relative_error(outputs[name], value), tolerance))
    if problems or not expected:
        raise UserError("\n".join(problems) or "there are no expected outputs to compare with")
    return result


def relative_error(actual: np.ndarray, expected: np.ndarray) -> float:
    """The largest absolute difference over the largest absolute expected value.

    Infinite where one is NaN or infinite and the other is not the same.
    """
    actual, expected = actual.astype(np.float64), expected.astype(np.float64)
    largest = float(np.abs(expected[np.isfinite(expected)]).max(initial=0.0))
    difference = float(_errors(expected, actual).max(initial=0.0))
    return difference / largest if largest and np.isfinite(difference) else difference


def _errors(expected: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Absolute differences of float64 arrays, infinite where only one of the two is not a number."""
    same = (expected == found) | (np.isnan(expected) & np.isnan(found))
    with np.errstate(invalid="ignore"):
        errors = np.abs(np.where(same, 0.0, found - expected))
    return np.where(np.isnan(errors), np.inf, errors)


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
        """Add arrays of one shape. `clipped` marks the elements beyond their range: by default those
        that are not finite, though expected to be."""
        expected, found = expected.astype(np.float64), found.astype(np.float64)
        finite = np.isfinite(expected)
        if clipped is None:
            clipped = finite & ~np.isfinite(found)
        errors = _errors(expected, found)
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
        """The share of elements beyond their range."""
        return self._clipped / self._count if self._count else 0.0


def sqnr_db(expected: np.ndarray, found: np.ndarray) -> float:
    """Signal-to-quantisation-noise ratio of one array."""
    noise = Noise()
    noise.add(expected, found)
    return noise.sqnr_db
