"""A pass that changes what the network computes is caught and named: xnn.tools.pass_checker."""

import numpy as np
import pytest
from onnx.parser import parse_model
from xdsl.dialects.builtin import ModuleOp

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn import AddOp, SubOp
from xnn.passes.graph.graph_cse import GraphCse
from xnn.tools.api import Hooks, compile
from xnn.tools.pass_checker import PassChecker

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


def check(level: str = "prim") -> None:
    checker = PassChecker(lambda program: INPUTS)
    hooks = Hooks(checker.start, lambda module, done, *_: checker.check(module, done))
    compile(MODEL, level=level, hooks=hooks)


def test_right_passes_go_unnoticed():
    check()


def test_the_pass_and_the_first_layer_are_named(monkeypatch):
    monkeypatch.setattr(GraphCse, "apply", spoil)
    with pytest.raises(UserError, match="pass graph-cse changes the values of layer 'c': "):
        check()


def test_a_pass_may_say_that_it_changes_numbers(monkeypatch):
    monkeypatch.setattr(GraphCse, "apply", spoil)
    monkeypatch.setattr(GraphCse, "changes_numbers", True, raising=False)
    check()
