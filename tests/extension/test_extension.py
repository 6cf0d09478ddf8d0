"""Packages outside add operators, functions, a pass and a target by entry points; faults name the package."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from xnn.dialects import LEVELS

HERE = Path(__file__).parent
W = np.random.default_rng(1).standard_normal((3, 4, 1, 1)).astype(np.float32)
X = np.random.default_rng(2).standard_normal((1, 4, 6, 6)).astype(np.float32)


TOOLS = """
import importlib, io, json, sys
from contextlib import redirect_stderr, redirect_stdout
for line in sys.stdin:
    tool, *arguments = json.loads(line)
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = importlib.import_module(f"xnn.tools.{tool}").main(arguments)
        except SystemExit as end:  # argparse's, of --list-passes and the like
            code = int(end.code or 0)
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""
"""Reads calls of tools and prints what each returns and prints, a line each: a start takes longer than a call."""


PROCESSES: dict[tuple[str, ...], subprocess.Popen[str]] = {}
"""Those that run, by the packages that are installed there."""


def process(packages: tuple[str, ...]) -> subprocess.Popen[str]:
    """One where these packages are installed: their folder is all that takes."""
    if packages not in PROCESSES:
        path = os.pathsep.join(str(HERE / name) for name in packages)
        PROCESSES[packages] = subprocess.Popen(
            [sys.executable, "-c", TOOLS],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    return PROCESSES[packages]


@pytest.fixture(scope="module", autouse=True)
def processes() -> Iterator[None]:
    """All of them end with the tests."""
    yield
    while PROCESSES:
        with PROCESSES.popitem()[1] as each:
            each.kill()


@dataclass
class Done:
    """What a call of a tool returned and printed."""

    returncode: int
    stdout: str
    stderr: str


def run(tool: str, *arguments: object, packages: tuple[str, ...] = ("package",)) -> Done:
    """A tool where these packages are installed."""
    there = process(packages)
    assert there.stdin is not None and there.stdout is not None
    print(json.dumps([tool, *map(str, arguments)]), file=there.stdin, flush=True)
    return Done(*json.loads(there.stdout.readline()))


def at_every_level(path: Path, *arguments: str) -> dict[str, np.ndarray]:
    """The result of a network for X at each level."""
    inputs, found = path.with_name("x.npz"), {}
    np.savez(inputs, x=X)
    for level in LEVELS:
        outputs = path.with_name(f"{level}.npz")
        files = f"--inputs={inputs}", f"--outputs={outputs}", f"--level={level}"
        done = run("xnn_run", path, *arguments, *files, "--effort=fast")
        assert done.returncode == 0, done.stderr
        found[level] = np.load(outputs)["y"]
    return found


def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(kind, inputs, [output], domain="example.ops", **attributes)


def model(path: Path, *nodes: onnx.NodeProto) -> Path:
    """A convolution `c` of `x`, and then `nodes` up to `y`."""
    constants = [numpy_helper.from_array(W, "w")]
    constants.append(numpy_helper.from_array(np.array(1.5, np.float32), "top"))
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["c"]), *nodes],
        "extended",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, X.shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        constants,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("example.ops", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return path


@pytest.fixture
def network(tmp_path: Path) -> Path:
    scaled = node("Scale2", ["c"], "s", factor=3.0)
    return model(tmp_path / "n.onnx", scaled, node("Bound", ["s", "", "top"], "y"))


def test_a_network_of_foreign_operators_runs_at_every_level(network):
    c = np.einsum("bchw,mc->bmhw", X, W[:, :, 0, 0])
    for found in at_every_level(network, "--target=example").values():
        np.testing.assert_allclose(found, np.minimum(3 * c, 1.5), rtol=1e-5, atol=1e-5)


def test_an_operator_may_have_several_results(tmp_path):
    nodes = [helper.make_node("Flatten", ["c"], ["f"]), node("Ends", ["f"], "low")]
    nodes[-1].output.append("high")
    path = model(tmp_path / "e.onnx", *nodes, helper.make_node("Sub", ["high", "low"], ["y"]))
    c = np.einsum("bchw,mc->bmhw", X, W[:, :, 0, 0])
    for found in at_every_level(path).values():
        np.testing.assert_allclose(found, [[c.max() - c.min()]], rtol=1e-5)


def test_an_operator_may_be_a_python_function(tmp_path):
    path = model(tmp_path / "h.onnx", node("Halved", ["c"], "y"))
    c = np.einsum("bchw,mc->bmhw", X, W[:, :, 0, 0])
    for found in at_every_level(path).values():
        np.testing.assert_allclose(found, c / 2, rtol=1e-5, atol=1e-5)


def test_a_foreign_operator_is_fused_by_its_scalar_form(network):
    text = run("xnn_opt", network, "--lower-to-primitives").stdout
    assert 'prim.matmul "s" "conv"' in text and "arith.mulf" in text
    assert "example.scale2" not in text and "example.bound" in text  # in prim.general


def test_a_foreign_pass_is_listed_and_takes_options(network):
    assert "example-double" in run("xnn_opt", "--list-passes").stdout
    text = run("xnn_opt", network, "--example-double=by=4").stdout
    assert "factor = 1.200000e+01 : f32" in text


def test_a_foreign_pass_runs_and_is_checked(network):
    done = run("xnn_run", network, "--level=xnn", "--example-double=by=4", "--check-each-pass")
    name, level, _, changed, *_ = done.stderr.splitlines()[1].split()
    assert (name, level, changed) == ("example-double", "xnn", "2"), done.stderr


def test_a_foreign_target_is_listed():
    assert "edge with half its local memory" in run("xnn_opt", "--list-targets").stdout


def test_a_fault_of_a_package_bears_its_name(network, tmp_path):
    faults = {
        "LookupError": run("xnn_opt", network, "--example-double=by=0"),
        "KeyError": run("xnn_opt", model(tmp_path / "f.onnx", node("Faulty", ["c"], "y"))),
        "ZeroDivisionError": run(
            "xnn_run", model(tmp_path / "z.onnx", node("Scale2", ["c"], "y", factor=13.0)),
            "--level", "xnn",
        ),
    }  # fmt: skip
    for kind, done in faults.items():
        assert done.returncode == 2, kind
        assert f"{kind}: " in done.stderr
        assert "error: this is a bug in example-xnn: " in done.stderr.splitlines()[-1], kind


def test_a_broken_package_is_no_hindrance_where_it_is_not_needed(network):
    both = ("package", "broken")
    assert run("xnn_opt", network, "--optimize-graph", packages=both).returncode == 0
    assert run("xnn_opt", "--list-targets", packages=both).returncode == 0
    needed = run("xnn_opt", network, "--broken-pass", packages=both)
    assert needed.returncode == 1
    assert "package broken-xnn cannot be loaded: ImportError: a library is missing" in needed.stderr


def test_a_broken_import_is_reported_by_its_package(tmp_path):
    strange = helper.make_node("Strange", ["c"], ["y"], domain="broken.ops")
    done = run("xnn_opt", model(tmp_path / "b.onnx", strange), packages=("broken",))
    assert done.returncode == 1
    assert "package broken-xnn cannot be loaded: ImportError: a library is missing" in done.stderr
    assert "bug" not in done.stderr
