"""Networks on images: a U-Net, a detector, a step of latent diffusion, a player of Go."""

import numpy as np
import onnx

from tests.networks.graph import Graph


def unet(
    image: int = 256, channels: int = 64, depth: int = 4, *, transposed: bool = True
) -> onnx.ModelProto:
    """U-Net; goes up by transposed convolutions, or by bilinear interpolation and a convolution."""
    g = Graph()

    def double(x: str, inputs: int, outputs: int) -> str:
        for first in (inputs, outputs):
            x = g.Relu(g.batch_norm(g.conv(x, first, outputs, 3, bias=False), outputs))
        return x

    x = double(g.input("image", 1, 3, image, image), 3, channels)
    skipped = [x]
    for level in range(depth):
        x = g.MaxPool(x, kernel_shape=[2, 2], strides=[2, 2])
        x = double(x, channels << level, channels << (level + 1))
        skipped.append(x)
    skipped.pop()
    for level in reversed(range(depth)):
        inputs, outputs = channels << (level + 1), channels << level
        if transposed:
            operands = x, g.weight(inputs, outputs, 2, 2, fan=inputs), g.vector(outputs)
            x = g.ConvTranspose(*operands, kernel_shape=[2, 2], strides=[2, 2])
        else:
            scales = g.constant([1, 1, 2, 2])
            options = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
            x = g.conv(g.Resize(x, "", scales, **options), inputs, outputs, 1)
        x = double(g.Concat(skipped.pop(), x, axis=1), inputs, outputs)
    return g.model(g.named("classes", g.conv(x, channels, 2, 1)))


ANCHORS = [
    [(10, 13), (16, 30), (33, 23)],
    [(30, 61), (62, 45), (59, 119)],
    [(116, 90), (156, 198), (373, 326)],
]


def yolo(
    image: int = 640, channels: int = 16, classes: int = 80, repeats: int = 1, boxes: int = 0
) -> onnx.ModelProto:
    """YOLOv5 (nano): boxes, and their scores by class; with `boxes` only the best of each class that do not overlap."""
    g = Graph()

    def block(x: str, inputs: int, outputs: int, kernel: int = 1, stride: int = 1) -> str:
        x = g.conv(x, inputs, outputs, kernel, stride=stride, bias=False)
        return g.silu(g.batch_norm(x, outputs))

    def stage(x: str, inputs: int, outputs: int, *, residual: bool = True) -> str:
        half = outputs // 2
        first, second = block(x, inputs, half), block(x, inputs, half)
        for _ in range(repeats):
            deep = block(block(first, half, half), half, half, 3)
            first = g.Add(first, deep) if residual else deep
        return block(g.Concat(first, second, axis=1), outputs, outputs)

    def doubled(x: str) -> str:
        return g.Resize(x, "", g.constant([1, 1, 2, 2]), mode="nearest", nearest_mode="floor")

    c = channels
    x = g.input("image", 1, 3, image, image)
    x = block(x, 3, c, 6, 2)
    x = stage(block(x, c, 2 * c, 3, 2), 2 * c, 2 * c)
    p3 = stage(block(x, 2 * c, 4 * c, 3, 2), 4 * c, 4 * c)
    p4 = stage(block(p3, 4 * c, 8 * c, 3, 2), 8 * c, 8 * c)
    x = stage(block(p4, 8 * c, 16 * c, 3, 2), 16 * c, 16 * c)
    pools = [block(x, 16 * c, 8 * c)]
    for _ in range(3):
        pools.append(g.MaxPool(pools[-1], kernel_shape=[5, 5], pads=[2] * 4, strides=[1, 1]))
    p5 = block(block(g.Concat(*pools, axis=1), 32 * c, 16 * c), 16 * c, 8 * c)
    x = stage(g.Concat(doubled(p5), p4, axis=1), 16 * c, 8 * c, residual=False)
    up = block(x, 8 * c, 4 * c)
    small = stage(g.Concat(doubled(up), p3, axis=1), 8 * c, 4 * c, residual=False)
    x = g.Concat(block(small, 4 * c, 4 * c, 3, 2), up, axis=1)
    middle = stage(x, 8 * c, 8 * c, residual=False)
    x = g.Concat(block(middle, 8 * c, 8 * c, 3, 2), p5, axis=1)
    large = stage(x, 16 * c, 16 * c, residual=False)

    found = []
    for level, (x, width) in enumerate(((small, 4 * c), (middle, 8 * c), (large, 16 * c))):
        cells, stride = image // (8 << level), 8 << level
        x = g.conv(x, width, 3 * (5 + classes), 1)
        x = g.Reshape(x, g.integers(1, 3, 5 + classes, cells, cells))
        x = g.Sigmoid(g.Transpose(x, perm=[0, 1, 3, 4, 2]))
        parts = g.add("Split", [x, g.integers(2, 2, 1 + classes)], 3, axis=4)
        grid = np.stack(np.meshgrid(np.arange(cells), np.arange(cells)), axis=-1) - 0.5
        center = g.Mul(g.Add(g.Mul(parts[0], g.constant(2)), g.constant(grid)), g.constant(stride))
        size = g.Pow(g.Mul(parts[1], g.constant(2)), g.constant(2))
        size = g.Mul(size, g.constant(np.reshape(ANCHORS[level], (1, 3, 1, 1, 2))))
        x = g.Concat(center, size, parts[2], axis=4)
        found.append(g.Reshape(x, g.integers(1, 3 * cells * cells, 5 + classes)))
    x = g.Concat(*found, axis=1)
    place, sure, scores = g.add("Split", [x, g.integers(4, 1, classes)], 3, axis=2)
    scores = g.Mul(scores, sure)
    if not boxes:
        return g.model(g.named("boxes", place), g.named("scores", scores))
    limits = g.constant([boxes], np.int64), g.constant([0.45]), g.constant([0.25])
    by_class = g.Transpose(scores, perm=[0, 2, 1])
    chosen = g.NonMaxSuppression(place, by_class, *limits, center_point_box=1)
    return g.model(g.named("boxes", place), g.named("scores", scores), g.named("chosen", chosen))


def diffusion(
    latent: int = 64,
    channels: int = 128,
    context: int = 768,
    words: int = 77,
    heads: int = 8,
    levels: int = 3,
) -> onnx.ModelProto:
    """One step of a latent-diffusion U-Net; at all resolutions but the first with cross attention to a text."""
    g, widths = Graph(), [channels << level for level in range(levels)]
    x = g.input("latent", 1, 4, latent, latent)
    time = g.input("time", 1, channels)
    text = g.input("text", 1, words, context)
    time = g.linear(g.silu(g.linear(time, channels, 4 * channels)), 4 * channels, 4 * channels)

    def group_norm(x: str, width: int) -> str:
        """As exporters write it: an instance normalisation of the groups."""
        groups = 32 if width % 32 == 0 else 4
        ones, zeros = g.constant(np.ones(groups)), g.constant(np.zeros(groups))
        shape = g.Shape(x)
        x = g.InstanceNormalization(g.Reshape(x, g.integers(0, groups, -1)), ones, zeros)
        scale, bias = (g.Reshape(g.vector(width, m), g.integers(width, 1, 1)) for m in (1, 0))
        return g.Add(g.Mul(g.Reshape(x, shape), scale), bias)

    def residual(x: str, inputs: int, outputs: int) -> str:
        y = g.conv(g.silu(group_norm(x, inputs)), inputs, outputs, 3)
        shift = g.linear(g.silu(time), 4 * channels, outputs)
        y = g.Add(y, g.Unsqueeze(shift, g.integers(2, 3)))
        y = g.conv(g.silu(group_norm(y, outputs)), outputs, outputs, 3)
        return g.Add(x if inputs == outputs else g.conv(x, inputs, outputs, 1), y)

    def attention(x: str, width: int, side: int) -> str:
        """Each position looks at all others, then at the text; then two layers with a gate."""
        tokens, size, kept = side * side, width // heads, x
        x = g.conv(group_norm(x, width), width, width, 1)
        x = g.Transpose(g.Reshape(x, g.integers(1, width, tokens)), perm=[0, 2, 1])
        for is_cross in (False, True):
            normal = g.layer_norm(x, width)
            q = g.heads(g.linear(normal, width, width, bias=False), tokens, heads, size)
            source, inner, count = (text, context, words) if is_cross else (normal, width, tokens)
            k, v = (
                g.heads(g.linear(source, inner, width, bias=False), count, heads, size)
                for _ in "kv"
            )
            mixed = g.joined(g.attend(q, k, v, size), tokens, width)
            x = g.Add(x, g.linear(mixed, width, width))
        both = g.linear(g.layer_norm(x, width), width, 8 * width)
        value, gate = g.add("Split", [both], 2, axis=2, num_outputs=2)
        x = g.Add(x, g.linear(g.Mul(value, g.gelu(gate)), 4 * width, width))
        x = g.Reshape(g.Transpose(x, perm=[0, 2, 1]), g.integers(1, width, side, side))
        return g.Add(kept, g.conv(x, width, width, 1))

    x, before, skipped = g.conv(x, 4, channels, 3), channels, []
    for level, width in enumerate(widths):
        x = residual(x, before, width)
        x, before = attention(x, width, latent >> level) if level else x, width
        skipped.append(x)
        x = g.conv(x, width, width, 3, stride=2) if level + 1 < levels else x
    side = latent >> (levels - 1)
    x = residual(attention(residual(x, before, before), before, side), before, before)
    for level in reversed(range(levels)):
        width = widths[level]
        x = residual(g.Concat(x, skipped.pop(), axis=1), before + width, width)
        x, before = attention(x, width, latent >> level) if level else x, width
        if level:
            x = g.Resize(x, "", g.constant([1, 1, 2, 2]), mode="nearest", nearest_mode="floor")
            x = g.conv(x, width, width, 3)
    return g.model(g.named("noise", g.conv(g.silu(group_norm(x, channels)), channels, 4, 3)))


def go(board: int = 19, channels: int = 256, blocks: int = 20, planes: int = 17) -> onnx.ModelProto:
    """A policy/value network for Go: the probability of each move, and who wins."""
    g, points = Graph(), board * board

    def block(x: str, inputs: int, outputs: int, kernel: int) -> str:
        return g.batch_norm(g.conv(x, inputs, outputs, kernel, bias=False), outputs)

    x = g.Relu(block(g.input("board", 1, planes, board, board), planes, channels, 3))
    for _ in range(blocks):
        y = block(g.Relu(block(x, channels, channels, 3)), channels, channels, 3)
        x = g.Relu(g.Add(x, y))
    moves = g.Flatten(g.Relu(block(x, channels, 2, 1)))
    policy = g.Softmax(g.linear(moves, 2 * points, points + 1), axis=-1)
    y = g.Relu(g.linear(g.Flatten(g.Relu(block(x, channels, 1, 1))), points, channels))
    return g.model(g.named("policy", policy), g.named("value", g.Tanh(g.linear(y, channels, 1))))
