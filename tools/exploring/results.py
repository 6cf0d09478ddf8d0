"""What an exploration found: its form as values, as text and as comma-separated values."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xnn.runtime.report.table import Column, Table
from xnn.tools.exploring.evaluation import METRICS, Outcome
from xnn.tools.exploring.space import Number, Point
from xnn.tools.exploring.study import Study, key_of

SCHEMA = 1
"""Version of the form."""
SHOWN = {
    "cycles": ("cycles", "{:,.0f}", 1),
    "time": ("ms", "{:,.4f}", 1e3),
    "energy": ("mJ", "{:,.4f}", 1e-9),
    "area": ("mm2", "{:,.2f}", 1),
    "traffic": ("MB", "{:,.3f}", 1e-6),
}
"""How people see a metric: its unit, its form, and the number of units in one."""


@dataclass(frozen=True)
class Result:
    """A point, and what became of it."""

    point: Point
    outcome: Outcome
    in_front: bool
    """On the Pareto front: no other is at least as good in all objectives and better in one."""

    def shown(self, metric: str) -> float:
        """A metric in the unit that people see."""
        return self.outcome.metrics[metric] * SHOWN[metric][2]

    def cell(self, metric: str) -> str:
        return "-" if self.outcome.error else SHOWN[metric][1].format(self.shown(metric))


@dataclass(frozen=True)
class Results:
    """All points of a study that are known, the best in the first objective first, those without one last."""

    title: str
    fields: tuple[str, ...]
    objectives: tuple[str, ...]
    results: tuple[Result, ...]

    @staticmethod
    def of(title: str, study: Study) -> Results:
        """Those that a study holds."""
        front = study.front
        results = [
            Result(dict(key), outcome, key in front) for key, outcome in study.outcomes.items()
        ]

        def rank(result: Result) -> tuple[Any, ...]:
            metrics = result.outcome.metrics
            values = [metrics[name] for name in study.objectives] if metrics else []
            return not metrics, values, key_of(result.point)

        ordered = tuple(sorted(results, key=rank))
        return Results(title, tuple(study.space.values), tuple(study.objectives), ordered)

    def json(self) -> dict[str, Any]:
        """As plain values: metrics in cycles, seconds, picojoules, square millimetres and bytes."""
        return {
            "schema": SCHEMA,
            "title": self.title,
            "fields": list(self.fields),
            "objectives": list(self.objectives),
            "results": [
                {
                    "point": dict(each.point),
                    "metrics": each.outcome.metrics or None,
                    "pareto": each.in_front,
                    "error": each.outcome.error or None,
                }
                for each in self.results
            ],
        }

    def csv(self) -> str:
        """A line for each point, with the same numbers."""
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow([*self.fields, *METRICS, "pareto", "error"])
        for each in self.results:
            metrics = [each.outcome.metrics.get(name, "") for name in METRICS]
            lines.writerow([*each.point.values(), *metrics, int(each.in_front), each.outcome.error])
        return text.getvalue().rstrip("\n")

    def text(self, width: int | None = None) -> str:
        """A table for people, in lines of at most `width` characters where that can be."""
        return "\n".join([self.title, "", *self._table().text(width)])

    def _table(self) -> Table:
        columns = [
            *(_column(path, [each.point[path] for each in self.results]) for path in self.fields),
            *(
                Column(SHOWN[name][0], tuple(each.cell(name) for each in self.results))
                for name in METRICS
                if name in self.objectives
            ),
            Column("front", tuple("*" if each.in_front else "" for each in self.results), True),
        ]
        errors = tuple(each.outcome.error for each in self.results)
        if any(errors):
            columns.append(Column("cannot be compiled", errors, True, importance=1))
        numbers = tuple(map(str, range(1, len(self.results) + 1)))
        on_front = sum(each.in_front for each in self.results)
        note = f"{len(self.results)} machines, {on_front} on the Pareto front"
        if failed := sum(map(bool, errors)):
            note += f", {failed} that cannot be compiled for"
        return Table("", numbers, tuple(columns), note)


def _column(path: str, values: Sequence[Number]) -> Column:
    return Column(path, tuple(map(_number, values)))


def _number(value: Number) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
