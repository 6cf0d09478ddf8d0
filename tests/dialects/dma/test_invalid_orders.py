"""Orders that cannot be: one message each, at the line of the text that is wrong."""

import re
from io import BytesIO
from pathlib import Path

import pytest

from xnn.dialects.diagnostics import InvalidOperation, UserError
from xnn.passes import pass_named
from xnn.runtime.targets import load_target
from xnn.tools.parsing import make_context, parse_module
from xnn.tools.verification import verify

TEXT = (Path(__file__).parents[2] / "filecheck" / "dialects" / "dma" / "orders.mlir").read_text()
"""Layers "y", of 8 blocks, and "z", which reads three rows of "y" for each of its own 8."""


def faults(order: str) -> str:
    """The error for the module with another order; each line of `order` is one of the text."""
    start, end = TEXT.index("\n    dma.order {") + 1, TEXT.index("    func.return %z")
    text = f"{TEXT[:start]}    dma.order {{\n{order}\n    }}\n{TEXT[end:]}"
    with pytest.raises(UserError) as caught:
        verify(parse_module(BytesIO(text.encode()), make_context(), name="orders.mlir"))
    error = caught.value
    assert error.location is not None and "\n" not in error.message
    line = int(error.location.split(":")[1])
    shown = text.splitlines()[line - 1].strip().partition(" blocks")[0].partition(" operand")[0]
    return f"{shown} | {error.message}"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (
            'dma.run "y" blocks 1 ahead 1 behind 0\ndma.run "z" blocks 1 ahead 0 behind 0\n'
            'dma.run "y" ahead 1 behind 0\ndma.run "z" ahead 0 behind 0',
            'dma.run "z" | dma.run "z": block 0 reads 64 elements of "y", of which 32 are not written yet',
        ),
        (
            'dma.run "z" ahead 0 behind 0\ndma.run "y" ahead 1 behind 0',
            'dma.run "z" ahead 0 behind 0 | dma.run "z": block 0 reads 64 elements of "y", '
            "of which 64 are not written yet",
        ),
        (
            'dma.run "y" ahead 2 behind 0\ndma.run "z" ahead 0 behind 0',
            'dma.run "y" ahead 2 behind 0 | dma.run "y": the load of "x" for block 2 overwrites '
            "what block 0 needs: there are 2 slot(s), and only 0 block(s) have run",
        ),
        (
            'dma.prefetch "y" operand 1 count 3\ndma.run "y" ahead 0 behind 0',
            'dma.prefetch "y" | dma.prefetch "y": the load of "x" for block 2 overwrites what '
            "block 0 needs: there are 2 slot(s), and only 0 block(s) have run",
        ),
        (
            'dma.prefetch "z" operand 0 count 1\ndma.prefetch "z" operand 0 count 1',
            'dma.prefetch "z" | dma.prefetch "z": operand 0 has 0 slice(s) left to load, not 1',
        ),
        (
            'dma.prefetch "z" operand 1 count 1',
            'dma.prefetch "z" | dma.prefetch "z": operand 1 is none of the 1 that the layer loads',
        ),
        (
            'dma.run "y" ahead 1 behind 0\ndma.run "z" ahead 0 behind 2\ndma.write_back "z" count 2',
            'dma.run "z" ahead 0 behind 2 | dma.run "z": block 2 overwrites a result that is not '
            "stored yet: there are 2 slot(s)",
        ),
        (
            'dma.run "y" ahead 1 behind 0\ndma.run "z" ahead 0 behind 1',
            'dma.order { | dma.order: 1 result(s) of layer "z" are never stored',
        ),
        (
            'dma.run "y" ahead 1 behind 0\ndma.run "z" ahead 0 behind 1\ndma.write_back "z" count 2',
            'dma.write_back "z" count 2 | dma.write_back "z": has 1 result(s) to store, not 2',
        ),
        (
            'dma.run "y" ahead 1 behind 0\ndma.run "z" blocks 7 ahead 0 behind 0',
            'dma.order { | dma.order: 1 of the 8 block(s) of layer "z" never run',
        ),
        (
            'dma.run "y" blocks 5 ahead 1 behind 0\ndma.run "y" blocks 5 ahead 1 behind 0',
            'dma.run "y" | dma.run "y": has 3 block(s) left to run, not 5',
        ),
        (
            'dma.run "y" ahead 1 behind 0',
            'dma.order { | dma.order: layer "z" never runs',
        ),
        (
            'dma.run "y0" ahead 1 behind 0',
            'dma.run "y0" ahead 1 behind 0 | dma.run "y0": there is no layer of this name',
        ),
        (
            'dma.repeat 1000000000000 {\ndma.run "y" blocks 1 ahead 1 behind 0\n}',
            "dma.order { | dma.order: stands for 1000000000000 lines, more than 1048576",
        ),
        (
            'dma.repeat 9 {\ndma.run "y" blocks 1 ahead 1 behind 0\n}',
            'dma.run "y" | dma.run "y": has 0 block(s) left to run, not 1',
        ),
        (
            "dma.repeat 2 {\n}",
            "dma.repeat 2 { | dma.repeat: Region 'body' at position 0 expected a single block, but got 0 blocks",
        ),
        (
            'dma.run "y" blocks 0 ahead 0 behind 0',
            'dma.run "y" | dma.run "y": blocks must be positive',
        ),
        (
            'dma.run "y" ahead -1 behind 0',
            'dma.run "y" ahead -1 behind 0 | dma.run "y": ahead and behind must not be negative',
        ),
    ],
)
def test_an_order_that_cannot_be_is_refused_at_its_line(order: str, expected: str):
    assert faults(order) == expected


def test_a_function_has_one_order_and_layers_of_different_names():
    order = re.search(r"(?m)^    dma\.order \{.*?\n    \}\n", TEXT, re.DOTALL)
    assert order is not None
    twice = TEXT.replace(order[0], 2 * order[0])
    same = TEXT.replace('dma.blocks "z"', 'dma.blocks "y"')
    for text, message in (
        (twice, "dma.order: the function has another order"),
        (same, 'dma.blocks "y": another layer has this name'),
    ):
        with pytest.raises(UserError, match=re.escape(message)):
            verify(parse_module(BytesIO(text.encode()), make_context(), name="orders.mlir"))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('dma.prefetch "z" operand 1 count 1', "operand 1 is none of the 1 that the layer loads"),
        ('dma.write_back "y" count 1', "the layer stores nothing"),
        ('dma.run "y0" ahead 1 behind 0', "there is no layer of this name"),
    ],
)
def test_the_planner_refuses_what_nobody_has_verified(line: str, message: str):
    text = TEXT.replace('      dma.prefetch "z" operand 0 count 1\n', f"      {line}\n")
    module = parse_module(BytesIO(text.encode()), make_context(), name="orders.mlir")
    load_target("edge").attach(module)
    with pytest.raises(InvalidOperation, match=message):
        pass_named("plan-memory")().apply(make_context(), module)


def test_a_layer_has_no_more_blocks_than_can_be_evaluated():
    text = TEXT.replace('dma.blocks "y" [8]', 'dma.blocks "y" [2147483648]')
    with pytest.raises(UserError, match='dma.blocks "y": has 2147483648 blocks, more than 1048576'):
        verify(parse_module(BytesIO(text.encode()), make_context(), name="orders.mlir"))


def test_layers_that_write_the_same_elements_keep_their_turns():
    again = re.search(r'(?m)^    dma\.blocks "y" .*?^    \}\n', TEXT, re.DOTALL)
    assert again is not None
    body = re.sub(r"%(wb|xb|yb)", r"%a\1", again[0].replace('"y"', '"again"'))
    order = re.search(r"(?m)^    dma\.order \{.*?\n    \}\n", TEXT, re.DOTALL)
    assert order is not None
    text = TEXT.replace(order[0], body + order[0])  # after "z" has read "y", "again" rewrites it
    runs = [f'dma.run "{name}" ahead 0 behind 0' for name in ("y", "z", "again")]

    def check(lines: list[str]) -> None:
        new = "\n".join(["    dma.order {", *lines, "    }\n"])
        module = parse_module(
            BytesIO(text.replace(order[0], new).encode()), make_context(), name="orders.mlir"
        )
        verify(module)

    check(runs)
    with pytest.raises(UserError) as caught:
        check([runs[0], runs[2], runs[1]])
    assert caught.value.message == (
        'dma.run "z": reads "y", which layer "again" has used already, but comes after it in the text'
    )
