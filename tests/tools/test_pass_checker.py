"""A pass that changes what the network computes is caught and named: xnn.tools.pass_checker."""

import numpy as np
import pytest
from onnx import numpy_helper
from onnx.parser import parse_model
from xdsl.dialects import arith
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Operation
from xdsl.rewriter import Rewriter

from tests.programs import compiled
from tests.samples import grid
from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa import ConfigOp, ProgramOp
from xnn.dialects.xnn import AddOp, SubOp
from xnn.passes import pass_named
from xnn.passes.graph.graph_cse import GraphCse
from xnn.tools.api import Hooks, compile
from xnn.tools.pass_checker import Check, PassChecker

MODEL = parse_model("""
    <ir_version: 8, opset_import: ["" : 13]>
    small (float[4] a, float[4] b) => (float[4] d)
    { c = Add(a, b)  d = Relu(c) }
""")
INPUTS = {name: np.arange(4, dtype=np.float32) for name in "ab"}


def spoil(self, context, module: ModuleOp) -> None:
    """Turn additions into subtractions."""
    for op in module.walk():
        if isinstance(op, AddOp):
            wrong = SubOp.of(op.result_name.data, op.operands)
            assert op.parent is not None
            op.parent.insert_op_before(wrong, op)
            op.result.replace_all_uses_with(wrong.result)
            op.detach()
            op.erase()


def check(level: str = "prim") -> PassChecker:
    checker = PassChecker(lambda program: INPUTS)
    hooks = Hooks(checker.start, lambda module, done, *_: checker.check(module, done))
    compile(MODEL, level=level, hooks=hooks)
    return checker


def test_right_passes_go_unnoticed():
    checks = check().checks
    assert not any(each.changed for each in checks)
    fused = Check("map-elementwise", "prim", 1, ("c", "c#rhs"), 0)
    assert fused in checks and all(each.compared == 2 for each in checks if each != fused)


def test_the_summary_has_a_row_for_each_pass():
    checker = PassChecker(lambda program: INPUTS)
    checker.checks.append(Check("one", "prim", 12, (), 0))
    checker.checks.append(Check("another", "dsa", 3, tuple("abcde"), 2))
    assert checker.summary().split("\n") == [
        "pass     level  compared  changed  on one side only, or of another type there",
        "one      prim         12        -",
        "another  dsa           3        2  a, b, c and 2 more",
    ]


def test_the_pass_and_the_first_layer_are_named(monkeypatch):
    monkeypatch.setattr(GraphCse, "apply", spoil)
    with pytest.raises(UserError, match="pass graph-cse changes the values of layer 'c': "):
        check()


def test_a_pass_may_say_that_it_changes_values(monkeypatch):
    monkeypatch.setattr(GraphCse, "apply", spoil)
    monkeypatch.setattr(GraphCse, "changes_values", True, raising=False)
    changed = {check.name: check.changed for check in check().checks if check.changed}
    assert changed == {"graph-cse": 2}


CONVOLUTIONS = parse_model("""
    <ir_version: 8, opset_import: ["" : 13]>
    small (float[1, 4, 12, 12] x) => (float[1, 10] y)
    {
      a = Conv<pads = [1, 1, 1, 1]>(x, w, b)
      r = Relu(a)
      p = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(r)
      q = Conv<pads = [1, 1, 1, 1]>(p, v)
      s = Relu(q)
      m = GlobalAveragePool(s)
      e = Flatten(m)
      h = Gemm<transB = 1>(e, f)
      y = Softmax(h)
    }
""")
RANDOM = np.random.default_rng(0)
CONVOLUTIONS.graph.initializer.extend(
    numpy_helper.from_array(RANDOM.standard_normal(sizes, np.float32), name)
    for name, sizes in {"w": (8, 4, 3, 3), "b": (8,), "v": (16, 8, 3, 3), "f": (10, 16)}.items()
)
IMAGE = {"x": RANDOM.standard_normal((1, 4, 12, 12), np.float32)}
SMALL = ("local.rows=2",)
"""Settings with which feature maps do not all stay in local memory, and layers take many blocks."""


def check_convolutions(settings: tuple[str, ...]) -> PassChecker:
    """What was checked after the passes of the whole pipeline."""
    checker = PassChecker(lambda program: IMAGE)
    hooks = Hooks(checker.start, lambda module, done, *_: checker.check(module, done))
    compiled(CONVOLUTIONS, settings=settings, hooks=hooks)
    return checker


@pytest.mark.parametrize("settings", [(), SMALL])
def test_every_pass_down_to_the_machine_is_clean(settings: tuple[str, ...]):
    checks = check_convolutions(settings).checks
    assert checks[0] == Check("fold-zero-sized", "xnn", 9, (), 0)
    assert (checks[-1].name, checks[-1].level) == ("convert-to-instructions", "dsa")
    (fused,) = (check for check in checks if check.name == "fuse-successors")
    assert fused == Check(
        "fuse-successors", "prim", 9, ("a", "q"), 0
    )  # two are reductions of the softmax


def turn_relu(module: ModuleOp, layer: str) -> None:
    """Let the layer keep what is negative, not what is positive."""
    for op in list(module.walk()):
        if isinstance(op, arith.MaximumfOp) and layer in names_around(op):
            Rewriter.replace_op(op, arith.MinimumfOp(op.lhs, op.rhs))


def names_around(op: Operation) -> list[str]:
    """Names of the operations that `op` stands in, and of the layers that have the configuration."""
    names, parent = [], op.parent_op()
    while parent is not None:
        name = parent.properties.get("name")
        if isinstance(name, StringAttr):
            names.append(name.data)
        if isinstance(parent, ConfigOp) and isinstance(program := parent.parent_op(), ProgramOp):
            configs = program.configs.items()
            names += [layer for layer, config in configs if config is parent]
        parent = parent.parent_op()
    return names


FAULTY = ["choose-schedules", "convert-to-blocks", "plan-memory", "convert-to-instructions"]


@pytest.mark.parametrize("name, layer", grid(4, FAULTY, ["r", "s"]))
def test_a_fault_at_any_level_is_traced_to_its_layer(monkeypatch, name: str, layer: str):
    faulty = pass_named(name)
    right = faulty.apply

    def apply(self, context, module: ModuleOp) -> None:
        right(self, context, module)
        turn_relu(module, layer)

    monkeypatch.setattr(faulty, "apply", apply)
    message = f"pass {name} changes the values of layer '{layer}': "
    with pytest.raises(UserError, match=message):
        check_convolutions(SMALL)


def test_integers_are_not_compared_with_the_real_values_that_a_primitive_makes_of_them():
    """The product's rounded map, which is read twice, and its dequantised form have one name."""
    model = parse_model("""
        <ir_version: 8, opset_import: ["" : 13]>
        twice (float[1, 4] a) => (float[1, 4] d) { c = MatMul(a, w)  d = Add(c, c) }
    """)
    weight = np.arange(16, dtype=np.float32).reshape(4, 4)
    model.graph.initializer.append(numpy_helper.from_array(weight, "w"))
    checker = PassChecker(lambda program: {"a": np.ones((1, 4), np.float32)})
    hooks = Hooks(checker.start, lambda module, done, *_: checker.check(module, done))
    compile(model, quantize="int8", level="prim", hooks=hooks)
