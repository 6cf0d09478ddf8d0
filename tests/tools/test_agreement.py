"""How well outputs agree with what was expected of them."""

import numpy as np
import pytest

from xnn.dialects.diagnostics import UserError
from xnn.tools.agreement import compare, relative_error


def floats(values) -> np.ndarray:
    return np.array(values, np.float32)


def test_the_error_is_relative_to_the_largest_expected_value():
    assert relative_error(floats([1, 200.02]), floats([1, 200])) == pytest.approx(1e-4, 0.1)
    assert relative_error(np.zeros(2), np.zeros(2)) == 0
    assert relative_error(floats([0.5]), np.zeros(1)) == 0.5
    assert relative_error(np.array([np.nan, 1]), np.array([np.nan, 1])) == 0
    assert relative_error(np.array([np.nan, 1]), np.array([1, 1])) == np.inf
    assert relative_error(np.array([np.inf]), np.array([np.inf])) == 0
    assert relative_error(floats(3), floats(2)) == 0.5


def test_each_output_agrees_or_not():
    outputs = {"a": floats([1]), "b": floats([1]), "more": floats([1])}
    good, bad = compare(outputs, {"a": floats([1]), "b": floats([2])}, 1e-4)
    assert good.holds and str(good) == "a: agrees, error 0.00e+00 (tolerance 0.0001)"
    assert not bad.holds and str(bad) == "b: DIFFERS, error 5.00e-01 (tolerance 0.0001)"


def test_expectations_must_fit_the_outputs():
    with pytest.raises(UserError) as error:
        compare({"y": np.zeros((1, 2))}, {"z": np.zeros(1), "y": np.zeros(2)}, 1e-4)
    assert str(error.value).splitlines() == [
        "expected output 'z' is none of y",
        "output 'y' has shape [1, 2], expected [2]",
    ]
    with pytest.raises(UserError, match="no expected outputs"):
        compare({}, {}, 1e-4)
