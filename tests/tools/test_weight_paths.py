"""Names of weight files move with the text that names them: xnn.tools.weight_paths."""

import os
import re
from pathlib import Path

import pytest

from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.weights import register_in_memory
from xnn.tools.parsing import make_context, parse_module
from xnn.tools.weight_paths import printable_weights
from xnn.tools.xnn_opt import main

WEIGHT = 'builtin.module {{\n  %w = xnn.weight "w" "{}" at 8 : tensor<2xf32>\n}}\n'


def weight_file(text: str) -> str:
    (name,) = re.findall(r'xnn.weight "w" "(.*?)" at 8 :', text)
    return name


@pytest.fixture
def folders(tmp_path, monkeypatch) -> Path:
    """models/w.bin named by models/in.mlir; the working folder is another."""
    for name in ("models", "elsewhere/deep", "here"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "models" / "w.bin").write_bytes(bytes(16))
    (tmp_path / "models" / "in.mlir").write_text(WEIGHT.format("w.bin"))
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


@pytest.mark.parametrize(
    "output, name",
    [
        ("models/out.mlir", "w.bin"),
        ("out.mlir", "models/w.bin"),
        ("elsewhere/deep/out.mlir", "../../models/w.bin"),
    ],
)
def test_names_are_relative_to_the_folder_of_the_output(folders, output, name):
    source = folders / "models" / "in.mlir"
    for path in (source, os.path.relpath(source)):
        assert main([str(path), "-o", str(folders / output)]) == 0
        assert weight_file((folders / output).read_text()) == name


def test_on_a_pipe_names_are_relative_to_the_working_folder(folders, capsys, monkeypatch):
    assert main(["../models/in.mlir"]) == 0
    text = capsys.readouterr().out
    assert weight_file(text) == "../models/w.bin"
    (folders / "piped.mlir").write_text(text)
    with open(folders / "piped.mlir") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert main(["-o", "../models/out.mlir"]) == 0
    assert weight_file((folders / "models" / "out.mlir").read_text()) == "w.bin"


def test_links_to_folders_do_not_confuse_the_way_up(folders):
    (folders / "link").symlink_to(folders / "elsewhere" / "deep")
    assert main(["../models/in.mlir", "-o", "../link/out.mlir"]) == 0
    output = folders / "elsewhere" / "deep" / "out.mlir"
    assert (output.parent / weight_file(output.read_text())).samefile(folders / "models/w.bin")


def test_in_memory_names_are_absolute_also_after_printing(folders):
    with open("../models/in.mlir", "rb") as stream:
        module = parse_module(stream, make_context(), name="../models/in.mlir")
    absolute = weight_file(str(module))
    assert absolute == str(folders / "models" / "w.bin")
    with printable_weights(module, folders / "out.mlir"):
        assert weight_file(str(module)) == "models/w.bin"
    assert weight_file(str(module)) == absolute


@pytest.fixture
def module_in_memory(tmp_path):
    source = register_in_memory(b"\1" * 16, "model")
    path = tmp_path / "in.mlir"
    path.write_text(WEIGHT.format(source))
    with path.open("rb") as stream:
        return parse_module(stream, make_context(), name=str(path))


def test_weights_in_memory_are_written_beside_the_output(module_in_memory, tmp_path):
    with printable_weights(module_in_memory, tmp_path / "out.mlir"):
        assert weight_file(str(module_in_memory)) == "out.weights"
    assert (tmp_path / "out.weights").read_bytes() == b"\1" * 16


def test_weights_in_memory_cannot_go_to_stdout(module_in_memory):
    with pytest.raises(UserError, match="cannot go to stdout") as error:
        with printable_weights(module_in_memory, None):
            pass
    assert error.value.hint is not None and "-o" in error.value.hint
