"""The commands and the outputs that the documents show.

A block of kind `console` holds commands after `$ ` and below each what it prints. A line `...`
stands for any number of lines, `...` inside a line for any characters; all other lines stand as they
are printed, one below the other. Each block is run in a fresh folder that has the shipped models.
Blocks of kind `python` are run as well; those of kind `py`, which need packages of others, are not.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from xnn.tools import xnn_compare, xnn_explore, xnn_opt, xnn_plan, xnn_run

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial" / "README.md"
DOCUMENTS = (
    *(ROOT / "README.md", ROOT / "CONTRIBUTING.md", TUTORIAL),
    *sorted(ROOT.glob("docs/*.md")),
)
MODELS = ("digits.onnx", "digits.npz")
TOOLS = {
    "xnn-compare": xnn_compare.main,
    "xnn-explore": xnn_explore.main,
    "xnn-opt": xnn_opt.main,
    "xnn-plan": xnn_plan.main,
    "xnn-run": xnn_run.main,
}
"""Our tools, called without a process of their own: that takes half the time."""
CHECKED = (*TOOLS, "xdsl-opt", "python")
"""Commands that every test run repeats."""
SLOW = {
    "make table": f"{sys.executable} -m xnn.tools.networks.table",
    "make table-precision": f"{sys.executable} -m xnn.tools.networks.precision",
}
"""Commands that take a minute, and what is run for them; all others of a block are not run."""
LEFT_OUT = "..."


@dataclass(frozen=True)
class Shown:
    """A command of the document and what is shown of its output, from line `start` on."""

    command: str
    lines: tuple[str, ...]
    start: int

    @property
    def is_checked(self) -> bool:
        return self.command.split()[0] in CHECKED

    @property
    def fails(self) -> bool:
        """Whether it is shown to end with an error."""
        return any("error: " in line for line in self.lines)

    @property
    def is_run(self) -> bool:
        return self.is_checked or self.command in SLOW


def blocks(kind: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Every fenced block of that kind: the number of its first line, from 0 on, and its lines."""
    lines = text.split("\n")
    start = None
    for number, line in enumerate(lines):
        if start is None and line == f"```{kind}":
            start = number + 1
        elif start is not None and line == "```":
            yield start, lines[start:number]
            start = None


def commands(start: int, lines: Sequence[str]) -> list[Shown]:
    """The commands of one block, in order."""
    places = [i for i, line in enumerate(lines) if line.startswith("$ ")]
    return [
        Shown(lines[place][2:], tuple(lines[place + 1 : end]), start + place + 1)
        for place, end in zip(places, [*places[1:], len(lines)])
    ]


def prepare(folder: Path) -> None:
    """Put the shipped models where they lie in the repository."""
    models = folder / "tools" / "networks"
    models.mkdir(parents=True)
    for name in MODELS:
        shutil.copy(ROOT / "tools" / "networks" / name, models)


def run(command: str, folder: Path) -> tuple[int, list[str]]:
    """Exit code and printed lines of a command, errors among them."""
    tool, *arguments = shlex.split(command)
    if tool in TOOLS:
        code, printed = _call(tool, arguments, folder)
    else:
        code, printed = _start(SLOW.get(command, command), folder)
    return code, printed.rstrip("\n").split("\n") if printed else []


def _call(tool: str, arguments: Sequence[str], folder: Path) -> tuple[int, str]:
    printed = StringIO()
    with chdir(folder), redirect_stdout(printed), redirect_stderr(printed):
        try:
            code = TOOLS[tool](arguments)
        except SystemExit as end:  # argparse's, of --version and the like
            code = int(end.code or 0)
    return code, printed.getvalue()


def _start(command: str, folder: Path) -> tuple[int, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return process.returncode, process.stdout


def exactly(text: str) -> str:
    """A regular expression for the text itself."""
    return re.escape(text)


def but_for_numbers(text: str) -> str:
    """A regular expression for the text with any numbers and any spaces between words."""
    result = re.sub(r"\d[\d.,]*", "0", text)
    return re.sub(r"(?:\\ )+", " +", re.sub("0", r"\\d[\\d.,]*", re.escape(result)))


def pattern(line: str, loosely: Callable[[str], str] = exactly) -> re.Pattern[str]:
    """Matches what a shown line stands for; its groups are the parts that are shown."""
    return re.compile(".*?".join(f"({loosely(part)})" for part in line.split(LEFT_OUT)))


def find(
    shown: Sequence[str], printed: Sequence[str], loosely: Callable[[str], str] = exactly
) -> list[int | None]:
    """For each shown line the number of the printed line it is, None for what is left out.

    Raises LookupError that names the shown line which is not where it should be.
    """
    found: list[int | None] = []
    position, anchored = 0, True
    for chunk in _chunks(shown):
        if chunk == [LEFT_OUT]:
            found.append(None)
            anchored = False
            continue
        patterns = [pattern(line, loosely) for line in chunk]
        last = position if anchored else len(printed) - len(chunk)
        for place in range(position, last + 1):
            here = printed[place : place + len(chunk)]
            if len(here) == len(chunk) and all(map(re.Pattern.fullmatch, patterns, here)):
                break
        else:
            raise LookupError(_missing(chunk, patterns, printed[position:]))
        found += range(place, place + len(chunk))
        position, anchored = place + len(chunk), True
    if anchored and position != len(printed):
        raise LookupError(f"not shown: {printed[position]}")
    return found


def _chunks(shown: Sequence[str]) -> list[list[str]]:
    """The shown lines, divided where something is left out."""
    result: list[list[str]] = []
    for line in shown:
        if line.strip() == LEFT_OUT:
            result.append([LEFT_OUT])
        elif result and result[-1] != [LEFT_OUT]:
            result[-1].append(line)
        else:
            result.append([line])
    return result


def _missing(chunk: list[str], patterns: list[re.Pattern[str]], printed: Sequence[str]) -> str:
    for line, each in zip(chunk, patterns):
        if not any(map(each.fullmatch, printed)):
            return f"not printed: {line}"
    return f"not printed one below the other: {chunk[0]}"


def renewed(shown: Sequence[str], printed: Sequence[str]) -> list[str]:
    """What to show in place of `shown`, shortened in the same way."""
    if not any(LEFT_OUT in line for line in shown):
        return list(printed)
    result = []
    for line, place in zip(shown, find(shown, printed, but_for_numbers)):
        if place is None:
            result.append(line)
            continue
        match = pattern(line, but_for_numbers).fullmatch(printed[place])
        assert match
        result.append(LEFT_OUT.join(match.groups()))
    return result
