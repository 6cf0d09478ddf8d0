"""A compiled network, and runs of it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from xdsl.dialects.builtin import ModuleOp

from xnn.dialects.diagnostics import UserError
from xnn.dialects.levels import level_of
from xnn.dialects.names import shown_name
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import sizes_of
from xnn.runtime.feature_maps import verify_names
from xnn.runtime.io.inputs import Port, Samples, check_inputs, check_state, describe
from xnn.runtime.io.npz import Arrays
from xnn.runtime.io.ports import input_ports, output_ports
from xnn.runtime.report import Report, build_report
from xnn.runtime.report.pictures.inline import timeline_svg
from xnn.runtime.report.table import Rows, listed
from xnn.runtime.session import Session
from xnn.tools.verification import verify_level


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


@dataclass(repr=False)
class Program:
    """A compiled network: `module` at `level`, ready to run any number of times."""

    module: ModuleOp
    name: str = "network"
    seconds: dict[str, float] = field(default_factory=dict)
    """Time of import and passes."""

    def __repr__(self) -> str:
        return f"<Program: {self.name} at level {self.level}>"

    def __str__(self) -> str:
        lines = self._summary().text()
        return "\n".join([f"{self.name} at level {self.level}", "", *lines])

    def _repr_html_(self) -> str:
        """For a notebook what a run costs, the summary, and the timeline, which needs the extra `report`."""
        parts = [self.report._repr_html_(), self._summary().html()]
        if self.session.machine is not None:
            parts.append(timeline_svg(self.report, self.session.machine))
        return "\n".join(parts)

    def _summary(self) -> Rows:
        """What goes in and out, what the network consists of, and what it costs."""
        maps, machine = self.feature_maps, self.session.machine
        rows = [
            ("inputs", _listed(self.inputs)),
            ("outputs", _listed(self.outputs)),
            ("feature maps", f"{len(maps):,}: {listed(maps, 6)}"),
            ("target", self.report.target or "none"),
        ]
        if machine is not None:
            counts = len(machine.layers), len(machine.decoded), len(machine.expansion)
            rows.append(("program", "{:,} layers, {:,} instructions, {:,} nodes".format(*counts)))
            cycles = f"{self.report.cycles:,}, {self.gap:.3f} times the network bound"
            rows.append(("cycles", cycles))
        return Rows(rows, left=(0, 1))

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

    @property
    def feature_maps(self) -> list[str]:
        """The names of the layers whose feature maps a run can keep."""
        return self.session.kept_names

    @without_collection()
    def run(
        self,
        inputs: Mapping[str, ArrayLike],
        *,
        sanitize: bool = False,
        keep: Iterable[str] = (),
    ) -> tuple[Arrays, Report]:
        """Outputs by name, which are the caller's to keep, and the report of the run.

        `inputs` may hold several samples (see xnn.runtime.io.inputs), which are run in their order, and
        leave out state, which is kept from one to the next. Time does not depend on data and is
        simulated once. `sanitize` checks every memory access of the machine. `keep` names layers (of
        `feature_maps`) whose feature maps come with the outputs, in their shapes in the network. Inputs
        for which an array is bound are read there, outputs are that array. Raises UserError listing all
        inputs that do not fit, or all that the sanitizer finds.
        """
        bound = self.session.bound
        if given := [name for name in bound if name in inputs]:
            raise UserError(
                f"'{given[0]}' is bound to an array of yours", hint="write its values there"
            )
        ports = [port for port in self.inputs if port.name not in bound]
        return self.run_samples(check_inputs(ports, inputs), sanitize=sanitize, keep=keep)

    @without_collection()
    def run_samples(
        self,
        samples: Samples,
        *,
        sanitize: bool = False,
        keep: Iterable[str] = (),
        on_progress: Callable[[int, int], None] = lambda *_: None,
    ) -> tuple[Arrays, Report]:
        """As `run`, for inputs that have been checked; `on_progress` gets steps done, and in all."""
        start = time.perf_counter()
        machine = self.session.machine
        if self.session.bound and len(samples) > 1:
            raise UserError(f"an array that is bound holds one sample, not {len(samples)}")
        keep = [keep] if isinstance(keep, str) else [*keep]
        verify_names(keep, self.module, machine)
        if sanitize:
            self.sanitize()
        steps = len(machine.expansion) if machine else 1
        total = steps * len(samples)

        def run(number: int, sample: Arrays) -> Arrays:
            def progress(node: int) -> None:
                on_progress(number * steps + node, total)

            return self.session.run(sample, progress, keep)

        outputs = [run(number, sample) for number, sample in enumerate(samples)]
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


def _listed(ports: Iterable[Port]) -> str:
    return ", ".join(f"{port.name} {describe(port.shape, port.dtype)}" for port in ports)
