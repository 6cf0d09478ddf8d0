"""The networks of this folder: small ones at every level, those of real size (slow) on the machine.

Compared with onnxruntime; MACs on the matrix primitive with a count written down here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import onnx
import pytest

from tests.networks.graph import inputs_of
from tests.networks.sequences import (
    collaborative_filtering,
    deep_speech,
    lstm_speech,
    text_cnn,
    wavenet,
)
from tests.networks.transformers import bert, gpt2, llama, mixture_of_experts, vit
from tests.networks.vision import diffusion, go, unet, yolo
from tests.programs import programs
from tests.samples import samples
from tests.tools.onnx.levels import expected_of, model_of
from xnn.runtime.report import Report
from xnn.tools.api import compile
from xnn.tools.program import Program

Sizes = dict[str, Any]


def attention(queries: int, keys: int, hidden: int) -> int:
    return 2 * queries * keys * hidden


def layer(tokens: int, keys: int, hidden: int, inner: int) -> int:
    """Of a transformer: q, k, v and what is made of them; two layers."""
    dense = 4 * tokens * hidden**2 + 2 * tokens * hidden * inner
    return dense + attention(tokens, keys, hidden)


def bert_macs(
    layers: int, hidden: int, heads: int, inner: int, tokens: int, vocabulary: int
) -> int:
    return layers * layer(tokens, tokens, hidden, inner) + hidden**2


def vit_macs(
    layers: int, hidden: int, heads: int, inner: int, image: int, patch: int, classes: int
) -> int:
    patches = (image // patch) ** 2
    encoder = layers * layer(patches + 1, patches + 1, hidden, inner)
    return patches * hidden * 3 * patch**2 + encoder + hidden * classes


def gpt2_macs(
    tokens: int, layers: int, hidden: int, heads: int, vocabulary: int, cache: int
) -> int:
    keys = tokens if tokens > 1 else cache
    return layers * layer(tokens, keys, hidden, 4 * hidden) + hidden * vocabulary


def llama_macs(
    layers: int, hidden: int, heads: int, key_heads: int, inner: int, tokens: int
) -> int:
    projections = 2 * hidden + 2 * hidden * key_heads // heads
    dense = tokens * hidden * (projections + 3 * inner)
    return layers * (dense + attention(tokens, tokens, hidden))


def mixture_macs(tokens: int, hidden: int, inner: int, experts: int, chosen: int) -> int:
    return tokens * hidden * experts + 3 * experts * tokens * hidden * inner


def unet_macs(image: int, channels: int, depth: int, *, transposed: bool) -> int:
    macs = image**2 * channels * 2  # the classes
    for level in range(depth + 1):
        pixels, width = (image >> level) ** 2, channels << level
        before = width // 2 if level else 3
        macs += pixels * 9 * (before * width + width**2)
        if (
            level < depth
        ):  # up: each new pixel has products with one of the old, then come two layers
            macs += pixels * (2 * width * width + 9 * (2 * width * width + width**2))
    return macs


def yolo_macs(image: int, channels: int, classes: int, repeats: int, boxes: int) -> int:
    c, p = channels, [(image >> level) ** 2 for level in range(6)]

    def stage(pixels: int, inputs: int, outputs: int) -> int:
        half = outputs // 2
        return pixels * (2 * inputs * half + repeats * 10 * half**2 + outputs**2)

    down = p[1] * 3 * c * 36
    for level in range(1, 5):
        width = c << (level - 1)
        down += p[level + 1] * 9 * width * 2 * width + stage(p[level + 1], 2 * width, 2 * width)
    pools = p[5] * (16 * 8 + 32 * 16 + 16 * 8) * c**2
    up = stage(p[4], 16 * c, 8 * c) + p[4] * 8 * c * 4 * c + stage(p[3], 8 * c, 4 * c)
    again = p[4] * 9 * (4 * c) ** 2 + stage(p[4], 8 * c, 8 * c)
    again += p[5] * 9 * (8 * c) ** 2 + stage(p[5], 16 * c, 16 * c)
    return down + pools + up + again + (p[3] * 4 + p[4] * 8 + p[5] * 16) * c * 3 * (5 + classes)


def diffusion_macs(
    latent: int, channels: int, context: int, words: int, heads: int, levels: int
) -> int:
    c, last = channels, levels - 1

    def residual(level: int, inputs: int, outputs: int) -> int:
        other = inputs * outputs if inputs != outputs else 0
        convolutions = 9 * (inputs + outputs) * outputs + other
        return (latent >> level) ** 2 * convolutions + 4 * c * outputs

    def looks(level: int) -> int:
        """At other positions, and at the text."""
        width, tokens = c << level, (latent >> level) ** 2
        own = 4 * tokens * width**2 + attention(tokens, tokens, width)
        text = 2 * tokens * width**2 + 2 * words * context * width + attention(tokens, words, width)
        return own + text + tokens * width**2 * (2 + 8 + 4)

    def conv(level: int, inputs: int, outputs: int) -> int:
        return (latent >> level) ** 2 * 9 * inputs * outputs

    macs = c * 4 * c + (4 * c) ** 2 + conv(0, 4, c) + conv(0, c, 4) + residual(0, c, c)
    for level in range(1, levels):
        width, below = c << level, c << (level - 1)
        macs += conv(level, below, below) + residual(level, below, width) + looks(level)
        macs += looks(level) + conv(level - 1, width, width)  # up
    macs += 2 * residual(last, c << last, c << last) + looks(last)
    for level in range(levels):
        above = c << min(level + 1, last)
        macs += residual(level, above + (c << level), c << level)
    return macs


def go_macs(board: int, channels: int, blocks: int, planes: int) -> int:
    points = board**2
    body = points * 9 * (planes * channels + 2 * blocks * channels**2)
    heads = points * 3 * channels + 2 * points * (points + 1) + points * channels + channels
    return body + heads


def deep_speech_macs(frames: int, bands: int, hidden: int, layers: int, letters: int) -> int:
    frames, half = (frames + 1) // 2, (bands + 1) // 2
    quarter = (half + 1) // 2
    convolutions = frames * 32 * (half * 41 * 11 + quarter * 32 * 21 * 11)
    inputs = [32 * quarter, *[2 * hidden] * (layers - 1)]
    recurrent = sum(2 * 3 * hidden * (each + hidden) for each in inputs)
    zero = (
        layers * 2 * hidden**2
    )  # before the first frame the state is zero: one product folds away
    return convolutions + frames * (recurrent + 2 * hidden * letters) - zero


def lstm_speech_macs(frames: int, bands: int, hidden: int, layers: int, sounds: int) -> int:
    recurrent = 4 * hidden * (bands + hidden + (layers - 1) * 2 * hidden)
    return frames * (recurrent + hidden * sounds)


def wavenet_macs(
    samples: int, channels: int, skip: int, layers: int, stacks: int, levels: int
) -> int:
    count = stacks * layers
    gated = count * (4 * channels**2 + channels * skip) + (count - 1) * channels**2
    return samples * (levels * channels + gated + skip**2 + skip * levels)


def text_cnn_macs(words: int, vocabulary: int, size: int, filters: int, classes: int) -> int:
    windows = sum((words - kernel + 1) * kernel for kernel in (3, 4, 5))
    return windows * size * filters + 3 * filters * classes


def filtering_macs(batch: int, users: int, items: int, size: int, hidden: tuple[int, ...]) -> int:
    dense = sum(inputs * outputs for inputs, outputs in pairwise(hidden))
    return batch * (dense + size + hidden[-1])


@dataclass
class Case:
    """A network, the count of its MACs, and its sizes: small, and where they differ from the defaults real."""

    build: Callable[..., onnx.ModelProto]
    macs: Callable[..., int]
    small: Sizes
    real: Sizes
    limits: dict[str, str] = field(default_factory=dict)
    """Of inputs that are integers: the sizes that they are below; a number by itself."""

    def inputs(self, model: onnx.ModelProto, sizes: Sizes) -> dict[str, np.ndarray]:
        limits = {n: sizes.get(size) or int(size) for n, size in self.limits.items()}
        return inputs_of(model, limits)


TRANSFORMER = {"layers": 12, "hidden": 768, "heads": 12, "inner": 3072}
CASES = {
    "bert": Case(
        bert,
        bert_macs,
        {"layers": 1, "hidden": 32, "heads": 2, "inner": 64, "tokens": 16, "vocabulary": 50},
        TRANSFORMER | {"tokens": 128, "vocabulary": 30522},
        {"ids": "vocabulary", "types": "2", "mask": "2"},
    ),
    "vit": Case(
        vit,
        vit_macs,
        {"layers": 1, "hidden": 32, "heads": 2, "inner": 64}
        | {"image": 32, "patch": 16, "classes": 10},
        TRANSFORMER | {"image": 224, "patch": 16, "classes": 1000},
    ),
    "llama": Case(
        llama,
        llama_macs,
        {"layers": 1, "hidden": 64, "heads": 4, "key_heads": 2, "inner": 96, "tokens": 16},
        {"layers": 4, "hidden": 2048, "heads": 32, "key_heads": 4, "inner": 5632, "tokens": 128},
    ),
    "mixture of experts": Case(
        mixture_of_experts,
        mixture_macs,
        {"tokens": 8, "hidden": 32, "inner": 48, "experts": 4, "chosen": 2},
        {"tokens": 64, "hidden": 1024, "inner": 3584, "experts": 8, "chosen": 2},
    ),
    "diffusion": Case(
        diffusion,
        diffusion_macs,
        {"latent": 8, "channels": 4, "context": 8, "words": 3} | {"heads": 1, "levels": 2},
        {"latent": 64, "channels": 128, "context": 768, "words": 77} | {"heads": 8, "levels": 3},
    ),
    "yolo": Case(
        yolo,
        yolo_macs,
        {"image": 32, "channels": 4, "classes": 3, "repeats": 1, "boxes": 5},
        {"image": 640, "channels": 16, "classes": 80, "repeats": 1, "boxes": 0},
    ),
    **{
        name: Case(
            unet,
            unet_macs,
            {"image": 16, "channels": 4, "depth": 1, "transposed": transposed},
            {"image": 256, "channels": 64, "depth": 4, "transposed": transposed},
        )
        for name, transposed in (("unet transposed", True), ("unet bilinear", False))
    },
    "go": Case(
        go,
        go_macs,
        {"board": 9, "channels": 16, "blocks": 1, "planes": 5},
        {"board": 19, "channels": 256, "blocks": 20, "planes": 17},
    ),
    "deep speech": Case(
        deep_speech,
        deep_speech_macs,
        {"frames": 6, "bands": 9, "hidden": 8, "layers": 1, "letters": 5},
        {"frames": 64, "bands": 161, "hidden": 800, "layers": 5, "letters": 29},
    ),
    "lstm speech": Case(
        lstm_speech,
        lstm_speech_macs,
        {"frames": 2, "bands": 10, "hidden": 8, "layers": 2, "sounds": 6},
        {"frames": 32, "bands": 80, "hidden": 512, "layers": 4, "sounds": 42},
    ),
    "wavenet": Case(
        wavenet,
        wavenet_macs,
        {"samples": 40, "channels": 8, "skip": 16, "layers": 2, "stacks": 2, "levels": 12},
        {"samples": 1024, "channels": 64, "skip": 256, "layers": 10, "stacks": 3, "levels": 256},
    ),
    "text cnn": Case(
        text_cnn,
        text_cnn_macs,
        {"words": 12, "vocabulary": 50, "size": 16, "filters": 8, "classes": 2},
        {"words": 64, "vocabulary": 20000, "size": 300, "filters": 100, "classes": 2},
        {"ids": "vocabulary"},
    ),
    "collaborative filtering": Case(
        collaborative_filtering,
        filtering_macs,
        {"batch": 8, "users": 30, "items": 20, "size": 8, "hidden": (16, 16, 8)},
        {"batch": 256, "users": 138493, "items": 26744, "size": 64, "hidden": (256, 256, 128, 64)},
        {"user": "users", "item": "items"},
    ),
}


def check(
    program: Program,
    inputs: dict[str, np.ndarray],
    expected: list[np.ndarray],
    tolerance: float,
    *,
    sanitize: bool,
) -> Report:
    """Each output differs from what is expected by at most `tolerance` of its largest value."""
    outputs, report = program.run(inputs, sanitize=sanitize)
    sizes = {name: outputs.pop(f"{name}/size", None) for name in [*outputs]}
    for (name, actual), wanted in zip(outputs.items(), expected, strict=True):
        if (size := sizes[name]) is not None:  # it depends on data
            actual = actual[: int(size[0])]
        assert actual.dtype == wanted.dtype and actual.shape == wanted.shape
        most = tolerance * np.abs(wanted).max()
        np.testing.assert_allclose(actual, wanted, rtol=0, atol=most, err_msg=name)
    return report


def check_report(report: Report, macs: int) -> None:
    assert report.macs == macs
    assert report.cycles == report.predicted_cycles
    assert report.general_share["cycles"] <= 0.02


LARGE = ("diffusion", "yolo")
"""Those of so many layers that small ones, too, take ten seconds."""
LIKE_OTHERS = ("vit", "unet bilinear", "deep speech", "lstm speech")
"""Those whose parts are in others or, the recurrent ones, in tests of their own."""
LATER = (*LIKE_OTHERS, *LARGE)


@pytest.mark.parametrize("name", samples(len(CASES) - len(LATER), sorted(CASES, key=LATER.count)))
def test_small(name: str):
    case = CASES[name]
    model = case.build(**case.small)
    inputs = case.inputs(model, case.small)
    expected, report = expected_of(model, inputs), None
    for level, program in programs(model).items():
        report = check(program, inputs, expected, 1e-5, sanitize=level == "dsa")
    assert report is not None
    check_report(report, case.macs(**case.small))


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_real(name: str):
    case = CASES[name]
    model = case.build(**case.real)
    inputs = case.inputs(model, case.real)
    expected = expected_of(model, inputs)
    report = check(compile(model), inputs, expected, 1e-3, sanitize=True)
    check_report(report, case.macs(**case.real))


@pytest.mark.slow
def test_real_detector_with_its_best_boxes():
    """General compute finds which of them overlap: those that onnxruntime finds in the same boxes and scores."""
    sizes = CASES["yolo"].real | {"boxes": 100}
    model = yolo(**sizes)
    outputs, report = compile(model).run(inputs_of(model, {}), sanitize=True)
    given = {"b": outputs["boxes"], "s": outputs["scores"].transpose(0, 2, 1)}
    limits = {
        "most": np.array([100]),
        "overlap": np.array([0.45], "f4"),
        "least": np.array([0.25], "f4"),
    }
    operands = [*given, *limits]
    node = onnx.helper.make_node("NonMaxSuppression", operands, ["chosen"], center_point_box=1)
    (expected,) = expected_of(model_of([node], given, ["chosen"], limits), given)
    np.testing.assert_array_equal(outputs["chosen"], expected)
    assert report.macs == yolo_macs(**sizes)
    assert report.cycles == report.predicted_cycles


def steps(sizes: Sizes, tokens: int, count: int) -> Iterator[tuple[dict, list[np.ndarray]]]:
    """The likeliest tokens after some, by onnxruntime: inputs and outputs, first of all tokens, then of each step."""
    first, later = gpt2(tokens, **sizes), gpt2(1, **sizes)
    inputs = inputs_of(first, {"ids": sizes["vocabulary"]})
    names = [output.name for output in first.graph.output][1:]
    for step in range(count + 1):
        expected = expected_of(later if step else first, inputs)
        yield inputs, expected
        state = dict(zip(names, expected[1:], strict=True))
        inputs = {n.replace("present", "past"): value for n, value in state.items()}
        inputs["ids"] = np.array([[expected[0].argmax()]])
        inputs["position"] = np.array([tokens + step])


def check_decoder(sizes: Sizes, tokens: int, count: int, levels: list[str]) -> None:
    """The cache is state: it is set after the first run, and then never fed."""
    (inputs, expected), *later = steps(sizes, tokens, count)
    caches = [name for name in later[0][0] if name.startswith("past")]
    ties = [f"{name}={name.replace('past', 'present')}" for name in caches]
    first = programs(gpt2(tokens, **sizes)) if len(levels) > 1 else {}
    one = programs(gpt2(1, **sizes), ties=ties) if len(levels) > 1 else {}
    for level in levels:
        program = first.get(level) or compile(gpt2(tokens, **sizes))
        report = check(program, inputs, expected, 1e-4, sanitize=level == "dsa")
        next_one = one.get(level) or compile(gpt2(1, **sizes), ties=ties)
        next_one.set_state({name: later[0][0][name] for name in caches})
        for given, wanted in later:
            fed = {name: given[name] for name in ("ids", "position")}
            step = check(next_one, fed, wanted, 1e-4, sanitize=level == "dsa")
        if level == "dsa":
            check_report(report, gpt2_macs(tokens, **sizes))
            check_report(step, gpt2_macs(1, **sizes))


def test_small_decoder():
    sizes = {"layers": 1, "hidden": 32, "heads": 2, "vocabulary": 50, "cache": 16}
    check_decoder(sizes, 5, 3, ["xnn", "prim", "dma", "dsa"])


@pytest.mark.slow
def test_real_decoder():
    sizes = {"layers": 12, "hidden": 768, "heads": 12, "vocabulary": 50257, "cache": 128}
    check_decoder(sizes, 120, 8, ["dsa"])
