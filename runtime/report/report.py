"""The report: its form as values and as text, a row per layer and per operator, the totals with their bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any

from xnn.runtime.report.accuracy import Accuracy
from xnn.runtime.report.bounds import Bounds
from xnn.runtime.report.formats import format_table
from xnn.runtime.report.layer import LayerReport, in_order
from xnn.runtime.report.layer_table import layer_table, layers_as_csv
from xnn.runtime.report.limits import shares
from xnn.runtime.report.operators import OperatorReport, operator_reports, operator_table
from xnn.runtime.report.table import Rows, Table, paragraph, si

SCHEMA = 4
"""Version of the report's form."""


@dataclass(frozen=True)
class Traffic:
    """Useful bytes of external memory, or bytes of the rows of local memory."""

    read: int
    written: int

    @property
    def total(self) -> int:
        return self.read + self.written


@dataclass(frozen=True)
class EngineReport:
    """The cycles of an engine; together they are those of the run."""

    busy: int
    idle: dict[str, int]
    """By what it waits for (`xnn.runtime.machine.waits`)."""
    least: int = 0
    """Of those in which it is busy, what the network needs whatever the schedule; none of a transfer engine."""


@dataclass(frozen=True, repr=False)
class Report:
    """What a run cost. Above level dsa there is no time: only the fields up to `seconds` are known."""

    model: str
    target: str
    level: str
    seconds: Mapping[str, float]
    cycles: int | None = None
    causes: dict[str, int] = field(default_factory=dict)
    """The cycles by what takes them, of all layers."""
    predicted_cycles: int | None = None
    macs: int | None = None
    auxiliary_macs: int | None = None
    utilisation: float | None = None
    engines: dict[str, EngineReport] = field(default_factory=dict)
    bus: EngineReport | None = None
    """As if it were an engine, whose nodes are in turn on it."""
    external_bytes: Traffic | None = None
    external_burst_bytes: int | None = None
    """Bytes of all bursts moved: useful ones and waste."""
    compulsory_bytes: int | None = None
    """Useful bytes that must pass the bus whatever the schedule: those of the network bound."""
    weight_bytes: int | None = None
    """Useful bytes of weights and other constants, as often as they are loaded."""
    local_bytes: Traffic | None = None
    peak_local_bytes: int | None = None
    """The highest address that is used."""
    live_local_bytes: int | None = None
    """The most bytes that are live at once in program order."""
    energy_pj: dict[str, float] = field(default_factory=dict)
    area_mm2: dict[str, float] = field(default_factory=dict)
    """Of the target, by part; empty if it does not say."""
    general_share: dict[str, float] = field(default_factory=dict)
    bounds: Bounds | None = None
    gap: float | None = None
    clock_hz: int | None = None
    layers: tuple[LayerReport, ...] = ()
    data_sizes: dict[str, dict[str, int]] = field(default_factory=dict)
    """Of each output whose size depends on data the `axis`, the `size` in this run, and the `most` that it may be."""
    accuracy: Accuracy | None = None
    """If that was asked for."""

    @property
    def operators(self) -> list[OperatorReport]:
        """The costs of the layers by kind of operator."""
        return operator_reports(self.layers)

    def json(self, order: str | None = None) -> dict[str, Any]:
        """The report as plain values, with the version of this form as `schema`.

        `order`, here and below, is what layers are sorted by (`xnn.runtime.report.layer`).
        """
        return {
            "schema": SCHEMA,
            **asdict(self),
            "layers": tuple(asdict(layer) for layer in in_order(self.layers, order)),
            "accuracy": self.accuracy.json() if self.accuracy else None,
            "operators": [asdict(each) for each in self.operators],
        }

    def csv(self, order: str | None = None) -> str:
        """The layers as comma-separated values, in full and not rounded."""
        return layers_as_csv(in_order(self.layers, order))

    def text(self, order: str | None = None, width: int | None = None) -> str:
        """The report as tables for people, in lines of at most `width` characters where that can be."""
        lines = [self._title()]
        for table in self._tables(order):
            lines += ["", *table.text(width)]
        for size in self._sizes():
            lines += ["", size]
        return "\n".join(lines)

    def markdown(self, order: str | None = None) -> str:
        """The same tables in Markdown, with names in full."""
        lines = [f"## {self._title()}"]
        for table in self._tables(order):
            lines += ["", *table.markdown()]
        for size in self._sizes():
            lines += ["", size]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        cycles = "no times" if self.cycles is None else f"{self.cycles:,} cycles"
        return f"<Report: {self.model} on {self.target}, {cycles}>"

    def _repr_html_(self) -> str:
        """The tables for a notebook."""
        tables = (table.html() for table in self._tables(None))
        parts = [f"<h3>{escape(self._title())}</h3>", *tables, *map(paragraph, self._sizes())]
        return "\n".join(parts)

    def _title(self) -> str:
        title = f"{self.model} on {self.target}"
        if self.cycles is not None:
            return title
        return f"{title}: level {self.level} has values but no times: cycles need level dsa"

    def _tables(self, order: str | None) -> Iterator[Table | Rows]:
        if self.cycles is not None:
            yield layer_table(in_order(self.layers, order), self.cycles, order)
            yield operator_table(self.operators, self.cycles)
            yield Rows(_totals(self), left=(0, 2))
            if formats := format_table(self.layers):
                yield formats
        if self.accuracy is not None:
            yield from self.accuracy.tables()

    def _sizes(self) -> Iterator[str]:
        for name, each in self.data_sizes.items():
            size = "{size} of at most {most} along axis {axis}".format_map(each)
            yield f"{name}: data decide the size, here {size}"


def _totals(report: Report) -> list[tuple[str, str, str]]:
    """What there is, how much of it, and what to know of that."""
    cycles, bounds = report.cycles, report.bounds
    assert cycles is not None and bounds is not None and report.macs is not None
    external, local = report.external_bytes, report.local_bytes
    assert external is not None and local is not None and report.external_burst_bytes is not None
    waste, compulsory = report.external_burst_bytes - external.total, report.compulsory_bytes or 0
    exact = "as predicted"
    if report.predicted_cycles != cycles:
        predicted = report.predicted_cycles
        exact = f"predicted {predicted:,}" if predicted else "not predicted"
    time = _time(cycles / report.clock_hz) if report.clock_hz else ""
    shown, uses = ("ideal", "network", "parallel", "serial"), _uses(report)
    sets = f", the gap; set by {max(uses, key=lambda name: uses[name].least, default='')}"
    rows = [
        ("cycles", f"{cycles:,}", f"{time}, {exact}"),
        ("  spent on", "", shares(report.causes, cycles)),
        *(
            (
                f"  {name} bound",
                f"{value:,}",
                f"cycles are {cycles / value:.3f} times it" + sets * (name == "network"),
            )
            for name in shown
            if (value := getattr(bounds, name))
        ),
        ("  order floor", f"{bounds.order_floor:,}", "an estimate for this order of layers"),
        ("MACs", f"{report.macs:,}", f"utilisation {report.utilisation:.1%}"),
        _memory_row("external bytes", external, f"; {si(report.weight_bytes or 0)} weights"),
        (
            "  compulsory",
            si(compulsory),
            f"external bytes are {external.total / max(1, compulsory):.3f} times it",
        ),
        ("  wasted", si(waste), "of bursts"),
        _memory_row("local bytes", local),
        (
            "local memory",
            si(report.peak_local_bytes or 0),
            f"highest address; at most {si(report.live_local_bytes or 0)} live at once",
        ),
        _energy_row(report.energy_pj),
        *([_area_row(report.area_mm2)] if report.area_mm2 else []),
        (
            "general compute",
            f"{report.general_share['operations']:.2%}",
            f"of operations, {report.general_share['cycles']:.2%} of time",
        ),
    ]
    engines = [
        (
            name,
            f"{use.busy / max(1, cycles):.1%}",
            _use_text(use, cycles),
        )
        for name, use in uses.items()
    ]
    return [*rows, *engines]


def _uses(report: Report) -> dict[str, EngineReport]:
    """Of the engines and the bus."""
    return report.engines if report.bus is None else {**report.engines, "bus": report.bus}


def _use_text(use: EngineReport, cycles: int) -> str:
    least = f", {use.least / cycles:.1%} at least" if use.least else ""
    idle = f"; idle: {shares(use.idle, cycles)}" if use.idle else ""
    return f"busy{least}{idle}"


def _time(seconds: float) -> str:
    """A time in the unit that suits it."""
    for unit, length in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= length:
            return f"{seconds / length:.3f} {unit}"
    return f"{seconds * 1e6:.3f} us"


def _memory_row(name: str, moved: Traffic, more: str = "") -> tuple[str, str, str]:
    return name, si(moved.total), f"{si(moved.read)} read, {si(moved.written)} written{more}"


def _area_row(area: dict[str, float]) -> tuple[str, str, str]:
    parts = {name: value for name, value in area.items() if name != "total"}
    return "area", f"{area['total']:,.1f} mm2", shares(parts, area["total"])


def _energy_row(energy: dict[str, float]) -> tuple[str, str, str]:
    sources = {name: value for name, value in energy.items() if name != "total"}
    return "energy", f"{energy['total'] / 1e6:,.1f} uJ", shares(sources, energy["total"])
