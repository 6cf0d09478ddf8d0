"""Passes of other people: xnn-run applies them before its own; what they leave is run, or refused in one line."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.parser import parse_model
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn import AddOp, SubOp
from xnn.runtime.io.npz import write_arrays
from xnn.tools import xnn_opt, xnn_run
from xnn.tools.api import Hooks, compile

DIGITS = Path(__file__).parents[2] / "tools" / "networks" / "digits.onnx"
SUM = parse_model("""
    <ir_version: 8, opset_import: ["" : 13]>
    sum (float[4] a, float[4] b) => (float[4] d) { c = Add(a, b)  d = Relu(c) }
""")
INPUTS = {"a": np.ones(4, np.float32), "b": np.full(4, 2, np.float32)}
PRODUCT = parse_model("""
    <ir_version: 8, opset_import: ["" : 13]>
    product (float[2, 70] a, float[70, 2] b) => (float[2, 2] c) { c = MatMul(a, b) }
""")
BOUND = parse_model("""
    <ir_version: 8, opset_import: ["" : 13]>
    open (float[N] a) => (float[N] d) { d = Relu(a) }
""")


@dataclass(frozen=True)
class Subtract(ModulePass):
    """Makes additions subtractions, and says it if `said`."""

    name = "subtract"

    said: bool = False

    @property
    def changes_values(self) -> bool:
        return self.said

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for each in [*op.walk()]:
            if isinstance(each, AddOp):
                Rewriter.replace_op(each, SubOp.of(each.result_name.data, each.operands))


@pytest.fixture
def network(tmp_path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    onnx.save(SUM, "sum.onnx")
    write_arrays("x.npz", INPUTS)
    return "sum.onnx"


def test_passes_from_python():
    program = compile(SUM, passes=[Subtract()], level="xnn")
    assert program.run({"a": INPUTS["b"], "b": INPUTS["a"]})[0]["d"].tolist() == [1] * 4
    named = compile(SUM, passes="lower-to-primitives,cse")
    assert named.level == "dsa" and named.run(INPUTS)[0]["d"].tolist() == [3] * 4


def test_levels_that_passes_reach_are_told():
    levels = []
    hooks = Hooks(on_level=lambda level, _: levels.append(level))
    compile(SUM, passes="lower-to-primitives", level="dma", hooks=hooks)
    assert levels == ["prim", "dma"]


@pytest.mark.parametrize(
    "passes, message",
    [
        (3, "passes is of type int"),
        ([3], "passes are text or of type ModulePass, not int"),
        ("nothing", "unknown pass 'nothing'"),
        ("cse{", "cannot read the pass pipeline"),
        ("lower-to-dsa", "the module is at level dsa already, which is below prim"),
    ],
)
def test_passes_that_cannot_be(passes, message):
    with pytest.raises(UserError, match=message):
        compile(SUM, passes=passes, level="prim")


def test_passes_act_in_their_order_before_those_of_the_compiler(network, capsys):
    arguments = ["--cse", network, "-p", "lower-to-primitives,dce", "--canonicalize", "--level=dma"]
    assert xnn_run.main([*arguments, "--check-each-pass", "--report=none"]) == 0
    rows = [line.split()[:2] for line in capsys.readouterr().err.splitlines()[1:]]
    assert rows[:2] == [["cse", "xnn"], ["fold-zero-sized", "xnn"]]
    assert rows[-5:-2] == [["dce", "prim"], ["canonicalize", "prim"], ["convert-to-blocks", "dma"]]


def test_flags_of_the_tool_go_before_passes_of_their_names(network, capsys):
    run = [network, "--level=xnn", "--report=none"]
    assert xnn_run.main([*run, "-p", "quantize{bits=8}"]) == 0
    assert xnn_run.main([*run, "--quantize=bits=8"]) == 1
    assert "error: there is no format 'bits=8'" in capsys.readouterr().err


def test_what_a_wrong_pass_did_is_said_after_what_was_checked(network, capsys, monkeypatch):
    from xnn.passes.graph.graph_cse import GraphCse

    monkeypatch.setattr(GraphCse, "apply", Subtract.apply)
    run = [network, "--level=xnn", "--check-each-pass", "--report=none"]
    assert xnn_run.main([*run, "--cse", "--graph-cse"]) == 1
    head, row, error = capsys.readouterr().err.splitlines()
    assert head == "pass  level  compared  changed  on one side only, or of another type there"
    assert row == "cse   xnn           2        -"
    assert error.startswith(
        "error: pass graph-cse changes the values of layer 'c': relative error "
    )


@pytest.mark.parametrize(
    "arguments, lines",
    [
        (["--csee"], ["error: unrecognized arguments: --csee", "hint: did you mean --cse or --seed or --set?"]),
        (["-p", "csee"], ["error: unknown pass 'csee'", "hint: did you mean cse?"]),
        (["-p"], ["error: argument -p: expected one argument"]),
        (["--cse=x=1"], ["error: pass 'cse' has no option 'x'", "hint: it has no options"]),
        (["--check", "--cse"], ["error: --check is of the network as it is, without other passes"]),
        (["-p", "lower-to-dma", "--level=prim"], ["error: the module is at level dma already, which is below prim"]),
        (
            ["-p", 'quantize{calibrate="x.npz"}', "--outputs=x.npz"],
            ["error: x.npz: is read by this run, and inputs are never overwritten"],
        ),
    ],
)  # fmt: skip
def test_wrong_arguments(network, arguments, lines, capsys):
    assert xnn_run.main([network, *arguments]) == 1
    assert capsys.readouterr().err.splitlines() == lines


def test_a_size_may_come_from_a_pass(tmp_path, capsys):
    onnx.save(BOUND, path := str(tmp_path / "open.onnx"))
    assert xnn_run.main([path, '--xnn-bind=dims="N=3"', "--report=none"]) == 0


@pytest.mark.parametrize("level", ["prim", "dsa"])
def test_several_blocks_are_refused_in_one_line(tmp_path, capsys, level: str):
    text = str(tmp_path / "branches.mlir")
    steps = "lower-to-primitives,prim-expand-tiles,convert-scf-to-cf"
    assert xnn_opt.main([str(DIGITS), "--target=edge", "-p", steps, "-o", text]) == 0
    assert xnn_run.main([text, "--level", level]) == 1
    # in the text the first block has no label; how many loops there are depends on the schedules
    lines = Path(text).read_text().splitlines()
    blocks = 1 + sum(re.match(r"  \^bb\d+.*:$", line) is not None for line in lines)
    assert blocks > 30
    refusal = f"function @main has {blocks} blocks, expected one"
    hint = "hint: leave out passes such as convert-scf-to-cf"
    assert capsys.readouterr().err.splitlines() == [f"error: {refusal}", hint]


def test_the_pass_that_leaves_what_cannot_be_run_is_named(tmp_path, capsys):
    onnx.save(PRODUCT, path := str(tmp_path / "product.onnx"))
    steps = "lower-to-primitives,prim-expand-tiles,convert-scf-to-cf"
    assert xnn_run.main([path, "--check-each-pass", "-p", steps]) == 1
    *_, message, hint = capsys.readouterr().err.splitlines()
    refusal = r"function @main has \d+ blocks, expected one"
    assert re.fullmatch(
        f"error: pass convert-scf-to-cf leaves what cannot be run: {refusal}", message
    )
    assert hint == "hint: leave out passes such as convert-scf-to-cf"
