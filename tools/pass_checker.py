"""Running a network after every pass: a wrong pass is caught where it goes wrong, not at the end.

Values are compared by name: those of the outputs and of every operator or feature map that has the
same name before and after the pass.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from xnn.dialects.diagnostics import UserError
from xnn.runtime.feature_maps import Recorder
from xnn.runtime.io.npz import Arrays
from xnn.runtime.report.table import columns, listed
from xnn.tools.agreement import relative_error
from xnn.tools.program import Program

TOLERANCE = 1e-4
"""Of floating-point values, relative to the largest: passes may re-associate. Others are exact."""


@dataclass(frozen=True)
class Check:
    """What was compared after one pass: values by name."""

    name: str
    level: str
    """That at which the network was run."""
    compared: int
    left_out: tuple[str, ...]
    """Those on one side of the pass only, or of another size or type there."""
    changed: int
    """More than 0 only if the pass is meant to change values."""

    @property
    def row(self) -> tuple[str, ...]:
        changed = str(self.changed) if self.changed else "-"
        return self.name, self.level, str(self.compared), changed, listed(self.left_out)


class PassChecker:
    """Compares the values of a network before and after each pass, for one sample.

    `choose_inputs` returns the sample once the inputs of the network are known.
    """

    def __init__(self, choose_inputs: Callable[[Program], Arrays]):
        self.checks: list[Check] = []
        self._choose_inputs = choose_inputs
        self._inputs: Arrays | None = None
        self._values: Arrays = {}

    def start(self, module: ModuleOp) -> None:
        """Run `module`: its values are those that passes must keep."""
        program = Program(module)
        self._inputs = self._choose_inputs(program)
        self._values = named_values(program, self._inputs)

    def check(self, module: ModuleOp, done: ModulePass) -> None:
        """Raises UserError naming the pass `done` and the first layer whose values it changed.

        A pass that is meant to change values has a class attribute `changes_values`.
        """
        assert self._inputs is not None
        program, before = Program(module), self._values
        try:
            after = named_values(program, self._inputs)
        except UserError as error:
            message = f"pass {done.name} leaves what cannot be run: {error.message}"
            raise UserError(message, location=error.location, hint=error.hint) from error
        self._values = after
        both = [name for name in after if name in before and _comparable(before[name], after[name])]
        errors = {name: error for name in both if (error := _error(before[name], after[name]))}
        if errors and not getattr(done, "changes_values", False):
            name, error = next(iter(errors.items()))
            raise UserError(
                f"pass {done.name} changes the values of layer '{name}': "
                f"relative error {error:.1e}, at most {_limit(after[name]):g} is expected"
            )
        left_out = tuple(name for name in {**before, **after} if name not in both)
        self.checks.append(Check(done.name, program.level, len(both), left_out, len(errors)))

    def summary(self) -> str:
        """A row per pass: at which level what it left was run, how many values were compared and meant
        to change, and what could not be compared."""
        left_out = "on one side only, or of another type there"
        header = ("pass", "level", "compared", "changed", left_out)
        return "\n".join(columns([header, *(check.row for check in self.checks)], left=(0, 1, 4)))


def named_values(program: Program, inputs: Arrays) -> Arrays:
    """Values by name of everything named in the network, in order, and of its outputs."""
    session = program.session
    if session.machine is not None:
        values = session.run(inputs, keep=session.kept_names)
        return {name: values[name] for name in (*session.kept_names, *values)}
    recorder = Recorder()
    with session.observed_by(recorder):
        outputs = session.run(inputs)
    return {**recorder.values, **outputs}


def _comparable(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether both are the same thing of a layer, not its sums or its integers."""
    return (before.size, before.dtype) == (after.size, after.dtype)


def _limit(value: np.ndarray) -> float:
    return TOLERANCE if value.dtype.kind == "f" else 0


def _error(before: np.ndarray, after: np.ndarray) -> float:
    """The relative error, 0 if it is within the limit."""
    error = relative_error(after.ravel(), before.ravel())
    return error if error > _limit(before) else 0.0
