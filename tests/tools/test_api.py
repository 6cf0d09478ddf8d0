"""The Python interface."""

import gc
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.parser import parse_model

import xnn
from tests.programs import compiled
from xnn.dialects import LEVELS
from xnn.dialects.diagnostics import UserError

DIGITS = "tools/networks/digits.onnx"
IMAGE = np.zeros((1, 1, 8, 8), np.float32)
VIEWS = parse_model("""
    <ir_version: 8, opset_import: ["" : 17]>
    views (float[2, 3] x) => (float[2, 3] same, float[3, 2] turned, float[3] w, float[3] again)
    <float[3] w = {1, 2, 3}>
    { same = Identity(x)  turned = Transpose(x)  again = Identity(w) }
""")


@pytest.mark.parametrize("enabled", [True, False])
def test_collection_of_garbage_stays_as_it_was(enabled: bool):
    (gc.enable if enabled else gc.disable)()
    try:
        with pytest.raises(UserError):
            xnn.compile(DIGITS, level="none")
        assert gc.isenabled() == enabled
    finally:
        gc.enable()


@pytest.mark.parametrize("level", LEVELS)
def test_outputs_are_the_callers_to_keep(level):
    program = xnn.compile(VIEWS, level=level)
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    expected = {"same": x.copy(), "turned": x.T.copy(), "w": [1, 2, 3], "again": [1, 2, 3]}
    for _ in range(2):
        outputs, _ = program.run({"x": x})
        for name, value in expected.items():
            np.testing.assert_array_equal(outputs[name], value)
            outputs[name][...] = 9


def test_a_target_is_a_path_too(tmp_path):
    path = tmp_path / "slow.toml"
    edge = Path("runtime/targets/edge.toml").read_text()
    path.write_text(edge.replace("bytes_per_cycle = 16", "bytes_per_cycle = 4"))
    cycles = [
        compiled(DIGITS, target=target).run({"image": IMAGE})[1].cycles
        for target in (path, str(path), None)
    ]
    assert cycles[0] == cycles[1] != cycles[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"source": None}, "a network is a path, an ONNX model or a module, not of type NoneType"),
        ({"source": onnx.GraphProto()}, "a network is a path, .* not of type GraphProto"),
        ({"source": "no.mlir"}, "no.mlir: No such file or directory"),
        ({"source": "no.onnx"}, "no.onnx: No such file or directory"),
        ({"target": 3}, "target is of type int, expected str"),
        ({"target": Path("no.toml")}, "no target 'no.toml'"),
        ({"settings": 3}, "settings is of type int"),
        ({"settings": [None]}, "'None' sets nothing"),
        ({"bindings": ["N=1"]}, "bindings is of type list"),
        ({"bindings": {0: 1}}, "no dimension of unknown size called 0"),
        ({"ties": 3}, "ties is of type int"),
        ({"ties": ["image"]}, "cannot tie image: expected INPUT=OUTPUT of this network"),
        ({"quantize": 8}, "quantize is of type int"),
        ({"quantize": "int8", "calibrate": "no.npz"}, "no.npz: No such file or directory"),
        ({"calibrate": "no.npz"}, "calibrate is for formats of integers, and quantize names none"),
        ({"quantize": "f16", "calibrate": "no.npz"}, "calibrate is for formats of integers"),
        ({"level": None}, "there is no level 'None'"),
    ],
)
def test_arguments_that_do_not_fit(arguments, message):
    with pytest.raises(UserError, match=message):
        xnn.compile(**{"source": DIGITS, **arguments})


def test_text_that_is_wrong_has_a_place(tmp_path):
    path = tmp_path / "a.mlir"
    path.write_text("builtin.module {\n  xnn.nothing\n}")
    with pytest.raises(UserError, match="there is no operation 'xnn.nothing'") as error:
        xnn.compile(path)
    assert error.value.location == f"{path}:2:3"
    path.write_text("builtin.module {" * 5000)
    with pytest.raises(UserError, match="nested too deeply"):
        xnn.compile(path)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (None, "inputs have names, but NoneType has none"),
        ([IMAGE], "inputs have names, but list has none"),
        ({0: IMAGE}, "the network has no input '0'"),
        ({"image": None}, "input 'image' is object"),
        ({"image": "text"}, "input 'image' is <U4"),
        ({"image": IMAGE.tolist()}, "input 'image' is float64"),
        ({"image": [[0], [0, 0]]}, "input 'image' is no array"),
    ],
)
def test_inputs_that_do_not_fit(inputs, message):
    with pytest.raises(UserError, match=message):
        xnn.compile(DIGITS, level="xnn").run(inputs)


def test_a_list_that_numpy_converts_is_an_input():
    model = parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        negative (int64[2] x) => (int64[2] y) { y = Neg(x) }""")
    outputs, _ = xnn.compile(model, level="xnn").run({"x": [1, 2]})
    assert outputs["y"].tolist() == [-1, -2]
