"""Reading modules: text of any level with the location of every operation, and ONNX models."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from math import prod
from os import PathLike, fspath
from pathlib import Path
from typing import IO, TYPE_CHECKING

from xdsl.context import Context
from xdsl.dialects import builtin
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import AttrConstraint, base
from xdsl.parser import AttrParser, Input, MLIRLexer, Parser, ParserState
from xdsl.utils.exceptions import ParseError
from xdsl.utils.lexer import Span
from xdsl.utils.mlir_lexer import MLIRToken, MLIRTokenKind, StringLiteral

from xnn.dialects.diagnostics import UserError, one_line, suggestion
from xnn.runtime.extensions import multiverse
from xnn.runtime.io.files import is_stream, open_input
from xnn.tools.weight_paths import resolve_weights

if TYPE_CHECKING:
    from xnn.passes.module.xnn_bind import XnnBind
    from xnn.tools.onnx.model import Model

STDIN = "stdin"

ONNX_TEXT = (".onnxtxt", ".onnxtext")
"""Endings of files that hold an ONNX model as ONNX's own text."""

SPLAT = 1 << 16
"""Elements that a splat is written out to, at most."""


def make_context() -> Context:
    """A context that knows all dialects of the environment; each is loaded when it is first met."""
    context = Context()
    for name, factory in multiverse()[0].all_dialects.items():
        context.register_dialect(name, factory)
    return context


def read_module(
    path: str | PathLike[str], context: Context, binds: Sequence[XnnBind] = ()
) -> tuple[builtin.ModuleOp, bool]:
    """The module in a file or a pipe, and whether it is an ONNX model, whose sizes `binds` give.

    Raises ParseError, or UserError or OSError with the file's name.
    """
    opened = open_network(path, context)
    if isinstance(opened, builtin.ModuleOp):
        return opened, False
    from xnn.tools.onnx.importer import Importer

    return Importer(opened, binds).module(), True


def open_network(path: str | PathLike[str], context: Context) -> builtin.ModuleOp | Model:
    """The module in a file or a pipe, or the ONNX model that is not imported yet; raises as read_module."""
    path = fspath(path)
    with open_input(path) as stream:
        if holds_model(path, stream):
            return open_stream(path, stream)
        return parse_module(stream, context, name=path)


def holds_model(path: str, stream: IO[bytes]) -> bool:
    """Whether an input is an ONNX model: by its name, or else by the tag of its first field, which begins no text."""
    ending = Path(path).suffix.lower()
    if ending in (".mlir", ".onnx", *ONNX_TEXT):
        return ending != ".mlir"
    first = stream.read(1)
    stream.seek(0)
    return first == b"\x08"


def import_stream(path: str, stream: IO[bytes], binds: Sequence[XnnBind]) -> builtin.ModuleOp:
    """The network of an ONNX model, its sizes bound."""
    from xnn.tools.onnx.importer import Importer

    return Importer(open_stream(path, stream), binds).module()


def open_stream(path: str, stream: IO[bytes]) -> Model:
    """An ONNX model; what comes through a pipe, or is ONNX's text, stays in memory."""
    from xnn.tools.onnx.model import open_bytes, open_model
    from xnn.tools.onnx.text import model_of_text

    if Path(path).suffix.lower() in ONNX_TEXT:
        return open_bytes(model_of_text(stream.read(), path).SerializeToString(), path)
    return open_bytes(stream.read(), path) if is_stream(path) else open_model(path)


def parse_module(
    stream: IO[bytes],
    context: Context,
    *,
    name: str = STDIN,
    line_offset: int = 0,
    implicit_module: bool = True,
) -> builtin.ModuleOp:
    """Parse text of any level: each operation gets its location, weight files their full path.

    `name` is the file's path, or "stdin"; `line_offset` the number of lines of it before this
    text. Raises ParseError, or UserError with a location.
    """
    try:
        text = stream.read().decode()
    except UnicodeDecodeError as error:
        raise UserError(
            f"{name}: is not text (byte {error.start} is no UTF-8)",
            hint="a network is text, or an ONNX model that is named .onnx",
        ) from None
    if not text.strip():
        raise UserError(f"{name}: is empty")
    module = LocatingParser(context, text, name, line_offset).parse_module(implicit_module)
    resolve_weights(module, Path.cwd() if name == STDIN or is_stream(name) else Path(name).parent)
    return module


class LinearLexer(MLIRLexer):
    """xDSL's lexer, whose time grows exponentially with the text after a quote that is not closed.

    The same pattern for strings, but what has matched once is not tried in other ways. And a string
    is one in any language: xDSL prints what is not ASCII as bytes, which it reads as no string.
    """

    _unescaped_characters_regex = re.compile(r'"(?:[^"\\\n\v\f]++|\\(?:["nt\\]|[0-9A-Fa-f]{2}))*+"')

    def _lex_string_literal(self, start_pos: int) -> MLIRToken:
        token = super()._lex_string_literal(start_pos)
        if token.kind is MLIRTokenKind.BYTES_LIT:
            try:
                StringLiteral.from_span(token.span).bytes_contents.decode()
            except UnicodeDecodeError:
                return token
            return MLIRToken(MLIRTokenKind.STRING_LIT, token.span)
        return token


@cache
def _dense_types() -> AttrConstraint[builtin.RankedStructure[builtin.AnyDenseElement]]:
    """Of dense constants."""
    return base(builtin.RankedStructure[builtin.AnyDenseElement])


class _Element(AttrParser._TensorLiteralElement):
    """An element in hexadecimal: the bits of a float, which xDSL takes for an integer."""

    def to_type(self, parser, type):
        if not isinstance(type, builtin.AnyFloat):
            return super().to_type(parser, type)
        assert isinstance(self.value, int)
        size = type.compile_time_size
        if not 0 <= self.value < 1 << 8 * size:
            parser.raise_error(f"expected the bits of {type}", self.span.start, self.span.end)
        return type.unpack(self.value.to_bytes(size, "little"), 1)[0]


class LocatingParser(Parser):
    """xDSL's parser, which also records the location of each operation, for the errors of the verifier."""

    def __init__(self, context: Context, text: str, name: str, line_offset: int = 0):
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self._line_offset = line_offset
        self._filename = builtin.StringAttr(name)
        self._start = 0
        super().__init__(context, "", name)
        self._parser_state = ParserState(LinearLexer(Input(text, name)))

    def parse_module(self, allow_implicit_module: bool = True) -> builtin.ModuleOp:
        with self._located():
            return super().parse_module(allow_implicit_module)

    def parse_operation(self) -> Operation:
        start = self._start = self._current_token.span.start
        with self._located(start):
            op = super().parse_operation()
        if isinstance(op.location, builtin.UnknownLoc):
            line, column = self._place(start)
            op.location = builtin.FileLineColLoc(
                self._filename, builtin.IntAttr(line), builtin.IntAttr(column)
            )
        return op

    def _parse_tensor_literal_element(self) -> AttrParser._TensorLiteralElement:
        in_hexadecimal = self._current_token.text[:2] in ("0x", "0X")
        element = super()._parse_tensor_literal_element()
        if in_hexadecimal:
            return _Element(element.is_negative, element.value, element.span)
        return element

    def parse_dense_int_or_fp_elements_attr(
        self, type: builtin.RankedStructure[builtin.AnyDenseElement] | None
    ) -> builtin.DenseIntOrFPElementsAttr:
        """xDSL's, but a splat of more than SPLAT elements stays one: xDSL would write it out."""
        start, given = self.pos, type
        self.parse_punctuation("<", " in dense attribute")
        if self._current_token.kind not in (MLIRTokenKind.L_SQUARE, MLIRTokenKind.GREATER):
            if (text := self.parse_optional_str_literal()) is None:
                self._parse_tensor_literal_element()
            self.parse_punctuation(">", " in dense attribute")
            if type is None:
                self.parse_punctuation(":", " in dense attribute")
                type = self._parse_dense_literal_type()
            element, end = type.element_type, self.pos
            length = len((text or "").removeprefix("0x")) // 2
            if prod(type.get_shape()) > SPLAT and length <= element.compile_time_size:
                self._resume_from(start)
                one = super().parse_dense_int_or_fp_elements_attr(builtin.TensorType(element, []))
                self._resume_from(end)
                return builtin.DenseIntOrFPElementsAttr(type, one.data)
        self._resume_from(start)
        return super().parse_dense_int_or_fp_elements_attr(given)

    def _parse_dense_literal_type(self) -> builtin.RankedStructure[builtin.AnyDenseElement]:
        """xDSL's, which makes the constraint that it checks anew for each constant."""
        type = self.expect(self.parse_optional_type, "Dense attribute must be typed!")
        if not _dense_types().verifies(type):
            self.raise_error(
                "Expected memref, vector or tensor type of integer, index, float, or complex type"
            )
        if builtin.DYNAMIC_INDEX in type.get_shape():
            self.raise_error("Dense literal attribute should have a static shape.")
        return type

    def _register_ssa_definition(self, name: str, values: Sequence[SSAValue], span: Span) -> None:
        super()._register_ssa_definition(name, values, span)
        for value in values:
            if value.name_hint is not None:  # xDSL takes one number off its end, and prints others
                value.name_hint = re.sub(r"(_[0-9]+)+$", "", name) or None

    def _get_op_by_name(self, name: str) -> type[Operation]:
        """The class of an operation; xDSL would report an unknown one at the token after it."""
        op = self.ctx.get_optional_op(name, dialect_stack=self._parser_state.dialect_stack)
        if op is None:
            near = suggestion(name, (known.name for known in self.ctx.loaded_ops))
            message = f"there is no operation '{name}'" + (f": {near}" if near else "")
            self.raise_error(message, self._start, self._start)
        return op

    def _place(self, position: int) -> tuple[int, int]:
        """Line and column, from one, of a position in the text."""
        line = bisect.bisect_right(self._lines, position)
        return line + self._line_offset, position - self._lines[line - 1] + 1

    @contextmanager
    def _located(self, start: int | None = None) -> Iterator[None]:
        """A UserError with a place, by default that of the current token, for what xDSL's parser raises bare."""
        try:
            yield
        except (ParseError, UserError, RecursionError):
            raise
        except Exception as error:
            line, column = self._place(self._current_token.span.start if start is None else start)
            place = f"{self._filename.data}:{line}:{column}"
            raise UserError(one_line(error), location=place) from error
