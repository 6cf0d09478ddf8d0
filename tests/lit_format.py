"""How lit runs the tests of tests/filecheck: without a process for each command, which takes a fifth of the time.

A test whose RUN lines are pipelines of our tools and filecheck alone is run in lit's own process, with the
same arguments, texts and exit codes; any other, and any with `XNN_LIT_PROCESSES` in the environment, by lit's shell.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

from lit import ShUtil, Test
from lit.formats import ShTest
from lit.ShCommands import Pipeline

OWN = ("xnn-opt", "xnn-run", "filecheck")
"""The commands that need no process of their own."""
GLOBAL = "--disable-verify"
"""A flag that changes the process for good."""

Commands = list[tuple[bool, list[str], bool]]
"""Whether a command has to fail, its words, whether its errors are output."""


class InProcess(ShTest):
    """lit's shell tests, of which most need no shell."""

    def execute(self, test: Any, litConfig: Any) -> Any:
        path = test.getSourcePath()
        with open(path) as file:
            lines = re.findall(r"RUN:\s*(.*)", file.read())
        pipelines = [_commands(line, path) for line in lines]
        if "XNN_LIT_PROCESSES" in os.environ or not pipelines or None in pipelines:
            return super().execute(test, litConfig)
        with chdir(os.path.dirname(test.getExecPath())):
            for line, pipeline in zip(lines, pipelines, strict=True):
                if problem := _run(pipeline or []):
                    return Test.Result(Test.FAIL, f"RUN: {line}\n{problem}")
        return Test.Result(Test.PASS)


def _commands(line: str, path: str) -> Commands | None:
    """The commands of a pipeline; None if lit's shell has to run it."""
    if "%" in line.replace("%s", "") or line.endswith("\\"):
        return None
    parsed = ShUtil.ShParser(line.replace("%s", path), pipefail=True).parse()
    if not isinstance(parsed, Pipeline):
        return None
    found: Commands = []
    for command in parsed.commands:
        words = list(command.args)
        redirects = [(operator[0], target) for operator, target in command.redirects]
        fails = words[0] == "not"
        words = words[1:] if fails else words
        if not all(isinstance(word, str) for word in words) or words[0] not in OWN:
            return None
        if GLOBAL in words or redirects not in ([], [(">&", "1")]):
            return None
        found.append((fails, words, bool(redirects)))
    return found


def _run(pipeline: Commands) -> str:
    """Run commands, each on the output of the one before; what went wrong, "" if nothing did."""
    text = ""
    for fails, (tool, *arguments), takes_errors in pipeline:
        code, text, errors = _call(tool, arguments, text, takes_errors)
        if bool(code) != fails:
            return f"{tool}: exit code {code}\n{errors or text}"
    return ""


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
