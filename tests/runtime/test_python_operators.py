"""Operators of one's own: functions on arrays for nodes of a domain that is not ONNX's."""

import numpy as np
import pytest
from onnx.parser import parse_model

import xnn
from xnn.dialects import LEVELS
from xnn.dialects.diagnostics import UserError
from xnn.runtime import python_operators
from xnn.tools.xnn_run import main

TEXT = """
    <ir_version: 8, opset_import: ["" : 18, "custom.domain" : 1]>
    g (float[2, 3] x, float[3] b) => (float[2, 3] y) {
        r = Relu (x)
        s, n = custom.domain.Spread <by = 3.0, axes = [0, 1]> (r, , b)
        y = Add (s, n)
    }
"""
X = np.array([[1, -2, 3], [-4, 5, -6]], np.float32)
B = np.array([1, 2, 3], np.float32)


@pytest.fixture(autouse=True)
def registered(monkeypatch):
    """What a test registers is forgotten after it."""
    monkeypatch.setattr(python_operators, "_OPERATORS", {})


def spread(x, between, b, *, by, axes):
    assert between is None and axes == (0, 1)
    return x * np.float32(by) + b, x.sum(1, keepdims=True)


@pytest.mark.parametrize("level", LEVELS)
def test_a_function_runs_at_every_level(level):
    assert xnn.operator("custom.domain", "Spread")(spread) is spread
    outputs, report = xnn.compile(parse_model(TEXT), level=level).run(
        {"x": X, "b": B}, sanitize=level == "dsa"
    )
    r = np.maximum(X, 0)
    np.testing.assert_array_equal(outputs["y"], r * 3 + B + r.sum(1, keepdims=True))
    if level == "dsa":
        assert report.predicted_cycles == report.cycles
        assert report.general_share["operations"] > 0


def test_a_check_knows_it():
    report = xnn.check(parse_model(TEXT))
    (fault,) = report.faults
    assert fault.reason.startswith("custom.domain::Spread is no operator of ONNX")
    xnn.operator("custom.domain", "Spread")(spread)
    report = xnn.check(parse_model(TEXT))
    found = {use.operator: use.runs_on for use in report.operators}
    assert report.runs and found["custom.domain::Spread"] == {"general": 1}


def test_types_are_inferred_by_a_function_of_its_own():
    calls = []

    def infer(x, between, b, *, by, axes):
        calls.append((x, between, b))
        return [x, (np.float32, (2, 1))]

    xnn.operator("custom.domain", "Spread", infer=infer)(spread)
    text = str(xnn.compile(parse_model(TEXT), level="xnn").module)
    f32 = np.dtype(np.float32)
    assert calls[0] == ((f32, (2, 3)), None, (f32, (3,)))
    assert "(tensor<2x3xf32>, tensor<2x1xf32>)" in text


def test_it_comes_before_a_function_of_the_model():
    model = parse_model("""
        <ir_version: 8, opset_import: ["" : 18, "d" : 1]>
        g (float[2, 3] x) => (float[2, 3] y) { y = d.Turn (x) }
        <opset_import: ["" : 18], domain: "d"> Turn (x) => (y) { y = Neg (x) }
    """)
    xnn.operator("d", "Turn")(lambda x: x + 1)
    np.testing.assert_array_equal(xnn.compile(model).run({"x": X})[0]["y"], X + 1)


def test_constants_are_computed_once_and_no_operand_is_needed():
    model = parse_model("""
        <ir_version: 8, opset_import: ["" : 18, "d" : 1]>
        g (float[2, 3] x) => (float[2, 3] y) <int64[2] sizes = {2, 3}> {
            c = d.Fill <value = 7> (sizes)
            y = Add (x, c)
        }
    """)
    xnn.operator("d", "Fill")(lambda sizes, value: np.full(sizes, value, np.float32))
    np.testing.assert_array_equal(xnn.compile(model).run({"x": X})[0]["y"], X + 7)


ONE = parse_model("""
    <ir_version: 8, opset_import: ["" : 18, "d" : 1]>
    g (float[2, 3] x) => (float[2, 3] y) { z = d.Own (x)  y = Relu (z) }
""")


def raises(x):
    raise KeyError("nothing here")


@pytest.mark.parametrize(
    ("function", "infer", "message"),
    [
        (raises, None, "its function raises KeyError: 'nothing here'"),
        (lambda x: (), None, r"its function returns 0 result\(s\), expected 1"),
        (lambda x: "text", None, "its function returns text, expected an array"),
        (lambda x: None, None, "its function returns None, expected an array"),
        (lambda x: x[x.sum(1) > 0], None, "its function returns no elements for zeros"),
        (lambda x, y: x, None, "its function raises TypeError: .* missing .* 'y'"),
        (lambda x: x, raises, "its infer raises KeyError: 'nothing here'"),
        (lambda x: x, lambda x: [], r"its infer returns 0 result\(s\), expected 1"),
        (lambda x: x, lambda x: "abc", r"infer returns \['abc'\], expected \(dtype, shape\)"),
    ],
)
def test_faults_at_import_name_the_node(function, infer, message):
    xnn.operator("d", "Own", infer=infer)(function)
    with pytest.raises(UserError, match=f'"z" .Own., domain d: .*{message}'):
        xnn.compile(ONE)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (raises, "its function raises KeyError: 'nothing here'"),
        (
            lambda x: x.astype(float),
            r"its function returns float64 of shape \[2, 3\], expected tensor<2x3xf32>",
        ),
        (
            lambda x: x[:1],
            r"its function returns float32 of shape \[1, 3\], expected tensor<2x3xf32>",
        ),
        (lambda x: [], r"its function returns 0 result\(s\), expected 1"),
    ],
)
@pytest.mark.parametrize("level", ["xnn", "dsa"])
def test_faults_of_a_run_name_the_node(function, message, level):
    xnn.operator("d", "Own", infer=lambda x: x)(function)
    program = xnn.compile(ONE, level=level)
    where = 'Own "z"' if level == "xnn" else 'layer "z": Own "general0"'
    with pytest.raises(UserError, match=f"^{where}: {message}"):
        program.run({"x": X})


def test_domains_of_onnx_are_not_free():
    with pytest.raises(UserError, match="domain '' is ONNX's"):
        xnn.operator("", "Relu")


FILE = """
import numpy as np
import xnn

@xnn.operator("d", "Own")
def own(x):
    return np.tanh(x)
"""


def test_the_command_line_takes_files_of_operators(tmp_path, capsys):
    (tmp_path / "m.onnx").write_bytes(ONE.SerializeToString())
    (tmp_path / "ops.py").write_text(FILE)
    np.savez(tmp_path / "x.npz", x=X)
    arguments = [str(tmp_path / "m.onnx"), "--inputs", str(tmp_path / "x.npz")]
    arguments += ["--outputs", str(tmp_path / "y.npz"), "--report", "none"]
    assert main(arguments) == 1
    assert "d::Own is no operator of ONNX, and no function is registered" in capsys.readouterr().err
    assert main([*arguments, "--operators", str(tmp_path / "ops.py")]) == 0
    np.testing.assert_allclose(np.load(tmp_path / "y.npz")["y"], np.maximum(np.tanh(X), 0))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("(", "SyntaxError"),
        (None, "No such file"),
    ],
)
def test_a_file_that_cannot_be_loaded(tmp_path, capsys, content, message):
    path = tmp_path / "ops.py"
    if content is not None:
        path.write_text(content)
    assert main(["m.onnx", "--operators", str(path)]) == 1
    printed = capsys.readouterr().err
    assert printed.startswith(f"error: {path} cannot be loaded: ") and message in printed
    assert printed.count("\n") == 1


def test_text_without_its_function(capsys):
    xnn.operator("d", "Own")(np.tanh)
    module = xnn.compile(ONE, level="prim").module
    python_operators._OPERATORS.clear()
    with pytest.raises(UserError, match='layer "z": .*no function is registered for d::Own'):
        xnn.compile(module).run({"x": X})
