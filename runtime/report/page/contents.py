"""What a page shows, as one JSON object: the report, and the facts of the run that its views need."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from xnn.runtime.machine.machine import Machine
from xnn.runtime.report.live_buffers import live_buffers
from xnn.runtime.report.page.graph import graph
from xnn.runtime.report.page.texts import LevelTexts
from xnn.runtime.report.page.timeline import timeline
from xnn.runtime.report.report import Report
from xnn.runtime.report.roofs import roofs_of
from xnn.runtime.report.slices import Slices


def contents_of(report: Report, machine: Machine, texts: LevelTexts) -> dict[str, Any]:
    """The contents of the page; layers are named by their places in the report."""
    slices = Slices(machine)
    return {
        "report": report.json(),
        "roofs": asdict(roofs_of(machine)),
        "timeline": timeline(slices),
        "memory": {
            "capacity": machine.target.local.capacity_bytes,
            "buffers": [asdict(each) for each in live_buffers(slices)],
            "live": list(slices.live()),
        },
        "graph": graph(machine),
        "texts": texts.by_layer(machine),
    }
