"""Modules written to files, whole or not at all, with the names of weights files seen from there."""

import os
from pathlib import Path

import numpy as np
import pytest

from xnn.dialects import LEVELS
from xnn.tools.api import Program, compile
from xnn.tools.parsing import make_context, read_module
from xnn.tools.printing import write_module

DIGITS = Path(__file__).parents[2] / "tools" / "networks" / "digits.onnx"


@pytest.fixture
def model(tmp_path) -> Path:
    (tmp_path / "models").mkdir()
    return Path(os.path.realpath(tmp_path / "models")) / "digits.onnx"


@pytest.mark.parametrize("level", LEVELS)
def test_a_written_module_runs_like_the_one_in_memory(level, model):
    model.write_bytes(DIGITS.read_bytes())
    program = compile(model, level=level)
    path = model.parents[1] / "out" / "digits.mlir"
    path.parent.mkdir()
    write_module(program.module, path)
    assert os.listdir(path.parent) == ["digits.mlir"]
    assert '"../models/digits.onnx" at ' in path.read_text()

    again = Program(read_module(path, make_context()))
    assert again.module.is_structurally_equivalent(program.module)
    image = {"image": np.ones((1, 1, 8, 8), np.float32)}
    for name, value in program.run(image)[0].items():
        np.testing.assert_array_equal(again.run(image)[0][name], value)


def test_a_module_that_cannot_be_written_leaves_no_file(model):
    model.write_bytes(DIGITS.read_bytes())
    module = read_module(model, make_context())
    with pytest.raises(OSError):
        write_module(module, model.parent / "no" / "folder.mlir")
    assert os.listdir(model.parent) == ["digits.onnx"]
