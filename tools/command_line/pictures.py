"""Flags for pictures of a run; what draws them is imported where one is asked for."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # --help need not wait for them
    from xnn.runtime.machine.machine import Machine
    from xnn.runtime.report import Report

Draw = Callable[[str, "Report", "Machine"], None]


def _roofline(path: str, report: "Report", machine: "Machine") -> None:
    from xnn.runtime.report.pictures.roofline import draw_roofline
    from xnn.runtime.report.roofs import roofs_of

    draw_roofline(path, report, roofs_of(machine))


def _timeline(path: str, report: "Report", machine: "Machine") -> None:
    from xnn.runtime.report.pictures.timeline import draw_timeline
    from xnn.runtime.report.slices import Slices

    draw_timeline(path, report, Slices(machine))


def _memory_map(path: str, report: "Report", machine: "Machine") -> None:
    from xnn.runtime.report.pictures.memory_map import draw_memory_map
    from xnn.runtime.report.slices import Slices

    draw_memory_map(path, report, Slices(machine))


def _energy(path: str, report: "Report", machine: "Machine") -> None:
    from xnn.runtime.report.pictures.energy import draw_energy

    draw_energy(path, report)


@dataclass(frozen=True)
class Picture:
    """One flag."""

    flag: str
    shows: str
    draw: Draw

    def path(self, options: argparse.Namespace) -> str | None:
        """The file that the options name for it."""
        return getattr(options, self.flag.removeprefix("--").replace("-", "_"))


PICTURES = (
    Picture("--roofline", "MACs per cycle of each layer under the roofs", _roofline),
    Picture("--timeline", "what each engine does when", _timeline),
    Picture("--memory-map", "which bytes of local memory are live when", _memory_map),
    Picture("--energy", "of each layer by what takes it", _energy),
)


def add_pictures(parser: argparse.ArgumentParser) -> None:
    """Declare a flag for each picture."""
    group = parser.add_argument_group("pictures (.svg, .pdf or .png; level dsa)")
    for each in PICTURES:
        group.add_argument(each.flag, metavar="F", help=each.shows)


def asked_for(options: argparse.Namespace) -> dict[str, Picture]:
    """The pictures that the options ask for, by their files."""
    return {path: each for each in PICTURES if (path := each.path(options))}


def check_pictures(options: argparse.Namespace) -> None:
    """Raises UserError for a file that is no picture, or if the package that draws is missing."""
    for path in asked_for(options):
        from xnn.runtime.report.pictures.figure import require_picture

        require_picture(path)
