"""The exploration: points go to workers, outcomes into a study."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from xnn.dialects.target import Target
from xnn.tools.api import compile
from xnn.tools.exploring.evaluation import Outcome, evaluate
from xnn.tools.exploring.space import Point
from xnn.tools.exploring.study import Study
from xnn.tools.exploring.workers import Workers
from xnn.tools.weight_paths import weight_files


@dataclass(frozen=True)
class Network:
    """A network down to where targets differ: its optimised graph, as text, which all points share."""

    name: str
    graph: str
    fingerprint: str
    """Equal for equal graphs, wherever the files of their weights lie."""

    @staticmethod
    def of(model: str, **arguments: Any) -> Network:
        """The network of a file, compiled to the graph level with arguments of `compile`."""
        program = compile(os.path.abspath(model), level="xnn", **arguments)
        graph = anonymous = str(program.module)
        for file in weight_files(program.module):
            anonymous = anonymous.replace(file, os.path.basename(file))
        return Network(program.name, graph, hashlib.sha256(anonymous.encode()).hexdigest()[:16])


def explore(
    network: Network,
    target: Target,
    points: Iterable[Point],
    study: Study,
    workers: Workers,
    *,
    on_outcome: Callable[[], None] = lambda: None,
) -> list[Point]:
    """Evaluates points, each stored as soon as it is known; returns those that were given up, for workers died.

    A point changes fields of the target. No more points are asked for than there are workers for, so that
    `points` may look at the outcomes so far.
    """
    lost: list[Point] = []
    left = iter(points)
    point = next(left, None)
    while point is not None or workers.in_flight:
        while point is not None and workers.has_room:
            workers.submit(point, evaluate, network.graph, _changed(target, point))
            point = next(left, None)
        point_done, outcome = workers.next()
        if isinstance(outcome, Outcome):
            study.add(point_done, outcome)
            on_outcome()
        else:
            lost.append(point_done)
    return lost


def _changed(target: Target, point: Point) -> Target:
    for path, value in point.items():
        target = target.with_field(path, str(value))
    return target
