import numpy as np
import pytest


def i64(*values):
    return np.array(values, np.int64)


@pytest.mark.parametrize("target", [(6, 4), (0, -1), (-1, 0, 2), (2, 0, 1, 4), (24,)])
def test_reshape(agree, draw, target):
    agree("Reshape", {"x": draw(2, 3, 4)}, {"shape": i64(*target)})


@pytest.mark.parametrize("axis", [0, 1, 2, 3, -1])
def test_flatten(agree, draw, axis):
    agree("Flatten", {"x": draw(2, 3, 4)}, axis=axis)


@pytest.mark.parametrize("axes", [(0,), (2,), (0, 2), (-2,)])
def test_squeeze(agree, draw, axes):
    agree("Squeeze", {"x": draw(1, 3, 1, 4)}, {"axes": i64(*axes)})
    agree("Squeeze", {"x": draw(1, 3, 1, 4)}, opset=11, axes=list(axes))


def test_squeeze_of_all(agree, draw):
    agree("Squeeze", {"x": draw(1, 3, 1, 4)})


@pytest.mark.parametrize("axes", [(0,), (1, 2), (0, 3), (-1,)])
def test_unsqueeze(agree, draw, axes):
    agree("Unsqueeze", {"x": draw(3, 4)}, {"axes": i64(*axes)})
    agree("Unsqueeze", {"x": draw(3, 4)}, opset=11, axes=list(axes))


def test_transpose(agree, draw):
    agree("Transpose", {"x": draw(2, 3, 4)}, perm=[2, 0, 1])
    agree("Transpose", {"x": draw(2, 3, 4)})


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_concat(agree, draw, axis):
    other = [2, 3, 4]
    other[axis] = 5
    agree("Concat", {"a": draw(2, 3, 4), "b": draw(*other), "c": draw(2, 3, 4)}, axis=axis)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("indices", [np.int64(1), i64(0, -1, 1), np.array([[1], [-2]], np.int32)])
def test_gather(agree, draw, axis, indices):
    agree("Gather", {"x": draw(2, 3, 4)}, {"indices": np.asarray(indices)}, axis=axis)
    agree("Gather", {"x": draw(2, 3, 4), "indices": np.asarray(indices)}, axis=axis)


def test_dropout_and_identity(agree, draw):
    agree("Dropout", {"x": draw(2, 3)}, opset=7, ratio=0.9)
    agree("Dropout", {"x": draw(2, 3)}, {"ratio": np.float32(0.9)})
    agree("Dropout", {"x": draw(2, 3)}, {"": np.float32(0), "training": np.bool_(False)})
    agree("Identity", {"x": draw(2, 3)})
