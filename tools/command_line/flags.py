"""Command lines as mlir-opt has them: every pass is a flag, and flags act in the order they stand.

    --a --b="x=1 y=2" -p c,d --target edge   ->   xnn-target{target="edge"}, a, b{x=1 y=2}, c, d

`--target`, `--set`, `--bind`, `--input-shape`, `--tie`, `--dynamic`, `--borrowed`, `--schedule`, `--effort` and
`--objective` describe what the passes work for: they go before all of them.
"""

import argparse
import re
from collections.abc import Collection, Iterable, Sequence
from typing import NoReturn

from xdsl.utils.arg_spec import ArgSpec, parse_pipeline

from xnn.dialects.diagnostics import UserError, suggestion
from xnn.tools.pass_specs import SETTINGS, parse_pass_flag, setting_pass

_PIPELINE_FLAGS = ("-p", "--passes")


def take_passes(
    arguments: Sequence[str], passes: Collection[str]
) -> tuple[list[ArgSpec], list[str]]:
    """Split a command line into the pass pipeline that it spells and the arguments that remain.

    `passes` holds the names of all passes. What names no pass is left for argparse to judge.
    """
    settings: dict[str, list[ArgSpec]] = {flag: [] for flag in SETTINGS}
    pipeline: list[ArgSpec] = []
    rest: list[str] = []
    queue = list(arguments)
    while queue:
        argument = queue.pop(0)
        if argument == "--":
            rest += [argument, *queue]
            break
        flag, equals, value = argument.partition("=")
        if flag in (*SETTINGS, *_PIPELINE_FLAGS):
            if not equals:
                if not queue:
                    raise UserError(f"argument {flag}: expected one argument")
                value = queue.pop(0)
            if flag in SETTINGS:
                settings[flag].append(setting_pass(flag, value))
            else:
                pipeline += parse_pipeline(value)
        elif flag.startswith("--") and flag[2:] in passes:
            pipeline.append(parse_pass_flag(flag[2:], value))
        else:
            rest.append(argument)
    return [*(spec for specs in settings.values() for spec in specs), *pipeline], rest


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Declare the flags that describe what the passes work for."""
    group = parser.add_argument_group("target")
    add_machine_and_sizes(group)
    group.add_argument(
        "--tie",
        dest="ties",
        metavar="INPUT=OUTPUT",
        action="append",
        default=[],
        help="make an input state, whose next value is the output; may be repeated",
    )
    group.add_argument(
        "--dynamic",
        metavar="NAME",
        action="append",
        default=[],
        help="leave the address of an input, output or parameter to the session; may be repeated",
    )
    group.add_argument(
        "--borrowed",
        metavar="NAME",
        action="append",
        default=[],
        help="let the caller own the bytes of an input, output or state; may be repeated",
    )
    group.add_argument(
        "--schedule",
        dest="schedules",
        metavar="LAYER=FIELDS",
        action="append",
        default=[],
        help="force the schedule of a layer, 'conv1=block=[1, 1, 64, 64, 14, 56], slots=3', or the memory "
        "of its result, 'conv1=local'; may be repeated",
    )
    group.add_argument(
        "--effort",
        metavar="fast|default|thorough",
        help="how much is tried for a faster program (default: default)",
    )
    group.add_argument(
        "--objective",
        metavar="cycles|energy|traffic",
        help="what schedules make small; traffic is that of external memory, in whole bursts (default: cycles)",
    )


def add_machine_and_sizes(group: argparse._ArgumentGroup) -> None:
    """Declare the flags that describe the machine and the sizes of dimensions."""
    group.add_argument(
        "--target", dest="machine", metavar="NAME|FILE.toml", help="the machine (default: edge)"
    )
    group.add_argument(
        "--set",
        dest="settings",
        metavar="SECTION.KEY=VALUE",
        action="append",
        default=[],
        help="change one field of the target; may be repeated",
    )
    group.add_argument(
        "--bind",
        dest="bindings",
        metavar="DIM=N",
        action="append",
        default=[],
        help="give a symbolic dimension its size; may be repeated",
    )
    group.add_argument(
        "--input-shape",
        dest="input_shapes",
        metavar="NAME=1,3,48,192",
        action="append",
        default=[],
        help="give all dimensions of an input their sizes; may be repeated",
    )


def add_operators(parser: argparse.ArgumentParser) -> None:
    """Declare `--operators`, whose files run as soon as they are named."""
    parser.add_argument(
        "--operators",
        metavar="F.py",
        type=_run_file,
        action="append",
        default=[],
        help="a Python file that registers operators of its own, by @xnn.operator; may be repeated",
    )


def _run_file(path: str) -> str:
    from xnn.runtime.extensions import load_file  # most command lines name none

    load_file(path)
    return path


def parse_bindings(bindings: Iterable[str]) -> dict[str, int]:
    """`DIM=N` arguments as a dictionary; raises UserError for one that is not of this form."""
    result: dict[str, int] = {}
    for binding in bindings:
        name, _, size = binding.rpartition("=")
        if not name or not size.isascii() or not size.isdigit():
            raise UserError(f"--bind {binding}: expected DIM=N, with N a whole number")
        _refuse_again("--bind", name, result)
        result[name] = int(size)
    return result


def parse_shapes(shapes: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """`NAME=1,3,48,192` arguments as a dictionary; raises UserError for one that is not of this form."""
    result: dict[str, tuple[int, ...]] = {}
    for shape in shapes:
        name, _, sizes = shape.rpartition("=")
        if not name or not all(s.isascii() and s.isdigit() for s in sizes.split(",")):
            raise UserError(f"--input-shape {shape}: expected NAME=1,3,48,192")
        _refuse_again("--input-shape", name, result)
        result[name] = tuple(map(int, sizes.split(",")))
    return result


def parse_places(places: Iterable[str]) -> dict[str, int]:
    """`NAME=ADDRESS` arguments as a dictionary; raises UserError for one that is not of this form."""
    result: dict[str, int] = {}
    for place in places:
        name, _, address = place.rpartition("=")
        _refuse_again("--at", name, result)
        try:
            result[name] = int(address, 0)
        except ValueError:
            raise UserError(f"--at {place}: expected NAME=ADDRESS, in bytes") from None
    return result


def parse_schedules(schedules: Iterable[str]) -> dict[str, str]:
    """`LAYER=FIELDS` arguments as a dictionary; raises UserError for one that is not of this form."""
    from xnn.passes.schedule.schedule_text import split_forced  # most command lines force none

    result: dict[str, str] = {}
    for layer, fields in map(split_forced, schedules):
        _refuse_again("--schedule", layer, result)
        result[layer] = fields
    return result


def _refuse_again(flag: str, name: str, known: Collection[str]) -> None:
    if name in known:
        raise UserError(f"{flag} names {name} twice")


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
