"""Commands that walk through a program, from a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from xnn.dialects.diagnostics import suggestion
from xnn.tools.stepping.node_text import NodeTexts
from xnn.tools.stepping.walk import Walk

HELP = "Enter: the next node; a number: that node; the name of a layer: its next node; q: leave"


def step(walk: Walk, commands: IO[str], out: IO[str]) -> None:
    """Show the first node, and follow the commands, a line each, until they end or the program does."""
    texts = NodeTexts(walk.machine)
    print(HELP, file=out)
    _show(walk, texts, 0, out)
    for command in _lines(commands, out):
        if command == "q":
            return
        node = _wanted(walk, texts, command)
        if isinstance(node, str):
            print(node, file=out)
            continue
        if node >= len(walk):
            print(f"the program has ended, at cycle {walk.machine.timeline.cycles:,}", file=out)
            return
        _show(walk, texts, node, out)


def _lines(commands: IO[str], out: IO[str]) -> Iterator[str]:
    """Commands; on a terminal there is a prompt for each."""
    while True:
        if commands.isatty():
            print("> ", end="", file=out, flush=True)
        if not (line := commands.readline()):
            return
        yield line.strip()


def _show(walk: Walk, texts: NodeTexts, node: int, out: IO[str]) -> None:
    walk.go_to(node)
    print(texts.text(node), file=out, flush=True)


def _wanted(walk: Walk, texts: NodeTexts, command: str) -> int | str:
    """The node that a command asks for, or why there is none."""
    if not command:
        return walk.node + 1
    if command.isascii() and command.isdigit():
        last = len(walk) - 1
        return int(command) if int(command) <= last else f"there are nodes 0 to {last}"
    names = [texts.slices.layer(node) for node in range(len(walk))]
    if command not in names:
        hint = suggestion(command, dict.fromkeys(names)) or HELP
        return f"no layer is called '{command}': {hint}"
    places = [node for node, name in enumerate(names) if name == command]
    return next((node for node in places if node > walk.node), places[0])
