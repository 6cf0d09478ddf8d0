"""How lit runs the tests of tests/filecheck: without a process for each command, which takes a fifth of the time.

A test whose RUN lines are pipelines of our tools, filecheck and small filters alone is run in lit's own process,
the filters apart, with the same arguments, texts and exit codes; any other, and any with `XNN_LIT_PROCESSES` in the
environment, by lit's shell.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple

from lit import ShUtil, Test, TestRunner
from lit.formats import ShTest
from lit.ShCommands import Pipeline, Seq

OWN = ("xnn-opt", "xnn-run", "filecheck")
"""The commands that need no process of their own."""
FILTERS = ("sed", "diff")
"""Those that start at once."""
GLOBAL = "--disable-verify"
"""A flag that changes the process for good."""


class Command(NamedTuple):
    """One of a pipeline."""

    fails: bool
    """Whether it has to."""
    words: list[str]
    takes_errors: bool
    """Whether its errors are output."""
    source: str | None
    """The file that it reads, if not what the command before it writes."""
    target: str | None
    """The file that it writes, if not what the next one reads."""


class InProcess(ShTest):
    """lit's shell tests, of which most need no shell."""

    def execute(self, test: Any, litConfig: Any) -> Any:
        lines = _lines(test)
        pipelines = [_pipelines(line) for line in lines]
        if "XNN_LIT_PROCESSES" in os.environ or not lines or None in pipelines:
            return super().execute(test, litConfig)
        with chdir(os.path.dirname(test.getExecPath())):
            for line, parts in zip(lines, pipelines, strict=True):
                for pipeline in parts or []:
                    if problem := _run(pipeline):
                        return Test.Result(Test.FAIL, f"RUN: {line}\n{problem}")
        return Test.Result(Test.PASS)


def _lines(test: Any) -> list[str]:
    """The RUN lines, with the names of files in them; none if the test says more than that."""
    parsed: Any = TestRunner.parseIntegratedTestScript(test, require_script=False)
    if isinstance(parsed, Test.Result):
        return []
    folder, base = TestRunner.getTempPaths(test)
    os.makedirs(folder, exist_ok=True)
    names = TestRunner.getDefaultSubstitutions(test, folder, base)
    lines = TestRunner.applySubstitutions(parsed, names)
    return [re.sub(r"^%dbg\([^)]*\)\s*", "", line) for line in lines]


def _pipelines(line: str) -> list[list[Command]] | None:
    """The pipelines of a line, one after the other; None if lit's shell has to run it."""
    found = [_commands(each) for each in _parts(ShUtil.ShParser(line, pipefail=True).parse())]
    return None if None in found else [each for each in found if each is not None]


def _parts(parsed: Any) -> Iterator[Any]:
    """The parts of a line, of which each runs if those before did what they should."""
    if isinstance(parsed, Seq) and parsed.op == "&&":
        yield from (*_parts(parsed.lhs), *_parts(parsed.rhs))
    else:
        yield parsed


def _commands(pipeline: Any) -> list[Command] | None:
    """The commands of a pipeline; None if lit's shell has to run it."""
    if not isinstance(pipeline, Pipeline):
        return None
    found: list[Command] = []
    for command in pipeline.commands:
        words = list(command.args)
        fails = words[0] == "not"
        words = words[1:] if fails else words
        if not all(isinstance(word, str) for word in words) or GLOBAL in words:
            return None
        redirects = {operator: target for operator, target in command.redirects}
        source, target = redirects.pop(("<",), None), redirects.pop((">",), None)
        if words[0] not in (*OWN, *FILTERS) or redirects not in ({}, {(">&", 2): "1"}):
            return None
        found.append(Command(fails, words, bool(redirects), source, target))
    return found


def _run(pipeline: Sequence[Command]) -> str:
    """Run commands, each on the output of the one before; what went wrong, "" if nothing did."""
    text = ""
    for command in pipeline:
        tool, *arguments = command.words
        given = text if command.source is None else Path(command.source).read_text()
        call = _filter if tool in FILTERS else _call
        code, text, errors = call(tool, arguments, given, command.takes_errors)
        if bool(code) != command.fails:
            return f"{tool}: exit code {code}\n{errors or text}"
        if command.target is not None:
            Path(command.target).write_text(text)
            text = ""
    return ""


def _filter(
    tool: str, arguments: Sequence[str], given: str, takes_errors: bool
) -> tuple[int, str, str]:
    """Exit code, output and errors of a process that reads `given`."""
    errors = subprocess.STDOUT if takes_errors else subprocess.PIPE
    run = subprocess.run(
        [tool, *arguments], input=given, stdout=subprocess.PIPE, stderr=errors, text=True
    )
    return run.returncode, run.stdout, run.stderr or ""


def _call(
    tool: str, arguments: Sequence[str], given: str, takes_errors: bool
) -> tuple[int, str, str]:
    """Exit code, output and errors of a tool that reads `given`."""
    output, errors, stdin = StringIO(), StringIO(), sys.stdin
    sys.stdin = TextIOWrapper(BytesIO(given.encode()), encoding="utf-8")
    try:
        with redirect_stdout(output), redirect_stderr(output if takes_errors else errors):
            code = _main(tool)(arguments)
    except SystemExit as end:  # of argparse and of filecheck
        code = end.code
    finally:
        sys.stdin = stdin
    return int(code or 0), output.getvalue(), errors.getvalue()


def _main(tool: str) -> Callable[[Sequence[str]], Any]:
    """The function behind a command."""
    if tool == "filecheck":
        from filecheck.main import main

        return lambda arguments: main([tool, *arguments])
    from xnn.tools import xnn_opt, xnn_run

    return {"xnn-opt": xnn_opt.main, "xnn-run": xnn_run.main}[tool]
