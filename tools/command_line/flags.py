"""Command lines as mlir-opt has them: every pass is a flag, and flags act in the order they stand.

    --a --b="x=1 y=2" -p c,d --target edge   ->   xnn-target{target="edge"}, a, b{x=1 y=2}, c, d

`--target`, `--set` and `--bind` describe what the passes work for, so they go before all of them.
"""

import argparse
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from os import PathLike
from typing import NoReturn

from xdsl.utils.arg_spec import ArgSpec, parse_pipeline, parse_spec

from xnn.dialects.diagnostics import UserError, suggestion

SETTINGS = {
    "--target": ("xnn-target", "target"),
    "--set": ("xnn-set", "field"),
    "--bind": ("xnn-bind", "dims"),
}
"""Flag -> the pass that carries it out, and that pass's option; in the order in which they act."""

_PIPELINE_FLAGS = ("-p", "--passes")
_OPTION = re.compile(r'([\w-]+)(?:=((?:"(?:\\.|[^"\\])*"|[^\s"])*))?(?:\s+|$)', re.ASCII)
_VALUE = re.compile(r'"(?:\\.|[^"\\])*"|[^,]+')
_NEEDS_NO_QUOTES = re.compile(r'[\w-]+|[-+]?\d+(\.\d*([eE][-+]?\d+)?)?|".*"', re.ASCII)


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
                settings[flag].append(_setting(flag, value))
            else:
                pipeline += parse_pipeline(value)
        elif flag.startswith("--") and flag[2:] in passes:
            pipeline.append(parse_pass_flag(flag[2:], value))
        else:
            rest.append(argument)
    return [*(spec for specs in settings.values() for spec in specs), *pipeline], rest


def setting_passes(
    target: str | None, settings: Iterable[str], bindings: Mapping[str, int]
) -> list[ArgSpec]:
    """The passes that `--target`, `--set` and `--bind` stand for."""
    values = {
        "--target": [] if target is None else [target],
        "--set": settings,
        "--bind": [f"{name}={size}" for name, size in bindings.items()],
    }
    return [_setting(flag, value) for flag in SETTINGS for value in values[flag]]


INTEGER_FORMATS: dict[str, dict[str, int | str]] = {
    "int16": {"bits": 16},
    "int8": {"bits": 8},
    "int8w4": {"bits": 8, "coefficient-bits": 4},
    "int8-power-of-two": {"bits": 8, "levels": "power_of_two"},
    "int8-ternary": {"bits": 8, "levels": "ternary"},
    "int8-binary": {"bits": 8, "levels": "binary"},
}
"""What --quantize takes -> options of the pass `quantize`: bits of maps, and what coefficients may be if not that."""

FLOAT_FORMATS = ("f16", "bf16")
"""What --quantize takes as well: options of the pass `convert-floats`."""


def quantizing_passes(
    number_format: str | None, inputs: str | PathLike[str] | None
) -> list[ArgSpec]:
    """The passes that `--quantize` and `--calibrate` stand for; raises UserError for an unknown format.

    Behind a format of integers there may be further options of the pass, as in "int8 rounding=gptq".
    """
    if number_format is None:
        return []
    form, _, more = number_format.strip().partition(" ")
    if form in FLOAT_FORMATS and not more:
        return [ArgSpec("optimize-graph", {}), ArgSpec("convert-floats", {"to": (form,)})]
    if form not in INTEGER_FORMATS:
        known = ", ".join((*INTEGER_FORMATS, *FLOAT_FORMATS))
        raise UserError(f"there is no format '{number_format}'", hint=f"formats: {known}")
    options = {name: (value,) for name, value in INTEGER_FORMATS[form].items()}
    calibration = {} if inputs is None else {"calibrate": (str(inputs),)}
    given = parse_pass_flag("quantize", more).parameters
    if calibration and "calibrate" in given:
        raise UserError("the inputs to calibrate with are given twice: --calibrate and calibrate=")
    return [ArgSpec("quantize", {**options, **given, **calibration})]


def _setting(flag: str, value: str) -> ArgSpec:
    name, option = SETTINGS[flag]
    return ArgSpec(name, {option: (value,)})


def parse_pass_flag(name: str, options: str) -> ArgSpec:
    """`--name="options"` as a specification; values may go without the quotes that `-p` asks for.

    Raises UserError where `options` is no list of `key=value`.
    """
    options = options.strip().removeprefix("{").removesuffix("}").strip()
    position, items = 0, list[str]()
    while position < len(options):
        found = _OPTION.match(options, position)
        if found is None:
            raise UserError(
                f"pass '{name}': cannot read its options at '{options[position:]}'",
                hint=f'write --{name}="key=value key=value"',
            )
        key, value = found.groups()
        items.append(key if value is None else f"{key}={_quote(value)}")
        position = found.end()
    return parse_spec(f"{name}{{{' '.join(items)}}}" if items else name)


def _quote(value: str) -> str:
    """Put quotes around the elements of a list that xDSL's pipeline grammar wants quoted."""
    elements = _VALUE.findall(value)
    return ",".join(e if _NEEDS_NO_QUOTES.fullmatch(e) else f'"{e}"' for e in elements)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Declare `--target`, `--set` and `--bind`."""
    group = parser.add_argument_group("what to compile for")
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


def parse_bindings(bindings: Iterable[str]) -> dict[str, int]:
    """`DIM=N` arguments as a dictionary; raises UserError for one that is not of this form."""
    result: dict[str, int] = {}
    for binding in bindings:
        name, _, size = binding.rpartition("=")
        if not name or not size.isascii() or not size.isdigit() or int(size) == 0:
            raise UserError(f"--bind {binding}: expected DIM=N, with N a whole number from 1 on")
        result[name] = int(size)
    return result


def raise_usage_error(
    parser: argparse.ArgumentParser, message: str, flags: Iterable[str] = ()
) -> NoReturn:
    """argparse's complaint `message` as a user error like all others, with the nearest flags.

    `flags` are valid but unknown to argparse: the passes.
    """
    hint = f"see {parser.prog} --help"
    if unknown := re.match(r"unrecognized arguments: (--?[\w-]+)", message):
        known = [*parser._option_string_actions, *flags]
        hint = suggestion(unknown[1], known) or hint
    raise UserError(message, hint=hint)
