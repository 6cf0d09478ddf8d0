"""Matrix products as explicit loops over tiles: what they compute, and how many tiles that takes."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr, TensorType
from xdsl.interpreter import Interpreter, PythonValues
from xdsl.ir import Operation
from xdsl.parser import Parser

from tests.samples import examples
from xnn.dialects.diagnostics import UserError
from xnn.dialects.packing import FORMATS, pack
from xnn.dialects.prim import MatmulOp, Order, ScheduleAttr
from xnn.dialects.prim.tiling import Product, tiles
from xnn.dialects.xnn.interface import main_function
from xnn.passes.lowering.prim_expand_tiles import PrimExpandTiles
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.tools.parsing import make_context

PRE = """pre [affine_map<({dims}) -> (d1)>, affine_map<({dims}) -> ()>]
  (%p, %q : tensor<{channels}x{t}>, tensor<{t}>) {{
  ^bb0(%element: {t}, %a: {t}, %b: {t}):
    %s = arith.mul{k} %element, %a : {t}
    %r = arith.add{k} %s, %b : {t}
    prim.yield %r : {t}
  }}"""
POST = """post [affine_map<({dims}) -> (d1)>, affine_map<({dims}) -> ({dims})>]
  (%u, %v : tensor<{rows}x{t}>, {out}) {{
  ^bb0(%sum: {t}, %a: {t}, %b: {t}):
    %s = arith.add{k} %sum, %a : {t}
    %r = arith.max{m} %s, %b : {t}
    prim.yield %r : {t}
  }}"""
MAIN = """func.func @main(%w : {w} {{xnn.name = "w"}}, %x : {x} {{xnn.name = "x"}},
    %p : tensor<{channels}x{t}> {{xnn.name = "p"}}, %q : tensor<{t}> {{xnn.name = "q"}},
    %u : tensor<{rows}x{t}> {{xnn.name = "u"}}, %v : {out} {{xnn.name = "v"}})
    -> ({out} {{xnn.name = "y"}}) {{
  %y = prim.matmul "y" "conv" ins(%w, %x : {w}, {x}) window {window} {pre} {post} -> {out}
  func.return %y : {out}
}}"""


def tensor(sizes: list[int], element: str) -> str:
    return f"tensor<{'x'.join(map(str, [*sizes, element]))}>"


def axis(draw: st.DrawFn) -> dict[str, Any]:
    """One spatial dimension of a feature map and of the window over it."""
    kernel, dilation = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    stride, pads = draw(st.integers(1, 3)), draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    extent = dilation * (kernel - 1) + 1
    size = draw(st.integers(max(1, extent - sum(pads)), 5))
    out = (size + sum(pads) - extent) // stride + 1
    return locals()


@st.composite
def products(draw: st.DrawFn) -> str:
    """A function of one matrix product, with or without regions, groups and spatial dimensions."""
    axes = [axis(draw) for _ in range(draw(st.integers(0, 2)))]
    groups, rows, channels = (draw(st.integers(1, 3)) for _ in range(3))
    shared, batch = draw(st.booleans()), draw(st.integers(1, 2))
    kernel = [a["kernel"] for a in axes]
    t = draw(st.sampled_from(["f32", "i32"]))
    lists = {
        "kernel": kernel,
        "strides": [a["stride"] for a in axes],
        "dilations": [a["dilation"] for a in axes],
        "pads": [edge for a in axes for edge in a["pads"]],
    }
    window = [f"{key} = {value}" for key, value in lists.items() if value]
    parts = {
        "t": t,
        "k": t[0],
        "m": {"f": "imumf", "i": "si"}[t[0]],
        "dims": ", ".join(f"d{i}" for i in range(2 + len(axes))),
        "channels": groups * channels,
        "rows": groups * rows,
        "w": tensor([rows * (1 if shared else groups), channels, *kernel], t),
        "x": tensor([batch, groups * channels, *(a["size"] for a in axes)], t),
        "out": tensor([batch, groups * rows, *(a["out"] for a in axes)], t),
        "window": f"<{', '.join([*window, f'groups = {groups}'])}>",
    }
    pre = PRE.format(**parts) if draw(st.booleans()) else ""
    post = POST.format(**parts) if draw(st.booleans()) else ""
    return MAIN.format(pre=pre, post=post, **parts)


def parse(text: str) -> tuple[ModuleOp, MatmulOp]:
    context: Context = make_context()
    module = Parser(context, text).parse_module()
    module.verify()
    return module, next(op for op in module.walk() if isinstance(op, MatmulOp))


def with_schedule(op: MatmulOp, order: Order, groups_per_tile: int) -> None:
    """Give the product an order of tiles and a packing; its block is not looked at."""
    op.properties["schedule"] = ScheduleAttr(
        block=op.domain, order=order, groups_per_tile=groups_per_tile
    )


def expand(module: ModuleOp, **options: Any) -> ModuleOp:
    expanded = module.clone()
    PrimExpandTiles(**options).apply(make_context(), expanded)
    expanded.verify()
    return expanded


class Counts(Interpreter.Listener):
    """How often each operation was run."""

    def __init__(self):
        self.of: Counter[str] = Counter()

    def did_interpret_op(self, op: Operation, results: PythonValues) -> None:
        self.of[op.name] += 1


def run(module: ModuleOp) -> tuple[np.ndarray, Counter[str]]:
    """The result for arguments that depend on their types alone, and what was run."""
    interpreter, counts = interpreter_of(module, WeightStore()), Counts()
    interpreter.listeners += (counts,)
    random = np.random.default_rng(0)
    dtype = {"f32": np.float32, "i32": np.int32}
    arguments = tuple(
        random.integers(-9, 9, type.get_shape()).astype(dtype[str(type.element_type)])
        for type in (value.type for value in main_function(module).args)
        if isinstance(type, TensorType)
    )
    (result,) = interpreter.call_op("main", arguments)
    return result, counts.of


@examples(60)
@given(
    products(),
    st.integers(2, 5),
    st.sampled_from(list(Order)),
    st.integers(0, 3),
)
def test_tiles_compute_the_product_and_are_as_many_as_it_costs(
    text: str, n: int, order: Order, groups_per_tile: int
):
    module, node = parse(text)
    groups_per_tile = min(groups_per_tile, node.window.groups)
    if groups_per_tile == 0 and not node.shared:
        groups_per_tile = 1
    with_schedule(node, order, groups_per_tile)
    expected, _ = run(module)
    actual, counts = run(expand(module, n=n))
    # small whole numbers: sums are exact in f32 as well, in whatever order
    np.testing.assert_array_equal(actual, expected)
    assert actual.dtype == expected.dtype

    product = Product.of(node.domain, node.window, node.form)
    m, k, columns = (tiles(size, n) for size in (product.m, product.k, product.columns))
    assert counts["prim.multiply_tile"] == product.groups * m * k * columns
    kept, streamed = {
        Order.OUTPUT_STATIONARY: ("prim.accumulators", product.k),
        Order.RHS_STATIONARY: ("prim.rhs_tile", product.m),
        Order.LHS_STATIONARY: ("prim.lhs_tile", product.columns),
    }[order]
    assert counts[kept] * max(streamed, n) == product.cycles(n)


@examples(20)
@given(products(), st.integers(2, 5))
def test_without_a_schedule_the_result_stays_and_groups_have_their_own_tiles(text: str, n: int):
    module, node = parse(text)
    expected, _ = run(module)
    actual, counts = run(expand(module, n=n))
    np.testing.assert_array_equal(actual, expected)
    domain, k = node.domain, node.domain.channels * node.window.taps
    tiles_of_a_group = tiles(domain.rows, n) * tiles(k, n) * tiles(domain.columns, n)
    assert counts["prim.multiply_tile"] == domain.groups * tiles_of_a_group


QUANTISED = """func.func @main(%w : {w}, %x : {x}, %b : tensor<{rows}xi32>, %m : tensor<{rows}xf32>) -> {out} {{
  %y = prim.matmul "y" "conv" ins(%w, %x : {w}, {x}) {packed} window {window}
    pre [] (:) {{
    ^bb0(%q: ui8):
      %wide = prim.convert %q : ui8 to i9
      %zero = arith.constant {zero_point} : i9
      %centred = arith.subi %wide, %zero : i9
      prim.yield %centred : i9
    }}
    post [affine_map<(d0, d1, d2, d3) -> (d1)>, affine_map<(d0, d1, d2, d3) -> (d1)>]
      (%b, %m : tensor<{rows}xi32>, tensor<{rows}xf32>) {{
    ^bb0(%acc: i32, %bias: i32, %factor: f32):
      %sum = arith.addi %acc, %bias : i32
      %number = prim.convert %sum : i32 to f32
      %scaled = arith.mulf %number, %factor : f32
      %result = prim.convert %scaled : f32 to i8
      prim.yield %result : i8
    }} -> {out}
  func.return %y : {out}
}}"""


@examples(60)
@given(
    st.data(),
    st.sampled_from([None, *sorted(FORMATS)]),
    st.integers(2, 5),
    st.sampled_from(list(Order)),
)
def test_quantised_products_agree_bit_for_bit(data, format, n: int, order: Order):
    """With a zero point before, requantisation after, and weights that are packed or not."""
    groups, rows, channels = (data.draw(st.integers(1, 3)) for _ in range(3))
    height, width = (axis(data.draw) for _ in range(2))
    kernel = [height["kernel"], width["kernel"]]
    random = np.random.default_rng(data.draw(st.integers(0, 99)))
    count = channels * kernel[0] * kernel[1]
    w = random.integers(-128, 128, (groups * rows, channels, *kernel)).astype(np.int8)
    packed = ""
    if format is not None:
        w = pack(random.choice(FORMATS[format], (groups * rows, count)), format)
        packed = f"packed <format = {format}, taps = {count}>"
    shape = [2, groups * channels, height["size"], width["size"]]
    arguments = (
        w,
        random.integers(0, 256, shape).astype(np.uint8),
        random.integers(-1000, 1000, groups * rows).astype(np.int32),
        random.uniform(0.001, 0.1, groups * rows).astype(np.float32),
    )
    window = {
        "kernel": kernel,
        "strides": [height["stride"], width["stride"]],
        "dilations": [height["dilation"], width["dilation"]],
        "pads": [*height["pads"], *width["pads"]],
    }
    text = QUANTISED.format(
        w=tensor(list(w.shape), "i8" if format is None else "ui8"),
        x=tensor(shape, "ui8"),
        out=tensor([2, groups * rows, height["out"], width["out"]], "i8"),
        rows=groups * rows,
        packed=packed,
        zero_point=data.draw(st.integers(0, 255)),
        window=f"<{', '.join(f'{k} = {v}' for k, v in window.items())}, groups = {groups}>",
    )
    module, node = parse(text)
    with_schedule(node, order, data.draw(st.integers(1, groups)))
    results = [
        interpreter_of(m, WeightStore()).call_op("main", arguments)[0]
        for m in (module, expand(module, n=n))
    ]
    np.testing.assert_array_equal(results[1], results[0])
    assert results[1].dtype == results[0].dtype == np.int8


def test_floats_agree_up_to_reassociation():
    text = MAIN.format(
        **{"w": "tensor<9x40xf32>", "x": "tensor<7x40xf32>", "out": "tensor<7x9xf32>"},
        **{"t": "f32", "channels": 40, "rows": 9, "window": "<>", "pre": "", "post": ""},
    )
    module, _ = parse(text)
    random = np.random.default_rng(1)
    arguments = [
        random.standard_normal(sizes, np.float32)
        for sizes in ((9, 40), (7, 40), (40,), (), (9,), (7, 9))
    ]
    results = [
        interpreter_of(m, WeightStore()).call_op("main", tuple(arguments))[0]
        for m in (module, expand(module))
    ]
    np.testing.assert_allclose(results[1], results[0], rtol=1e-4, atol=1e-4)


TWO = """func.func @main(%w : tensor<4x4xf32>, %x : tensor<4x4xf32>) -> tensor<4x4xf32> {
  %y = prim.matmul "y" "gemm" ins(%w, %x : tensor<4x4xf32>, tensor<4x4xf32>) window <>
    -> tensor<4x4xf32>
  %z = prim.matmul "z" "gemm" ins(%w, %y : tensor<4x4xf32>, tensor<4x4xf32>) window <>
    -> tensor<4x4xf32>
  func.return %z : tensor<4x4xf32>
}"""


def test_only_the_node_of_a_name_is_expanded():
    module, _ = parse(TWO)
    expanded = expand(module, node="z", n=2)
    lhs = [op.result_name for op in expanded.walk() if isinstance(op, MatmulOp)]
    assert lhs == [StringAttr("y")]
    actual, counts = run(expanded)
    np.testing.assert_array_equal(actual, run(module)[0])
    assert counts["prim.matmul"] == 1 and counts["prim.multiply_tile"] == 8


def test_n_is_that_of_the_target_for_the_element_type():
    expanded = expand(parse(TWO)[0])
    sizes = {op.results[0].type for op in expanded.walk() if op.name == "prim.lhs_tile"}
    assert [str(size) for size in sizes] == ["tensor<16x16xf32>"]


@pytest.mark.parametrize(
    "options, message",
    [({"node": "conv"}, "no prim.matmul 'conv' on tensors"), ({"n": 0}, "n must be positive")],
)
def test_options_that_make_no_sense(options: dict[str, Any], message: str):
    with pytest.raises(UserError, match=message):
        expand(parse(TWO)[0], **options)
