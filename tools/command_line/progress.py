"""A progress bar for work that takes long, on a terminal only."""

import sys
import threading
from types import TracebackType
from typing import IO, Any

PATIENCE_SECONDS = 2.0
"""Whatever is done sooner shows nothing."""


class Progress:
    """Steps of named stages; drawn on `stream` once the work has taken PATIENCE_SECONDS.

    In a pipe nothing is ever drawn.
    """

    def __init__(self, stream: IO[str] | None = None, patience: float = PATIENCE_SECONDS):
        self._stream = stream or sys.stderr
        self._bar: Any = None
        self._task: Any = None
        self._state = ("", 0, 0)
        self._lock = threading.Lock()
        self._timer = threading.Timer(patience, self._start) if self._stream.isatty() else None

    def __enter__(self) -> "Progress":
        if self._timer:
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        with self._lock:
            if self._bar:
                self._bar.stop()
                self._bar = None

    def show(self, stage: str, done: int = 0, total: int = 0) -> None:
        """`done` of `total` steps of `stage` are over; a total of 0 is an unknown one."""
        with self._lock:
            self._state = (stage, done, total)
            self._draw()

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import Progress as Bar

        with self._lock:
            if self._timer is None:  # the work has ended meanwhile
                return
            self._bar = Bar(console=Console(file=self._stream), transient=True)
            self._task = self._bar.add_task("")
            self._draw()
            self._bar.start()

    def _draw(self) -> None:
        if self._bar:
            stage, done, total = self._state
            self._bar.update(self._task, description=stage, completed=done, total=total or None)
