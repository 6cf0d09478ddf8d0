"""Small networks in the manner of known ones, as ONNX models."""

from collections.abc import Callable

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from tests.runtime.random_networks import Network

PADDED = [1, 1, 1, 1]


def fire_module() -> bytes:
    """As in SqueezeNet: squeezed by 1x1, expanded by 1x1 and 3x3 side by side, pooled."""
    net = Network(0)
    x = net.conv(net.input(1, 3, 31, 31), 24, [3, 3], strides=[2, 2], bias=True)
    x = net.pool("MaxPool", _relu(net, x), [3, 3], [2, 2], [0, 0, 0, 0])
    squeezed = _relu(net, net.conv(x, 8, [1, 1], bias=True))
    one = _relu(net, net.conv(squeezed, 20, [1, 1], bias=True))
    three = _relu(net, net.conv(squeezed, 20, [3, 3], pads=PADDED, bias=True))
    x = net.conv(net.concat(one, three), 10, [1, 1], bias=True)
    x = net.add("GlobalAveragePool", [_relu(net, x)], (1, 10, 1, 1))
    return net.model(net.add("Softmax", [net.flat(x)], (1, 10), axis=1))


def shuffle_unit() -> bytes:
    """As in ShuffleNet: grouped 1x1, channels shuffled, depthwise with strides, grouped 1x1, concatenated."""
    net = Network(1)
    x = net.input(1, 24, 14, 14)
    y = _relu(net, _norm(net, net.conv(x, 24, [1, 1], groups=4)))
    y = net.add("Reshape", [y, _integers(net, [1, 4, 6, 14, 14])], (1, 4, 6, 14, 14))
    y = net.add("Transpose", [y], (1, 6, 4, 14, 14), perm=[0, 2, 1, 3, 4])
    y = net.add("Reshape", [y, _integers(net, [1, 24, 14, 14])], (1, 24, 14, 14))
    y = _norm(net, net.conv(y, 24, [3, 3], strides=[2, 2], pads=PADDED, groups=24))
    y = _norm(net, net.conv(y, 36, [1, 1], groups=4))
    pooled = net.pool("AveragePool", x, [3, 3], [2, 2], PADDED)
    return net.model(_relu(net, net.concat(pooled, y)))


def inverted_residual() -> bytes:
    """As in MobileNet: expanded, depthwise, projected, added to its input; then a head."""
    net = Network(2)
    x = net.input(2, 8, 12, 12)
    y = _clip(net, net.conv(x, 40, [1, 1], bias=True))
    y = _clip(net, net.conv(y, 40, [5, 5], pads=[2, 2, 2, 2], groups=40, bias=True))
    y = net.add("Add", [net.conv(y, 8, [1, 1], bias=True), x], (2, 8, 12, 12))
    y = net.add("HardSwish", [y], (2, 8, 12, 12))
    y = net.flat(net.add("GlobalAveragePool", [y], (2, 8, 1, 1)))
    return net.model(net.add("Gemm", [y, net.weight(8, 30), net.weight(30)], (2, 30)))


def dense_layer() -> bytes:
    """As in DenseNet: normalised and rectified before the product, in its `pre`."""
    net = Network(3)
    x = net.input(1, 12, 9, 9)
    y = net.conv(_relu(net, _norm(net, x)), 16, [1, 1])
    y = net.conv(_relu(net, _norm(net, y)), 6, [3, 3], pads=PADDED)
    x = net.concat(x, y)
    x = _relu(net, _norm(net, x))
    return net.model(net.pool("AveragePool", net.conv(x, 9, [1, 1]), [2, 2], [2, 2], [0, 0, 0, 0]))


def normalised() -> bytes:
    """What works along the channels: local response normalisation and softmax."""
    net = Network(4)
    x = net.input(1, 24, 7, 7)
    y = net.add("LRN", [net.conv(x, 20, [3, 3])], (1, 20, 5, 5), size=5, alpha=0.1)
    y = net.add("Softmax", [y], (1, 20, 5, 5), axis=1)
    return net.model(net.add("Sigmoid", [y], (1, 20, 5, 5)))


def swishes() -> bytes:
    """Of bytes, tables may stand for what follows a product and pooling."""
    net = Network(5)
    x = net.input(1, 8, 9, 9)
    x = _swish(net, net.conv(x, 12, [3, 3]))
    pooled = net.pool("MaxPool", x, [2, 2], [2, 2], [0, 0, 0, 0])
    x = net.add("Tanh", [pooled], net.shapes[pooled])
    return net.model(_swish(net, net.conv(x, 5, [1, 1])))


def embedding() -> bytes:
    """Rows of a table by indices that are data."""
    table = np.random.default_rng(6).standard_normal((3, 50, 13)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "indices"], ["rows"], axis=1),
        helper.make_node("Sigmoid", ["rows"], ["y"]),
    ]
    indices = helper.make_tensor_value_info("indices", TensorProto.INT64, [9])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [3, 9, 13])
    weights = [numpy_helper.from_array(table, "table")]
    graph = helper.make_graph(nodes, "embedding", [indices], [y], weights)
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def orders() -> bytes:
    """The first keys along the channels and along positions, with their indices, and all of them."""
    count = numpy_helper.from_array(np.array([7]), "count")
    nodes = [
        helper.make_node("TopK", ["x", "count"], ["largest", "places"], axis=1),
        helper.make_node("TopK", ["x", "count"], ["least", ""], axis=2, largest=0),
        helper.make_node("Relu", ["least"], ["y"]),
        helper.make_node("ArgMax", ["x"], ["first"], axis=1, keepdims=0),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 90, 11])
    names = ["largest", "places", "y", "first"]
    outputs = [helper.make_empty_tensor_value_info(name) for name in names]
    graph = helper.make_graph(nodes, "orders", [x], outputs, [count])
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


NETWORKS: dict[str, Callable[[], bytes]] = {
    each.__name__: each
    for each in (
        fire_module,
        shuffle_unit,
        inverted_residual,
        dense_layer,
        normalised,
        swishes,
        embedding,
        orders,
    )
}


def _relu(net: Network, x: str) -> str:
    return net.add("Relu", [x], net.shapes[x])


def _swish(net: Network, x: str) -> str:
    return net.add("Mul", [x, net.add("Sigmoid", [x], net.shapes[x])], net.shapes[x])


def _clip(net: Network, x: str) -> str:
    bounds = [net.constant(np.array(bound)) for bound in (0, 6)]
    return net.add("Clip", [x, *bounds], net.shapes[x])


def _norm(net: Network, x: str) -> str:
    channels = net.shapes[x][1]
    parts = [net.weight(channels) for _ in range(3)]
    variance = net.constant(net.numpy.random(channels) + 0.5)
    return net.add("BatchNormalization", [x, *parts, variance], net.shapes[x])


def _integers(net: Network, values: list[int]) -> str:
    name = f"i{len(net.weights)}"
    net.weights.append(numpy_helper.from_array(np.array(values, np.int64), name))
    return name
