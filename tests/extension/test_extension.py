"""Packages outside add operators, functions, a pass and a target by entry points; faults name the package."""

import os
import subprocess
import sys
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


def run(tool: str, *arguments: object, packages: tuple[str, ...] = ("package",)):
    """A tool in a process of its own, where these packages are installed: their folder is all that takes."""
    return subprocess.run(
        [sys.executable, "-m", f"xnn.tools.{tool}", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(HERE / name) for name in packages)},
        capture_output=True,
        text=True,
    )


AT_EVERY_LEVEL = """
import sys
from xnn.tools.xnn_run import main
from xnn.dialects import LEVELS
for level in LEVELS:
    assert main([*sys.argv[1:], "--inputs=x.npz", f"--outputs={level}.npz", f"--level={level}"]) == 0
"""


def at_every_level(path: Path, *arguments: str) -> dict[str, np.ndarray]:
    """The result of a network for X at each level, all of them in one process."""
    np.savez(path.with_name("x.npz"), x=X)
    command = [sys.executable, "-c", AT_EVERY_LEVEL, str(path), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(HERE / "package")}
    subprocess.run(command, cwd=path.parent, env=environment, check=True)
    return {each: np.load(path.with_name(f"{each}.npz"))["y"] for each in LEVELS}


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
