"""Maps and reductions at levels prim, dma and dsa, in any blocks, against NumPy."""

from dataclasses import dataclass
from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from xdsl.parser import Parser

from tests.programs import compiled
from tests.runtime.machine.test_machine import check_report, random_schedule
from tests.samples import examples
from xnn.dialects.prim import Primitive
from xnn.dialects.target import Target
from xnn.dialects.windows import positions, span
from xnn.dialects.xnn.interface import main_function
from xnn.passes import pass_named
from xnn.tools.api import compile
from xnn.tools.parsing import make_context

TYPES = {
    "f32": np.float32,
    "f64": np.float64,
    "i8": np.int8,
    "i16": np.int16,
    "i32": np.int32,
    "i64": np.int64,
}
REDUCE = {"sum": np.add, "max": np.maximum, "min": np.minimum, "product": np.multiply}


@dataclass
class Case:
    """A primitive of x [B, C, *sizes], with an operand m of pre and r of post."""

    kind: str
    """map, or the reduction."""
    element: str
    """Of x and of the operands."""
    wide: str
    """Of what `pre` yields and `post` takes, of a reduction."""
    shape: tuple[int, ...]
    axes: tuple[tuple[int, int, int, tuple[int, int]], ...]
    """Kernel, stride, dilation and pads of each dimension."""
    seed: int

    @property
    def out(self) -> tuple[int, ...]:
        batch, channels, *sizes = self.shape
        found = (positions(size, *axis) for size, axis in zip(sizes, self.axes, strict=True))
        return (batch, channels if self.kind == "map" else 1, *found)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    kind = draw(st.sampled_from(["map", *REDUCE]))
    element = draw(st.sampled_from(sorted(TYPES)))
    wider = [name for name in TYPES if name[0] == element[0] and int(name[1:]) >= int(element[1:])]
    axes, sizes = [], []
    for _ in range(draw(st.integers(0, 2))):
        axis = (1, 1, 1, (0, 0))
        if kind != "map":
            axis = (
                draw(st.integers(1, 3)),
                draw(st.integers(1, 3)),
                draw(st.integers(1, 2)),
                draw(st.tuples(st.integers(0, 3), st.integers(0, 3))),
            )
        kernel, stride, dilation, pads = axis
        axes.append(axis)
        sizes.append(draw(st.integers(max(1, span(1, kernel, stride, dilation) - sum(pads)), 7)))
    shape = (draw(st.integers(1, 2)), draw(st.integers(1, 20)), *sizes)
    wide = draw(st.sampled_from(wider))
    return Case(kind, element, wide, shape, tuple(axes), draw(st.integers(0, 999)))


def tensor(sizes: tuple[int, ...], element: str) -> str:
    return f"tensor<{'x'.join(map(str, [*sizes, element]))}>"


def text_of(case: Case) -> str:
    kernel, strides, dilations, pads = zip(*case.axes, strict=True) if case.axes else [()] * 4
    flat = [edge for pair in pads for edge in pair]
    window = f"kernel = {list(kernel)}"
    if case.axes:
        window += f", strides = {list(strides)}, dilations = {list(dilations)}, pads = {flat}"
    element, wide = case.element, case.wide
    x, m, r = case.shape, (case.shape[0], 1, *case.shape[2:]), case.out
    types = {name: tensor(sizes, element) for name, sizes in {"x": x, "m": m, "r": r}.items()}
    dims = [f"d{i}" for i in range(len(x))]
    index, per_sample = ", ".join(dims), ", ".join([dims[0], "0", *dims[2:]])
    suffix = "f" if element[0] == "f" else "i"

    def converted(name: str, source: str, to: str, result: str) -> str:
        return f"%{result} = prim.convert %{name} : {source} to {to}"

    if case.kind == "map":
        operation, pre, wide = "map", "", element
    else:
        operation = "reduce"
        pre = f"""pre [affine_map<({index}) -> ({per_sample})>](%m : {types["m"]}) {{
          ^bb0(%e : {element}, %f : {element}):
            %d = arith.sub{suffix} %e, %f : {element}
            {converted("d", element, wide, "w")}
            prim.yield %w : {wide}
          }}"""
    reduction = "" if case.kind == "map" else case.kind
    arguments = ", ".join(f'%{n} : {t} {{xnn.name = "{n}"}}' for n, t in types.items())
    return f"""builtin.module attributes {{xnn.level = #xnn<level prim>}} {{
      func.func @main({arguments}) -> ({types["r"]} {{xnn.name = "y"}}) {{
        %y = prim.{operation} "y" "y" {reduction} ins(%x : {types["x"]}) window <{window}> {pre}
          post [affine_map<({index}) -> ({index})>](%r : {types["r"]}) {{
          ^bb0(%e : {wide}, %f : {element}):
            {converted("f", element, wide, "g")}
            %d = arith.sub{suffix} %e, %g : {wide}
            {converted("d", wide, element, "n")}
            prim.yield %n : {element}
          }} -> {types["r"]}
        func.return %y : {types["r"]}
      }}
    }}"""


def expected(case: Case, x: np.ndarray, m: np.ndarray, r: np.ndarray) -> np.ndarray:
    """By a loop over positions, in NumPy alone."""
    wide = TYPES[case.wide if case.kind != "map" else case.element]
    result = x.astype(wide)
    if case.kind != "map":
        pre = (x - m).astype(wide)
        result = np.empty(case.out, wide)
        for at in product(*map(range, case.out[2:])):
            taps = [
                [
                    inside
                    for tap in range(kernel)
                    if 0 <= (inside := place * stride + tap * dilation - low) < size
                ]
                for place, size, (kernel, stride, dilation, (low, _)) in zip(
                    at, case.shape[2:], case.axes, strict=True
                )
            ]
            elements = pre[(slice(None), slice(None), *np.ix_(*taps))]
            for sample, those in enumerate(elements):
                neutral = {"sum": 0, "product": 1}.get(case.kind)
                if neutral is None and not those.size:
                    neutral = limits(wide)[case.kind == "min"]
                value = REDUCE[case.kind].reduce(
                    those.ravel(), dtype=wide, **({} if neutral is None else {"initial": neutral})
                )
                result[(sample, 0, *at)] = value
    result = result - r.astype(wide)
    if np.dtype(wide).kind == "i":
        low, high = limits(TYPES[case.element])
        result = np.clip(result, low, high)
    return result.astype(TYPES[case.element])


def limits(dtype: type) -> tuple[float, float]:
    """What never wins a maximum, and what never wins a minimum."""
    if np.dtype(dtype).kind == "f":
        return -np.inf, np.inf
    return np.iinfo(dtype).min, np.iinfo(dtype).max


def check(case: Case, memory: list[str], by_hand: bool) -> None:
    rng, dtype = np.random.default_rng(case.seed), TYPES[case.element]
    m = (case.shape[0], 1, *case.shape[2:])
    # factors near one, so that products of many stay finite
    inputs = {
        name: (rng.uniform(-1.5, 1.5, sizes) if dtype(0.5) else rng.integers(-9, 9, sizes)).astype(
            dtype
        )
        for name, sizes in {"x": case.shape, "m": m, "r": case.out}.items()
    }
    with np.errstate(all="ignore"):
        judge = expected(case, **inputs)
    module = Parser(make_context(), text_of(case)).parse_module()
    program = compiled(module, settings=memory, level="prim")
    if by_hand:
        random = Random(case.seed)
        (node,) = (op for op in main_function(program.module).walk() if isinstance(op, Primitive))
        node.properties["schedule"] = random_schedule(node, random, Target.of(program.module))
    pass_named("choose-schedules")().apply(make_context(), program.module)
    for level in ("prim", "dma", "dsa"):
        program = compile(program.module, level=level)
        actual = program.run(inputs, sanitize=level == "dsa")[0]["y"]
        if np.dtype(dtype).kind == "i":
            np.testing.assert_array_equal(actual, judge, err_msg=level)
        else:
            np.testing.assert_allclose(actual, judge, rtol=1e-4, atol=1e-4, err_msg=level)
    check_report(program, inputs)


@examples(40)
@given(cases())
@example(Case("sum", "f64", "f64", (1, 1, 5, 1), ((1, 1, 1, (1, 0)), (1, 1, 1, (1, 0))), 1))
@example(Case("sum", "f64", "f64", (1, 1, 2, 2), ((2, 1, 1, (1, 0)), (1, 1, 1, (0, 1))), 86))
def test_levels_agree_in_any_blocks(case: Case):
    check(case, ["local.rows=16384"], by_hand=True)


@examples(40)
@given(cases())
def test_levels_agree_in_small_memory(case: Case):
    check(case, ["local.rows=8", "local.banks=8"], by_hand=False)


@pytest.mark.parametrize("kind", list(REDUCE))
def test_blocks_of_channels_accumulate_in_sums_of_their_own_type(kind: str):
    case = Case(kind, "i8", "i32", (2, 300, 5), ((3, 2, 1, (1, 1)),), 1)
    check(case, ["local.rows=4", "local.banks=8"], by_hand=False)
    module = Parser(make_context(), text_of(case)).parse_module()
    prim = compile(module, settings=["local.rows=4", "local.banks=8"], level="prim").module
    pass_named("choose-schedules")().apply(make_context(), prim)
    text = str(compile(prim, level="dma").module)
    assert "] reduce " in text and "sums(" in text
