"""Start-up of xnn-opt beside xdsl-opt's: both should list names and load nothing."""

import resource
import statistics
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.measure import Figure, print_table

REPEATS = 5


def child_cpu_seconds(tool: str) -> float:
    command = [Path(sys.executable).parent / tool, "--help"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def main() -> None:
    ours, theirs = (
        statistics.median(child_cpu_seconds(tool) for _ in range(REPEATS))
        for tool in ("xnn-opt", "xdsl-opt")
    )
    print_table(
        f"start-up, median of {REPEATS}",
        [
            Figure("xnn-opt --help", ours, "CPU s", 0.3),
            Figure("xdsl-opt --help", theirs, "CPU s"),
            Figure("ratio", ours / theirs, ""),
        ],
    )


if __name__ == "__main__":
    main()
