"""The compiler as a Python library.

import xnn
program = xnn.compile("model.onnx", target="edge")
outputs, report = program.run({"data": x})
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.utils.arg_spec import ArgSpec, parse_pipeline

from xnn.dialects import LEVELS, Level
from xnn.dialects.diagnostics import USER_FAULTS, UserError, as_user_error
from xnn.dialects.levels import has_reached, level_of
from xnn.dialects.target import Target
from xnn.passes.module.xnn_bind import XnnBind, require_static
from xnn.passes.pipelines import levels_between, passes_to
from xnn.runtime.extensions import multiverse
from xnn.runtime.targets import DEFAULT_TARGET
from xnn.tools.parsing import make_context, open_network
from xnn.tools.pass_list import build_passes, run_passes
from xnn.tools.pass_specs import quantizing_passes, setting_passes
from xnn.tools.program import Program, without_collection
from xnn.tools.verification import verify, verify_level

if TYPE_CHECKING:
    from onnx import ModelProto

    from xnn.tools.onnx.model import Model


@dataclass
class Hooks:
    """What is called while a network is compiled; by default nothing."""

    on_start: Callable[[ModuleOp], None] = lambda _: None
    """Gets the module once its target and its sizes are set."""
    on_pass: Callable[[ModuleOp, ModulePass, int, int], None] = lambda *_: None
    """Gets the module after a pass, the pass, the number of passes done, and of all; both are 0 for the caller's."""
    on_level: Callable[[str, ModuleOp], None] = lambda *_: None
    """Gets each level that is reached, and the module."""


@contextmanager
def user_errors() -> Iterator[None]:
    """Whatever the user's input makes other libraries raise is raised as UserError."""
    try:
        yield
    except (UserError, BrokenPipeError):
        raise
    except USER_FAULTS as error:
        raise as_user_error(error) from error


@user_errors()
@without_collection()
def compile(
    source: str | os.PathLike[str] | bytes | ModelProto | ModuleOp,
    *,
    target: str | os.PathLike[str] | None = None,
    settings: Iterable[str] | None = None,
    bindings: Mapping[str, int] | None = None,
    input_shapes: Mapping[str, Sequence[int]] | None = None,
    ties: Iterable[str] | None = None,
    dynamic: Iterable[str] | None = None,
    borrowed: Iterable[str] | None = None,
    schedules: Mapping[str, str] | None = None,
    effort: str | None = None,
    objective: str | None = None,
    passes: str | Iterable[ModulePass] | None = None,
    quantize: str | None = None,
    calibrate: str | os.PathLike[str] | None = None,
    level: str = "dsa",
    hooks: Hooks | None = None,
) -> Program:
    """Compile a network down to `level`.

    `source` is a path (.onnx, or .mlir of any level), a serialised or loaded ONNX model, or a
    module, which is not changed. `target` is the name of a machine or a .toml file; by default
    the one that the module carries, or else "edge". `settings` change fields of the target, as in
    "local.banks=8". `bindings` give symbolic dimensions their size, `input_shapes` all dimensions
    of an input. `ties` make inputs state, each tied to the output that is its next value, as in
    "past=present". `dynamic` names inputs, outputs and parameters that a session ties to addresses;
    `borrowed` inputs, outputs and state whose bytes may be those of the caller's arrays (see
    Program.bind). `schedules` force the schedules of layers by name, as in {"conv1": "block=[1, 1,
    64, 64, 14, 56], local"}. `effort` is how much is tried for a faster program: "fast", "default" or
    "thorough"; `objective` what schedules make small: "cycles", "energy", or "traffic" of external
    memory. The network goes through `passes` before those that lower it: a pipeline in text, as in
    "cse,my-pass{by=2}", or passes themselves. `quantize` is the number format to compute in, such as
    "f16" or "int8", which options of the pass `quantize` may follow, as in "int8 rounding=gptq"; ranges
    come from the inputs in the .npz file `calibrate`, or from random ones. Raises UserError.
    """
    _check_types(
        target=target,
        settings=settings,
        bindings=bindings,
        input_shapes=input_shapes,
        ties=ties,
        dynamic=dynamic,
        borrowed=borrowed,
        schedules=schedules,
        effort=effort,
        objective=objective,
        passes=passes,
        quantize=quantize,
        calibrate=calibrate,
    )
    given = _given(passes)
    hooks = hooks or Hooks()
    context = make_context()
    start = time.perf_counter()
    binds = binds_of(bindings or {}, input_shapes or {})
    module, name, is_bound = _module(source, context, binds)
    imported = time.perf_counter()
    if target is None and not Target.has(module):
        target = DEFAULT_TARGET
    set_first = setting_passes(
        target,
        settings or (),
        ties or (),
        dynamic or (),
        borrowed or (),
        schedules or {},
        effort,
        objective,
    )
    first = [*([] if is_bound else binds), *_passes(set_first)]
    if not is_bound or not first:
        verify(module)
    run_passes(module, first, context, verified=False)
    if first:
        verify(module, after=f"pass {first[-1].name}")
    hooks.on_start(module)
    _run_given(module, given, context, hooks)
    plan = _plan(level, module, quantizing_passes(quantize, calibrate))
    _lower(module, plan, context, hooks)
    seconds = {"import": imported - start, "passes": time.perf_counter() - imported}
    return Program(module, name, seconds)


def _passes(specs: Iterable[ArgSpec]) -> list[ModulePass]:
    return build_passes(specs, multiverse()[0].all_passes)


def _given(passes: str | Iterable[ModulePass] | None) -> list[ModulePass]:
    """The passes that a caller names or has; raises UserError for what is none."""
    given = _passes(parse_pipeline(passes)) if isinstance(passes, str) else [*(passes or ())]
    if strange := [each for each in given if not isinstance(each, ModulePass)]:
        raise UserError(f"passes are text or of type ModulePass, not {type(strange[0]).__name__}")
    return given


def _plan(
    level: str, module: ModuleOp, quantizing: Sequence[ArgSpec]
) -> list[tuple[str, list[ModulePass]]]:
    """The levels that a module goes through down to `level`, and the passes to each of them.

    Raises UserError if it shall be quantised and is below the graph level.
    """
    plan = [
        (to, _passes(ArgSpec(name, {}) for name in passes_to(to)))
        for to in _levels_to(level, module)
    ]
    if quantizing:
        if not plan or plan[0][0] != LEVELS[0]:
            raise UserError("only a network at the graph level can be quantised")
        plan[0] = LEVELS[0], [*_passes(quantizing), *plan[0][1]]
    return plan


def _run_given(
    module: ModuleOp, passes: Sequence[ModulePass], context: Context, hooks: Hooks
) -> None:
    """Run passes that we may not know; what each leaves is verified."""
    start = level_of(module)

    def after_each(module: ModuleOp, done: ModulePass, *_: float) -> None:
        hooks.on_pass(module, done, 0, 0)

    run_passes(module, passes, context, after_each=after_each)
    if level_of(module) != start:
        hooks.on_level(level_of(module), module)


def _lower(
    module: ModuleOp,
    plan: Sequence[tuple[str, Sequence[ModulePass]]],
    context: Context,
    hooks: Hooks,
) -> None:
    """Run the passes to each level of a plan; each level that is reached is verified."""
    total, done = sum(len(passes) for _, passes in plan), 0

    def after_each(module: ModuleOp, pass_: ModulePass, *_: float) -> None:
        nonlocal done
        done += 1
        hooks.on_pass(module, pass_, done, total)

    for reached, passes in plan:
        run_passes(module, passes, context, verified=False, after_each=after_each)
        verify(module, after=f"the passes to level {reached}")
        hooks.on_level(reached, module)


def binds_of(
    bindings: Mapping[str, int], input_shapes: Mapping[str, Sequence[int]]
) -> list[XnnBind]:
    """The passes that give dimensions these sizes; an ONNX model is imported with them."""
    binds = [XnnBind(f"{dim}={size}") for dim, size in bindings.items()]
    shapes = {name: ",".join(map(str, shape)) for name, shape in input_shapes.items()}
    return binds + [XnnBind(shape=f"{name}={shape}") for name, shape in shapes.items()]


def _module(source, context: Context, binds: Sequence[XnnBind]) -> tuple[ModuleOp, str, bool]:
    """The module that `source` stands for, the name of the network, whether its sizes are bound by `binds`."""
    opened, name = open_source(source, context)
    if isinstance(opened, ModuleOp):
        return opened, name, False
    from xnn.tools.onnx.importer import Importer  # text need not wait for the onnx package

    return Importer(opened, binds).module(), name, True


def open_source(source, context: Context) -> tuple[ModuleOp | Model, str]:
    """The module, or the ONNX model that is not imported yet, and the name of the network."""
    if isinstance(source, ModuleOp):
        return source.clone(), "module"
    if isinstance(source, str | os.PathLike):
        return open_network(source, context), Path(source).stem
    from onnx import ModelProto

    from xnn.tools.onnx.model import open_bytes

    if isinstance(source, bytes):
        return open_bytes(source, "model"), "model"
    if not isinstance(source, ModelProto):
        kind = type(source).__name__
        raise UserError(f"a network is a path, an ONNX model or a module, not of type {kind}")
    return open_bytes(source.SerializeToString(), "model"), source.graph.name or "model"


def _check_types(**arguments: object) -> None:
    """Raises UserError for an argument of `compile` that is not of its type."""
    path = str | os.PathLike | None
    types = {"target": path, "bindings": Mapping | None, "input_shapes": Mapping | None}
    types |= {"settings": Iterable | None, "ties": Iterable | None}
    types |= {"dynamic": Iterable | None, "borrowed": Iterable | None}
    types |= {"schedules": Mapping | None}
    types |= {"effort": str | None, "objective": str | None}
    types |= {"passes": Iterable | None, "quantize": str | None, "calibrate": path}
    for name, value in arguments.items():
        if not isinstance(value, types[name]):
            raise UserError(f"{name} is of type {type(value).__name__}, expected {types[name]}")


def _levels_to(level: str, module: ModuleOp) -> Sequence[str]:
    """The levels that `module` goes through down to `level`; raises UserError if it cannot."""
    if level not in LEVELS:
        raise UserError(f"there is no level '{level}'", hint=f"levels: {', '.join(LEVELS)}")
    verify_level(module)
    start = str(level_of(module))
    if has_reached(module, Level(level)) and start != level:
        raise UserError(f"the module is at level {start} already, which is below {level}")
    if start == LEVELS[0]:
        require_static(module)
    return levels_between(start, level)
