"""Names are the user's: any string goes through every level, through text and back."""

from io import BytesIO
from itertools import pairwise

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from xdsl.dialects.builtin import ModuleOp

from tests.programs import compiled, programs
from tests.samples import examples, samples
from tests.tools.onnx.levels import model_of
from xnn.dialects import LEVELS
from xnn.dialects.diagnostics import UserError
from xnn.dialects.values import ssa_hint
from xnn.tools.api import Hooks, compile
from xnn.tools.parsing import make_context, parse_module
from xnn.tools.pass_checker import PassChecker
from xnn.tools.program import Program

node = helper.make_node
X = np.random.default_rng(1).standard_normal((2, 3, 5, 5), np.float32)
W = np.random.default_rng(2).standard_normal((4, 3, 3, 3), np.float32)


def read(module: ModuleOp | str) -> ModuleOp:
    return parse_module(BytesIO(str(module).encode()), make_context())


def network(names: list[str]) -> onnx.ModelProto:
    """A convolution, an activation with an output of its own, and a placed concatenation."""
    x, w, dim, conv, relu, concat = names
    graph = helper.make_graph(
        [
            node("Conv", [x, w], [conv], pads=[1, 1, 1, 1]),
            node("Relu", [conv], [relu]),
            node("Concat", [relu, x, conv], [concat], axis=1),
        ],
        "names",
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, [dim, 3, 5, 5])],
        [helper.make_empty_tensor_value_info(name) for name in (relu, concat)],
        [numpy_helper.from_array(W, w)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])


SPECIAL = [
    ["é", "zé", "größe ±", "日本", "😀", "\u2028"],
    ['a "b"', "a\\b", "2*s0, s1", "\n\t\r\0", "%y", "// @main {"],
    ["a", "a#weights", "a#", "#", "##", "a#0"],
    ["\\C3\\A9", "_1", "N,M=2", "x_0", "x_1", "x_1_1"],
    ["arg0", "result0", "dense<0>", "main", "weights", "%0"],
    ["input.1", "39", "s77", "/conv1/Conv_output_0", "/conv1/Conv_output_0_1", "x_1_1"],
]


@pytest.mark.parametrize("names", samples(4, SPECIAL))
def test_special_names_at_any_level_and_through_text(names: list[str]):
    check_names(names)


@examples(12)
@given(st.lists(st.text(min_size=1), min_size=6, max_size=6, unique=True))
def test_any_name_at_any_level_and_through_text(names: list[str]):
    check_names(names)


def check_names(names: list[str]) -> None:
    x, _, dim, _, *outputs = names
    graph = compiled(network(names), level=LEVELS[0], bindings={dim: 2})
    expected, source = None, graph.module
    for level in LEVELS:
        program = compiled(source, level=level)
        source = program.module
        text = str(program.module)
        again = Program(read(text))
        assert str(again.module) == text
        for each in (program, again):
            assert [port.name for port in each.inputs] == [x]
            assert [port.name for port in each.outputs] == outputs
            values, _ = each.run({x: X})
            expected = expected or values
            for name in outputs:
                np.testing.assert_allclose(values[name], expected[name], rtol=1e-5, atol=1e-5)


def test_parts_are_not_called_as_slices_are():
    """The smallest of two constants is a constant, `y#step1`; `y#1` is a slice of the layer `y`."""
    constants = {"a": X - 1, "b": 1 - X}
    model = model_of([node("Min", ["a", "b", "x"], ["y"])], {"x": X}, ["y"], constants)
    outputs, _ = compile(model).run({"x": X}, sanitize=True)
    np.testing.assert_array_equal(outputs["y"], np.minimum(X - 1, 1 - X))


def test_tensors_called_as_parts_are():
    """`#` stands between a tensor and its parts; tensors may have it in their names."""
    steps = [("Conv", "y#1", "v"), ("Relu", "y#2"), ("Conv", "y", "w"), ("Mul", "y#mul", "s")]
    steps += [("Add", "y#mul_weights", "s"), ("Relu", "y##"), ("Conv", "#", "w")]
    names = ["x#", *(name for _, name, *_ in steps)]
    shapes = {"v": (4, 3, 1, 1), "w": (4, 4, 1, 1), "s": (1, 4, 1, 1)}
    graph = helper.make_graph(
        [node(op, [x, *w], [y]) for x, (op, y, *w) in zip(names, steps, strict=False)],
        "parts",
        [helper.make_tensor_value_info("x#", TensorProto.FLOAT, X.shape)],
        [helper.make_empty_tensor_value_info(name) for name in ("#", "y#2")],
        [
            numpy_helper.from_array(np.full(shape, 0.5, np.float32), n)
            for n, shape in shapes.items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    runs = [program.run({"x#": X}) for program in programs(model).values()]
    for outputs, _ in runs:
        assert list(outputs) == ["#", "y#2"]
        for name in outputs:
            np.testing.assert_allclose(outputs[name], runs[0][0][name], rtol=1e-5)
    layers = [(layer.name, layer.layers) for layer in runs[-1][1].layers]
    assert layers == [("y#2", ("y#1",)), ("y##", ("y", "y#mul", "y#mul_weights")), ("#", ())]
    with pytest.raises(UserError, match='layer "y#2" needs at least .* bytes of local memory'):
        compile(model, settings=["local.rows=1", "local.banks=1"])


@given(st.text())
def test_hints_are_what_xdsl_prints_and_reads(name: str):
    hint = ssa_hint(name)
    text = "func.func @f() { %a = arith.constant true func.return }"
    module = read(text)
    value = next(op for op in module.walk() if op.name == "arith.constant").results[0]
    value.name_hint = hint
    assert value.name_hint == hint
    assert hint is None or f"%{hint} = arith.constant" in str(module)
    assert str(read(module.clone())) == str(module)


@pytest.mark.parametrize(
    "name, hint",
    [
        ("/conv1/Conv_output_0", "conv1_Conv_output"),
        ("39", "t39"),
        ("x_1_2", "x"),
        ("_1", None),
        ("é", None),
        ("input.1", "input.1"),
    ],
)
def test_hints(name: str, hint: str | None):
    assert ssa_hint(name) == hint


def test_values_of_a_text_that_are_numbered_twice_keep_apart():
    text = "func.func @f(%a : i1, %_1 : i1) {\n"
    text += "".join(f"  %{name} = arith.addi %a, %_1 : i1\n" for name in ("a_1", "a_1_2", "a_2"))
    module = read(text + "  func.return\n}")
    assert str(read(module.clone())) == str(module)


@pytest.mark.parametrize("count", [2, 3])
def test_no_pass_gives_a_name_anew_to_other_values(count: int):
    x, weights = (
        X,
        {f"{k}{i}": np.array([2, 3, 4], np.float32) + i for i in range(count) for k in "sbmv"},
    )
    names = ["x", *(f"n{i}" for i in range(count))]
    nodes = [
        node("BatchNormalization", [a, f"s{i}", f"b{i}", f"m{i}", f"v{i}"], [b])
        for i, (a, b) in enumerate(pairwise(names))
    ]
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
        [helper.make_empty_tensor_value_info(names[-1])],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    checker = PassChecker(lambda _: {"x": x})
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    hooks = Hooks(checker.start, lambda module, done, *_: checker.check(module, done))
    compile(model, hooks=hooks)
