"""Softmax, LRN and elementwise operators on the vector engine, at all levels, against NumPy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.parser import Parser

from tests.programs import programs
from tests.samples import examples
from xnn.dialects.prim import GeneralOp, MatmulOp, ReduceOp
from xnn.runtime.targets import FOLDER
from xnn.tools.api import compile
from xnn.tools.parsing import make_context

FLOATS = {"f16": np.float16, "f32": np.float32, "f64": np.float64}
TOLERANCE = {"f16": 4e-3, "f32": 1e-5, "f64": 1e-12}


def tensor(sizes: tuple[int, ...], element: str) -> str:
    return f"tensor<{'x'.join(map(str, [*sizes, element]))}>"


def network(operators: str, inputs: dict[str, str], result: str) -> str:
    arguments = ", ".join(f'%{n} : {t} {{xnn.name = "{n}"}}' for n, t in inputs.items())
    return f"""func.func @main({arguments}) -> ({result} {{xnn.name = "y"}}) {{
      {operators}
      func.return %y : {result}
    }}"""


def check(text: str, inputs: dict[str, np.ndarray], judge: Callable[[Any], None], rows: int):
    """Judges the result at every level; nothing is left for general compute."""
    memory = [f"local.rows={rows}", "local.banks=8"]
    module = Parser(make_context(), text).parse_module()
    for level, program in programs(module, settings=memory).items():
        if level == "prim":
            assert not any(isinstance(op, GeneralOp) for op in program.module.walk())
        outputs, report = program.run(inputs, sanitize=level == "dsa")
        judge(outputs["y"])
        if level == "dsa":
            assert report.cycles == report.predicted_cycles


@examples(25)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.data(),
    st.booleans(),
    st.sampled_from(sorted(FLOATS)),
    st.integers(0, 99),
)
def test_softmax_along_any_axis(sizes: list, data: Any, to_end: bool, element: str, seed: int):
    shape, axis = tuple(sizes), data.draw(st.integers(0, len(sizes) - 1))
    x = (20 * np.random.default_rng(seed).standard_normal(shape)).astype(FLOATS[element])
    axes = tuple(range(axis, len(shape))) if to_end else (axis,)
    exponential = np.exp(x.astype(np.float64) - x.max(axis=axes, keepdims=True))
    expected = exponential / exponential.sum(axis=axes, keepdims=True)
    type, end = tensor(shape, element), ", to_end" if to_end else ""
    text = network(
        f'%y = xnn.softmax "y" %x {{axis = {axis} : i64{end}}} : ({type}) -> {type}',
        {"x": type},
        type,
    )

    def judge(actual: np.ndarray) -> None:
        assert actual.dtype == x.dtype
        # relative to one: differences of large short floats are rounded before their exponential
        np.testing.assert_allclose(actual, expected, rtol=0, atol=8 * TOLERANCE[element])

    check(text, {"x": x}, judge, data.draw(st.sampled_from([8, 1024])))


@examples(25)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=3),
    st.data(),
    st.sampled_from([0.01, 0.03125, 0.5]),
    st.integers(0, 99),
)
def test_softmax_with_exponents_in_steps(sizes: list, data: Any, step: float, seed: int):
    shape, axis = tuple(sizes), data.draw(st.integers(0, len(sizes) - 1))
    rng = np.random.default_rng(seed)
    x = (3 * rng.standard_normal(shape)).astype(np.float32)
    x[rng.random(shape) < 0.2] = -np.inf  # masked
    with np.errstate(invalid="ignore"):
        below = (x.max(axis=axis, keepdims=True) - x) * np.float32(1 / np.float32(step))
    steps = np.where(np.isnan(below), 0, np.minimum(np.rint(below), 255))  # all of them masked
    exponential = np.where(steps == 255, 0, np.exp(-steps * np.float64(np.float32(step))))
    expected = exponential / exponential.sum(axis=axis, keepdims=True)
    type = tensor(shape, "f32")
    text = network(
        f'%y = xnn.softmax "y" %x {{axis = {axis} : i64, exponent_step = {step} : f32}} : ({type}) -> {type}',
        {"x": type},
        type,
    )

    def judge(actual: np.ndarray) -> None:
        np.testing.assert_allclose(actual, expected, rtol=1e-5)

    check(text, {"x": x}, judge, data.draw(st.sampled_from([8, 1024])))


def lrn(x: np.ndarray, squares: np.ndarray, size: int) -> np.ndarray:
    """x over (1.5 + 0.9 / size * sum) ** 0.75, with the sum of the squares of neighbouring channels."""
    result = np.empty(x.shape)
    for c in range(x.shape[1]):
        total = squares[:, max(0, c - (size - 1) // 2) : c + size // 2 + 1].sum(axis=1)
        result[:, c] = x[:, c] / (1.5 + 0.9 / size * total) ** 0.75
    return result


@examples(25)
@given(
    st.integers(1, 2),
    st.integers(1, 70),
    st.lists(st.integers(1, 7), max_size=2),
    st.integers(1, 12),
    st.sampled_from([0.0625, 0.01, 3.0]),
    st.sampled_from([8, 16]),
    st.sampled_from([32, 1024]),
)
def test_lrn_with_squares_in_steps(
    batch: int, channels: int, sizes: list, size: int, step: float, bits: int, rows: int
):
    x = np.random.default_rng(size).normal(0, 2, (batch, channels, *sizes)).astype(np.float32)
    squares = np.minimum(np.rint(x * x * np.float32(1 / np.float32(step))), 2**bits - 1)
    expected = lrn(x, squares * np.float64(np.float32(step)), size)
    type = tensor(x.shape, "f32")
    text = network(
        f'%y = xnn.lrn "y" %x {{alpha = 0.9 : f32, beta = 0.75 : f32, bias = 1.5 : f32, size = {size} : i64, '
        f"square_step = {step} : f32, square_bits = {bits} : i64}} : ({type}) -> {type}",
        {"x": type},
        type,
    )

    def judge(actual: np.ndarray) -> None:
        np.testing.assert_allclose(actual, expected, rtol=1e-5)

    check(text, {"x": x}, judge, rows)


@examples(25)
@given(
    st.integers(1, 2),
    st.integers(1, 9),
    st.lists(st.integers(1, 7), max_size=2),
    st.integers(1, 12),
    st.sampled_from(sorted(FLOATS)),
    st.sampled_from([8, 1024]),
)
def test_lrn_over_any_number_of_channels(
    batch: int, channels: int, sizes: list, size: int, element: str, rows: int
):
    shape = (batch, channels, *sizes)
    x = np.random.default_rng(size).standard_normal(shape).astype(FLOATS[element])
    expected = lrn(x, np.square(x.astype(np.float64)), size)
    type = tensor(shape, element)
    text = network(
        f'%y = xnn.lrn "y" %x {{alpha = 0.9 : f32, beta = 0.75 : f32, bias = 1.5 : f32, size = {size} : i64}}'
        f" : ({type}) -> {type}",
        {"x": type},
        type,
    )

    def judge(actual: np.ndarray) -> None:
        assert actual.dtype == x.dtype
        tolerance = max(TOLERANCE[element], 1e-7)  # properties are f32
        np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance)

    check(text, {"x": x}, judge, rows)


def test_squares_in_steps_are_added_where_a_target_cannot_multiply_them(tmp_path: Path):
    x = np.random.default_rng(0).normal(0, 2, (1, 8, 3)).astype(np.float32)
    squares = np.minimum(np.rint(x * x * np.float32(64)), 2**16 - 1) / 64
    edge = (FOLDER / "edge.toml").read_text()
    assert "mac_i16 = 1\n" in edge
    path = tmp_path / "narrow.toml"
    path.write_text(edge.replace("mac_i16 = 1\n", ""))
    text = network(
        '%y = xnn.lrn "y" %x {alpha = 0.9 : f32, beta = 0.75 : f32, bias = 1.5 : f32, size = 5 : i64, '
        "square_step = 0.015625 : f32, square_bits = 16 : i64} : (tensor<1x8x3xf32>) -> tensor<1x8x3xf32>",
        {"x": "tensor<1x8x3xf32>"},
        "tensor<1x8x3xf32>",
    )
    for target, kind in (("edge", MatmulOp), (str(path), ReduceOp)):
        module = Parser(make_context(), text).parse_module()
        at_prim = compile(module.clone(), target=target, level="prim").module
        assert any(isinstance(op, kind) for op in at_prim.walk())
        outputs, _ = compile(module, target=target).run({"x": x}, sanitize=True)
        np.testing.assert_allclose(outputs["y"], lrn(x, squares, 5), rtol=1e-5)


@examples(30)
@given(
    st.lists(st.integers(1, 6), max_size=4),
    st.sampled_from(["f32", "f64", "i8", "i16", "i32", "i64"]),
    st.integers(0, 4),
    st.sampled_from([8, 1024]),
)
def test_elementwise_operators_of_any_rank_and_type(
    sizes: list, element: str, less: int, rows: int
):
    # y = max(-((x * r) - x), 0), with an r that broadcasts
    shape = tuple(sizes)
    dtype = np.dtype({"f": "<f", "i": "<i"}[element[0]] + str(int(element[1:]) // 8))
    other = tuple(1 if i % 2 == less % 2 else size for i, size in enumerate(shape))[less:]
    rng = np.random.default_rng(len(shape))
    x, r = (rng.integers(-90, 90, each).astype(dtype) for each in (shape, other))
    with np.errstate(over="ignore"):
        expected = np.maximum(-(x * r - x), np.zeros((), dtype))
    types = {"x": tensor(shape, element), "r": tensor(other, element)}
    text = network(
        f"""%a = xnn.mul "a" %x, %r : ({types["x"]}, {types["r"]}) -> {types["x"]}
        %b = xnn.sub "b" %a, %x : ({types["x"]}, {types["x"]}) -> {types["x"]}
        %c = xnn.neg "c" %b : ({types["x"]}) -> {types["x"]}
        %y = xnn.relu "y" %c : ({types["x"]}) -> {types["x"]}""",
        types,
        types["x"],
    )

    def judge(actual: np.ndarray) -> None:
        assert actual.dtype == dtype
        np.testing.assert_array_equal(actual, expected)

    check(text, {"x": x, "r": r}, judge, rows)


def test_a_chain_is_one_map_and_a_concatenation_has_places_for_what_is_seen_through_views():
    type, whole = tensor((1, 4, 3), "f32"), tensor((1, 8, 3), "f32")
    text = network(
        f"""%a = xnn.softmax "a" %x {{axis = 2 : i64}} : ({type}) -> {type}
        %s = xnn.sqrt "s" %a : ({type}) -> {type}
        %b = xnn.neg "b" %x : ({type}) -> {type}
        %t = xnn.tanh "t" %b : ({type}) -> {type}
        %y = xnn.concat "y" %s, %t {{axis = 1 : i64}} : ({type}, {type}) -> {whole}""",
        {"x": type},
        whole,
    )
    x = np.random.default_rng(1).standard_normal((1, 4, 3)).astype(np.float32)
    e = np.exp(x - x.max(axis=2, keepdims=True))
    expected = np.concatenate([np.sqrt(e / e.sum(axis=2, keepdims=True)), np.tanh(-x)], axis=1)

    def judge(actual: np.ndarray) -> None:
        np.testing.assert_allclose(actual, expected, rtol=1e-5)

    check(text, {"x": x}, judge, 1024)
    module = compile(Parser(make_context(), text).parse_module(), level="prim").module
    report = compile(module.clone()).run({"x": x})[1]
    assert [layer.op for layer in report.layers] == ["softmax", "softmax", "softmax", "neg"]
    names = [op.name for op in module.walk() if op.name.startswith("prim.")]
    assert names.count("prim.map") == 2 and names.count("prim.place") == 1


@pytest.mark.parametrize("form", ["int8", "int8 compute-scale=shift", "f16"])
def test_quantised_normalisations_run_on_the_vector_engine(form: str):
    type = tensor((1, 6, 5, 5), "f32")
    text = network(
        f"""%w = xnn.constant "w" dense<0.25> : tensor<6x6x1x1xf32>
        %c = xnn.conv "c" %x, %w {{dilations = array<i64: 1, 1>, groups = 1 : i64,
          pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}} : ({type}, tensor<6x6x1x1xf32>) -> {type}
        %n = xnn.lrn "n" %c {{alpha = 1.0 : f32, beta = 0.75 : f32, bias = 1.0 : f32, size = 3 : i64}}
          : ({type}) -> {type}
        %d = xnn.conv "d" %n, %w {{dilations = array<i64: 1, 1>, groups = 1 : i64,
          pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}} : ({type}, tensor<6x6x1x1xf32>) -> {type}
        %y = xnn.softmax "y" %d {{axis = 1 : i64}} : ({type}) -> {type}""",
        {"x": type},
        type,
    )
    x = np.random.default_rng(1).standard_normal((1, 6, 5, 5)).astype(np.float32)
    results = []
    for program in programs(Parser(make_context(), text).parse_module(), quantize=form).values():
        assert not any(isinstance(op, GeneralOp) for op in program.module.walk())
        results.append(program.run({"x": x})[0]["y"])
        np.testing.assert_allclose(results[-1], results[0], rtol=0, atol=1e-3)
    exact = compile(Parser(make_context(), text).parse_module(), level="xnn").run({"x": x})[0]["y"]
    np.testing.assert_allclose(results[-1], exact, rtol=0, atol=0.02)
