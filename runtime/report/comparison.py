"""What changed between two runs: of two machines, two networks or two versions of the compiler."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from xnn.dialects.diagnostics import UserError
from xnn.runtime.report.stored import StoredCosts, StoredReport
from xnn.runtime.report.table import Column, Rows, Table

NOTHING = StoredCosts(0, {}, 0, 0.0)
"""What a layer costs in a run that does not have it."""


@dataclass(frozen=True)
class Change:
    """A layer, or a whole run, before and after; None where a run does not have the layer."""

    name: str
    before: StoredCosts | None
    after: StoredCosts | None

    @property
    def cycles(self) -> int:
        """How many more cycles it takes."""
        return (self.after or NOTHING).cycles - (self.before or NOTHING).cycles

    @property
    def external_bytes(self) -> int:
        return (self.after or NOTHING).external_bytes - (self.before or NOTHING).external_bytes

    @property
    def picojoules(self) -> float:
        return (self.after or NOTHING).picojoules - (self.before or NOTHING).picojoules

    @property
    def causes(self) -> dict[str, int]:
        """The change of its cycles by what takes them, the largest first."""
        before, after = (self.before or NOTHING).causes, (self.after or NOTHING).causes
        names = dict.fromkeys((*before, *after))
        changes = {name: after.get(name, 0) - before.get(name, 0) for name in names}
        ranked = sorted(changes.items(), key=lambda item: -abs(item[1]))
        return {name: change for name, change in ranked if change}

    def json(self) -> dict[str, Any]:
        """The change as plain values."""
        sides = {"before": self.before, "after": self.after}
        return {
            "name": self.name,
            **{side: asdict(each) if each else None for side, each in sides.items()},
            "cycles": self.cycles,
            "external_bytes": self.external_bytes,
            "picojoules": self.picojoules,
            "causes": self.causes,
        }


@dataclass(frozen=True)
class Comparison:
    """Two reports; raises UserError where they have no layer in common."""

    before: StoredReport
    after: StoredReport

    def __post_init__(self) -> None:
        if not self.before.layers.keys() & self.after.layers.keys():
            raise UserError(
                f"{self.before.title} and {self.after.title} have no layer in common",
                hint="layers are compared by name",
            )

    @property
    def total(self) -> Change:
        """The change of the whole run."""
        return Change("", self.before.costs, self.after.costs)

    @cached_property
    def layers(self) -> list[Change]:
        """The layers of both, the largest change of cycles first, equal ones in order."""
        before, after = self.before.layers, self.after.layers
        changes = [
            Change(name, before.get(name), after.get(name))
            for name in dict.fromkeys((*before, *after))
        ]
        return sorted(changes, key=lambda change: -abs(change.cycles))

    def json(self) -> dict[str, Any]:
        """The comparison as plain values."""
        return {
            "before": self.before.title,
            "after": self.after.title,
            "total": self.total.json(),
            "totals": {name: {"before": old, "after": new} for name, old, new in self.totals},
            "layers": [change.json() for change in self.layers],
        }

    def text(self, width: int | None = None) -> str:
        """The comparison as tables for people, in lines of at most `width` characters where that can be."""
        lines = [f"{self.before.title} -> {self.after.title}"]
        for table in self._tables():
            lines += ["", *table.text(width)]
        return "\n".join(lines)

    def markdown(self) -> str:
        """The same tables in Markdown."""
        lines = [f"## {self.before.title} -> {self.after.title}"]
        for table in self._tables():
            lines += ["", *table.markdown()]
        return "\n".join(lines)

    def _tables(self) -> Iterator[Table | Rows]:
        yield _layer_table(self.layers)
        header = ("", "before", "after", "change", "")
        rows = [
            (name, _count(old), _count(new), _signed(new - old), _share(old, new))
            for name, old, new in self.totals
        ]
        yield Rows([header, *rows], left=(0,))

    @property
    def totals(self) -> list[tuple[str, float, float]]:
        """What both reports have of the whole runs: what it is, before, after."""
        one, other = self.before, self.after
        return [
            ("cycles", one.costs.cycles, other.costs.cycles),
            ("external bytes", one.costs.external_bytes, other.costs.external_bytes),
            ("microjoules", one.costs.picojoules / 1e6, other.costs.picojoules / 1e6),
            *(
                (name, value, other.totals[name])
                for name, value in one.totals.items()
                if name in other.totals
            ),
        ]


def _layer_table(layers: list[Change]) -> Table:
    shown = [change for change in layers if change.before != change.after]
    lone = sum(change.before is None or change.after is None for change in shown)
    notes = [f"{len(layers) - len(shown)} of {len(layers)} layers are as before"]
    notes += [f"{lone} are of one run only"] * bool(lone)
    cells = [
        (
            _count(change.before.cycles) if change.before else "-",
            _count(change.after.cycles) if change.after else "-",
            _signed(change.cycles),
            _share((change.before or NOTHING).cycles, (change.after or NOTHING).cycles),
            _signed(change.external_bytes),
            _signed(change.picojoules / 1e6),
            ", ".join(f"{name} {_signed(more)}" for name, more in [*change.causes.items()][:2]),
        )
        for change in shown
    ]
    titles = ("before", "after", "change", "", "ext. bytes", "uJ", "mostly")
    importance = (0, 0, 0, 4, 2, 1, 3)
    return Table(
        "layer",
        tuple(change.name for change in shown),
        tuple(
            Column(title, tuple(row[place] for row in cells), title == "mostly", importance[place])
            for place, title in enumerate(titles)
        ),
        "; ".join(notes),
    )


def _count(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"


def _signed(change: float) -> str:
    if not change:
        return "0"
    return f"{change:+,}" if isinstance(change, int) else f"{change:+,.3f}"


def _share(before: float, after: float) -> str:
    """The change relative to what was before."""
    return f"{(after - before) / before:+.1%}" if before and after != before else ""
