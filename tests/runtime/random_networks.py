"""Random small networks as ONNX models, for tests of the levels below the graph."""

from collections.abc import Callable, Sequence
from random import Random

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

from xnn.tools.parsing import make_context

Shape = tuple[int, ...]


class Network:
    """A growing ONNX graph of float32 tensors. Values are names; weights are seeded."""

    def __init__(self, seed: int):
        self.random, self.numpy = Random(seed), np.random.default_rng(seed)
        self.shapes: dict[str, Shape] = {}
        self.inputs: list[str] = []
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def input(self, *shape: int) -> str:
        name = f"x{len(self.inputs)}"
        self.inputs.append(name)
        self.shapes[name] = shape
        return name

    def constant(self, array: np.ndarray) -> str:
        name = f"c{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(array, np.float32), name))
        return name

    def weight(self, *shape: int) -> str:
        """Drawn so that sums over all but the first dimension stay about as large as their inputs."""
        return self.constant(self.numpy.standard_normal(shape) / max(1, np.prod(shape[1:])) ** 0.5)

    def add(self, operator: str, operands: Sequence[str], shape: Shape, **attributes) -> str:
        name = f"{operator.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, operands, [name], **attributes))
        self.shapes[name] = tuple(int(size) for size in shape)
        return name

    def conv(
        self,
        x: str,
        rows: int,
        kernel: Sequence[int],
        *,
        strides: Sequence[int] | None = None,
        pads: Sequence[int] | None = None,
        dilations: Sequence[int] | None = None,
        groups: int = 1,
        bias: bool = False,
    ) -> str:
        batch, channels, *spatial = self.shapes[x]
        rank = len(kernel)
        strides, dilations = strides or [1] * rank, dilations or [1] * rank
        pads = pads or [0] * (2 * rank)
        out = windows(spatial, kernel, strides, dilations, pads)
        operands = [x, self.weight(rows, channels // groups, *kernel)]
        operands += [self.weight(rows)] if bias else []
        return self.add(
            "Conv",
            operands,
            (batch, rows, *out),
            kernel_shape=kernel,
            strides=strides,
            dilations=dilations,
            pads=pads,
            group=groups,
        )

    def pool(self, kind: str, x: str, kernel, strides, pads, **attributes) -> str:
        batch, channels, *spatial = self.shapes[x]
        out = windows(spatial, kernel, strides, [1] * len(kernel), pads)
        options = {"kernel_shape": kernel, "strides": strides, "pads": pads, **attributes}
        return self.add(kind, [x], (batch, channels, *out), **options)

    def concat(self, *parts: str) -> str:
        batch, _, *spatial = self.shapes[parts[0]]
        channels = sum(self.shapes[part][1] for part in parts)
        return self.add("Concat", parts, (batch, channels, *spatial), axis=1)

    def flat(self, x: str) -> str:
        batch, *rest = self.shapes[x]
        return self.add("Flatten", [x], (batch, int(np.prod(rest))), axis=1)

    def model(self, *outputs: str) -> bytes:
        def info(name: str) -> onnx.ValueInfoProto:
            return helper.make_tensor_value_info(name, TensorProto.FLOAT, self.shapes[name])

        inputs, results = map(info, self.inputs), map(info, outputs)
        graph = helper.make_graph(self.nodes, "random", [*inputs], [*results], self.weights)
        opset = [helper.make_opsetid("", 17)]
        return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()

    def sample(self) -> dict[str, np.ndarray]:
        return {
            name: self.numpy.standard_normal(self.shapes[name]).astype(np.float32)
            for name in self.inputs
        }


def windows(spatial, kernel, strides, dilations, pads) -> list[int]:
    """Output positions; ONNX's pads are all begins, then all ends."""
    rank = len(kernel)
    return [
        (size + pads[i] + pads[rank + i] - dilations[i] * (kernel[i] - 1) - 1) // strides[i] + 1
        for i, size in enumerate(spatial)
    ]


# one random step each: from a value to a new one


def _conv(net: Network, x: str) -> str:
    choose, (_, channels, *spatial) = net.random.choice, net.shapes[x]
    groups = choose([1, 1, 1, choose([g for g in range(1, channels + 1) if channels % g == 0])])
    rows = groups * choose([size for size in (1, 2, 3, 5, 8, 17, 24) if size * groups <= 60] or [1])
    axes = []
    for size in spatial:
        kernel, dilation = choose([(1, 1), (1, 2), (2, 1), (3, 1), (3, 2), (5, 1)])
        extent = dilation * (kernel - 1) + 1
        low, high = (net.random.randint(0, extent + choose([-1, -1, 2])) for _ in "lh")
        if size + low + high < extent:
            kernel, dilation = 1, 1
        axes.append((kernel, choose([1, 1, 2, 3, 4]), dilation, low, high))
    kernel, strides, dilations, lows, highs = zip(*axes, strict=True)
    return net.conv(
        x,
        rows,
        kernel,
        strides=strides,
        dilations=dilations,
        pads=[*lows, *highs],
        groups=groups,
        bias=choose([True, False]),
    )


def _pool(net: Network, x: str) -> str:
    choose, (batch, channels, *spatial) = net.random.choice, net.shapes[x]
    kind = choose(["MaxPool", "MaxPool", "AveragePool", "GlobalAveragePool"])
    if kind == "GlobalAveragePool":
        return net.add(kind, [x], (batch, channels, *(1 for _ in spatial)))
    axes = []
    for size in spatial:
        kernel = choose([1, 2, 3, 3, 4])
        low, high = net.random.randint(0, kernel - 1), net.random.randint(0, kernel - 1)
        if size + low + high < kernel:
            kernel, low, high = 1, 0, 0
        axes.append((kernel, choose([1, 2, 3]), low, high))
    kernel, strides, lows, highs = zip(*axes, strict=True)
    more = {"count_include_pad": net.random.randint(0, 1)} if kind == "AveragePool" else {}
    return net.pool(kind, x, kernel, strides, [*lows, *highs], **more)


def _elementwise(net: Network, x: str) -> str:
    shape = net.shapes[x]
    kind = net.random.choice(["Relu", "Relu", "Sigmoid", "Tanh", "Clip", "Mul", "Add", "norm"])
    if kind == "Clip":
        return net.add(kind, [x, net.constant(np.array(-0.5)), net.constant(np.array(0.75))], shape)
    if kind == "norm":
        parts = [net.weight(shape[1]) for _ in range(3)]
        variance = net.constant(net.numpy.random(shape[1]) + 0.5)
        return net.add("BatchNormalization", [x, *parts, variance], shape)
    if kind in ("Mul", "Add"):
        ones = (1,) * (len(shape) - 2)
        shapes = [(shape[1], *ones), (1, 1, *ones), shape, (1, 1, *shape[2:]), shape[-1:]]
        operands = [x, net.weight(*net.random.choice(shapes))]
        net.random.shuffle(operands)
        return net.add(kind, operands, shape)
    return net.add(kind, [x], shape)


def _normalise(net: Network, x: str) -> str:
    shape, choose = net.shapes[x], net.random.choice
    if len(shape) != 4 or choose([True, False]):  # onnxruntime has LRN of images alone
        return net.add("Softmax", [x], shape, axis=net.random.randrange(len(shape)))
    factors = {
        "alpha": choose([1e-4, 2.0]),
        "beta": choose([0.5, 0.75]),
        "bias": choose([1.0, 2.0]),
    }
    return net.add("LRN", [x], shape, size=choose([1, 3, 5, 9]), **factors)


def _merge(net: Network, x: str) -> str:
    batch, _, *spatial = shape = net.shapes[x]
    if net.random.random() < 0.5:
        same = [value for value, other in net.shapes.items() if other == shape]
        kind = net.random.choice(["Add", "Add", "Mul", "Sub"])
        return net.add(kind, [x, net.random.choice(same)], shape)
    like = [v for v, (b, _, *s) in net.shapes.items() if b == batch and s == spatial]
    parts = [x, *net.random.choices(like, k=net.random.randint(0, 3))]
    net.random.shuffle(parts)
    return net.concat(*parts)


def _head(net: Network, x: str) -> str:
    flat, choose = net.flat(x), net.random.choice
    batch, inputs = net.shapes[flat]
    rows, transposed = choose([1, 5, 20, 40]), choose([0, 1])
    operands = [flat, net.weight(*((rows, inputs) if transposed else (inputs, rows)))]
    if choose([True, False]):
        operands.append(net.weight(*choose([(rows,), (1, rows), (batch, rows), (batch, 1)])))
    factors = {"alpha": choose([1.0, 0.5]), "beta": choose([1.0, 2.0])}
    y = net.add("Gemm", operands, (batch, rows), transB=transposed, **factors)
    y = choose([y, net.add("Relu", [y], (batch, rows))])
    return choose([y, net.add("Softmax", [y], (batch, rows), axis=-1)])


STEPS: list[Callable[[Network, str], str]] = (
    [_conv] * 3 + [_pool] + [_elementwise] * 2 + [_merge] * 2 + [_normalise]
)


def random_network(seed: int) -> tuple[bytes, dict[str, np.ndarray]]:
    """A model of up to eight operators on one to three spatial dimensions, and inputs for it."""
    net = Network(seed)
    choose = net.random.choice
    rank = choose([1, 2, 2, 2, 3])
    sizes = {1: [8, 20, 50], 2: [3, 7, 12, 20], 3: [3, 5, 8]}[rank]
    spatial = [choose(sizes) for _ in range(rank)]
    x = net.input(choose([1, 1, 1, 2, 3]), choose([1, 3, 4, 8, 12, 30]), *spatial)
    for _ in range(net.random.randint(1, 7)):
        earlier = choose(list(net.shapes))
        x = choose(STEPS)(net, choose([x, x, x, x, earlier]))
    if net.random.random() < 0.3:
        x = _head(net, x)
    more = [choose(list(net.shapes)) for _ in range(net.random.randint(0, 1))]
    return net.model(*dict.fromkeys([x, *more])), net.sample()


def random_settings(seed: int) -> list[str]:
    """Settings of a target so small that layers fall into blocks, and often do not fit at all."""
    choose = Random(seed).choice
    rows = [f"local.rows={choose([4, 8, 16, 64, 1024])}"]
    others = [
        f"local.banks={choose([2, 4, 8])}",
        f"matmul.n={choose([8, 16, 32])}",
        f"matmul.accumulator_rows={choose([8, 64])}",
        f"vector.lanes={choose([3, 8, 256])}",
        f"dma.channels={choose([1, 3])}",
        f"external.burst_bytes={choose([16, 32, 128])}",
        f"external.bytes_per_cycle={choose([0.3, 3, 7.5])}",
        f"external.latency_cycles={choose([0, 1, 50])}",
        f"control.queue_depth={choose([1, 2])}",
    ]
    return rows + [other for other in others if choose([True, False, False])]


GENERAL = """builtin.module attributes {xnn.level = #xnn<level prim>} {
func.func @main(%x : tensor<1x3x5x7xf32> {xnn.name = "x0"}) -> (tensor<1x3x5x7xf32> {xnn.name = "y"}) {
  %y = prim.general "y" ins(%x : tensor<1x3x5x7xf32>) {
  ^bb0(%a : tensor<1x3x5x7xf32>):
    %r = xnn.lrn "r" %a {alpha = 1.0 : f32, beta = 0.5 : f32, bias = 1.0 : f32, size = 3 : i64}
      : (tensor<1x3x5x7xf32>) -> tensor<1x3x5x7xf32>
    prim.yield %r : tensor<1x3x5x7xf32>
  } -> tensor<1x3x5x7xf32>
  func.return %y : tensor<1x3x5x7xf32>
}
}"""


def general() -> ModuleOp:
    """A network of one layer, which is left to general compute whatever the engines could do."""
    module = Parser(make_context(), GENERAL).parse_module()
    assert isinstance(module, ModuleOp)
    return module
