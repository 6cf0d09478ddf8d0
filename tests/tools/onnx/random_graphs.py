"""Random ONNX graphs of all kinds of operators, for tests of all levels.

A graph grows node by node, and onnxruntime evaluates each at once: so shapes are known, and values that
are large or not finite are left out. No value decides an integer, so that rounding can't turn it over.
"""

from collections.abc import Callable
from itertools import zip_longest
from random import Random
from typing import Any

import numpy as np
import onnx
from onnx import helper

from tests.tools.onnx.levels import expected_of, model_of

OPSET = 18
LARGEST, MOST_ELEMENTS = 1e3, 4000
Step = Callable[["RandomGraph", str], list[str]]


class RandomGraph:
    """Values are names, `values` what onnxruntime computes for them; `random` decides everything else."""

    def __init__(self, seed: int):
        self.random, self.rng = Random(seed), np.random.default_rng(seed)
        self.inputs: dict[str, np.ndarray] = {}
        self.constants: dict[str, np.ndarray] = {}
        self.values: dict[str, np.ndarray] = {}
        self.nodes: list[onnx.NodeProto] = []
        self.used: set[str] = set()

    def shape(self, name: str) -> tuple[int, ...]:
        return self.values[name].shape

    def input(self, *shape: int) -> str:
        name = f"x{len(self.inputs)}"
        self.inputs[name] = self.values[name] = self.rng.standard_normal(shape, np.float32)
        return name

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = np.array(value, dtype)
        return name

    def weight(self, *shape: int) -> str:
        fan = max(1, int(np.prod(shape[1:])))
        return self.constant(self.rng.standard_normal(shape) / fan**0.5)

    def integers(self, *values: int) -> str:
        return self.constant(values, np.int64)

    def add(self, operator: str, *operands: str, outputs: int = 1, **attributes: Any) -> list[str]:
        """Adds a node; returns its outputs, or nothing, and adds nothing, if they are too large."""
        names = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        node = helper.make_node(operator, operands, names, **attributes)
        given = {name: self.values[name] for name in operands if name in self.values}
        constants = {name: self.constants[name] for name in operands if name in self.constants}
        results = expected_of(model_of([node], given, names, constants, OPSET), given)
        for result in results:
            fits = result.size <= MOST_ELEMENTS and np.isfinite(result).all()
            if not fits or np.abs(result).max(initial=0) > LARGEST:
                return []
        self.nodes.append(node)
        self.used.update(operands)
        self.values.update(zip(names, results, strict=True))
        return names

    def floats(self) -> list[str]:
        """Values that operators may follow."""
        return [name for name, value in self.values.items() if value.dtype == np.float32]

    def model(self) -> onnx.ModelProto:
        """All that nothing uses is an output."""
        outputs = [n for n in self.values if n not in self.used and n not in self.inputs]
        inputs = {name: array for name, array in self.inputs.items() if name in self.used}
        constants = {name: array for name, array in self.constants.items() if name in self.used}
        return model_of(self.nodes, inputs, outputs, constants, OPSET)


ANYWHERE = [
    *(
        "Abs",
        "Neg",
        "Relu",
        "Sigmoid",
        "Tanh",
        "Erf",
        "Softplus",
        "Softsign",
        "HardSwish",
        "Elu",
        "Selu",
    ),
    *("Celu", "LeakyRelu", "HardSigmoid", "Mish", "Sin", "Cos", "Atan", "Exp", "Identity"),
]
POSITIVE = ["Sqrt", "Log", "Reciprocal", "Acosh"]
REDUCTIONS = ["Sum", "Mean", "Max", "Min", "L1", "L2", "SumSquare", "LogSumExp"]


def elementwise(g: RandomGraph, x: str) -> list[str]:
    if g.random.random() < 0.8:
        return g.add(g.random.choice(ANYWHERE), x)
    positive = g.add("Add", *g.add("Abs", x), g.constant(1.25))
    return g.add(g.random.choice(POSITIVE), *positive)


def binary(g: RandomGraph, x: str) -> list[str]:
    shape = g.shape(x)
    fitting = [
        name
        for name in g.floats()
        if all(
            1 in (a, b) or a == b
            for a, b in zip_longest(reversed(g.shape(name)), reversed(shape), fillvalue=1)
        )
    ]
    start = g.random.randint(0, len(shape))
    small = g.weight(*(g.random.choice([1, size]) for size in shape[start:]))
    operands = [x, g.random.choice([small, *fitting])]
    g.random.shuffle(operands)
    operator = g.random.choice(["Add", "Add", "Mul", "Mul", "Sub", "Max", "Min", "Mean", "Sum"])
    return g.add(operator, *operands)


def chosen(g: RandomGraph, x: str) -> list[str]:
    decides = g.add("Greater", g.random.choice([*g.inputs]), g.constant(0.3))
    shapes = [g.shape(name) for name in (x, *decides)]
    if any(1 not in (a, b) and a != b for a, b in zip(*(s[::-1] for s in shapes), strict=False)):
        return g.add("Cast", *decides, to=onnx.TensorProto.FLOAT)
    return g.add("Where", *decides, x, g.constant(0.5))


def reduction(g: RandomGraph, x: str) -> list[str]:
    rank, kept = len(g.shape(x)), g.random.randint(0, 1)
    axes = g.random.sample(range(-rank, 0), g.random.randint(0, rank))
    return g.add(f"Reduce{g.random.choice(REDUCTIONS)}", x, g.integers(*axes), keepdims=kept)


def softmax(g: RandomGraph, x: str) -> list[str]:
    axis = g.random.randrange(len(g.shape(x)))
    return g.add(g.random.choice(["Softmax", "LogSoftmax"]), x, axis=axis)


def windows(g: RandomGraph, x: str) -> list[str]:
    batch, channels, *spatial = g.shape(x)
    choose, rank = g.random.choice, len(spatial)
    kernel = [g.random.randint(1, min(3, size)) for size in spatial]
    pads = [g.random.randint(0, size // 2) for size in kernel * 2]
    options: dict[str, Any] = {
        "kernel_shape": kernel,
        "strides": choose([[1] * rank, [2] * rank]),
        "pads": pads,
    }
    kind = choose(["Conv", "Conv", "ConvTranspose", "MaxPool", "AveragePool", "GlobalMaxPool"])
    groups = choose([1, channels])
    if kind == "Conv":
        rows = groups * g.random.randint(1, max(1, 12 // groups))
        w, b = g.weight(rows, channels // groups, *kernel), g.weight(rows)
        return g.add(kind, x, w, b, group=groups, **options)
    if kind == "ConvTranspose":
        return g.add(
            kind, x, g.weight(channels, 3 if groups == 1 else 1, *kernel), group=groups, **options
        )
    if kind == "AveragePool":
        return g.add(kind, x, count_include_pad=choose([0, 1]), **options)
    return g.add(kind, x, **(options if kind == "MaxPool" else {}))


def product(g: RandomGraph, x: str) -> list[str]:
    *batch, rows, inner = g.shape(x)
    if g.random.random() < 0.3:
        return g.add(
            "MatMul",
            x,
            *g.add("Transpose", x, perm=[*range(len(batch)), len(batch) + 1, len(batch)]),
        )
    columns = g.random.randint(1, 9)
    if not batch and g.random.random() < 0.5:
        return g.add("Gemm", x, g.weight(columns, inner), g.weight(columns), transB=1, alpha=0.5)
    return g.add("MatMul", x, g.weight(*g.random.choice([[], batch]), inner, columns))


def normalization(g: RandomGraph, x: str) -> list[str]:
    shape = g.shape(x)
    last, rank = shape[-1], len(shape)
    if rank < 3 or g.random.random() < 0.5:
        return g.add("LayerNormalization", x, g.weight(last), g.weight(last), epsilon=0.1)
    scale, bias, mean = (g.weight(shape[1]) for _ in range(3))
    if g.random.random() < 0.5:
        return g.add("InstanceNormalization", x, scale, bias, epsilon=0.1)
    variance = g.constant(g.rng.uniform(0.5, 2, shape[1]))
    return g.add("BatchNormalization", x, scale, bias, mean, variance)


def movement(g: RandomGraph, x: str) -> list[str]:
    shape, choose = g.shape(x), g.random.choice
    axis = g.random.randrange(len(shape))
    size = shape[axis]
    kind = choose(
        ["Transpose", "Reshape", "Slice", "Pad", "Concat", "Split", "Gather", "Tile", "Unsqueeze"]
    )
    if kind == "Transpose":
        return g.add(kind, x, perm=g.random.sample(range(len(shape)), len(shape)))
    if kind == "Reshape":
        return g.add(kind, x, g.integers(*choose([[-1], [shape[0], -1], [1, *shape[::-1]]])))
    if kind == "Slice":
        step = choose([-2, -1, 1, 2])
        ends = (0, size) if step > 0 else (size - 1, -size - 1)
        return g.add(kind, x, *(g.integers(each) for each in (*ends, axis, step)))
    if kind == "Pad":
        pads = [g.random.randint(0, min(2, each - 1)) for each in shape * 2]
        return g.add(kind, x, g.integers(*pads), mode=choose(["constant", "reflect", "edge"]))
    if kind == "Concat":
        return g.add(kind, x, *g.add("Relu", x), axis=axis)
    if kind == "Split" and size > 1:
        first = g.random.randint(1, size - 1)
        return g.add(kind, x, g.integers(first, size - first), outputs=2, axis=axis)
    if kind == "Gather":
        return g.add(
            kind, x, g.integers(*(g.random.randrange(-size, size) for _ in "abc")), axis=axis
        )
    if kind == "Unsqueeze":
        return (
            g.add(kind, x, g.integers(axis)) if len(shape) < 4 else g.add("Flatten", x, axis=axis)
        )
    return g.add("Tile", x, g.integers(*(choose([1, 1, 2]) for _ in shape)))


def resize(g: RandomGraph, x: str) -> list[str]:
    *outer, height, width = g.shape(x)
    sizes = g.integers(*outer, *(g.random.randint(size, 2 * size) for size in (height, width)))
    modes = ["half_pixel", "asymmetric", "align_corners"]
    mode = g.random.choice(modes)
    return g.add("Resize", x, "", "", sizes, mode="linear", coordinate_transformation_mode=mode)


def order(g: RandomGraph, _: str) -> list[str]:
    """Of an input, whose values differ from each other."""
    x = g.random.choice([*g.inputs])
    axis = g.random.randrange(len(g.shape(x)))
    if g.random.random() < 0.5:
        return g.add("ArgMax", x, axis=axis)
    count = g.random.randint(1, g.shape(x)[axis])
    return g.add("TopK", x, g.integers(count), outputs=2, axis=axis, largest=g.random.randint(0, 1))


def recurrent(g: RandomGraph, x: str) -> list[str]:
    _, _, size = g.shape(x)
    kind, gates = g.random.choice([("LSTM", 4), ("GRU", 3), ("RNN", 1)])
    directions, hidden = g.random.choice([("forward", 1), ("bidirectional", 2)]), 4
    w, r = (g.weight(directions[1], gates * hidden, each) for each in (size, hidden))
    return g.add(kind, x, w, r, outputs=2, hidden_size=hidden, direction=directions[0])


STEPS: list[tuple[Step, int, int, int]] = [
    (elementwise, 8, 0, 9),
    (binary, 8, 0, 9),
    (chosen, 2, 0, 9),
    (reduction, 3, 1, 9),
    (softmax, 2, 1, 9),
    (windows, 8, 3, 4),
    (product, 6, 2, 4),
    (normalization, 3, 2, 4),
    (movement, 8, 1, 9),
    (resize, 1, 4, 4),
    (order, 1, 0, 9),
    (recurrent, 1, 3, 3),
]
"""Each with how often it is drawn, and the least and the most rank of what it follows."""


def random_graph(seed: int) -> tuple[onnx.ModelProto, dict[str, np.ndarray]]:
    """A model of 5 to 30 nodes, and inputs for it."""
    g = RandomGraph(seed)
    count, choose = g.random.randint(5, 30), g.random.choice
    shapes = [
        (choose([1, 2]), choose([1, 3, 8]), choose([5, 8, 13]), choose([5, 8])),
        (choose([1, 3]), choose([2, 6]), choose([3, 9])),
        (choose([1, 5]), choose([4, 20])),
    ]
    for shape in g.random.sample(shapes, g.random.randint(1, 3)):
        g.input(*shape)
    steps, weights, least, most = zip(*STEPS, strict=True)
    while len(g.nodes) < count:
        at = g.random.choices(range(len(steps)), weights)[0]
        fitting = [name for name in g.floats() if least[at] <= len(g.shape(name)) <= most[at]]
        unused = [name for name in fitting if name not in g.used]
        if fitting:
            steps[at](g, choose(choose([unused, fitting]) or fitting))
    inputs = {name: array for name, array in g.inputs.items() if name in g.used}
    return g.model(), inputs
