"""What a report says of the number formats of layers, and why some of them have floats."""

import numpy as np

import xnn
from tests.runtime.random_networks import Network
from xnn.passes.quantize.kept_formats import DYNAMIC, MASK, NO_INTEGER_FORM, READ_AS_FLOAT, STATE
from xnn.runtime.report import Report
from xnn.tools.checking.report import CheckReport

DIGITS = "tools/networks/digits.onnx"


def network() -> bytes:
    """A product of a softmax, a product of a mask, their sum, and an activation of few elements."""
    net = Network(0)
    shape = (1, 16, 80)
    x, few = net.input(*shape), net.input(1, 8)

    def product(of: str) -> str:
        return net.add("MatMul", [of, net.weight(80, 80)], shape)

    q = product(net.add("Softmax", [product(x)], shape))
    masked = product(net.add("Log", [net.add("Relu", [x], shape)], shape))
    activation = net.add("Mul", [few, net.add("Tanh", [few], (1, 8))], (1, 8))
    return net.model(net.add("Add", [q, masked], shape), activation)


def by_name(report: CheckReport | Report) -> dict[str, tuple[tuple[str, ...], str, str, str]]:
    return {
        each.name: (
            each.formats.operands,
            each.formats.arithmetic,
            each.formats.result,
            each.kept_because,
        )
        for each in report.layers
    }


def test_the_digits_network():
    report = xnn.check(DIGITS, quantize="int8")
    weights, floats = "i8 per channel", ("f32", "f32", NO_INTEGER_FORM)
    assert by_name(report) == {
        "relu1": ((weights, "f32"), "i32", "ui8", ""),
        "pool1": (("ui8",), "ui8", "ui8", ""),
        "relu2": ((weights, "ui8"), "i32", "ui8", ""),
        "relu3": ((weights, "ui8"), "i32", "ui8", ""),
        "relu4": ((weights, "ui8", "ui8"), "i32", "ui8", ""),
        "average": (("i8", "ui8"), "i32", "ui8", ""),
        "logits": ((weights, "ui8"), "i32", "f32", READ_AS_FLOAT),
        "probabilities#max": (("f32",), *floats),
        "probabilities#sum": (("f32", "f32"), *floats),
        "probabilities": (("f32", "f32", "f32"), *floats),
    }
    _, ran = xnn.compile(DIGITS, quantize="int8").run({"image": np.zeros((1, 1, 8, 8), np.float32)})
    assert by_name(ran) == by_name(report)


def why(quantize: str) -> dict[str, str]:
    return {
        name: each[-1] for name, each in by_name(xnn.check(network(), quantize=quantize)).items()
    }


def test_why_layers_have_floats():
    assert why("int8") == {
        "matmul0#products": READ_AS_FLOAT,
        "softmax1#max": NO_INTEGER_FORM,
        "softmax1#steps": NO_INTEGER_FORM,
        "softmax1#sum": NO_INTEGER_FORM,
        "softmax1": NO_INTEGER_FORM,
        "matmul2#products_quantized": "",
        "mul7": STATE,
        "add8": MASK,
    }


def test_dynamic_scales_and_short_floats_have_reasons_of_their_own():
    assert set(why("int8 dynamic=true").values()) == {DYNAMIC}
    assert set(why("f16").values()) == {"", "no form in f16"}


def test_a_network_that_was_never_quantised_has_no_table():
    report = xnn.check(network())
    assert "operands" not in report.text() and {each.kept_because for each in report.layers} == {""}
