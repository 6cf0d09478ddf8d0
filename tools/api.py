"""The compiler as a Python library.

import xnn
program = xnn.compile("model.onnx", target="edge")
outputs, report = program.run({"data": x})
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.passes import ModulePass
from xdsl.utils.arg_spec import ArgSpec

from xnn.dialects import LEVELS, Level
from xnn.dialects.diagnostics import USER_FAULTS, UserError, as_user_error
from xnn.dialects.levels import has_reached, level_of
from xnn.dialects.names import shown_name
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import sizes_of
from xnn.passes.module.xnn_bind import XnnBind, require_static
from xnn.passes.pipelines import levels_between, passes_to
from xnn.runtime.extensions import multiverse
from xnn.runtime.io.inputs import Port, Samples, check_inputs, check_state
from xnn.runtime.io.npz import Arrays
from xnn.runtime.io.ports import input_ports, output_ports
from xnn.runtime.report import Report, build_report
from xnn.runtime.session import Session
from xnn.runtime.targets import DEFAULT_TARGET
from xnn.tools.parsing import make_context, open_network
from xnn.tools.pass_list import build_passes, run_passes
from xnn.tools.pass_specs import quantizing_passes, setting_passes
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
    """Gets the module after a pass, the pass, the number of passes done, and of all."""
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


@contextmanager
def without_collection() -> Iterator[None]:
    """Cyclic garbage is not collected: that walks all of the IR, many times, and finds next to nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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
    memory. `quantize` is the number format to compute in, such as "f16" or "int8", which
    options of the pass `quantize` may follow, as in "int8 rounding=gptq"; ranges come from the inputs
    in the .npz file `calibrate`, or from random ones. Raises UserError.
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
        quantize=quantize,
        calibrate=calibrate,
    )
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
    plan = [
        (to, _passes(ArgSpec(name, {}) for name in passes_to(to)))
        for to in _levels_to(level, module)
    ]
    if quantizing := quantizing_passes(quantize, calibrate):
        if not plan or plan[0][0] != LEVELS[0]:
            raise UserError("only a network at the graph level can be quantised")
        plan[0] = LEVELS[0], [*_passes(quantizing), *plan[0][1]]
    _lower(module, plan, context, hooks)
    seconds = {"import": imported - start, "passes": time.perf_counter() - imported}
    return Program(module, name, seconds)


def _passes(specs: Iterable[ArgSpec]) -> list[ModulePass]:
    return build_passes(specs, multiverse()[0].all_passes)


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


@dataclass
class Program:
    """A compiled network: `module` at `level`, ready to run any number of times."""

    module: ModuleOp
    name: str = "network"
    seconds: dict[str, float] = field(default_factory=dict)
    """Time of import and passes."""

    @cached_property
    def level(self) -> str:
        """The level at which the network runs."""
        verify_level(self.module)
        return str(level_of(self.module))

    @cached_property
    def inputs(self) -> list[Port]:
        """The inputs of the network."""
        return input_ports(self.module)

    @cached_property
    def outputs(self) -> list[Port]:
        """The outputs of the network; those whose size depends on data with as many elements as they may have."""
        sizes = {shown_name(size) for _, size in sizes_of(self.module).values()}
        return [port for port in output_ports(self.module) if port.name not in sizes]

    @without_collection()
    def run(
        self, inputs: Mapping[str, ArrayLike], *, sanitize: bool = False
    ) -> tuple[Arrays, Report]:
        """Outputs by name, which are the caller's to keep, and the report of the run.

        `inputs` may hold several samples (see xnn.runtime.io.inputs), which are run in their order, and
        leave out state, which is kept from one to the next. Time does not depend on data and is
        simulated once. `sanitize` checks every memory access of the machine. Inputs for which an array
        is bound are read there, outputs are that array. Raises UserError listing all inputs that do
        not fit, or all that the sanitizer finds.
        """
        bound = self.session.bound
        if given := [name for name in bound if name in inputs]:
            raise UserError(
                f"'{given[0]}' is bound to an array of yours", hint="write its values there"
            )
        ports = [port for port in self.inputs if port.name not in bound]
        return self.run_samples(check_inputs(ports, inputs), sanitize=sanitize)

    @without_collection()
    def run_samples(
        self,
        samples: Samples,
        *,
        sanitize: bool = False,
        on_progress: Callable[[int, int], None] = lambda *_: None,
    ) -> tuple[Arrays, Report]:
        """As `run`, for inputs that have been checked; `on_progress` gets steps done, and in all."""
        start = time.perf_counter()
        machine = self.session.machine
        if self.session.bound and len(samples) > 1:
            raise UserError(f"an array that is bound holds one sample, not {len(samples)}")
        if sanitize:
            self.sanitize()
        steps = len(machine.expansion) if machine else 1
        total = steps * len(samples)
        outputs = [
            self.session.run(sample, lambda node, first=i * steps: on_progress(first + node, total))
            for i, sample in enumerate(samples)
        ]
        seconds = {**self.seconds, "execute": time.perf_counter() - start}
        report = replace(self.report, seconds=seconds)
        return self._with_sizes(samples.gather(outputs), report, len(samples))

    @property
    def gap(self) -> float:
        """Cycles over the network bound, as predicted, of a program at level dsa; raises UserError at another."""
        if (gap := self.report.gap) is None:
            raise UserError(f"level {self.level} has no time: compile to level dsa")
        return gap

    @cached_property
    @without_collection()
    def report(self) -> Report:
        """What a run costs, without one: it is the same for all inputs. Above level dsa nothing is known."""
        target = Target.of(self.module).name if Target.has(self.module) else ""
        return build_report(self.name, target, self.level, self.session.machine, self.seconds)

    def _with_sizes(self, outputs: Arrays, report: Report, samples: int) -> tuple[Arrays, Report]:
        """Outputs whose size depends on data with the elements that exist, without those that are sizes."""
        sizes = sizes_of(self.module)
        if not sizes:
            return outputs, report
        names = [shown_name(name) for name in sizes]
        if samples > 1:
            raise UserError(
                f"the size of {', '.join(names)} depends on data: {samples} samples have {samples} sizes",
                hint="run them one by one",
            )
        found: dict[str, dict[str, int]] = {}
        for name, (axis, count) in zip(names, sizes.values(), strict=True):
            count = shown_name(count)
            if not {name, count} <= outputs.keys() or not 0 <= axis < outputs[name].ndim:
                raise UserError(f"no axis {axis} of an output '{name}' has the size '{count}'")
            most, size = outputs[name].shape[axis], int(outputs[count].ravel()[0])
            if not 0 <= size <= most:
                raise UserError(
                    f"output '{name}' would have {size} elements along axis {axis}: not 0 to {most}"
                )
            found[name] = {"axis": axis, "size": size, "most": most}
            outputs[name] = outputs[name].take(np.arange(size), axis=axis)
        counts = {shown_name(count) for _, count in sizes.values()}
        kept = {name: array for name, array in outputs.items() if name not in counts}
        return kept, replace(report, data_sizes=found)

    def sanitize(self) -> None:
        """Check every memory access of the machine; raises UserError with all that are wrong."""
        from xnn.runtime.machine.sanitizer import sanitize

        if self.session.machine is None:
            raise UserError(f"level {self.level} has no addresses to check", hint="use level dsa")
        if findings := sanitize(self.session.machine):
            first, *others = findings
            lines = [f"{each.location}: {each}" if each.location else str(each) for each in others]
            raise UserError("\n".join([str(first), *lines]), location=first.location)

    @contextmanager
    def observed_by(self, listener: Interpreter.Listener) -> Iterator[None]:
        """Within the block `listener` sees every operation; at level dsa there is none to see."""
        interpreter = self.session.interpreter
        interpreter.listeners += (listener,)
        try:
            yield
        finally:
            interpreter.listeners = tuple(x for x in interpreter.listeners if x is not listener)

    @property
    def dynamic(self) -> dict[str, int]:
        """The dynamic tensors, and the addresses in external memory that they are tied to."""
        return self.session.dynamic

    def bind(self, places: Mapping[str, int | np.ndarray]) -> None:
        """Tie dynamic tensors to addresses in bytes, borrowed ones to arrays, whose bytes are theirs then.

        Those that are left out go behind all others, into bytes of the session. Cycles do not depend on
        it. Raises UserError for a place or an array that does not fit.
        """
        self.session.bind(places)

    @property
    def state(self) -> Arrays:
        """The inputs that are state, by name, as the last run left them; zeros before the first."""
        return self.session.state

    def set_state(self, state: Mapping[str, ArrayLike]) -> None:
        """Set state by name; what is not named stays as it is. Raises UserError listing what does not fit."""
        self.session.set_state(check_state(self.inputs, state))

    def reset_state(self) -> None:
        """Make all state zeros again."""
        self.session.reset_state()

    @cached_property
    def session(self) -> Session:
        """What runs the module; weights are placed once."""
        return Session(self.module)


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
    types |= {"quantize": str | None, "calibrate": path}
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
