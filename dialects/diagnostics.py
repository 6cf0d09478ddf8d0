"""Errors of the user. Tools print them without a traceback; any other exception is a bug and shows one."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable

from xdsl.dialects.builtin import FileLineColLoc, StringAttr
from xdsl.ir import Operation
from xdsl.utils.exceptions import (
    ArgSpecParseError,
    DiagnosticException,
    ParseError,
    UnregisteredConstructException,
    VerifyException,
)

from xnn.dialects.names import shown_name


class UserError(DiagnosticException):
    """An input of the user is wrong.

    `message` says what is wrong, at which node, what was expected: one line, or one per fault when several
    are reported at once. `location` is "file:line:col" where one is known; `hint` says how to fix it.
    """

    def __init__(self, message: str, *, location: str | None = None, hint: str | None = None):
        super().__init__(message)
        self.message = message
        self.location = location
        self.hint = hint


USER_FAULTS = (
    ArgSpecParseError,
    DiagnosticException,
    MemoryError,
    OSError,
    ParseError,
    RecursionError,
    UnregisteredConstructException,
)
"""What bad input may raise; UserError is a DiagnosticException."""

_CONTEXT_COLUMNS = 120
"""A source line is quoted up to here: lines of hexadecimal constants have no end."""


def as_user_error(error: BaseException) -> UserError:
    """The UserError for one of USER_FAULTS."""
    match error:
        case UserError():
            return error
        case ParseError():
            place = str(error.span.get_location())
            return UserError(error.msg.strip() + _quote(error), location=place)
        case InvalidOperation():
            return UserError(one_line(error), location=location_of(error.op))
        case ArgSpecParseError():
            _, _, place = str(error).partition("\n")
            return UserError(f"cannot read the pass pipeline:\n{place.rstrip()}")
        case OSError() if error.strerror is not None:
            file = "" if error.filename is None else f"{os.fsdecode(error.filename)}: "
            return UserError(f"{file}{error.strerror}")
        case RecursionError():
            return UserError("the input is nested too deeply")
        case MemoryError():
            return UserError(f"out of memory{': ' + str(error) if str(error) else ''}")
        case _:
            return UserError(one_line(error))


def one_line(error: BaseException) -> str:
    """What an exception says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__


def _quote(error: ParseError) -> str:
    """The source line of a parse error with a caret under the place."""
    span = error.span
    text = span.input.content
    if isinstance(text, bytes):
        return ""
    start = span.input.get_start_of_line(span.start)
    line = text[start : span.input.get_end_of_line(span.start)]
    column = span.start - start
    if not line.strip() or not line.isprintable() or column >= _CONTEXT_COLUMNS:
        return ""
    return f"\n  {line[:_CONTEXT_COLUMNS]}\n  {' ' * column}^"


class InvalidOperation(VerifyException):
    """An operation does not verify: `op`, which may stand inside of the one that looks."""

    def __init__(self, op: Operation, message: str):
        super().__init__(message)
        self.op = op


class UnknownElements(InvalidOperation):
    """An operation does not work on elements of a type."""


def location_of(op: Operation) -> str | None:
    """ "file:line:col" of `op` or of the nearest operation around it that has a place."""
    place: Operation | None = op
    while place is not None:
        if isinstance(place.location, FileLineColLoc):
            at = place.location
            return f"{at.filename.data}:{at.line.data}:{at.column.data}"
        place = place.parent_op()
    return None


def fault(op: Operation, message: str) -> InvalidOperation:
    """The exception for an invalid operation: `op "layer": message` or `op @symbol: message`."""
    name = op.properties.get("name", op.properties.get("layer"))
    layer = f' "{shown_name(name.data)}"' if isinstance(name, StringAttr) else ""
    if isinstance(symbol := op.properties.get("sym_name"), StringAttr):
        layer = f" @{symbol.data}"
    return InvalidOperation(op, f"{op.name}{layer}: {message}")


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """`did you mean ...?` with the nearest of the `known` words, or None."""
    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.7)
    return f"did you mean {' or '.join(near)}?" if near else None
