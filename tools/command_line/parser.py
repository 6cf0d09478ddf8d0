"""What the parsers of all tools have in common, and how a tool starts."""

import argparse
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from xnn.dialects.diagnostics import UserError, suggestion
from xnn.tools.command_line.errors import user_errors

Group = argparse._ArgumentGroup


class HelpFormatter(argparse.HelpFormatter):
    """A line for each flag at 80 columns: 25 characters for the flag, 49 for what it does."""

    def __init__(self, prog: str):
        super().__init__(prog, max_help_position=29)


class Parser(argparse.ArgumentParser):
    """A command line whose flags stand in groups with names; what it complains of is a user error."""

    def __init__(self, tool: str, arguments: str, description: str):
        """`arguments` are those of the usage that are no flags."""
        super().__init__(
            tool,
            usage=f"{tool} [flags] {arguments}",
            description=description,
            allow_abbrev=False,
            add_help=False,
            formatter_class=HelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        raise_usage_error(self, message)


def tool(
    make_parser: Callable[[], Parser], act: Callable[[argparse.Namespace], int]
) -> Callable[..., int]:
    """The `main(arguments=None) -> exit code` of a tool; errors end as `user_errors` says.

    `act` gets the options and returns the exit code. It imports what it needs, for which --help and a
    wrong flag need not wait.
    """

    @user_errors
    def main(arguments: Sequence[str]) -> int:
        parser = make_parser()
        options = parser.parse_args(arguments)
        refuse_empty(parser, options)
        return act(options)

    return main


def add_repeatable(group: Group, flag: str, **more: Any) -> None:
    """Declare a flag that may stand several times; its values are a list."""
    text = f"{more.pop('help')} (repeatable)"
    group.add_argument(flag, action="append", default=[], help=text, **more)


def enumeration(names: Sequence[str]) -> str:
    """As in `a, b or c`."""
    return f"{', '.join(names[:-1])} or {names[-1]}"


def input_file(path: str) -> str:
    """The path of an input, where `-` is stdin."""
    return "/dev/stdin" if path == "-" else path


def refuse_empty(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Raises UserError for an argument that is given as "": it would count as none."""
    for action in parser._actions:
        if getattr(options, action.dest, None) == "" != action.default:
            raise_usage_error(parser, str(argparse.ArgumentError(action, "is empty")))


def raise_usage_error(
    parser: argparse.ArgumentParser, message: str, flags: Iterable[str] = ()
) -> NoReturn:
    """argparse's complaint `message` as a user error like all others, with the nearest flags.

    `flags` are valid but unknown to argparse: the passes.
    """
    hint = f"see {parser.prog} --help"
    from xnn.runtime.extensions import multiverse  # most command lines need no other package

    if unknown := re.match(r"unrecognized arguments: (--?[\w-]+)", message):
        known = [*parser._option_string_actions, *flags]
        hints = [suggestion(unknown[1], known), *(fault.message for fault in multiverse()[1])]
        hint = "; ".join(filter(None, hints)) or hint
    raise UserError(message, hint=hint)
