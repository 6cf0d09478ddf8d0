"""The commands and the outputs that README.md shows.

A block of kind `console` holds commands behind `$ ` and below each what it prints. A line `...`
stands for any number of lines, `...` inside a line for any characters; all other lines stand as they
are printed, one below the other. Each block is run in a fresh folder that has the shipped models.

    python tests/readme.py

writes the shown lines anew: where a number or a space changed, the line as it is printed now; where
nothing is left out, all that is printed. It names the lines that it can't find: shorten those anew by
hand.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
MODELS = ("digits.onnx", "digits.npz")
CHECKED = ("xnn-opt", "xnn-run", "xdsl-opt", "python")
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
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.run(
        SLOW.get(command, command),
        shell=True,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return process.returncode, process.stdout.rstrip("\n").split("\n") if process.stdout else []


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


def main() -> int:
    """Write the shown lines anew; the exit code tells whether all were found."""
    text = README.read_text()
    lines, problems = text.split("\n"), []
    for start, block in reversed(list(blocks("console", text))):
        with TemporaryDirectory() as name:
            prepare(Path(name))
            printed = {
                shown.start: run(shown.command, Path(name))[1]
                for shown in commands(start, block)
                if shown.is_run
            }
        for shown in reversed(commands(start, block)):
            if not shown.is_run:
                continue
            try:
                new = renewed(shown.lines, printed[shown.start])
            except LookupError as error:
                problems.append(f"README.md:{shown.start}: {shown.command}\n    {error}")
                continue
            lines[shown.start : shown.start + len(shown.lines)] = new
    README.write_text("\n".join(lines))
    print("\n".join(reversed(problems)), file=sys.stderr, end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
