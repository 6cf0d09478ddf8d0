"""A sweep of machines on SqueezeNet int8 beside as many runs of one machine each, on all cores."""

import os
import sys
import time
from pathlib import Path
from subprocess import DEVNULL, run

from tests.benchmarks.measure import Figure, print_table, saved_network

ROWS = "256,512,768,1024,1536,2048,3072,4096"
MACHINES = 8
LIMIT = 1.15
"""Of the time of single runs, divided by the cores."""


def wall_seconds(tool: str, *arguments: str) -> float:
    """The time that a command takes: as other processes are part of it, that of the clock."""
    start = time.perf_counter()
    command = [sys.executable, "-m", f"xnn.tools.{tool}", *arguments, "--quantize", "int8"]
    run(command, check=True, stdout=DEVNULL, stderr=DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    cores = len(os.sched_getaffinity(0))
    with saved_network("squeezenet") as path:
        single = wall_seconds("xnn_run", str(path), "--time-only")
        sweep = wall_seconds("xnn_explore", str(path), "--vary", f"local.rows={ROWS}")
        study = f"sqlite:///{Path(path).with_suffix('.db')}"
        stored = ["--vary", f"local.rows={ROWS}", "--samples", "1", "--study", study]
        wall_seconds("xnn_explore", str(path), *stored)
        known = wall_seconds("xnn_explore", str(path), *stored)
    ideal = MACHINES * single / cores
    print_table(
        f"explore {MACHINES} machines for SqueezeNet int8, {cores} cores",
        [
            Figure("one run of --time-only", single, "s"),
            Figure("the sweep", sweep, "s", LIMIT * ideal),
            Figure("over that of single runs", sweep / ideal, "", LIMIT),
            Figure("a sweep that is known", known, "s"),
        ],
    )


if __name__ == "__main__":
    main()
