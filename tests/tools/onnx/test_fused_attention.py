"""The attention operators that onnxruntime adds, against onnxruntime at every level."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from onnx import NodeProto, helper

from tests.tools.onnx.levels import agree, expected_of, floats, model_of


def some_fast(cases: Iterable[Any], *fast: Any) -> list[Any]:
    """All cases; those that are not `fast` are not run each time."""
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else [case]),
            marks=[] if case in fast else pytest.mark.slow,
        )
        for case in cases
    ]


B, S, N, H = 2, 3, 2, 4
"""Samples, tokens, heads, elements of a head."""


def microsoft(
    operator: str, inputs: Sequence[str], outputs: Sequence[str], **more: Any
) -> NodeProto:
    return helper.make_node(operator, inputs, outputs, domain="com.microsoft", **more)


def check(
    operator: str,
    inputs: Sequence[str],
    given: Mapping[str, np.ndarray],
    constants: Mapping[str, Any] | None = None,
    outputs: Sequence[str] = ("y",),
    **attributes: Any,
) -> None:
    one = microsoft(operator, inputs, outputs, **attributes)
    model = model_of([one], given, [name for name in outputs if name], constants)
    agree(model, given, rtol=1e-4, atol=1e-5)


MASKS = {
    "none": None,
    "keys": np.array([[1, 1, 0], [0, 1, 1]], np.int32),
    "queries": np.array([[[1, 0, 0], [1, 1, 0], [1, 0, 1]]] * B, np.int32),
    "lengths": np.array([2, 3], np.int32),
}


@pytest.mark.parametrize(
    "mask, unidirectional",
    some_fast(product(MASKS, (0, 1)), ("keys", 1)),
)
def test_attention(mask: str, unidirectional: int):
    given = {"x": floats(0, B, S, 6)}
    constants: dict[str, Any] = {"w": floats(1, 6, 3 * N * H), "b": floats(2, 3 * N * H)}
    names = ["x", "w", "b"]
    if MASKS[mask] is not None:
        given["m"] = MASKS[mask]
        names.append("m")
    check("Attention", names, given, constants, num_heads=N, unidirectional=unidirectional)


@pytest.mark.slow
def test_attention_with_a_past_and_values_of_another_size():
    given = {"x": floats(0, B, S, 6), "p": floats(1, 2, B, N, 2, H)}
    constants = {"w": floats(2, 6, 3 * N * H), "b": floats(3, 3 * N * H)}
    names = ["x", "w", "b", "", "p"]
    check("Attention", names, given, constants, ["y", "q"], num_heads=N, unidirectional=1)
    given = {"x": floats(0, B, S, 6), "a": floats(4, 1, N, S, S)}
    sizes = [N * H, N * H, 3 * N]
    constants = {"w": floats(2, 6, sum(sizes)), "b": floats(3, sum(sizes))}
    names = ["x", "w", "b", "", "", "a"]
    check("Attention", names, given, constants, num_heads=N, qkv_hidden_sizes=sizes, scale=0.3)


def test_attention_of_integers():
    rng = np.random.default_rng(0)
    given = {"x": rng.integers(0, 255, (B, S, 8)).astype(np.uint8)}
    constants = {
        "w": rng.integers(-60, 60, (8, 3 * N * H)).astype(np.int8),
        "b": floats(2, 3 * N * H),
        "sx": np.float32(0.01),
        "sw": np.float32(0.01),
        "m": np.array([[1, 1, 0], [1, 1, 1]], np.int32),
        "zx": np.uint8(120),
        "zw": np.int8(0),
    }
    check("QAttention", ["x", "w", "b", "sx", "sw", "m", "zx", "zw"], given, constants, num_heads=N)


@pytest.mark.parametrize("form", some_fast(["apart", "heads"], "apart"))
def test_multi_head_attention(form: str):
    size = N * H
    keys, values = {
        "apart": [(B, 5, size), (B, 5, 3 * N)],
        "heads": [(B, N, 5, H), (B, N, 5, H)],
    }[form]
    given = {"q": floats(0, B, S, size), "k": floats(1, *keys), "v": floats(2, *values)}
    names, constants = [*given], {}
    if form == "apart":
        constants["b"] = floats(7, 2 * size + 3 * N)
        given["m"] = np.array([[1, 1, 0, 1, 1], [1, 1, 1, 0, 0]], np.int32)
        given["a"] = floats(8, B, N, S, 5)
        names += ["b", "m", "a"]
    check("MultiHeadAttention", names, given, constants, num_heads=N)


@pytest.mark.parametrize("count", some_fast([2, 3], 3))
def test_packed_queries_keys_and_values_are_those_apart(count: int):
    """onnxruntime has packed ones on GPUs alone."""
    packed, query = floats(0, B, S, N, count, H), floats(1, B, S, N * H)
    parts = [packed[:, :, :, i].reshape(B, S, N * H) for i in range(count)]
    apart = dict(zip("qkv", [query, *parts][-3:], strict=True))
    one = microsoft("MultiHeadAttention", [*apart], ["y"], num_heads=N)
    expected = expected_of(model_of([one], apart, ["y"]), apart)
    given = {"q": query, "k": packed} if count == 2 else {"q": packed}
    one = microsoft("MultiHeadAttention", [*given], ["y"], num_heads=N)
    agree(model_of([one], given, ["y"]), given, rtol=1e-4, atol=1e-5, expected=expected)


@pytest.mark.slow
def test_multi_head_attention_with_a_past():
    given = {name: floats(i, B, S, N * H) for i, name in enumerate("qkv")}
    given |= {"p": floats(4, B, N, 2, H), "r": floats(5, B, N, 2, H)}
    names = ["q", "k", "v", "", "", "", "p", "r"]
    outputs = ["y", "pk", "pv"]
    check("MultiHeadAttention", names, given, {}, outputs, num_heads=N, unidirectional=1)


ANGLES = np.outer(np.arange(16), [1.0, 0.3]).astype(np.float32)
TABLES = {"cos": np.cos(ANGLES), "sin": np.sin(ANGLES)}


@pytest.mark.parametrize(
    "form, interleaved", some_fast(product(("flat", "heads", "part"), (0, 1)), ("part", 1))
)
def test_rotary_embedding(interleaved: int, form: str):
    shape = {"flat": (B, S, N * H), "heads": (B, N, S, H), "part": (B, S, N * 6)}[form]
    given = {"x": floats(0, *shape), "p": np.array([[0, 1, 2], [4, 5, 6]])}
    if form == "heads":
        given["p"] = np.array([3])
    rotary: dict[str, Any] = {"num_heads": N, "rotary_embedding_dim": 4}
    more = rotary if form == "part" else {}
    names = ["x", "p", "cos", "sin"]
    check("RotaryEmbedding", names, given, TABLES, interleaved=interleaved, **more)


D = 16
"""Elements of a head of a decoder."""
WIDE_ANGLES = np.outer(np.arange(16), 0.7 ** np.arange(8)).astype(np.float32)
WIDE = {"cos": np.cos(WIDE_ANGLES), "sin": np.sin(WIDE_ANGLES)}


def lengths(*total: int) -> dict[str, np.ndarray]:
    return {"l": np.array(total, np.int32) - 1}


@pytest.mark.parametrize(
    "case", some_fast(["packed", "rotary", "window", "softcap", "sink", "smooth"], "softcap")
)
def test_the_first_tokens_of_a_decoder(case: str):
    given = {
        "q": floats(0, B, S, 2 * N * D),
        "k": floats(1, B, S, N * D),
        "v": floats(2, B, S, N * D),
    }
    names = ["q", "k", "v", "", "", "l", "t", "cos", "sin", "", "", "", "", "", "", ""]
    constants: dict[str, Any] = {"t": np.array(S, np.int32), **lengths(S, S), **WIDE}
    more: dict[str, Any] = {"do_rotary": 1}
    match case:
        case "packed":
            given, names[1:3] = {"q": floats(0, B, S, 4 * N * D)}, ["", ""]
        case "window":
            more = {"local_window_size": 2}
        case "softcap":
            more["softcap"], names[10] = 0.7, "a"
            given["a"] = floats(3, 1, 1, S, S)
        case "sink":
            names[11], constants["s"] = "s", floats(4, 2 * N)
        case "smooth":
            more = {"smooth_softmax": 1, "scale": 0.2}
    while not names[-1]:
        names.pop()
    outputs = ["y", "pk", "pv"]
    check(
        "GroupQueryAttention",
        names,
        given,
        constants,
        outputs,
        num_heads=2 * N,
        kv_num_heads=N,
        **more,
    )


@pytest.mark.parametrize("known, room", some_fast(product((True, False), (4, 6)), (False, 6)))
def test_the_next_tokens_of_a_decoder(known: bool, room: int):
    """With as many in the cache as it holds, and in a longer one, of which the rest stays."""
    held = np.zeros((B, N, room, D), np.float32)
    held[:, :, :4] = floats(3, B, N, 4, D)
    given = {
        "q": floats(0, B, 1, 2 * N * D),
        "k": floats(1, B, 1, N * D),
        "v": floats(2, B, 1, N * D),
    }
    given |= {"pk": held, "pv": held[::-1].copy()}
    sizes = lengths(5, 5)
    constants: dict[str, Any] = {"t": np.array(5, np.int32), **WIDE}
    (constants if known else given).update(sizes)
    names = ["q", "k", "v", "pk", "pv", "l", "t", "cos", "sin"]
    more = {"num_heads": 2 * N, "kv_num_heads": N, "do_rotary": 1}
    check("GroupQueryAttention", names, given, constants, ["y", "nk", "nv"], **more)


@pytest.mark.slow
def test_queries_and_keys_are_normalised():
    """onnxruntime has it on GPUs alone: the same by operators before."""
    given = {name: floats(i, B, S, N * D) for i, name in enumerate("qkv")}
    constants = {"t": np.array(S, np.int32), **lengths(S, S), "n": floats(5, D), "o": floats(6, D)}
    more: dict[str, Any] = {"num_heads": N, "kv_num_heads": N}
    nodes = []
    for name, weight in zip("qk", "no", strict=True):
        nodes += [
            helper.make_node("Reshape", [name, "apart"], [f"{name}1"]),
            helper.make_node("SimplifiedLayerNormalization", [f"{name}1", weight], [f"{name}2"]),
            helper.make_node("Reshape", [f"{name}2", "flat"], [f"{name}3"]),
        ]
    shapes = {"apart": np.array([B, S, N, D]), "flat": np.array([B, S, N * D])}
    names = ["q3", "k3", "v", "", "", "l", "t"]
    nodes.append(microsoft("GroupQueryAttention", names, ["y", "z", "u"], **more))
    expected = expected_of(model_of(nodes, given, ["y"], constants | shapes), given)
    names = ["q", "k", "v", "", "", "l", "t", *[""] * 7, "n", "o"]
    one = microsoft("GroupQueryAttention", names, ["y"], qk_norm_epsilon=1e-5, **more)
    model = model_of([one], given, ["y"], constants)
    agree(model, given, rtol=1e-4, atol=1e-5, expected=expected)
