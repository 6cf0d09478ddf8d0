"""The progress bar: on a terminal, after a while; never in a pipe."""

import io
import time

from xnn.tools.command_line.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def work(stream: io.StringIO, patience: float, seconds: float) -> str:
    with Progress(stream, patience) as progress:
        progress.show("compile", 0, 2)
        time.sleep(seconds)
        progress.show("compile", 1, 2)
    return stream.getvalue()


def test_long_work_is_shown_on_a_terminal():
    assert "compile" in work(Terminal(), 0.01, 0.5)


def test_short_work_and_pipes_show_nothing():
    assert work(Terminal(), 10, 0.01) == ""
    assert work(io.StringIO(), 0.01, 0.2) == ""
