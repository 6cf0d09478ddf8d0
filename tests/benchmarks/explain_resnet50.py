"""What it costs to say where ResNet-50's cycles go: the report of a run, and its trace."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.measure import Figure, cpu_seconds, print_table, saved_network
from xnn import compile
from xnn.runtime.report import build_report
from xnn.runtime.report.trace import write_trace


def main() -> None:
    with saved_network("resnet50") as path:
        machine = compile(path).session.machine
    assert machine is not None
    nodes = len(machine.nodes)
    _, timed = cpu_seconds(lambda: machine.timeline)
    _, reported = cpu_seconds(lambda: build_report("", "", "dsa", machine, {}).text())
    with TemporaryDirectory() as folder:
        plain, packed = Path(folder) / "trace.json", Path(folder) / "trace.json.gz"
        _, traced = cpu_seconds(lambda: write_trace(plain, machine, packed=False))
        write_trace(packed, machine, packed=True)
        sizes = [path.stat().st_size for path in (plain, packed)]
    print_table(
        "explain ResNet-50, float32 on edge",
        [
            Figure("machine nodes", nodes, ""),
            Figure("simulation", timed, "CPU s"),
            Figure("report", reported, "CPU s", 0.5),
            Figure("trace", traced, "CPU s", 1),
            Figure("trace, a node", sizes[0] / nodes, "bytes", 1000),
            Figure("trace, a node, packed", sizes[1] / nodes, "bytes", 100),
        ],
    )


if __name__ == "__main__":
    main()
