"""What a check of a network found out, as text and as JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from xnn.runtime.report.formats import LayerFormats, format_table
from xnn.runtime.report.table import columns, listed, si

SCHEMA = 1
MOST_NAMES = 10
"""Names of one reason that the text lists, at most."""


@dataclass(frozen=True)
class OperatorUse:
    """The nodes of one operator: how many, and how many of them run where.

    `runs_on` counts by what runs them: "matmul", "sort", "vector", "transfer", "general", several of
    them as "matmul, vector"; "fused into matmul" or such; "view" where nothing moves; "folded" where
    nothing is left to do; "unknown" for what a fault leaves open.
    """

    operator: str
    count: int
    runs_on: Mapping[str, int]


@dataclass(frozen=True)
class Fault:
    """What keeps the network from running: a node, an input, a tensor or the whole of it, and why."""

    what: str
    operator: str
    reason: str


@dataclass(frozen=True)
class CheckReport:
    """What `check` says of a network; the target is "", sizes and counts None, if faults leave them open.

    `dimensions` have no size: figures are for the `assumed` ones. `peak_bytes` are those of the feature
    maps that are needed at once, in the order of the operators.
    """

    model: str
    target: str
    operators: tuple[OperatorUse, ...]
    faults: tuple[Fault, ...]
    dimensions: tuple[str, ...]
    assumed: Mapping[str, int]
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    parameters: int | None
    parameter_bytes: int | None
    macs: int | None
    peak_bytes: int | None
    layers: tuple[LayerFormats, ...]
    """What fusion left of the network, with its number formats."""

    @property
    def runs(self) -> bool:
        """Whether it can be compiled as it is."""
        return not self.faults and not self.dimensions

    def json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {"schema": SCHEMA, "runs": self.runs, **asdict(self)}

    def text(self) -> str:
        """The report as a page for people."""
        verdict = "runs" if self.runs else "does not run"
        where = f" on {self.target}" if self.target else ""
        lines = [f"{self.model} {verdict}{where}", "", *self._operators()]
        if self.faults:
            lines += ["", "what blocks", *_grouped(self.faults)]
        if self.dimensions:
            flags = " ".join(f"--bind {name}=..." for name in self.dimensions)
            lines += ["", f"dimensions without a size: say {flags}"]
            if self.assumed:
                sizes = ", ".join(f"{name} = {size}" for name, size in self.assumed.items())
                lines.append(f"the figures here are for {sizes}")
        if table := format_table(self.layers):
            lines += ["", *table.text()]
        return "\n".join([*lines, "", *self._figures()])

    def _operators(self) -> list[str]:
        rows = [
            (use.operator, f"{use.count:,}", _shown(use))
            for use in sorted(self.operators, key=lambda use: (-use.count, use.operator))
        ]
        return columns([("operator", "nodes", "runs on"), *rows], left=(0, 2))

    def _figures(self) -> list[str]:
        rows = [(f"input {name}", type) for name, type in self.inputs.items()]
        rows += [(f"output {name}", type) for name, type in self.outputs.items()]
        if self.parameters is not None:
            rows.append(("parameters", f"{si(self.parameters)}, {si(self.parameter_bytes or 0)}B"))
        if self.macs is not None:
            rows.append(("MACs", f"{si(self.macs)} on matmul"))
        if self.peak_bytes is not None:
            rows.append(("feature maps", f"{si(self.peak_bytes)}B at most at once"))
        return columns(rows, left=(0, 1)) if rows else []


def _shown(use: OperatorUse) -> str:
    """Where the nodes of an operator run, most first."""
    ordered = sorted(use.runs_on.items(), key=lambda item: (-item[1], item[0]))
    if len(ordered) == 1:
        return ordered[0][0]
    return "; ".join(f"{count:,} {where}" for where, count in ordered)


def _grouped(faults: Sequence[Fault]) -> Iterator[str]:
    """A line for each reason, with the names of all that it blocks."""
    names = defaultdict[tuple[str, str], list[str]](list)
    for fault in faults:
        names[fault.operator, fault.reason].append(fault.what)
    for (operator, reason), found in names.items():
        shown = listed([f'"{name}"' if operator else name for name in found], MOST_NAMES)
        what = f"{operator} {shown}" if operator else shown
        yield f"  {what}: {reason}" if what else f"  {reason}"
