"""The border between the tools and the person who runs them.

The user's faults end as one message on stderr and exit code 1; ours keep their traceback and exit
with 2.
"""

import functools
import os
import sys
import traceback
from collections.abc import Callable, Sequence

from xdsl.utils.exceptions import (
    ArgSpecParseError,
    DiagnosticException,
    ParseError,
    UnregisteredConstructException,
)

from xnn.dialects.diagnostics import UserError

USER_FAULT, OUR_FAULT, INTERRUPTED = 1, 2, 130

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


def user_errors(main: Callable[[Sequence[str]], int]) -> Callable[..., int]:
    """Make `main(arguments) -> exit code` report every error the way this module says."""

    @functools.wraps(main)
    def guarded(arguments: Sequence[str] | None = None) -> int:
        try:
            return main(sys.argv[1:] if arguments is None else arguments)
        except BrokenPipeError:  # the reader of our output, say `head`, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return USER_FAULT
        except USER_FAULTS as error:
            print(describe(error), file=sys.stderr)
            return USER_FAULT
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            return INTERRUPTED
        except Exception as error:
            from xnn.runtime.extensions import package_at_fault

            traceback.print_exc()
            print(
                f"error: this is a bug in {package_at_fault(error)}: {_one_line(error)}",
                file=sys.stderr,
            )
            return OUR_FAULT

    return guarded


def describe(error: BaseException) -> str:
    """The message for one user's fault: `[file:line:col: ]error: what[; hint]`."""
    match error:
        case UserError():
            hint = f"\nhint: {error.hint}" if error.hint else ""
            return f"{_prefix(error.location)}{error.message}{hint}"
        case ParseError():
            return f"{_prefix(str(error.span.get_location()))}{error.msg.strip()}{_quote(error)}"
        case ArgSpecParseError():
            _, _, place = str(error).partition("\n")
            return f"error: cannot read the pass pipeline:\n{place.rstrip()}"
        case OSError() if error.filename is not None:
            return f"error: {os.fsdecode(error.filename)}: {error.strerror}"
        case RecursionError():
            return "error: the input is nested too deeply"
        case MemoryError():
            return f"error: out of memory{': ' + str(error) if str(error) else ''}"
        case _:
            return f"error: {_one_line(error)}"


def _prefix(location: str | None) -> str:
    return f"{location}: error: " if location else "error: "


def _one_line(error: BaseException) -> str:
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
