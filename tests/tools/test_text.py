"""A network from a string: the same as from a file of that text."""

import numpy as np
import pytest

import xnn
from xnn.dialects.diagnostics import UserError

ONNX = """<ir_version: 8, opset_import: ["" : 18]>
net (float[batch, 3] x) => (float[batch, 3] y) { y = Relu (x) }"""


def test_onnx_text_is_imported():
    module = xnn.parse(ONNX)
    outputs, _ = xnn.compile(module, bindings={"batch": 2}).run(
        {"x": np.full((2, 3), -1, np.float32)}
    )
    assert not outputs["y"].any() and outputs["y"].shape == (2, 3)


@pytest.mark.parametrize("level", ["xnn", "prim", "dma", "dsa"])
def test_text_of_any_level_is_read_back(level):
    program = xnn.compile(xnn.parse(ONNX), bindings={"batch": 1}, level=level)
    again = xnn.parse(str(program.module))
    assert str(again) == str(program.module)
    assert xnn.compile(again).report.cycles == xnn.compile(program.module).report.cycles


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "text: is empty"),
        ("<ir_version: 8> net (float[1] x) => (", "text: is no ONNX model in text"),
        ("func.func @main() {\n  xnn.rule\n}", "there is no operation 'xnn.rule': did you mean"),
    ],
)
def test_what_is_no_network_is_refused(text, message):
    with pytest.raises(UserError) as error:
        xnn.parse(text)
    assert message in error.value.message


def test_a_fault_has_its_place():
    with pytest.raises(UserError) as error:
        xnn.parse("func.func @main() {\n  xnn.rule\n}")
    assert error.value.location == "text:2:3"
