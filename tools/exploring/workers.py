"""Where points are evaluated: on all cores, or on the workers of a cluster, by Dask distributed."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from xnn.dialects.diagnostics import UserError
from xnn.tools.exploring.space import Point

SECONDS = 5
"""In which a scheduler has to answer."""
ATTEMPTS = 2
"""Workers that a task may take with it before it is given up."""


@dataclass(frozen=True)
class _Call:
    point: Point
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    is_suspect: bool = False
    """Whether workers died that had it, which may be the fault of another call."""


class Workers:
    """Evaluates calls for points, as many at a time as workers have threads."""

    def __init__(self, client: Any):
        from distributed import as_completed

        self._client = client
        self._completed = as_completed()
        self._running: dict[Any, _Call] = {}
        self._suspects: list[_Call] = []

    @property
    def in_flight(self) -> int:
        """The number of calls whose results are not there yet."""
        return len(self._running) + len(self._suspects)

    @property
    def has_room(self) -> bool:
        """Whether a worker would be idle without another call; one waits beside those that run."""
        return len(self._running) <= max(1, sum(self._client.nthreads().values()))

    def submit(self, point: Point, function: Callable[..., Any], *arguments: Any) -> None:
        """Starts a call for a point."""
        self._start(_Call(point, function, arguments))

    def next(self) -> tuple[Point, Any]:
        """The point and the result of a call that has ended; None for one that its workers died of.

        Raises UserError where the scheduler is lost.
        """
        from distributed import KilledWorker

        while True:
            if not self._running:  # with no other beside it, a suspect answers for itself
                self._start(self._suspects.pop())
            future = next(self._completed)
            call = self._running.pop(future)
            try:
                return call.point, future.result()
            except KilledWorker:
                if call.is_suspect:
                    return call.point, None
                self._suspects.append(replace(call, is_suspect=True))
            except (CancelledError, OSError) as error:
                raise UserError(f"the scheduler is lost: {_first_line(error)}") from None

    def _start(self, call: _Call) -> None:
        future = self._client.submit(call.function, *call.arguments, pure=False)
        self._running[future] = call
        self._completed.add(future)


@contextmanager
def workers(scheduler: str | None) -> Iterator[Workers]:
    """Workers on this machine, one for each core, or those of a Dask scheduler at an address.

    Raises UserError where there is no scheduler, or where it is lost.
    """
    from dask import config
    from distributed import Client, LocalCluster

    for name in ("distributed", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what they report ends as an exception
    with config.set({"distributed.scheduler.allowed-failures": ATTEMPTS - 1}):
        try:
            if scheduler:
                client = Client(scheduler, timeout=SECONDS)
            else:
                cluster = LocalCluster(
                    n_workers=len(os.sched_getaffinity(0)),
                    threads_per_worker=1,
                    memory_limit=0,
                    dashboard_address=":0",
                    silence_logs=logging.CRITICAL,
                )
                client = Client(cluster)
        except (OSError, ValueError) as error:
            raise UserError(f"--scheduler {scheduler}: {_first_line(error)}") from None
    try:
        yield Workers(client)
    finally:
        client.close()
        if not scheduler:
            cluster.close()


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
