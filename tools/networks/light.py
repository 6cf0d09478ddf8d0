"""The light topologies of the onnx package with random weights of realistic scale.

The onnx package carries the graphs of nine real image networks ("light" models) whose weights are
all the same constant, so that every output is one repeated value. `build` keeps graph and opset and
draws the weights instead: He-scaled for convolutions and matrix products, small biases, positive
variances, the same for the same seed. Where a network ends in a softmax its operand, the logits,
becomes an output as well.

    python -m xnn.tools.networks.light squeezenet squeezenet.onnx
"""

import argparse
import math
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, numpy_helper

from xnn.runtime.io.npz import write_arrays

Draw = Callable[[np.random.Generator, tuple[int, ...]], NDArray[np.float32]]

# by operator: the role of each input that may be a weight
ROLES: dict[str, dict[int, str]] = {
    "Conv": {1: "weight", 2: "bias"},
    "Gemm": {1: "weight", 2: "bias"},
    "BatchNormalization": {1: "scale", 2: "bias", 3: "mean", 4: "variance"},
    "Mul": {0: "scale", 1: "scale"},
    "Add": {0: "bias", 1: "bias"},
}


def _uniform(low: float, high: float) -> Draw:
    width = np.float32(high - low)
    return lambda rng, shape: rng.random(shape, dtype=np.float32) * width + np.float32(low)


def _he(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Normal with the variance that keeps the scale of activations through a ReLU."""
    values = rng.standard_normal(shape, dtype=np.float32)
    values *= np.float32(math.sqrt(2 / math.prod(shape[1:])))
    return values


DRAWS: dict[str, Draw] = {
    "weight": _he,
    "bias": _uniform(-0.1, 0.1),
    "scale": _uniform(0.6, 1.2),
    "mean": _uniform(-0.2, 0.2),
    "variance": _uniform(0.6, 1.6),
}


def _folder() -> Path:
    return Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


def names() -> list[str]:
    """The networks that the installed onnx package has: "squeezenet", "resnet50", ..."""
    return sorted(path.stem.removeprefix("light_") for path in _folder().glob("light_*.onnx"))


def build(name: str, seed: int = 0) -> ModelProto:
    """The network `name` with weights drawn from `seed`, all of them initialisers.

    Raises ValueError for a name that is not in `names()`.
    """
    if name not in names():
        raise ValueError(f"no network {name!r}; there are {', '.join(names())}")
    model = onnx.load(_folder() / f"light_{name}.onnx")
    graph = model.graph
    shapes = _weight_shapes(graph)
    roles = _weight_roles(graph, shapes)
    drawn = [w for w in shapes if w in roles]
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])

    nodes = [n for n in graph.node if n.op_type != "ConstantOfShape" or n.output[0] not in roles]
    used = {tensor for node in nodes for tensor in node.input}
    kept = [i for i in graph.initializer if i.name in used and i.name not in roles]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
    for weight in drawn:
        shape = shapes[weight]
        values = DRAWS[roles[weight]](rng, shape).astype("<f4", copy=False)
        # in place, not numpy_helper.from_array: that copies a network's weights twice more
        graph.initializer.add(
            name=weight, data_type=TensorProto.FLOAT, dims=shape, raw_data=values.tobytes()
        )

    initialised = {i.name for i in graph.initializer}
    inputs = [i for i in graph.input if i.name in used and i.name not in initialised]
    del graph.input[:]
    graph.input.extend(inputs)
    model.ir_version = max(model.ir_version, 4)  # the first in which initialisers are not inputs
    last = graph.node[-1]
    if last.op_type == "Softmax":
        logits = next(o for o in graph.output if o.name == last.output[0])
        graph.output.add().CopyFrom(logits)
        graph.output[-1].name = last.input[0]
    return model


def _weight_shapes(graph: onnx.GraphProto) -> dict[str, tuple[int, ...]]:
    """Shape of every float tensor that the graph takes from an initialiser or a ConstantOfShape."""
    initial = {i.name: i for i in graph.initializer}
    shapes = {
        node.output[0]: tuple(numpy_helper.to_array(initial[node.input[0]]).tolist())
        for node in graph.node
        if node.op_type == "ConstantOfShape"
    }
    floats = (i for i in initial.values() if i.data_type == TensorProto.FLOAT)
    return shapes | {i.name: tuple(i.dims) for i in floats}


def _weight_roles(graph: onnx.GraphProto, shapes: dict[str, tuple[int, ...]]) -> dict[str, str]:
    """What each weight is to the operator that uses it, seen through a change of its shape."""
    origin = {w: w for w in shapes}
    roles: dict[str, str] = {}
    for node in graph.node:
        if node.op_type in ("Unsqueeze", "Reshape") and node.input[0] in origin:
            origin[node.output[0]] = origin[node.input[0]]
        for index, role in ROLES.get(node.op_type, {}).items():
            if index < len(node.input) and node.input[index] in origin:
                roles[origin[node.input[index]]] = role
    return roles


def save_samples(model: ModelProto, path: Path, count: int) -> None:
    """Writes so many random images of a network, from which ranges are taken, as arrays of an .npz file."""
    drawn = [sample_input(model, seed) for seed in range(1, count + 1)]
    write_arrays(path, {name: np.concatenate([d[name] for d in drawn]) for name in drawn[0]})


def sample_input(model: ModelProto, seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """Normally distributed values for every input of the model, by name."""
    rng = np.random.default_rng(seed)
    return {
        i.name: rng.standard_normal(
            [d.dim_value for d in i.type.tensor_type.shape.dim], dtype=np.float32
        )
        for i in model.graph.input
    }


def save(name: str, path: str | Path, seed: int = 0) -> None:
    """Builds the network `name` and writes it to one file (VGG-19: 575 MB)."""
    onnx.save(build(name, seed), path)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("name", choices=names())
    parser.add_argument("path", type=Path, help="the .onnx file to write")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    save(args.name, args.path, args.seed)


if __name__ == "__main__":
    main()
