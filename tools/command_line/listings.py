"""What a tool says of itself: `--help`, `--version`, `--list-passes`, `--list-targets`."""

import argparse
import inspect
import textwrap
from collections.abc import Callable
from functools import partial
from importlib.metadata import version


def add_information(group: argparse._ArgumentGroup, tool: str, *listings: str) -> None:
    """Add `--help`, `--version` and those of LISTINGS that are named: they print and end the program."""
    group.add_argument("-h", "--help", action="help", help="print this")
    group.add_argument(
        "--version",
        action=_Print,
        listing=partial(version_line, tool),
        help="print the versions of xnn and xDSL",
    )
    for flag in listings:
        text, listing = LISTINGS[flag]
        group.add_argument(flag, action=_Print, listing=listing, help=text)


class _Print(argparse.Action):
    """Print `listing()` and exit."""

    def __init__(self, *args, listing: Callable[[], str], **kwargs):
        super().__init__(*args, nargs=0, **kwargs)
        self.listing = listing

    def __call__(self, parser: argparse.ArgumentParser, *_) -> None:
        print(self.listing())
        parser.exit()


def version_line(tool: str) -> str:
    return f"{tool} {version('xnn')} (xDSL {version('xdsl')})"


def list_passes() -> str:
    """Our passes with the first line of their docstrings, then the names of all others."""
    from xnn.passes import PASSES
    from xnn.runtime.extensions import multiverse

    width = max(map(len, PASSES), default=0)
    lines = {name: (inspect.getdoc(PASSES[name]()) or "").partition("\n")[0] for name in PASSES}
    ours = [f"{name:{width}}  {lines[name]}".rstrip() for name in sorted(PASSES)]
    others = "  ".join(sorted(multiverse()[0].all_passes.keys() - PASSES.keys()))
    indented = textwrap.indent(textwrap.fill(others, 98, break_on_hyphens=False), "  ")
    return "\n".join([*ours, "", "and from xDSL and its plug-ins:", indented])


def list_targets() -> str:
    """The names of the targets, each with the first comment of its file."""
    from xnn.runtime.targets import target_files

    lines = []
    for name, file in target_files().items():
        first = file.read_text().partition("\n")[0] if file.is_file() else "(its file is missing)"
        lines.append(f"{name:12}  {first.lstrip('# ')}")
    return "\n".join([*lines, "or the path of a .toml file"])


LISTINGS: dict[str, tuple[str, Callable[[], str]]] = {
    "--list-passes": ("list the passes, each with its first line", list_passes),
    "--list-targets": ("list the machines that --target knows", list_targets),
}
"""Flag -> its help and what it prints."""
