"""Compiling ResNet-50 from ONNX to machine instructions, stage by stage, and with each effort; its times then."""

from functools import partial

from tests.benchmarks.levels import compile_by_stages
from tests.benchmarks.measure import Figure, cpu_seconds, print_table, saved_network
from xnn import compile
from xnn.passes.schedule.effort import EFFORTS

LIMITS = {"fast": 3.5, "default": 10.0}
"""CPU seconds."""
MOST_GAP = 1.25
"""Of the fastest effort, relative to the default one."""


def main() -> None:
    with saved_network("resnet50") as path:
        figures = [Figure(stage, s, "CPU s") for stage, s in compile_by_stages(path)[1].items()]
        programs = {
            effort: cpu_seconds(partial(compile, path, effort=effort)) for effort in EFFORTS
        }
    _, timing = cpu_seconds(lambda: programs["default"][0].report)
    figures.append(Figure("times, as of --time-only", timing, "CPU s", 0.3))
    gaps = {effort: program.gap for effort, (program, _) in programs.items()}
    for effort, (_, seconds) in programs.items():
        limit = MOST_GAP * gaps["default"] if effort == "fast" else None
        figures += [
            Figure(f"effort {effort}", seconds, "CPU s", LIMITS.get(effort)),
            Figure(f"effort {effort}, gap", gaps[effort], "", limit),
        ]
    print_table("compile ResNet-50", figures)


if __name__ == "__main__":
    main()
