"""The command line of xnn-explore, on one convolution and a cluster of one worker, in this process."""

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import onnx
import pytest
from distributed import LocalCluster
from onnx.parser import parse_model

from xnn.runtime.targets import target_files
from xnn.tools import xnn_run
from xnn.tools.exploring.space import Space
from xnn.tools.exploring.study import Study
from xnn.tools.exploring.workers import Workers, workers
from xnn.tools.xnn_explore import main

NETWORK = "net.onnx"
MODEL = parse_model("""
    <ir_version: 8, opset_import: ["" : 13]>
    net (float[1, 8, 16, 16] x) => (float[1, 16, 16, 16] y) { y = Conv<pads = [1, 1, 1, 1]>(x, w) }
""")
WEIGHTS = np.random.default_rng(0).standard_normal((16, 8, 3, 3), np.float32)
MODEL.graph.initializer.append(onnx.numpy_helper.from_array(WEIGHTS, "w"))
CAPACITY = "external.capacity_bytes"
FIELDS = ["--vary=matmul.n=16,64", f"--vary={CAPACITY}=1024,65536"]
"""Four machines, of which two have no room for the weights."""


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a cluster."""
    cluster = LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tcp://",
        memory_limit=0,
        dashboard_address=":0",
    )
    yield cluster.scheduler_address
    cluster.close()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> None:
    """With the network in it."""
    monkeypatch.chdir(tmp_path)
    onnx.save(MODEL, NETWORK)


def no_work(*_) -> None:
    raise AssertionError("is computed again")


def test_figures_are_those_of_single_runs(scheduler, capsys):
    arguments = [NETWORK, "--quantize", "int8", "--effort", "fast"]
    assert main([*arguments, *FIELDS, "--scheduler", scheduler, "--report=json"]) == 0
    *known, bad, worse = json.loads(capsys.readouterr().out)["results"]
    assert [each["point"][CAPACITY] for each in known] == [65536, 65536]
    assert known[0]["metrics"]["cycles"] <= known[1]["metrics"]["cycles"]
    for each in known:
        settings = [f"--set={path}={value}" for path, value in each["point"].items()]
        assert xnn_run.main([*arguments, *settings, "--time-only", "--report=json"]) == 0
        report = json.loads(capsys.readouterr().out)
        assert each["metrics"] == {
            "cycles": report["cycles"],
            "time": report["cycles"] / 1e9,
            "energy": report["energy_pj"]["total"],
            "area": report["area_mm2"]["total"],
            "traffic": report["external_burst_bytes"],
        }
    for each in (bad, worse):
        assert each["metrics"] is None and not each["pareto"]
        assert each["point"][CAPACITY] == 1024 and "external memory" in each["error"]


def test_what_is_known_is_not_computed_again(scheduler, monkeypatch, capsys):
    arguments = [NETWORK, *FIELDS, "--effort=fast", "--study=s.db", "--scheduler", scheduler]
    assert main([*arguments, "--samples=2", "--report=none"]) == 0
    submitted = []
    submit = Workers.submit
    monkeypatch.setattr(
        Workers,
        "submit",
        lambda self, point, *more: submitted.append(point) or submit(self, point, *more),
    )
    assert main([*arguments, "--report=csv"]) == 0
    assert len(submitted) == 2
    rows = [*csv.DictReader(io.StringIO(capsys.readouterr().out))]
    assert len(rows) == 4 and {bool(row["error"]) for row in rows} == {True, False}
    monkeypatch.setattr(Workers, "submit", no_work)
    assert main(arguments) == 0
    assert (
        "4 machines, 2 on the Pareto front, 2 that cannot be compiled for"
        in capsys.readouterr().out
    )
    assert main([*arguments, "--search=4"]) == 0


def test_a_search_goes_on_and_has_a_page(scheduler, capsys):
    arguments = [NETWORK, "--vary=matmul.n=8:64:x2", "--vary=local.rows=64,256,1024"]
    arguments += ["--effort=fast", "--objective=cycles,area", "--study=sqlite:///s.db"]
    arguments += ["--scheduler", scheduler]
    assert main([*arguments, "--search=3"]) == 0
    assert "3 machines" in capsys.readouterr().out
    assert main([*arguments, "--search=5", "--report-html=page.html"]) == 0
    assert "5 machines" in capsys.readouterr().out
    page = Path("page.html").read_text()
    assert "parcoords" in page and "matmul.n" in page and '<script src="' not in page
    assert len(page) < 10e6


@pytest.mark.slow
def test_a_run_that_is_killed_loses_only_what_was_in_flight(capsys):
    """And then goes on, with a process for each core."""
    values = ",".join(map(str, range(16, 40, 4)))
    arguments = [NETWORK, f"--vary=matmul.n={values}", "--effort=fast", "--study=s.db"]
    command = [sys.executable, "-m", "xnn.tools.xnn_explore", *arguments]
    killed = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        while trials() < 2:
            assert killed.poll() is None
            time.sleep(0.05)
    finally:
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
    stored = trials()
    assert stored < 6
    assert main([*arguments, "--report=json"]) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert len(results) == trials() == 6  # none twice


def trials() -> int:
    """The number of results in the study."""
    try:
        with closing(sqlite3.connect("file:s.db?mode=ro", uri=True)) as base:
            return base.execute("select count(*) from trials where state != 'RUNNING'").fetchone()[
                0
            ]
    except sqlite3.OperationalError:  # there is none yet
        return 0


def die_at(number: int) -> int:
    if number == 2:
        os._exit(1)
    return number


@pytest.mark.slow
def test_calls_that_kill_their_workers_are_given_up_and_the_others_are_not():
    with workers(None) as pool:
        for number in range(5):
            pool.submit({"number": number}, die_at, number)
        results = dict(
            (int(point["number"]), result) for point, result in (pool.next() for _ in range(5))
        )
    assert results == {0: 0, 1: 1, 2: None, 3: 3, 4: 4}


def test_machines_whose_workers_died_are_tried_again(scheduler, monkeypatch, capsys):
    arguments = [NETWORK, "--vary=matmul.n=16,32,64", "--effort=fast", "--study=s.db"]
    arguments += ["--scheduler", scheduler]
    taken, next_result = [], Workers.next

    def first_is_lost(self: Workers):
        point, result = next_result(self)
        taken.append(point)
        return point, None if len(taken) == 1 else result

    monkeypatch.setattr(Workers, "next", first_is_lost)
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert "2 machines" in out and err.startswith(
        "error: 1 of 3 machines are not known, for workers died\nhint: the same command tries"
    )
    assert main(arguments) == 0
    assert "3 machines" in capsys.readouterr().out and len(taken) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("no.onnx --vary matmul.n=16", "no.onnx: No such file or directory"),
        ("{model} --vary matmul.m=16", "target has no field 'matmul.m'"),
        ("{model}", "the following arguments are required: --vary"),
        ("{model} --vary matmul.n=16 --set local.row=2", "target has no field 'local.row'"),
        ("{model} --vary matmul.n=16 --set local.rows", "'local.rows' sets nothing"),
        ("{model} --vary matmul.n=16 --target no", "no target 'no'"),
        ("{model} --vary matmul.n=16 --objective speed", "--objective speed: expected some of"),
        ("{model} --vary matmul.n=16 --objective area,area", "--objective names area twice"),
        ("{model} --vary matmul.n=16 --target lean.toml", "target lean has no [area_mm2]"),
        ("{model} --vary matmul.n=16 --samples 0", "--samples and --search need a number"),
        ("{model} --vary matmul.n=16 --search 0", "--samples and --search need a number"),
        ("{model} --vary matmul.n=16 --samples 1 --search 1", "argument --search: not allowed"),
        ("{model} --vary matmul.n=16 --study no/s.db", "no/s.db: there is no folder no"),
        ("{model} --vary matmul.n=16 --study text.db", "text.db: (sqlite3.DatabaseError) file is"),
        ("{model} --vary matmul.n=16 --study other.db", "other.db: is a study of other network"),
        ("{model} --vary matmul.n=16 --report-file no/r", "no/r: there is no folder no"),
        ("{model} --vary matmul.n=16 --report-html {model}", "{model}: is read by this run"),
        ("{model} --vary matmul.n=16 --scheduler tcp://127.0.0.1:9", "--scheduler tcp://127.0.0.1"),
        ("{model} --vary matmul.n=16 --effort none", "there is no effort 'none'"),
        (
            "{model} --vary static_mw=1:900:+1 --vary clock_hz=1:900:+1",
            "810,000 combinations are more than 100,000",
        ),
    ],
)
def test_bad_input_is_one_message(arguments, message, capsys, monkeypatch):
    monkeypatch.setattr("xnn.tools.exploring.workers.SECONDS", 1)  # for a scheduler that is not
    Path("text.db").write_text("no database " * 100)
    Path("lean.toml").write_text(target_files()["edge"].read_text().partition("[area_mm2]")[0])
    if "other.db" in arguments:
        Study("other.db", Space({"matmul.n": (16,)}), ["cycles"], {"network": "another"})
    assert main(arguments.format(model=NETWORK).split()) == 1
    out, err = capsys.readouterr()
    assert err.startswith(f"error: {message.format(model=NETWORK)}")
    assert "Traceback" not in err and out == ""
