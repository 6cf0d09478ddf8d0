"""`xnn-run --time-only` and `Program.report`: what a run costs, without one."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.programs import compiled
from xnn.runtime.machine.machine import Machine
from xnn.tools.xnn_run import main

DIGITS = "tools/networks/digits.onnx"


def no_values(*_) -> None:
    raise AssertionError("values are computed")


@pytest.mark.parametrize("more", ([], ["--set", "local.rows=16", "--sanitize"]))
def test_figures_are_those_of_a_run(more, capsys, monkeypatch):
    arguments = [DIGITS, *more, "--effort", "fast", "--report", "json"]
    assert main(arguments) == 0
    full = json.loads(capsys.readouterr().out)
    monkeypatch.setattr(Machine, "initialise", no_values)
    monkeypatch.setattr(Machine, "run_nodes", no_values)
    assert main([*arguments, "--time-only"]) == 0
    times = json.loads(capsys.readouterr().out)
    assert full.pop("seconds").keys() - times.pop("seconds").keys() == {"execute"}
    assert times == full and times["cycles"] > 0


def test_a_program_has_its_report_before_a_run():
    program = compiled(DIGITS)
    before = program.report
    _, after = program.run({"image": np.zeros((1, 1, 8, 8), np.float32)})
    assert replace(after, seconds=before.seconds) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--outputs o.npz", "--outputs is about values, which --time-only does not compute"),
        ("--save-state o.npz", "--save-state is about values"),
        ("--check-each-pass", "--check-each-pass is about values"),
        ("--level dma", "level dma has no times\nhint: use level dsa"),
    ],
)
def test_without_values_or_times(arguments, message, capsys):
    assert main([DIGITS, "--time-only", *arguments.split()]) == 1
    out, err = capsys.readouterr()
    assert err.startswith(f"error: {message}") and out == ""
