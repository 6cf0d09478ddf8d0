"""Compiling ResNet-50 from ONNX to machine instructions, stage by stage."""

from tests.benchmarks.levels import compile_by_stages
from tests.benchmarks.measure import Figure, print_table, saved_network


def main() -> None:
    with saved_network("resnet50") as path:
        figures = [Figure(stage, s, "CPU s") for stage, s in compile_by_stages(path)[1].items()]
    total = sum(figure.value for figure in figures)
    print_table("compile ResNet-50", [*figures, Figure("all", total, "CPU s", 3.5)])


if __name__ == "__main__":
    main()
