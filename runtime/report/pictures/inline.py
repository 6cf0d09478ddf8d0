"""Pictures for a notebook, which holds their text."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from xnn.runtime.machine.machine import Machine
from xnn.runtime.report.report import Report
from xnn.runtime.report.slices import Slices


def timeline_svg(report: Report, machine: Machine) -> str:
    """The timeline as SVG; "" of a program without nodes, or if nothing is there that draws it."""
    if not len(machine.expansion) or find_spec("matplotlib") is None:
        return ""
    from xnn.runtime.report.pictures.timeline import draw_timeline

    with TemporaryDirectory() as folder:
        path = Path(folder) / "timeline.svg"
        draw_timeline(str(path), report, Slices(machine))
        text = path.read_text(encoding="utf-8")
    return text[text.index("<svg") :]
