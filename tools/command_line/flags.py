"""Command lines as mlir-opt has them: every pass is a flag, and flags act in the order they stand.

    --a --b="x=1 y=2" -p c,d --target edge   ->   xnn-target{target="edge"}, a, b{x=1 y=2}, c, d

`--target`, `--set`, `--bind`, `--input-shape`, `--tie`, `--dynamic`, `--borrowed`, `--schedule`, `--effort` and
`--objective` (settings) describe what the passes work for: they go before all of them.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NoReturn

from xdsl.utils.arg_spec import ArgSpec, parse_pipeline

from xnn.dialects.diagnostics import UserError
from xnn.runtime.extensions import multiverse
from xnn.tools.command_line.parser import Group, Parser, raise_usage_error
from xnn.tools.pass_specs import parse_pass_flag, setting_pass

_PIPELINE_FLAGS = ("-p", "--passes")


def take_passes(
    arguments: Sequence[str], passes: Collection[str], settings: Iterable[str] = ()
) -> tuple[list[ArgSpec], list[str]]:
    """Split a command line into the pass pipeline that it spells and the arguments that remain.

    `passes` holds the names of those that have flags, `settings` flags that begin the pipeline
    wherever they stand. What is none of them is left for argparse to judge.
    """
    first: dict[str, list[ArgSpec]] = {flag: [] for flag in settings}
    pipeline: list[ArgSpec] = []
    rest: list[str] = []
    queue = list(arguments)
    while queue:
        argument = queue.pop(0)
        if argument == "--":
            rest += [argument, *queue]
            break
        flag, equals, value = argument.partition("=")
        if flag in (*first, *_PIPELINE_FLAGS):
            if not equals:
                if not queue:
                    raise UserError(f"argument {flag}: expected one argument")
                value = queue.pop(0)
            if flag in first:
                first[flag].append(setting_pass(flag, value))
            else:
                pipeline += parse_pipeline(value)
        elif flag.startswith("--") and flag[2:] in passes:
            pipeline.append(parse_pass_flag(flag[2:], value))
        else:
            rest.append(argument)
    return [*(spec for specs in first.values() for spec in specs), *pipeline], rest


class PassParser(Parser):
    """A command line on which every pass is a flag unless the tool has one of its name.

    The options have the pipeline that it spells as `passes`.
    """

    @property
    def _pass_names(self) -> list[str]:
        own = self._option_string_actions
        return [name for name in multiverse()[0].all_passes if f"--{name}" not in own]

    def parse_known_args(self, args=None, namespace=None):
        specs, rest = take_passes(args or (), self._pass_names)
        options, rest = super().parse_known_args(rest, namespace)
        options.passes = specs
        return options, rest

    def error(self, message: str) -> NoReturn:
        raise_usage_error(self, message, [f"--{name}" for name in self._pass_names])


def add_passes(group: Group) -> None:
    """Declare the flag of a pipeline for `--help`: a PassParser takes it before argparse would."""
    help = "these first, a,b{x=1}; as --a --b='x=1' does"
    group.add_argument(*_PIPELINE_FLAGS, metavar="LIST", default=[], help=help)


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
