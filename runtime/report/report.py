"""The report: its form as values and as text, a row per layer, then the totals with their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from xnn.runtime.report.accuracy import Accuracy
from xnn.runtime.report.bounds import Bounds
from xnn.runtime.report.formats import LayerFormats, format_table
from xnn.runtime.report.limits import limit_text, shares
from xnn.runtime.report.table import columns, shortened, si

SCHEMA = 2
"""Version of the report's form."""


@dataclass(frozen=True)
class Traffic:
    """Useful bytes of external memory, or bytes of the rows of local memory."""

    read: int
    written: int

    @property
    def total(self) -> int:
        return self.read + self.written


@dataclass(frozen=True, kw_only=True)
class LayerReport(LayerFormats):
    """One layer. Cycles of all layers add up to the total."""

    op: str
    layers: tuple[str, ...]
    shape: tuple[int, ...]
    cycles: int
    causes: dict[str, int]
    """The same by what takes them (`xnn.runtime.machine.critical_path`)."""
    macs: int
    auxiliary_macs: int
    utilisation: float
    """MACs over those that the matmul engine could have done in the layer's cycles, or while it is busy with it if
    that is longer: other layers may hide it."""
    communication: int
    """Cycles in which the layer's transfers hold the bus."""
    computation: int
    """Cycles in which the layer's engine is busy."""
    external_bytes: int
    weight_bytes: int
    """Those of them that are weights and other constants, as often as they are loaded."""
    local_bytes: int
    energy_pj: dict[str, float]
    bound: int
    limited_by: str
    """The resource that takes most of its cycles; "" if it has none."""


@dataclass(frozen=True)
class EngineReport:
    """The cycles of an engine; together they are those of the run."""

    busy: int
    idle: dict[str, int]
    """By what it waits for (`xnn.runtime.machine.waits`)."""
    least: int = 0
    """Of those in which it is busy, what the network needs whatever the schedule; none of a transfer engine."""


@dataclass(frozen=True)
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
    general_share: dict[str, float] = field(default_factory=dict)
    bounds: Bounds | None = None
    gap: float | None = None
    clock_hz: int | None = None
    layers: tuple[LayerReport, ...] = ()
    data_sizes: dict[str, dict[str, int]] = field(default_factory=dict)
    """Of each output whose size depends on data the `axis`, the `size` in this run, and the `most` that it may be."""
    accuracy: Accuracy | None = None
    """If that was asked for."""

    def json(self) -> dict[str, Any]:
        """The report as plain values, with the version of this form as `schema`."""
        accuracy = self.accuracy.json() if self.accuracy else None
        return {"schema": SCHEMA, **asdict(self), "accuracy": accuracy}

    def text(self) -> str:
        """The report as a table for people."""
        title = f"{self.model} on {self.target}"
        if self.cycles is None:
            lines = [f"{title}: level {self.level} has values but no times: cycles need level dsa"]
        else:
            lines = [title, "", *_layer_table(self), "", *_totals(self)]
            if table := format_table(self.layers):
                lines += ["", *table]
        for name, each in self.data_sizes.items():
            size = "{size} of at most {most} along axis {axis}".format_map(each)
            lines += ["", f"{name}: data decide the size, here {size}"]
        if self.accuracy is not None:
            lines += ["", *self.accuracy.lines()]
        return "\n".join(lines)


_COLUMNS = "layer|operator|output|cycles|share|MACs|util|ext. bytes|bound|limited by"


def _layer_table(report: Report) -> list[str]:
    names = shortened([layer.name for layer in report.layers])
    rows = [
        (name, *_layer_row(layer, report.cycles or 1))
        for name, layer in zip(names, report.layers, strict=True)
    ]
    return columns([_COLUMNS.split("|"), *rows], left=(0, 1, 2, 9))


def _layer_row(layer: LayerReport, total: int) -> tuple[str, ...]:
    return (
        layer.op,
        "x".join(map(str, layer.shape)),
        f"{layer.cycles:,}",
        f"{layer.cycles / total:.1%}",
        si(layer.macs) if layer.macs else "-",
        f"{layer.utilisation:.0%}" if layer.macs else "-",
        si(layer.external_bytes),
        f"{layer.bound:,}",
        limit_text(layer.limited_by, layer.causes),
    )


def _totals(report: Report) -> list[str]:
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
    return columns([*rows, *engines], left=(0, 2))


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


def _energy_row(energy: dict[str, float]) -> tuple[str, str, str]:
    sources = {name: value for name, value in energy.items() if name != "total"}
    return "energy", f"{energy['total'] / 1e6:,.1f} uJ", shares(sources, energy["total"])
