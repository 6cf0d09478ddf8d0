"""One point: the network compiled for one machine, and what a run there costs. Runs in a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from xdsl.dialects.builtin import ModuleOp

from xnn.dialects.diagnostics import USER_FAULTS, as_user_error, one_line
from xnn.dialects.target import Target
from xnn.runtime.report import Report
from xnn.runtime.report.area import area_mm2
from xnn.tools.api import compile
from xnn.tools.parsing import make_context, parse_module

METRICS: dict[str, Callable[[Report], float]] = {
    "cycles": lambda report: report.cycles or 0,
    "time": lambda report: (report.cycles or 0) / (report.clock_hz or 1),
    "energy": lambda report: report.energy_pj["total"],
    "area": lambda report: report.area_mm2.get("total", 0.0),
    "traffic": lambda report: report.external_burst_bytes or 0,
}
"""What is known of a point, and may be an objective: cycles, seconds, picojoules, square millimetres,
bytes of all bursts of external memory. Less is better."""


@dataclass(frozen=True)
class Outcome:
    """What became of a point: its metrics, or why it cannot be compiled."""

    metrics: dict[str, float]
    error: str = ""


def evaluate(graph: str, target: Target) -> Outcome:
    """Compile the text of an optimised graph for a target, and time it."""
    module = _parsed(graph).clone()
    target.attach(module)
    try:
        report = compile(module).report
    except USER_FAULTS as error:
        return Outcome({}, as_user_error(error).message.splitlines()[0])
    except (
        Exception
    ) as error:  # of the compiler: one machine that it fails for must not end the others
        return Outcome({}, f"a bug, {type(error).__name__}: {one_line(error)}")
    return Outcome({name: metric(report) for name, metric in METRICS.items()})


@lru_cache(maxsize=1)
def _parsed(graph: str) -> ModuleOp:
    """The module, which is the same for all points of a study."""
    return parse_module(BytesIO(graph.encode()), make_context())


def has_area(target: Target) -> bool:
    """Whether a target says what area it takes."""
    return bool(area_mm2(target))
