"""Running ResNet-50 on the simulated machine beside onnx.reference, in one process."""

import onnx
from onnx.reference import ReferenceEvaluator

import xnn
from tests.benchmarks.measure import Figure, cpu_seconds, print_table, saved_network
from xnn.tools.networks import light


def main() -> None:
    with saved_network("resnet50") as path:
        model = onnx.load(path)
        inputs = light.sample_input(model)
        reference = ReferenceEvaluator(model)
        _, theirs = cpu_seconds(lambda: reference.run(None, inputs))
        program = xnn.compile(str(path), target="edge")
        _, first = cpu_seconds(lambda: program.run(inputs))
        _, second = cpu_seconds(lambda: program.run(inputs))
    print_table(
        "execute ResNet-50 at level dsa, float32",
        [
            Figure("onnx.reference", theirs, "CPU s"),
            Figure("xnn, first run, with weights and simulation", first, "CPU s", theirs),
            Figure("xnn, second run", second, "CPU s", theirs),
            Figure("first run over onnx.reference", first / theirs, "", 1),
        ],
    )


if __name__ == "__main__":
    main()
