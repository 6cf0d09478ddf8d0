"""What `make run` shows of the digits network."""

import re

import numpy as np

from xnn.tools import demo


def test_digits_are_read_and_the_values_are_those_of_onnxruntime(capsys):
    demo.run_digits()
    shown = capsys.readouterr().out
    label = re.search(r"labelled (\d) by its writer", shown)
    read = re.search(r"The network reads (\d)", shown)
    assert label and read and label.group(1) == read.group(1)
    assert "Of 360 held-out digits it reads 357 right: 99.2%" in shown
    assert "relu4" in shown  # a row of the table
    errors = re.findall(r"^    (\w+) +(\S+)$", shown, re.MULTILINE)
    assert [name for name, _ in errors] == ["logits", "probabilities"]
    assert all(float(error) < 1e-5 for _, error in errors)


def test_a_drawing_has_two_characters_a_pixel():
    lines = demo.drawing(np.array([[0.0, 0.5], [1.0, 0.25]])).splitlines()
    assert lines == ["      ▒▒", "    ██░░"]
