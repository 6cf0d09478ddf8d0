import numpy as np
import pytest
from xdsl.dialects.builtin import TensorType, f32
from xdsl.utils.test_value import create_ssa_value

from xnn.dialects.scalar import quotient
from xnn.dialects.xnn import SigmoidOp
from xnn.runtime.semantics.xnn import compute


@pytest.mark.parametrize("operator", ["Add", "Sub", "Mul", "Div"])
@pytest.mark.parametrize("shape", [(2, 3, 4), (3, 1), (4,), (), (2, 1, 1)])
def test_binary(agree, draw, operator, shape):
    agree(operator, {"a": draw(2, 3, 4), "b": draw(*shape)})
    agree(operator, {"a": draw(*shape), "b": draw(2, 3, 4)})


@pytest.mark.parametrize(
    "operator", ["Relu", "Exp", "Sigmoid", "Tanh", "Neg", "HardSwish", "HardSigmoid", "LeakyRelu"]
)
def test_unary(agree, draw, operator):
    agree(operator, {"x": 4 * draw(2, 3, 4)})


def test_hard_sigmoid_of_another_slope(agree, draw):
    agree("HardSigmoid", {"x": 4 * draw(2, 3, 4)}, alpha=0.3, beta=0.4)


@pytest.mark.parametrize("alpha", [0.0, 0.1, -2.0, 3.0])
def test_leaky_relu_of_any_slope(agree, draw, alpha):
    agree("LeakyRelu", {"x": 4 * draw(2, 3, 4)}, alpha=alpha)


def test_sqrt(agree, draw):
    agree("Sqrt", {"x": np.abs(draw(2, 3, 4))})


@pytest.mark.parametrize("count", [1, 2, 4])
def test_sum(agree, draw, count):
    agree("Sum", {f"x{i}": draw(2, 3) for i in range(count)})


@pytest.mark.parametrize("bounds", [{}, {"min": -0.5}, {"max": 0.5}, {"min": -0.5, "max": 0.5}])
def test_clip(agree, draw, bounds):
    agree("Clip", {"x": draw(2, 3, 4)}, opset=7, **bounds)
    constants = {
        name if name in bounds else "": np.float32(bounds.get(name, 0)).reshape(())
        for name in ("min", "max")
    }
    agree("Clip", {"x": draw(2, 3, 4)}, constants)


def test_integers(agree):
    a, b = np.arange(-6, 6, dtype=np.int32), np.array([5, -5, 3, -3] * 3, np.int32)
    for operator in ("Add", "Sub", "Mul", "Div"):
        agree(operator, {"a": a, "b": b})


def test_division_of_integers_rounds_towards_zero():
    numbers = np.array([7, -7, 7, -7, 6]), np.array([2, 2, -2, -2, -3])
    assert quotient(*numbers).tolist() == [3, -3, -3, 3, -2]


def test_sigmoid_of_large_numbers_does_not_warn():
    sigmoid = SigmoidOp.of("y", [create_ssa_value(TensorType(f32, [3]))])
    with np.errstate(all="raise", under="ignore"):
        found = compute(sigmoid, np.array([-200, 0, 200], np.float32))
    np.testing.assert_array_equal(found, [0, 0.5, 1])
