"""The cost of a layer must not grow with their number: chains of 50, 500 and 2000 convolutions."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.benchmarks.levels import compile_by_stages
from tests.benchmarks.measure import Figure, print_table

LENGTHS = (50, 500, 2000)
CHANNELS, SIZE = 8, 16


def chain(length: int) -> onnx.ModelProto:
    """A network of `length` convolutions, each followed by a ReLU."""
    rng = np.random.default_rng(0)
    shape = [1, CHANNELS, SIZE, SIZE]
    nodes, weights = [], []
    for i in range(length):
        weight = rng.standard_normal((CHANNELS, CHANNELS, 3, 3), dtype=np.float32) / 6
        weights.append(numpy_helper.from_array(weight, f"weight{i}"))
        conv = helper.make_node("Conv", [f"relu{i}", f"weight{i}"], [f"conv{i}"], pads=[1] * 4)
        nodes += [conv, helper.make_node("Relu", [f"conv{i}"], [f"relu{i + 1}"])]
    ports = [
        helper.make_tensor_value_info(f"relu{i}", TensorProto.FLOAT, shape) for i in (0, length)
    ]
    graph = helper.make_graph(nodes, "chain", ports[:1], ports[1:], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)


def milliseconds_per_layer(length: int) -> float:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "chain.onnx"
        onnx.save(chain(length), path)
        return sum(compile_by_stages(path)[1].values()) / length * 1000


def main() -> None:
    milliseconds_per_layer(2)  # imports
    costs = [milliseconds_per_layer(length) for length in LENGTHS]
    figures = [
        Figure(f"{n} convolutions", c, "CPU ms") for n, c in zip(LENGTHS, costs, strict=True)
    ]
    ratio = max(costs[1:]) / costs[0]
    print_table("compile a chain, per layer", [*figures, Figure("growth", ratio, "", 1.3)])


if __name__ == "__main__":
    main()
