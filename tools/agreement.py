"""How well outputs agree with what was expected of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from xnn.dialects.diagnostics import UserError


@dataclass(frozen=True)
class Agreement:
    """How far an output is from what was expected, relative to the largest expected value."""

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
    if actual.size == 0:
        return 0.0
    actual, expected = actual.astype(np.float64), expected.astype(np.float64)
    same = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    if same.all():
        return 0.0
    difference = float(np.abs(actual[~same] - expected[~same]).max())
    finite = np.abs(expected[np.isfinite(expected)])
    largest = float(finite.max()) if finite.size else 0.0
    if not np.isfinite(difference):
        return float("inf")
    return difference / largest if largest else difference
