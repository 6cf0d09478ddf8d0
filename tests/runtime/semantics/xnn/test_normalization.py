import numpy as np
import pytest
from xdsl.dialects.builtin import FloatAttr, f32

from xnn.dialects.xnn import LrnOp, integer
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.interpret import interpreter_of


@pytest.mark.parametrize("shape", [(2, 5), (2, 5, 4), (2, 5, 4, 3)])
@pytest.mark.parametrize("opset", [7, 9, 14, 15])
def test_batch_normalization(agree, draw, shape, opset):
    constants = {name: draw(5) for name in ("scale", "shift", "mean")}
    constants["var"] = np.abs(draw(5))
    agree("BatchNormalization", {"x": draw(*shape)}, constants, opset=opset, epsilon=1e-3)


@pytest.mark.parametrize("scale", [np.inf, -np.inf, np.nan, 0])
@pytest.mark.parametrize("mean", [1, -1, 0])
@pytest.mark.parametrize("var", [1, np.inf, -5, 0])
def test_batch_normalization_that_is_not_finite(agree, draw, scale, mean, var):
    given = {"scale": scale, "shift": 1, "mean": mean, "var": var}
    constants = {name: np.array([number, 1], np.float32) for name, number in given.items()}
    with np.errstate(all="ignore"):
        agree("BatchNormalization", {"x": draw(2, 2, 9)}, constants, epsilon=0.0)


@pytest.mark.parametrize("size", [1, 3, 5, 9])
def test_lrn(agree, draw, size):
    agree("LRN", {"x": draw(2, 6, 3, 3)}, size=size, alpha=0.5, beta=0.75, bias=2.0)


@pytest.mark.parametrize("size", [2, 4])
def test_lrn_of_even_size_has_one_more_channel_after(draw, network, size):
    # onnxruntime refuses even sizes: this is the formula of the standard, written out
    x = draw(2, 6, 3)
    properties = {
        name: FloatAttr(number, f32)
        for name, number in (("alpha", 0.5), ("beta", 0.75), ("bias", 2))
    }
    module = network([x], lambda v: LrnOp.of("y", [v], {"size": integer(size), **properties}))
    (y,) = interpreter_of(module, WeightStore()).call_op("main", (x,))
    for c in range(6):
        window = x[:, max(0, c - (size - 1) // 2) : c + size // 2 + 1]
        total = (window**2).sum(axis=1)
        np.testing.assert_allclose(y[:, c], x[:, c] / (2 + 0.5 / size * total) ** 0.75, rtol=1e-5)


def test_lrn_by_default(agree, draw):
    agree("LRN", {"x": 9 * draw(2, 6, 3, 3)}, size=3)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3, None])
@pytest.mark.parametrize("opset", [7, 11, 13])
def test_softmax(agree, draw, axis, opset):
    attributes = {} if axis is None else {"axis": axis}
    if opset == 7 and axis is not None and axis < 0:
        pytest.skip("before opset 11 an axis cannot count from the end")
    agree("Softmax", {"x": 30 * draw(2, 3, 4)}, opset=opset, **attributes)
