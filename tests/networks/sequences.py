"""Speech, text and recommendation: recurrent stacks, WaveNet, a sequence CNN, collaborative filtering."""

import onnx
from onnx import TensorProto

from tests.networks.graph import Graph


def _recurrent(
    g: Graph, operator: str, x: str, inputs: int, hidden: int, *, both: bool = True
) -> str:
    """A layer on [time, 1, inputs]: [time, 1, outputs], where both directions stand side by side."""
    gates, directions = {"GRU": 3, "LSTM": 4}[operator], 1 + both
    w = g.weight(directions, gates * hidden, inputs, fan=inputs)
    r = g.weight(directions, gates * hidden, hidden, fan=hidden)
    b = g.constant(0.1 * g.rng.standard_normal((directions, 2 * gates * hidden)))
    options = {"direction": "bidirectional" if both else "forward", "hidden_size": hidden}
    options |= {"linear_before_reset": 1} if operator == "GRU" else {}
    y = getattr(g, operator)(x, w, r, b, **options)
    return g.Reshape(g.Transpose(y, perm=[0, 2, 1, 3]), g.integers(0, 1, directions * hidden))


def deep_speech(
    frames: int = 64, bands: int = 161, hidden: int = 800, layers: int = 5, letters: int = 29
) -> onnx.ModelProto:
    """DeepSpeech2: two convolutions over frequency and time, bidirectional GRUs, letters by frame."""
    g = Graph()
    x = g.input("spectrum", 1, 1, bands, frames)
    for inputs, kernel, stride in ((1, (41, 11), (2, 2)), (32, (21, 11), (2, 1))):
        pads = [kernel[0] // 2, kernel[1] // 2] * 2
        w = g.weight(32, inputs, *kernel)
        x = g.Conv(x, w, kernel_shape=kernel, strides=stride, pads=pads)
        x = g.Clip(g.batch_norm(x, 32), g.constant(0), g.constant(20))
    bands = ((bands + 1) // 2 + 1) // 2
    x = g.Reshape(x, g.integers(1, 32 * bands, (frames + 1) // 2))
    x, inputs = g.Transpose(x, perm=[2, 0, 1]), 32 * bands
    for _ in range(layers):
        x, inputs = _recurrent(g, "GRU", x, inputs, hidden), 2 * hidden
    return g.model(g.named("letters", g.LogSoftmax(g.linear(x, inputs, letters), axis=-1)))


def lstm_speech(
    frames: int = 32, bands: int = 80, hidden: int = 512, layers: int = 4, sounds: int = 42
) -> onnx.ModelProto:
    """An acoustic model: LSTMs over frames, sounds by frame."""
    g, inputs = Graph(), bands
    x = g.input("frames", frames, 1, bands)
    for _ in range(layers):
        x, inputs = _recurrent(g, "LSTM", x, inputs, hidden, both=False), hidden
    return g.model(g.named("sounds", g.Softmax(g.linear(x, inputs, sounds), axis=-1)))


def wavenet(
    samples: int = 1024,
    channels: int = 64,
    skip: int = 256,
    layers: int = 10,
    stacks: int = 3,
    levels: int = 256,
) -> onnx.ModelProto:
    """WaveNet: gated causal convolutions, whose dilations double; a distribution for each sample."""
    g = Graph()
    x = g.conv(g.input("samples", 1, levels, samples), levels, channels, 1, rank=1)
    skipped = []
    for layer in range(stacks * layers):
        dilation = 1 << (layer % layers)
        operands = x, g.weight(2 * channels, channels, 2), g.vector(2 * channels)
        both = g.Conv(*operands, kernel_shape=[2], dilations=[dilation], pads=[dilation, 0])
        value, gate = g.add("Split", [both], 2, axis=1, num_outputs=2)
        y = g.Mul(g.Tanh(value), g.Sigmoid(gate))
        skipped.append(g.conv(y, channels, skip, 1, rank=1))
        if layer + 1 < stacks * layers:
            x = g.Add(x, g.conv(y, channels, channels, 1, rank=1))
    y = g.conv(g.Relu(g.Sum(*skipped)), skip, skip, 1, rank=1)
    return g.model(g.named("next", g.Softmax(g.conv(g.Relu(y), skip, levels, 1, rank=1), axis=1)))


def text_cnn(
    words: int = 64, vocabulary: int = 20000, size: int = 300, filters: int = 100, classes: int = 2
) -> onnx.ModelProto:
    """A sequence CNN for text: windows of 3, 4 and 5 words, of each the strongest."""
    g = Graph()
    ids = g.input("ids", 1, words, kind=TensorProto.INT64)
    x = g.Transpose(g.Gather(g.weight(vocabulary, size), ids), perm=[0, 2, 1])
    found = []
    for kernel in (3, 4, 5):
        w, b = g.weight(filters, size, kernel), g.vector(filters)
        found.append(
            g.ReduceMax(g.Relu(g.Conv(x, w, b, kernel_shape=[kernel])), g.integers(2), keepdims=0)
        )
    logits = g.linear(g.Concat(*found, axis=1), 3 * filters, classes)
    return g.model(g.named("classes", g.Softmax(logits, axis=-1)))


def collaborative_filtering(
    batch: int = 256,
    users: int = 138493,
    items: int = 26744,
    size: int = 64,
    hidden: tuple[int, ...] = (256, 256, 128, 64),
) -> onnx.ModelProto:
    """Neural collaborative filtering (MovieLens 20M): how much users like items."""
    g = Graph()
    user, item = (g.input(n, batch, kind=TensorProto.INT64) for n in ("user", "item"))
    product = g.Mul(g.Gather(g.weight(users, size), user), g.Gather(g.weight(items, size), item))
    inputs, half = hidden[0], hidden[0] // 2
    pair = (g.Gather(g.weight(n, half), ids) for n, ids in ((users, user), (items, item)))
    x = g.Concat(*pair, axis=1)
    for outputs in hidden[1:]:
        x, inputs = g.Relu(g.linear(x, inputs, outputs)), outputs
    y = g.linear(g.Concat(product, x, axis=1), size + inputs, 1)
    return g.model(g.named("liking", g.Sigmoid(y)))
