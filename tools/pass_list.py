"""From specifications of passes to passes that can run, and running them with checks in between."""

import dataclasses
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass, get_pass_option_infos
from xdsl.utils.arg_spec import ArgSpec
from xdsl.utils.exceptions import DiagnosticException

from xnn.dialects.diagnostics import UserError, one_line, suggestion
from xnn.passes import pass_named
from xnn.passes.pipelines import PIPELINES, passes_of
from xnn.runtime.extensions import multiverse
from xnn.tools.verification import verify

PassFactories = Mapping[str, Callable[[], type[ModulePass]]]


def build_passes(specs: Iterable[ArgSpec], available: PassFactories) -> list[ModulePass]:
    """The passes that `specs` describe; raises UserError for what is unknown."""
    specs = list(specs)
    unknown = [spec.name for spec in specs if spec.name not in available]
    if unknown:
        faults = [fault.message for fault in multiverse()[1]]
        hints = [*(suggestion(name, available) for name in unknown), *faults]
        raise UserError(
            "\n".join(f"unknown pass '{name}'" for name in unknown),
            hint="; ".join(filter(None, hints)) or "--list-passes names them all",
        )
    return [_build(spec, available[spec.name]) for spec in specs]


def _build(spec: ArgSpec, factory: Callable[[], type[ModulePass]]) -> ModulePass:
    try:
        cls = factory()
    except ImportError as error:  # some of xDSL's passes need packages that it does not require
        raise UserError(f"pass '{spec.name}' cannot be loaded: {error}") from error
    fields = dataclasses.fields(cls)
    if not spec.parameters and all(_has_default(field) for field in fields):
        return cls()
    known = {field.name for field in fields}
    unknown = spec.normalize_parameter_names().parameters.keys() - known
    if unknown:
        names = ", ".join(f"'{name}'" for name in sorted(unknown))
        raise UserError(f"pass '{spec.name}' has no option {names}", hint=_options(cls))
    try:
        return cls.from_pass_spec(_as_declared(spec, cls))
    except ValueError as error:
        reason = re.sub(r"<class '(\w+)'>", r"\1", str(error))
        raise UserError(f"pass '{spec}': {reason}", hint=_options(cls)) from error


def _has_default(field: dataclasses.Field) -> bool:
    missing = dataclasses.MISSING
    return field.default is not missing or field.default_factory is not missing


def _as_declared(spec: ArgSpec, cls: type[ModulePass]) -> ArgSpec:
    """The specification with what xDSL's grammar refuses: floats without a point, a flag by its name alone."""
    kinds = {f.name: getattr(f.type, "__name__", str(f.type)) for f in dataclasses.fields(cls)}

    def declared(name: str, values: tuple) -> tuple:
        kind = kinds[name.replace("-", "_")]
        if "bool" in kind and not values:
            return (True,)
        if kind == "float":
            return tuple(float(v) if type(v) is int else v for v in values)
        return values

    return ArgSpec(spec.name, {k: declared(k, v) for k, v in spec.parameters.items()})


def _options(cls: type[ModulePass]) -> str:
    """What options a pass takes, with their types and defaults."""
    options = [
        f"{info.name.replace('_', '-')}: "
        + info.expected_type.strip("'")
        + (f" = {info.default_value}" if info.default_value is not None else "")
        for info in get_pass_option_infos(cls)
    ]
    return f"its options are {', '.join(options)}" if options else "it has no options"


def _expanded(passes: Iterable[ModulePass], module: ModuleOp) -> Iterator[ModulePass]:
    """Our named pipelines replaced by their passes from the level that `module` has by then."""
    from xnn.dialects.levels import level_of  # --help need not wait for it

    for pass_ in passes:
        if pass_.name in PIPELINES:
            yield from (pass_named(name)() for name in passes_of(pass_.name, level_of(module)))
        else:
            yield pass_


def run_passes(
    module: ModuleOp,
    passes: Sequence[ModulePass],
    context: Context,
    *,
    verified: bool = True,
    after_each: Callable[[ModuleOp, ModulePass, float, bool], None] | None = None,
) -> None:
    """Apply `passes` to `module` in order, verifying after each if `verified`.

    Named pipelines run pass by pass. `after_each` gets the module, each pass, the seconds it took, and
    whether it is the last. A user's fault found by a pass is raised as it is; a pass that leaves
    invalid IR is a UserError that names it.
    """
    steps = _expanded(passes, module)
    pass_ = next(steps, None)
    while pass_ is not None:
        start = time.perf_counter()
        try:
            pass_.apply(context, module)
        except UserError:
            raise
        except DiagnosticException as error:
            raise UserError(f"pass {pass_.name}: {one_line(error)}") from error
        seconds = time.perf_counter() - start
        if verified:
            verify(module, after=f"pass {pass_.name}")
        following = next(steps, None)
        if after_each is not None:
            after_each(module, pass_, seconds, following is None)
        pass_ = following
