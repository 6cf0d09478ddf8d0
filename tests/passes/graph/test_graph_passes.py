"""What the passes of the graph level keep: the numbers, the names, the places."""

from collections.abc import Callable

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from xdsl.context import Context
from xdsl.dialects.builtin import FileLineColLoc, IntAttr, ModuleOp, StringAttr

from tests.samples import examples
from xnn.dialects.xnn import NetworkOperation
from xnn.passes import pass_named
from xnn.passes.pipelines import PIPELINES
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.tools.onnx.importer import import_bytes

PASSES = PIPELINES["optimize-graph"]

Step = Callable[[np.random.Generator, str, str], tuple[list[onnx.NodeProto], dict]]


def _uniform(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.uniform(0.5, 1.5, shape).astype(np.float32)


def _conv(rng, x, y):
    node = helper.make_node("Conv", [x, f"{y}_w", f"{y}_b"], [y], pads=[1, 1, 1, 1])
    return [node], {f"{y}_w": _uniform(rng, 4, 4, 3, 3) - 1, f"{y}_b": _uniform(rng, 4)}


def _batch_norm(rng, x, y):
    names = [f"{y}_{part}" for part in ("scale", "shift", "mean", "var")]
    node = helper.make_node("BatchNormalization", [x, *names], [y])
    return [node], {name: _uniform(rng, 4) for name in names}


def _binary(operator: str, *shape: int) -> Step:
    def step(rng, x, y):
        return [helper.make_node(operator, [x, f"{y}_c"], [y])], {f"{y}_c": _uniform(rng, *shape)}

    return step


def _unary(operator: str) -> Step:
    return lambda rng, x, y: ([helper.make_node(operator, [x], [y])], {})


def _residual(rng, x, y):
    return [
        helper.make_node("Relu", [x], [f"{y}_r"]),
        helper.make_node("Add", [x, f"{y}_r"], [y]),
    ], {}


def _reshapes(rng, x, y):
    nodes = [
        helper.make_node("Reshape", [x, f"{y}_s"], [f"{y}_r"]),
        helper.make_node("Transpose", [f"{y}_r"], [f"{y}_t"], perm=[0, 2, 1, 3, 4]),
        helper.make_node("Reshape", [f"{y}_t", f"{y}_u"], [y]),
    ]
    return nodes, {
        f"{y}_s": np.array([0, 2, 2, 5, 5], np.int64),
        f"{y}_u": np.array([0, 4, 5, 5], np.int64),
    }


STEPS: dict[str, Step] = {
    "conv": _conv,
    "batch_norm": _batch_norm,
    "scale": _binary("Mul", 4, 1, 1),
    "shift": _binary("Add", 1, 4, 1, 1),
    "scale_all": _binary("Mul", 1),
    "shift_all": _binary("Add"),
    "scale_columns": _binary("Mul", 5),
    "relu": _unary("Relu"),
    "identity": _unary("Identity"),
    "dropout": _unary("Dropout"),
    "residual": _residual,
    "reshapes": _reshapes,
}


def build(steps: list[str]) -> ModuleOp:
    """A network of `steps`, one after the other, every operator of which has a place."""
    rng = np.random.default_rng(len(steps))
    nodes, constants = [], {}
    names = ["x", *(f"t{i}" for i in range(len(steps)))]
    for step, x, y in zip(steps, names, names[1:]):
        new_nodes, new_constants = STEPS[step](rng, x, y)
        nodes += new_nodes
        constants |= new_constants
    graph = helper.make_graph(
        nodes,
        "steps",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 4, 5, 5])],
        [helper.make_empty_tensor_value_info(names[-1])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    module = import_bytes(model.SerializeToString())
    for i, op in enumerate(module.walk()):
        op.location = FileLineColLoc(StringAttr("steps.onnx"), IntAttr(i), IntAttr(1))
    return module


def run(module: ModuleOp) -> np.ndarray:
    x = np.random.default_rng(0).standard_normal((2, 4, 5, 5), dtype=np.float32)
    (y,) = interpreter_of(module, WeightStore()).call_op("main", (x,))
    return y


def operators(module: ModuleOp) -> list[NetworkOperation]:
    return [op for op in module.walk() if isinstance(op, NetworkOperation)]


@examples(60)
@given(st.lists(st.sampled_from(sorted(STEPS)), min_size=1, max_size=10))
def test_random_networks(steps):
    module = build(steps)
    expected = run(module)
    names = {op.result_name.data for op in operators(module)}
    for name in PASSES:
        pass_named(name)().apply(Context(), module)
        module.verify()
        np.testing.assert_allclose(run(module), expected, rtol=1e-4, atol=1e-4, err_msg=name)
    for op in operators(module):
        assert isinstance(op.location, FileLineColLoc)
        own = op.result_name.data
        assert "#" in own or own in names
        assert set(op.layer_names) <= names
    again = str(module)
    for name in PASSES:
        pass_named(name)().apply(Context(), module)
    assert str(module) == again


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        (["conv", "dropout", "batch_norm", "identity", "scale", "shift"], ["xnn.conv"]),
        (["conv", "scale_all", "shift_all"], ["xnn.conv"]),
        (["batch_norm", "scale", "shift", "scale_all"], ["xnn.mul", "xnn.add"]),
        (["shift", "shift"], ["xnn.add"]),
        (["scale", "dropout", "scale"], ["xnn.mul"]),
        (["identity", "dropout"], []),
    ],
)
def test_what_is_left(steps, left):
    module = build(steps)
    pass_named("optimize-graph")().apply(Context(), module)
    main = next(iter(module.body.block.ops))
    names = [op.name for op in main.walk() if op.name.startswith("xnn.")]
    assert [name for name in names if name != "xnn.parameter"] == left


def test_an_infinite_scale_is_not_absorbed(monkeypatch):
    def infinite(rng, x, y):
        nodes, constants = _batch_norm(rng, x, y)
        return nodes, {**constants, f"{y}_scale": np.array([np.inf, 1, 1, 1], np.float32)}

    monkeypatch.setitem(STEPS, "infinite", infinite)
    module = build(["conv", "infinite"])
    with np.errstate(all="ignore"):
        expected = run(module)
        for name in PASSES:
            pass_named(name)().apply(Context(), module)
            np.testing.assert_allclose(run(module), expected, rtol=1e-4, atol=1e-4, err_msg=name)
    assert np.isinf(expected).any()


def test_layers_list_what_was_taken_in():
    module = build(["conv", "batch_norm", "scale"])
    pass_named("optimize-graph")().apply(Context(), module)
    (conv,) = (op for op in operators(module) if op.name == "xnn.conv")
    assert conv.result_name.data == "t2"
    assert conv.layer_names == ("t0", "t1")
