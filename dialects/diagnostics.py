"""Errors of the user. Tools print them without a traceback; any other exception is a bug and shows one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Operation
from xdsl.utils.exceptions import DiagnosticException, VerifyException

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


def fault(op: Operation, message: str) -> VerifyException:
    """The exception for an invalid operation: `op "layer": message` or `op @symbol: message`."""
    name = op.properties.get("name", op.properties.get("layer"))
    layer = f' "{shown_name(name.data)}"' if isinstance(name, StringAttr) else ""
    if isinstance(symbol := op.properties.get("sym_name"), StringAttr):
        layer = f" @{symbol.data}"
    return VerifyException(f"{op.name}{layer}: {message}")


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """`did you mean ...?` with the nearest of the `known` words, or None."""
    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.7)
    return f"did you mean {' or '.join(near)}?" if near else None
