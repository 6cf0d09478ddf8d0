"""Running one case of the suite."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from onnx.backend.test.runner import Runner

import xnn
from tests.suite.cases import Case, title
from xnn.dialects.diagnostics import UserError, one_line
from xnn.tools.onnx import backend
from xnn.tools.onnx.folding import RANDOM

SECONDS = 30
"""A case that takes longer, of the processor's time, fails."""


class Slow(Exception):
    """A case takes too long."""


def run(case: Case) -> None:
    """Run a case on the machine, sanitised; raises what goes wrong."""
    prepared = backend.prepare(case.model, effort="fast")
    for inputs, expected in case.data_sets():
        outputs = prepared.run(list(inputs), sanitize=True)
        assert len(outputs) == len(expected)
        for actual, wanted in zip(outputs, expected, strict=True):
            _compare(actual, wanted, case)


def _compare(actual: Any, expected: Any, case: Case) -> None:
    """As the suite compares, and sequences element by element."""
    if expected is None or actual is None:
        assert actual is None and expected is None
    elif isinstance(expected, list | tuple):
        assert isinstance(actual, list | tuple) and len(actual) == len(expected)
        for one, other in zip(actual, expected, strict=True):
            _compare(one, other, case)
    else:
        Runner.assert_similar_outputs(
            [np.asarray(expected)], [np.asarray(actual)], case.rtol, case.atol
        )


def fault_of(case: Case) -> str:
    """What is wrong with a case, in one line; "" if nothing is."""
    try:
        with _limited():
            run(case)
    except Slow:
        return f"takes more than {SECONDS} s"
    except AssertionError as error:
        is_random = not case.operators.isdisjoint(RANDOM)
        return "random numbers" if is_random else f"wrong: {one_line(error)[:120]}"
    except UserError as error:
        return one_line(error)[:200]
    except Exception as error:  # whatever happens is recorded
        return f"crash: {type(error).__name__}: {one_line(error)[:120]}"
    return ""


def where(case: Case) -> dict[str, Counter[str]]:
    """Where the operators of a case run, by their titles; the words are those of xnn.check."""
    prepared = backend.prepare(case.model)
    inputs, _ = next(case.data_sets())
    report = xnn.check(prepared.specialised(list(inputs)))
    found = {use.operator.replace("::", "."): Counter(use.runs_on) for use in report.operators}
    own = {title(node) for node in case.model.graph.node}
    return {name: counts for name, counts in found.items() if name in own}


@contextmanager
def _limited() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise Slow

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
