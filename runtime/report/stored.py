"""A report that a run has stored as JSON: what two of them are compared by."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.files import open_input
from xnn.runtime.report.report import SCHEMA

TOTAL = "total"
"""The energy from all sources, the area of all parts."""


@dataclass(frozen=True)
class StoredCosts:
    """What a layer, or a whole run, cost."""

    cycles: int
    causes: Mapping[str, int]
    """The same by what takes them."""
    external_bytes: int
    picojoules: float


@dataclass(frozen=True)
class StoredReport:
    """A report of a run at level dsa."""

    title: str
    """The network and the target."""
    costs: StoredCosts
    totals: Mapping[str, float]
    """The other totals by what they are."""
    layers: Mapping[str, StoredCosts]
    """By name, in order."""


def load_report(path: str | os.PathLike[str]) -> StoredReport:
    """The report in a file; raises OSError, or UserError for a file that holds none, or one of another form."""
    with open_input(path) as file:
        data = file.read()
    try:
        values = json.loads(data)
    except ValueError:
        raise UserError(f"{path}: is no report of a run: is not JSON") from None
    if not isinstance(values, dict) or not {"schema", "cycles", "layers"} <= values.keys():
        raise UserError(f"{path}: is no report of a run", hint="xnn-run --report json writes one")
    if values["schema"] != SCHEMA:
        raise UserError(
            f"{path}: is a report of version {str(values['schema'])[:20]}, expected {SCHEMA}",
            hint="run xnn-run --report json again",
        )
    if values["cycles"] is None:
        raise UserError(f"{path}: has no cycles", hint="they need a run at level dsa")
    try:
        return _report(values)
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError):
        raise UserError(f"{path}: is no report of a run: parts of it are missing") from None


def _report(values: Mapping[str, Any]) -> StoredReport:
    external = values["external_bytes"]["read"] + values["external_bytes"]["written"]
    local = values["local_bytes"]["read"] + values["local_bytes"]["written"]
    return StoredReport(
        title=f"{values['model']} on {values['target']}",
        costs=_costs(values, external),
        totals={
            "microseconds": values["cycles"] / values["clock_hz"] * 1e6,
            "network bound": int(values["bounds"]["network"]),
            "MACs": int(values["macs"]),
            "local bytes": int(local),
            "local memory": int(values["peak_local_bytes"]),
            **({"mm2": float(values["area_mm2"][TOTAL])} if values["area_mm2"] else {}),
        },
        layers={
            str(each["name"]): _costs(each, each["external_bytes"]) for each in values["layers"]
        },
    )


def _costs(values: Mapping[str, Any], external_bytes: int) -> StoredCosts:
    energy = values["energy_pj"]
    total = energy[TOTAL] if TOTAL in energy else sum(energy.values())
    causes = {str(cause): int(cycles) for cause, cycles in values["causes"].items()}
    return StoredCosts(int(values["cycles"]), causes, int(external_bytes), float(total))
