"""From settings of the command line and of the Python interface to the passes that carry them out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from os import PathLike

from xdsl.utils.arg_spec import ArgSpec, parse_spec

from xnn.dialects.diagnostics import UserError

SETTINGS = {
    "--target": ("xnn-target", "target"),
    "--set": ("xnn-set", "field"),
    "--bind": ("xnn-bind", "dims"),
    "--input-shape": ("xnn-bind", "shape"),
    "--tie": ("xnn-tie", "state"),
    "--dynamic": ("xnn-dynamic", "tensor"),
    "--borrowed": ("xnn-borrowed", "tensor"),
    "--schedule": ("xnn-schedule", "layer"),
    "--effort": ("xnn-effort", "effort"),
    "--objective": ("xnn-objective", "objective"),
}
"""Flag -> the pass that carries it out, and that pass's option; in the order in which they act."""


_OPTION = re.compile(r'([\w-]+)(?:=((?:"(?:\\.|[^"\\])*"|[^\s"])*))?(?:\s+|$)', re.ASCII)
_VALUE = re.compile(r'"(?:\\.|[^"\\])*"|[^,]+')
_NEEDS_NO_QUOTES = re.compile(r'[\w-]+|[-+]?\d+(\.\d*([eE][-+]?\d+)?)?|".*"', re.ASCII)


def setting_passes(
    target: str | PathLike[str] | None,
    settings: Iterable[str],
    ties: Iterable[str],
    dynamic: Iterable[str],
    borrowed: Iterable[str],
    schedules: Mapping[str, str],
    effort: str | None,
    objective: str | None,
) -> list[ArgSpec]:
    """The passes that these flags of the tools stand for."""
    values = {
        "--target": [] if target is None else [str(target)],
        "--set": settings,
        "--tie": ties,
        "--dynamic": dynamic,
        "--borrowed": borrowed,
        "--schedule": [f"{layer}={fields}" for layer, fields in schedules.items()],
        "--effort": [] if effort is None else [effort],
        "--objective": [] if objective is None else [objective],
    }
    return [setting_pass(flag, str(value)) for flag in values for value in values[flag]]


def setting_pass(flag: str, value: str) -> ArgSpec:
    name, option = SETTINGS[flag]
    return ArgSpec(name, {option: (value,)})


INTEGER_FORMATS: dict[str, dict[str, int | str]] = {
    "int16": {"bits": 16},
    "int8": {"bits": 8},
    "int8w4": {"bits": 8, "weight-bits": 4},
    "int8-power-of-two": {"bits": 8, "levels": "power_of_two"},
    "int8-ternary": {"bits": 8, "levels": "ternary"},
    "int8-binary": {"bits": 8, "levels": "binary"},
}
"""What --quantize takes -> options of the pass `quantize`: bits of feature maps, and what differs for weights."""

FLOAT_FORMATS = ("f16", "bf16")
"""What --quantize takes as well: options of the pass `convert-floats`."""


def quantizing_passes(
    number_format: str | None, inputs: str | PathLike[str] | None
) -> list[ArgSpec]:
    """The passes that `--quantize` and `--calibrate` stand for.

    Options of the pass may follow a format of integers, as in "int8 rounding=gptq". Raises UserError
    for an unknown format, and for inputs to calibrate with where the format takes none.
    """
    form, _, more = (number_format or "").strip().partition(" ")
    if inputs is not None and form in ("", *FLOAT_FORMATS):
        raise UserError("calibrate is for formats of integers, and quantize names none")
    if number_format is None:
        return []
    if form in FLOAT_FORMATS and not more:
        return [ArgSpec("optimize-graph", {}), ArgSpec("convert-floats", {"to": (form,)})]
    if form not in INTEGER_FORMATS:
        known = ", ".join((*INTEGER_FORMATS, *FLOAT_FORMATS))
        raise UserError(f"there is no format '{number_format}'", hint=f"formats: {known}")
    options = {name: (value,) for name, value in INTEGER_FORMATS[form].items()}
    calibration = {} if inputs is None else {"calibrate": (str(inputs),)}
    given = parse_pass_flag("quantize", more).parameters
    if calibration and "calibrate" in given:
        raise UserError("the inputs to calibrate with are named twice: --calibrate and calibrate=")
    return [ArgSpec("quantize", {**options, **given, **calibration})]


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
