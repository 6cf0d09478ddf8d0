"""What `xnn-explore` does with its arguments."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

import xnn
from xnn.dialects.diagnostics import UserError
from xnn.dialects.target import Target
from xnn.runtime.extras import require
from xnn.runtime.io.files import open_input, replacing, require_apart, require_places
from xnn.runtime.targets import DEFAULT_TARGET, load_target
from xnn.tools.command_line.flags import parse_bindings, parse_shapes
from xnn.tools.command_line.output import terminal_width, write_report
from xnn.tools.command_line.progress import Progress
from xnn.tools.exploring.evaluation import METRICS, has_area
from xnn.tools.exploring.space import Point, parse_space

if TYPE_CHECKING:
    from xnn.tools.exploring.results import Results
    from xnn.tools.exploring.study import Study


def explore(options: argparse.Namespace) -> int:
    """Explore, store and report; raises UserError for what could not be computed, with all else stored."""
    target = _target(options)
    space, objectives = parse_space(options.vary, target), _objectives(options, target)
    _check_files(options)
    require("xnn-explore", "explore", "optuna", "distributed", "plotly")
    from xnn.tools.exploring.explore import Network, explore
    from xnn.tools.exploring.results import Results
    from xnn.tools.exploring.study import Study
    from xnn.tools.exploring.workers import workers

    with Progress() as progress:
        progress.show("compile to the graph")
        network = Network.of(
            options.model,
            bindings=parse_bindings(options.bindings),
            input_shapes=parse_shapes(options.input_shapes),
            effort=options.effort,
            quantize=options.quantize,
            calibrate=options.calibrate,
        )
        basis = {
            "network": network.fingerprint,
            "target": asdict(target),
            "version of xnn": xnn.__version__,
        }
        study = Study(options.study, space, objectives, basis)
        points, total = _points(options, study)
        lost: list[Point] = []
        if total:
            done = iter(range(1, total + 1))
            show = partial(progress.show, "explore")
            show(0, total)
            with workers(options.scheduler) as pool:
                lost = explore(
                    network,
                    target,
                    points,
                    study,
                    pool,
                    on_outcome=lambda: show(next(done), total),
                )
    _write(options, Results.of(f"{network.name} on {target.name}", study))
    if lost:
        raise UserError(
            f"{len(lost)} of {total} machines are not known, for workers died",
            hint="the same command tries them again" if options.study else None,
        )
    return 0


def _target(options: argparse.Namespace) -> Target:
    target = load_target(options.machine or DEFAULT_TARGET)
    for setting in options.settings:
        target = target.with_setting(setting)
    return target


def _objectives(options: argparse.Namespace, target: Target) -> list[str]:
    names = options.objective.split(",")
    for name in names:
        if name not in METRICS:
            raise UserError(f"--objective {name}: expected some of {', '.join(METRICS)}")
        if names.count(name) > 1:
            raise UserError(f"--objective names {name} twice")
    if "area" in names and not has_area(target):
        raise UserError(f"target {target.name} has no [area_mm2], which the objective area needs")
    return names


def _check_files(options: argparse.Namespace) -> None:
    """Find what cannot be read or written before the long work; raises OSError or UserError."""
    read = [*filter(None, (options.model, options.calibrate))]
    for path in read:
        open_input(path).close()
    written = [*filter(None, (options.report_file, options.report_html))]
    if options.study and "://" not in options.study:
        written.append(options.study)
    require_places(written)
    require_apart(written, read)


MOST_POINTS = 100_000
"""That are tried one by one."""


def _points(options: argparse.Namespace, study: Study) -> tuple[Iterable[Point], int]:
    """The points whose outcomes are not known yet, and how many they are."""
    from xnn.tools.exploring.search import proposals
    from xnn.tools.exploring.study import key_of

    space = study.space
    if options.search is not None:
        total = min(_count(options.search), space.size) - len(study.outcomes)
        return proposals(study, options.search, options.seed), max(0, total)
    count = space.size if options.samples is None else min(_count(options.samples), space.size)
    if count > MOST_POINTS:
        raise UserError(
            f"{count:,} combinations are more than {MOST_POINTS:,}",
            hint="--samples N or --search N try some of them",
        )
    points = space if options.samples is None else space.sample(count, options.seed)
    left = [point for point in points if key_of(point) not in study.outcomes]
    return left, len(left)


def _count(number: int) -> int:
    if number < 1:
        raise UserError(f"--samples and --search need a number of at least 1, not {number}")
    return number


def _write(options: argparse.Namespace, results: Results) -> None:
    match options.report:
        case "json":
            text = json.dumps(results.json(), indent=2)
        case "csv":
            text = results.csv()
        case _:
            text = results.text(terminal_width(options))
    write_report(options, text)
    if options.report_html:
        from xnn.tools.exploring.page.exploration_page import exploration_page

        with replacing(options.report_html) as temporary:
            temporary.write_text(exploration_page(results), encoding="utf-8")
