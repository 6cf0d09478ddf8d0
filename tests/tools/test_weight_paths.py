"""Names of weight files move with the text that names them; modules are written whole or not at all."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from xnn.dialects import LEVELS
from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.weights import register_in_memory
from xnn.runtime.targets import FOLDER
from xnn.tools.api import compile
from xnn.tools.parsing import make_context, parse_module, read_module
from xnn.tools.program import Program
from xnn.tools.weight_paths import printable_weights, write_module
from xnn.tools.xnn_opt import main
from xnn.tools.xnn_run import main as run_main

DIGITS = Path(__file__).parents[2] / "tools" / "networks" / "digits.onnx"
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
    with pytest.raises(UserError, match="text on stdout cannot name them") as error:
        with printable_weights(module_in_memory, None):
            pass
    assert error.value.hint is not None and "-o" in error.value.hint


# outputs never meet inputs


@pytest.fixture
def network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    values = np.arange(32, dtype=np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Constant", [], ["c"], value_floats=(values + 0.5).tolist()),
            helper.make_node("Add", ["x", "w"], ["t"]),
            helper.make_node("Add", ["t", "c"], ["y"]),
        ],
        "g",
        [helper.make_tensor_value_info("x", 1, [1, 32])],
        [helper.make_tensor_value_info("y", 1, [1, 32])],
        [numpy_helper.from_array(values, "w")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    external = {"save_as_external_data": True, "location": "model.weights", "size_threshold": 16}
    onnx.save(model, "model.onnx", **external)
    np.savez("in.npz", x=values[None])
    (tmp_path / "soft.npz").symlink_to("in.npz")
    (tmp_path / "hard.npz").hardlink_to("in.npz")
    (tmp_path / "folder").mkdir()
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("output", ["in.npz", "soft.npz", "hard.npz", "folder/../in.npz"])
def test_a_run_does_not_overwrite_its_inputs(network, output, capsys):
    before = contents(network)
    assert run_main(["model.onnx", "--inputs", "in.npz", "--outputs", output]) == 1
    message = f"error: {output}: is read by this run, and inputs are never overwritten\n"
    assert capsys.readouterr().err == message
    assert contents(network) == before


@pytest.mark.parametrize("output", ["model.onnx", "model.weights", "folder/../model.weights"])
def test_text_does_not_overwrite_the_model_or_its_weights(network, output, capsys):
    before = contents(network)
    for tool, flags in ((main, ["-o"]), (run_main, ["--report-file"])):
        assert tool(["model.onnx", *flags, output]) == 1
        assert "is read by this run" in capsys.readouterr().err
    assert contents(network) == before


@pytest.mark.parametrize("second", ["o.npz", "folder/../o.npz", "soft_o", "to_folder/o.npz"])
def test_two_outputs_of_a_run_are_two_files(network, second, capsys):
    (network / "soft_o").symlink_to("o.npz")
    (network / "to_folder").symlink_to(".")
    for there in (False, True):
        before = contents(network)
        assert run_main(["model.onnx", "--outputs=o.npz", "--report-file", second]) == 1
        assert (
            capsys.readouterr().err
            == f"error: {second}: is the file of another output of this run\n"
        )
        assert contents(network) == before
        if not there:
            (network / "o.npz").touch()
    flags = ["--outputs=/dev/null", "--report-file=/dev/null"]
    assert run_main(["model.onnx", *flags]) == 0


@pytest.mark.parametrize("output", ["folder/dsa.mlir", "folder/dsa.weights", "folder/x.1.weights"])
def test_outputs_do_not_meet_the_text_of_levels_or_its_weights(network, output, capsys):
    for flag in ("--outputs", "--report-file"):
        assert run_main(["model.onnx", "--dump-levels=folder", flag, output]) == 1
        assert output in capsys.readouterr().err
        assert not list((network / "folder").iterdir())


def test_text_does_not_meet_its_own_weights(network, capsys):
    before = contents(network)
    assert main(["model.onnx", "-o", "out.weights"]) == 1
    message = "error: out.weights: names that end in .weights are for weights beside text\n"
    assert capsys.readouterr().err == message and contents(network) == before
    (network / "out.weights").symlink_to("out.mlir")
    assert main(["model.onnx", "-o", "out.mlir"]) == 0
    assert '"out.1.weights" at 0' in (network / "out.mlir").read_text()


def test_files_that_options_of_passes_name_are_inputs(network, capsys):
    shutil.copy(FOLDER / "edge.toml", "edge.toml")
    for tool, output in ((main, "-o"), (run_main, "--report-file")):
        assert tool(["model.onnx", "--target=edge.toml", output, "edge.toml"]) == 1
        assert "edge.toml: is read by this run" in capsys.readouterr().err
    assert main(["model.onnx", "--quantize=calibrate=in.npz", "-o", "in.npz"]) == 1
    assert "in.npz: is read by this run" in capsys.readouterr().err
    flags = ["--quantize=int8 calibrate=in.npz", "--outputs=in.npz"]
    assert run_main(["model.onnx", *flags]) == 1
    assert "in.npz: is read by this run" in capsys.readouterr().err


def test_weights_are_written_beside_other_files_of_that_name(network):
    before = contents(network)
    for _ in range(2):  # what holds the same bytes serves again
        assert main(["model.onnx", "-o", "model.mlir"]) == 0
        after = contents(network)
        assert before.items() <= after.items()
        assert after.keys() - before.keys() == {"model.mlir", "model.1.weights"}
    assert run_main(["model.onnx", "--outputs", "a.npz", "--report", "none"]) == 0
    assert run_main(["model.mlir", "--expect", "a.npz", "--report", "none"]) == 0


def test_text_goes_through_a_pipe(network):
    tool = Path(sys.executable).parent / "xnn-opt"
    (network / "r.mlir").write_text("func.func @main() {\n  func.return\n}\n")
    shown = subprocess.run(f"'{tool}' r.mlir -o /dev/stdout | cat", shell=True, capture_output=True)
    assert b"func.return" in shown.stdout and not shown.stderr


@pytest.mark.parametrize("kind", ["strings", "objects", "encrypted"])
def test_expected_values_that_are_no_numbers(network, kind, capsys):
    array = np.full((1, 32), "a" if kind == "strings" else None)
    np.savez("e.npz", y=np.zeros((1, 32)) if kind == "encrypted" else array)
    if kind == "encrypted":
        data = bytearray(Path("e.npz").read_bytes())
        data[6] |= 1
        data[data.index(b"PK\1\2") + 8] |= 1
        Path("e.npz").write_bytes(data)
    assert run_main(["model.onnx", "--expect", "e.npz", "--report", "none"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


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

    again = Program(read_module(path, make_context())[0])
    assert again.module.is_structurally_equivalent(program.module)
    image = {"image": np.ones((1, 1, 8, 8), np.float32)}
    for name, value in program.run(image)[0].items():
        np.testing.assert_array_equal(again.run(image)[0][name], value)


def test_a_module_that_cannot_be_written_leaves_no_file(model):
    model.write_bytes(DIGITS.read_bytes())
    module, _ = read_module(model, make_context())
    with pytest.raises(OSError):
        write_module(module, model.parent / "no" / "folder.mlir")
    assert os.listdir(model.parent) == ["digits.onnx"]
