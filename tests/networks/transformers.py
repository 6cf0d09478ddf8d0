"""Transformers: encoders, decoders with a key-value cache, Llama's blocks, a mixture of experts, ViT."""

import numpy as np
import onnx
from onnx import TensorProto

from tests.networks.graph import Graph


def _mixed(g: Graph, x: str, tokens: int, hidden: int, heads: int, mask: str | None = None) -> str:
    """What each token sees in the others."""
    size = hidden // heads
    q, k, v = (g.heads(g.linear(x, hidden, hidden), tokens, heads, size) for _ in "qkv")
    return g.linear(g.joined(g.attend(q, k, v, size, mask), tokens, hidden), hidden, hidden)


def _deep(g: Graph, x: str, hidden: int, inner: int) -> str:
    return g.linear(g.gelu(g.linear(x, hidden, inner)), inner, hidden)


def bert(
    layers: int = 12,
    hidden: int = 768,
    heads: int = 12,
    inner: int = 3072,
    tokens: int = 128,
    vocabulary: int = 30522,
) -> onnx.ModelProto:
    """BERT-base: the last hidden states, and the pooled first one; `mask` is 1 for tokens, 0 for padding."""
    g = Graph()
    ids, types, mask = (
        g.input(n, 1, tokens, kind=TensorProto.INT64) for n in ("ids", "types", "mask")
    )
    words = g.Gather(g.weight(vocabulary, hidden), ids)
    x = g.Add(words, g.Gather(g.weight(2, hidden), types))
    x = g.layer_norm(g.Add(x, g.weight(tokens, hidden)), hidden)
    seen = g.Cast(g.Unsqueeze(mask, g.integers(1, 2)), to=TensorProto.FLOAT)
    padding = g.Mul(g.Sub(g.constant(1), seen), g.constant(-1e9))
    for _ in range(layers):
        x = g.layer_norm(g.Add(x, _mixed(g, x, tokens, hidden, heads, padding)), hidden)
        x = g.layer_norm(g.Add(x, _deep(g, x, hidden, inner)), hidden)
    first = g.Gather(x, g.constant(0, np.int64), axis=1)
    pooled = g.Tanh(g.linear(first, hidden, hidden))
    return g.model(g.named("hidden", x), g.named("pooled", pooled))


def vit(
    layers: int = 12,
    hidden: int = 768,
    heads: int = 12,
    inner: int = 3072,
    image: int = 224,
    patch: int = 16,
    classes: int = 1000,
) -> onnx.ModelProto:
    """ViT-B/16: logits."""
    g, tokens = Graph(), (image // patch) ** 2 + 1
    x = g.input("image", 1, 3, image, image)
    patches = [x, g.weight(hidden, 3, patch, patch), g.vector(hidden)]
    x = g.Conv(*patches, kernel_shape=[patch, patch], strides=[patch, patch])
    x = g.Transpose(g.Reshape(x, g.integers(1, hidden, tokens - 1)), perm=[0, 2, 1])
    x = g.Concat(g.weight(1, 1, hidden), x, axis=1)
    x = g.Add(x, g.weight(1, tokens, hidden))
    for _ in range(layers):
        x = g.Add(x, _mixed(g, g.layer_norm(x, hidden), tokens, hidden, heads))
        x = g.Add(x, _deep(g, g.layer_norm(x, hidden), hidden, inner))
    first = g.Gather(x, g.constant(0, np.int64), axis=1)
    return g.model(g.named("logits", g.linear(g.layer_norm(first, hidden), hidden, classes)))


def gpt2(
    tokens: int,
    layers: int = 12,
    hidden: int = 768,
    heads: int = 12,
    vocabulary: int = 50257,
    cache: int = 128,
) -> onnx.ModelProto:
    """GPT-2 (small) with room for `cache` tokens: logits of the last token, and the keys and values.

    More than one token: those at the beginning, `present_*` is the cache that they leave. One: the next, at
    `position` in the cache `past_*`, `present_*` is that of the next step. The weights are the same.
    """
    g, size = Graph(), hidden // heads
    ids = g.input("ids", 1, tokens, kind=TensorProto.INT64)
    places = np.arange(cache)
    if tokens > 1:
        position = g.constant(places[:tokens], np.int64)
        seen = g.constant(places[:tokens] <= places[:tokens, None], np.bool_)
        is_here = None
    else:
        position = g.input("position", 1, kind=TensorProto.INT64)
        seen = g.LessOrEqual(g.constant(places, np.int64), position)
        is_here = g.Equal(g.constant(places.reshape(cache, 1), np.int64), position)
    mask = g.Where(seen, g.constant(0), g.constant(-1e9))
    words = g.weight(vocabulary, hidden, fan=hidden)
    x = g.Add(g.Gather(words, ids), g.Gather(g.weight(1024, hidden), position))
    outputs = []
    for i in range(layers):
        normal = g.layer_norm(x, hidden)
        all_three = g.linear(normal, hidden, 3 * hidden)
        q, k, v = g.add("Split", [all_three], 3, axis=2, num_outputs=3)
        q, k, v = (g.heads(each, tokens, heads, size) for each in (q, k, v))
        for name, new in (("k", k), ("v", v)):
            if is_here is None:
                room = g.constant(np.zeros((1, heads, cache - tokens, size)))
                outputs.append(g.named(f"present_{name}{i}", g.Concat(new, room, axis=2)))
            else:
                past = g.input(f"past_{name}{i}", 1, heads, cache, size)
                outputs.append(g.named(f"present_{name}{i}", g.Where(is_here, new, past)))
        k, v = (k, v) if is_here is None else outputs[-2:]
        mixed = g.joined(g.attend(q, k, v, size, mask), tokens, hidden)
        x = g.Add(x, g.linear(mixed, hidden, hidden))
        x = g.Add(x, _deep(g, g.layer_norm(x, hidden), hidden, 4 * hidden))
    last = g.Gather(x, g.integers(-1), axis=1)
    logits = g.MatMul(g.layer_norm(last, hidden), g.Transpose(words, perm=[1, 0]))
    return g.model(g.named("logits", logits), *outputs)


def _rms_norm(g: Graph, x: str, hidden: int) -> str:
    """As exporters write it."""
    mean = g.ReduceMean(g.Pow(x, g.constant(2)), g.integers(-1))
    root = g.Sqrt(g.Add(mean, g.constant(1e-5)))
    return g.Mul(g.vector(hidden, 1), g.Mul(x, g.Reciprocal(root)))


def llama(
    layers: int = 4,
    hidden: int = 2048,
    heads: int = 32,
    key_heads: int = 4,
    inner: int = 5632,
    tokens: int = 128,
) -> onnx.ModelProto:
    """Blocks as TinyLlama's: rotary embedding, grouped-query attention, RMSNorm, SwiGLU."""
    g, size = Graph(), hidden // heads
    x = g.input("x", 1, tokens, hidden)
    angles = np.arange(tokens)[:, None] * 10000.0 ** (-np.arange(size // 2) / (size // 2))
    cosine, sine = (g.constant(f(np.concatenate([angles, angles], 1))) for f in (np.cos, np.sin))
    places = np.arange(tokens)
    mask = g.constant(np.where(places <= places[:, None], 0, -1e9))

    def rotated(value: str) -> str:
        first, second = g.add("Split", [value], 2, axis=3, num_outputs=2)
        turned = g.Concat(g.Neg(second), first, axis=3)
        return g.Add(g.Mul(value, cosine), g.Mul(turned, sine))

    def repeated(value: str) -> str:
        grouped = g.Unsqueeze(value, g.integers(2))
        shape = g.integers(1, key_heads, heads // key_heads, tokens, size)
        return g.Reshape(g.Expand(grouped, shape), g.integers(1, heads, tokens, size))

    for _ in range(layers):
        normal = _rms_norm(g, x, hidden)
        q, k, v = (
            g.heads(g.linear(normal, hidden, count * size, bias=False), tokens, count, size)
            for count in (heads, key_heads, key_heads)
        )
        mixed = g.attend(rotated(q), repeated(rotated(k)), repeated(v), size, mask)
        x = g.Add(x, g.linear(g.joined(mixed, tokens, hidden), hidden, hidden, bias=False))
        normal = _rms_norm(g, x, hidden)
        gate, up = (g.linear(normal, hidden, inner, bias=False) for _ in "gu")
        x = g.Add(x, g.linear(g.Mul(g.silu(gate), up), inner, hidden, bias=False))
    return g.model(g.named("y", x))


def mixture_of_experts(
    tokens: int = 64, hidden: int = 1024, inner: int = 3584, experts: int = 8, chosen: int = 2
) -> onnx.ModelProto:
    """A gate and its experts: all compute, those that the gate does not choose count for nothing."""
    g = Graph()
    x = g.input("x", tokens, hidden)
    best, which = g.add("TopK", [g.linear(x, hidden, experts), g.integers(chosen)], 2)
    shares = g.Unsqueeze(g.Softmax(best, axis=-1), g.integers(2))
    hot = g.OneHot(which, g.constant(experts, np.int64), g.constant([0, 1]))
    shares = g.ReduceSum(g.Mul(hot, shares), g.integers(1), keepdims=0)
    shares = g.Unsqueeze(g.Transpose(shares, perm=[1, 0]), g.integers(2))
    gate, up = (g.MatMul(x, g.weight(experts, hidden, inner, fan=hidden)) for _ in "gu")
    down = g.MatMul(g.Mul(g.silu(gate), up), g.weight(experts, inner, hidden, fan=inner))
    y = g.ReduceSum(g.Mul(down, shares), g.integers(0), keepdims=0)
    return g.model(g.named("y", g.Add(x, y)))
