"""Labels that judge outputs, and what is wrong with others: xnn.tools.labels."""

from pathlib import Path

import numpy as np
import pytest

from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.inputs import Port
from xnn.runtime.io.npz import write_arrays
from xnn.tools.labels import classes, load_labels, predictions
from xnn.tools.xnn_run import main

DIGITS = str(Path(__file__).parents[2] / "tools" / "networks" / "digits.onnx")
LOGITS, PAIR, MAP = (
    Port(name, shape, np.dtype(np.float32))
    for name, shape in {"logits": (1, 10), "pair": (4, 2, 1, 1), "map": (1, 8, 4, 4)}.items()
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("shape", "count"),
    [
        ((1, 10), 10),
        ((4, 2, 1, 1), 2),
        ((1, 1), None),
        ((10,), None),
        ((10, 1), None),
        ((1, 8, 4), None),
        ((), None),
    ],
)
def test_what_tells_classes(shape, count):
    assert classes(Port("y", shape, np.dtype(np.float32))) == count


def test_predictions_are_the_largest_elements_of_samples_and_batches():
    values = np.zeros((3, 4, 2, 1, 1), np.float32)
    values[2, 3, 1] = values[0, 1, 1] = 1
    assert predictions(PAIR, values).tolist() == [0, 1] + [0] * 9 + [1]


def test_one_array_judges_every_output_that_tells_classes():
    write_arrays("labels.npz", {"anything": np.array([1, 0, 1, 1])})
    labels = load_labels("labels.npz", [PAIR, MAP, Port("q", (4, 5), np.dtype(np.int8))], 1)
    assert {name: each.tolist() for name, each in labels.items()} == {
        "pair": [1, 0, 1, 1], "q": [1, 0, 1, 1]
    }  # fmt: skip


def test_an_array_named_as_an_output_judges_that_one():
    write_arrays("labels.npz", {"logits": np.array([7, 9], np.uint8)})
    assert load_labels("labels.npz", [LOGITS, PAIR], 2)["logits"].tolist() == [7, 9]


@pytest.mark.parametrize(
    ("arrays", "problem"),
    [
        ({"y": np.array([1, 2, 3])}, "labels are int64[3], expected one integer for each of 2 samples"),
        ({"y": np.array([[1], [2]])}, "labels are int64[2, 1], expected one integer for each of 2"),
        ({"y": np.array([1.0, 2.0])}, "labels are float64[2], expected one integer for each of 2"),
        ({"y": np.array([1, 10])}, "label 10 is none of the classes 0 to 9"),
        ({"y": np.array([-1, 1])}, "label -1 is none of the classes 0 to 9"),
        (dict.fromkeys(["logits", "map"], np.ones(2, int)), "'map' is no output of classes: those are logits"),
        ({}, "holds no labels"),
    ],
)  # fmt: skip
def test_wrong_labels(arrays, problem):
    write_arrays("labels.npz", arrays)
    with pytest.raises(UserError) as error:
        load_labels("labels.npz", [LOGITS, MAP], 2)
    assert str(error.value).startswith(f"labels.npz: {problem}")


def test_labels_without_classes():
    write_arrays("labels.npz", {"y": np.array([1])})
    with pytest.raises(UserError, match=r"for outputs of shape \[batch, classes\]"):
        load_labels("labels.npz", [MAP], 1)


def test_wrong_labels_are_one_message_before_the_run(capsys):
    write_arrays("labels.npz", {"y": np.array([11])})
    assert main([DIGITS, "--labels=labels.npz", "--outputs=out.npz"]) == 1
    out, err = capsys.readouterr()
    assert err == "error: labels.npz: label 11 is none of the classes 0 to 9\n"
    assert out == "" and not Path("out.npz").exists()
    assert main([DIGITS, "--labels=no.npz"]) == 1
    assert capsys.readouterr().err == "error: no.npz: No such file or directory\n"
