import numpy as np
import pytest

WINDOWS = [
    {"kernel_shape": [3, 3]},
    {"kernel_shape": [3, 2], "strides": [2, 3]},
    {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 0, 1, 2]},
    {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1},
    {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1], "ceil_mode": 1},
    {"kernel_shape": [2, 2], "strides": [3, 3], "pads": [0, 0, 1, 1], "ceil_mode": 1},
    {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_UPPER"},
    {"kernel_shape": [4, 3], "strides": [3, 2], "auto_pad": "SAME_LOWER"},
    {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "VALID"},
]


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("operator", ["MaxPool", "AveragePool"])
def test_windows(agree, draw, operator, window):
    agree(operator, {"x": draw(2, 3, 10, 9) - 3}, **window)


@pytest.mark.parametrize("window", [w for w in WINDOWS if "ceil_mode" not in w])
def test_average_that_counts_pads(agree, draw, window):
    agree("AveragePool", {"x": draw(2, 3, 10, 9)}, **window, count_include_pad=1)


def test_dilations(agree, draw):
    window = {"kernel_shape": [3, 2], "dilations": [2, 3], "pads": [1, 1, 1, 1]}
    agree("MaxPool", {"x": draw(2, 3, 10, 9)}, **window)
    agree("AveragePool", {"x": draw(2, 3, 10, 9)}, **window, opset=19)


def test_one_and_three_dimensions(agree, draw):
    for operator in ("MaxPool", "AveragePool"):
        agree(operator, {"x": draw(2, 3, 10)}, kernel_shape=[3], strides=[2], pads=[1, 1])
        agree(operator, {"x": draw(1, 2, 5, 6, 7)}, kernel_shape=[2, 3, 2])


def test_global_average_pool(agree, draw):
    agree("GlobalAveragePool", {"x": draw(2, 3, 7, 5)})
    agree("GlobalAveragePool", {"x": draw(2, 3, 7)})


def test_the_mean_over_all_spatial_axes(agree, draw):
    agree("ReduceMean", {"x": draw(2, 3, 7, 5)}, axes=[3, -2], opset=13)
    agree("ReduceMean", {"x": draw(2, 3, 7)}, {"axes": np.array([-1])}, opset=18)
    agree("ReduceMean", {"x": draw(2, 3, 7, 5)}, axes=[2, 3], keepdims=0, opset=13)
