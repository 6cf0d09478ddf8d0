"""Text of any level read back: it is the same module, and every operation knows its place."""

from io import BytesIO, StringIO
from pathlib import Path

import pytest
from xdsl.dialects.builtin import FileLineColLoc, ModuleOp, UnknownLoc
from xdsl.printer import Printer
from xdsl.utils.exceptions import ParseError

from tests.runtime.random_networks import random_network, random_settings
from tests.samples import samples
from xnn.dialects import LEVELS
from xnn.dialects.diagnostics import UserError
from xnn.tools.api import Hooks, compile
from xnn.tools.parsing import make_context, parse_module, read_module

DIGITS = Path(__file__).parents[2] / "tools" / "networks" / "digits.onnx"


def parse(text: str, **options) -> ModuleOp:
    return parse_module(BytesIO(text.encode()), make_context(), **options)


def generic(module: ModuleOp) -> str:
    stream = StringIO()
    Printer(stream, print_generic_format=True).print_op(module)
    return stream.getvalue()


def check_levels(source: bytes | Path, **options) -> None:
    """Each level of a network, read back from its text, is the same module."""
    seen = []

    def check(level: str, module: ModuleOp) -> None:
        seen.append(level)
        for text in (str(module), generic(module)):
            again = parse(text)
            again.verify()
            assert str(again) == str(module) and again.is_structurally_equivalent(module), level

    compile(source, hooks=Hooks(on_level=check), **options)
    assert seen == list(LEVELS)


@pytest.mark.parametrize("seed", samples(2, (0, 7, 3)))
def test_random_networks_read_back_are_the_same(seed):
    check_levels(random_network(seed)[0], settings=random_settings(seed))


def test_packed_integers_read_back_are_the_same():
    check_levels(DIGITS, quantize="int8-ternary", effort="fast")


def test_operations_know_their_lines_and_columns():
    module = parse("func.func @f() {\n  func.return\n}\n", name="folder/a.mlir", line_offset=10)
    places = {op.name: op.location for op in module.walk()}
    assert isinstance(places["builtin.module"], UnknownLoc)  # it is not in the text
    for name, line, column in (("func.func", 11, 1), ("func.return", 12, 3)):
        place = places[name]
        assert isinstance(place, FileLineColLoc)
        found = place.filename.data, place.line.data, place.column.data
        assert found == ("folder/a.mlir", line, column)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "stdin: is empty"),
        (" \n", "stdin: is empty"),
        ("xnn.convolution", "there is no operation 'xnn.convolution'"),
        ('%x = xnn.relu "y" %z', "Expected ':'"),
    ],
)
def test_text_that_is_wrong(text, message):
    with pytest.raises((UserError, ParseError), match=message):
        parse(text)


def test_files_by_their_ending_or_their_content(tmp_path):
    text = "builtin.module {\n}"
    for name, content in (("a.mlir", text), ("a.txt", text), ("a.pb", DIGITS.read_bytes())):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        module, _ = read_module(tmp_path / name, make_context())
        assert ("@main" in str(module)) == (name == "a.pb")
    (tmp_path / "a.onnx").write_text(text)
    with pytest.raises(UserError, match="truncated, or not an ONNX model"):
        read_module(tmp_path / "a.onnx", make_context())
    for name in ("b.mlir", "b"):
        with pytest.raises(FileNotFoundError):
            read_module(tmp_path / name, make_context())
