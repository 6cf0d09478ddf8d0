import numpy as np
import pytest

from xnn.dialects.xnn import ConvOp, integer, integers
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.interpret import interpreter_of


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"strides": [2, 3]},
        {"dilations": [2, 1]},
        {"pads": [1, 0, 2, 1]},
        {"strides": [2, 2], "dilations": [1, 2], "pads": [1, 2, 1, 2]},
        *({"auto_pad": how, "strides": [2, 3]} for how in ("SAME_UPPER", "SAME_LOWER", "VALID")),
    ],
)
@pytest.mark.parametrize("bias", [False, True])
def test_two_dimensions(agree, draw, attributes, bias):
    constants = {"w": draw(6, 4, 3, 2), **({"b": draw(6)} if bias else {})}
    agree("Conv", {"x": draw(2, 4, 9, 8)}, constants, **attributes)


@pytest.mark.parametrize("groups", [2, 4])
def test_groups(agree, draw, groups):
    agree("Conv", {"x": draw(2, 4, 7, 7)}, {"w": draw(8, 4 // groups, 3, 3)}, group=groups)


def test_one_and_three_dimensions(agree, draw):
    agree("Conv", {"x": draw(2, 3, 9)}, {"w": draw(4, 3, 3)}, pads=[1, 1])
    agree("Conv", {"x": draw(1, 2, 5, 4, 6)}, {"w": draw(3, 2, 2, 2, 2)}, strides=[1, 2, 1])


def test_strides_and_dilations_beyond_the_elements(agree, draw):
    far, x = [2**62, 2**62], {"x": draw(2, 3, 7, 8)}
    agree("Conv", x, {"w": draw(4, 3, 1, 1)}, dilations=far, pads=[1, 1, 0, 0])
    agree("Conv", x, {"w": draw(4, 3, 7, 3)}, strides=[2**62, 1])
    agree("Conv", x, {"w": draw(4, 3, 9, 9)}, strides=far, auto_pad="SAME_LOWER")
    for operator in ("MaxPool", "AveragePool"):
        agree(operator, x, kernel_shape=[7, 8], strides=far)
        agree(operator, x, kernel_shape=[3, 3], strides=far, ceil_mode=1)


def test_weights_may_be_inputs(agree, draw):
    agree("Conv", {"x": draw(1, 3, 5, 5), "w": draw(2, 3, 3, 3)})


def test_integers_accumulate_in_the_type_of_the_result(network):
    x = np.full((1, 64, 3, 3), 127, np.int8)
    w = np.full((2, 64, 3, 3), -128, np.int8)
    ones = integers([1, 1])
    module = network(
        [x, w],
        lambda a, b: ConvOp.of(
            "y",
            [a, b],
            {
                "strides": ones,
                "dilations": ones,
                "pads": integers([0] * 4),
                "groups": integer(1),
            },
        ),
    )
    (y,) = interpreter_of(module, WeightStore()).call_op("main", (x, w))
    assert y.dtype == np.int32
    assert y.ravel().tolist() == [127 * -128 * 64 * 9] * 2
