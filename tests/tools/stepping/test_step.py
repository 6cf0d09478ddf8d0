"""Walking through a program: commands, what is said of a node, and that the values are those of a run."""

import io

import numpy as np
import pytest

from tests.programs import compiled
from xnn.tools.program import Program
from xnn.tools.stepping.node_text import NodeTexts
from xnn.tools.stepping.session import HELP, step
from xnn.tools.stepping.walk import Walk
from xnn.tools.xnn_run import main

DIGITS = "tools/networks/digits.onnx"
INPUTS = {"image": np.random.default_rng(0).standard_normal((1, 1, 8, 8), np.float32)}


@pytest.fixture(scope="module")
def program() -> Program:
    return compiled(DIGITS)


def walk_of(program: Program) -> Walk:
    assert program.session.machine is not None
    return Walk(program.session.machine, INPUTS)


def heads(program: Program, commands: str) -> list[str]:
    """The lines that begin at the left: those of nodes up to the colon, and answers."""
    out = io.StringIO()
    step(walk_of(program), io.StringIO(commands), out)
    first, *lines = out.getvalue().splitlines()
    assert first == HELP
    return [line.partition(" of 27:")[0] for line in lines if not line.startswith(" ")]


def test_commands(program):
    assert heads(program, "") == ["node 0"]
    assert heads(program, "\n3\n\nq\n7\n") == ["node 0", "node 1", "node 3", "node 4"]
    assert heads(program, "5\n2\n\n") == ["node 0", "node 5", "node 2", "node 3"]
    assert heads(program, "26\n\n5\n")[1:] == ["node 26", "the program has ended, at cycle 3,737"]
    assert heads(program, "relu2\nrelu2\n")[1:] == ["node 3", "node 6"]
    assert heads(program, "8\nrelu2\n")[1:] == ["node 8", "node 3"]  # there are no more of it
    assert heads(program, "27\nrellu1\n?\n")[1:] == [
        "there are nodes 0 to 26",
        "no layer is called 'rellu1': did you mean relu1 or relu4 or relu3?",
        f"no layer is called '?': {HELP}",
    ]


def test_the_values_are_those_of_a_run_also_after_going_back(program):
    expected = program.run(INPUTS)[0]
    walk = walk_of(program)
    for node in (len(walk) - 1, 4, len(walk) - 1):
        walk.go_to(node)
    for name, value in walk.machine.results().items():
        np.testing.assert_array_equal(value, expected[name])


def test_what_is_said_of_a_node(program):
    walk = walk_of(program)
    machine, texts = walk.machine, NodeTexts(walk.machine)
    walk.go_to(25)
    lines = texts.text(25).splitlines()
    time = machine.timeline
    assert lines[0] == 'node 25 of 27: vector [1, 10, 1, 1] first last of layer "probabilities"'
    assert f"starts at {int(time.start[25]):,}, ends at {int(time.end[25]):,}" in lines[1]
    assert lines[2].endswith(f"token at {int(time.token[22]):,}") and "after node 22," in lines[2]
    assert any(line.startswith("  dma0     waits for feature maps to ") for line in lines)
    assert any(line.startswith("  matmul   has no more nodes") for line in lines)
    place = next(place for place, line in enumerate(lines) if line.startswith("  writes 40 bytes"))
    rows = [line.split("  ") for line in lines[place + 1 :]]
    data = bytes.fromhex("".join(row[3] for row in rows))
    softmax = program.run(INPUTS)[0]["probabilities"]
    np.testing.assert_array_equal(np.frombuffer(data, np.float32), softmax.ravel())


def test_only_the_first_bytes_are_shown(program):
    walk = walk_of(program)
    walk.go_to(3)
    *_, last_row, more = NodeTexts(walk.machine).text(3).splitlines()
    assert more == "    and 18,304 bytes more" and last_row.startswith("    0x")


def test_every_node_of_a_program_with_little_memory_can_be_shown():
    small = compiled(DIGITS, settings=["local.rows=4"], quantize="int8")
    walk = walk_of(small)
    texts = NodeTexts(walk.machine)
    for node in range(len(walk)):
        walk.go_to(node)
        assert texts.text(node).startswith(f"node {node} of {len(walk)}: ")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([DIGITS, "--level=prim"], "level prim has no nodes to step through"),
        (
            [DIGITS, "--outputs=o.npz"],
            "--step shows nodes: it writes no files and compares nothing",
        ),
        ([DIGITS, "--trace=t.json"], "--step shows nodes: it writes no files and compares nothing"),
        (["-"], "--step reads commands from stdin, and so cannot read the network there"),
    ],
)
def test_where_there_is_no_walk(arguments, message, capsys, monkeypatch):
    monkeypatch.setattr("xnn.tools.command_line.run.check_files", lambda options: None)
    assert main([*arguments, "--step"]) == 1
    assert f"error: {message}" in capsys.readouterr().err
