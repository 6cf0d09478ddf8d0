"""Tables of chains on one byte: bit for bit what the chains compute, at every level, and where they pay."""

from random import Random

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

from tests.programs import compiled
from tests.samples import grid
from xnn.dialects.dsa.access import NodeBlock, primitive_accesses
from xnn.dialects.prim import Primitive
from xnn.dialects.scalar import LookupOp
from xnn.dialects.xnn.interface import main_function
from xnn.passes import pass_named
from xnn.runtime.engines.engine import primitive_engine
from xnn.runtime.targets import load_target
from xnn.tools.api import compile
from xnn.tools.parsing import make_context

CHEAP = ["energy_pj.external_byte=0.000001", "energy_pj.wire_byte=0.000001"]
"""A target on which every table pays."""


def chain(random: Random, byte: str, kind: str, to: str, tag: str) -> list[str]:
    """Lines that compute %tag, of type `to`, from a byte: a diamond of float operations between conversions."""
    lines = [f"%{tag}0 = prim.convert %{byte} : {kind} to f32"]
    lines.append(f"%{tag}k = arith.constant {random.choice([0.05, -0.5, 3.0])} : f32")
    values = [f"{tag}0", f"{tag}k"]
    for i in range(1, random.randint(2, 6)):
        unary = random.choice(["math.tanh", "math.exp", "arith.negf", None, None])
        a, b = random.choice(values), random.choice([values[-1], f"{tag}0"])
        binary = random.choice(["arith.mulf", "arith.addf", "arith.divf", "arith.maximumf"])
        operands = f"%{b}" if unary else f"%{a}, %{b}"
        lines.append(f"%{tag}{i} = {unary or binary} {operands} : f32")
        values.append(f"{tag}{i}")
    return [*lines, f"%{tag} = prim.convert %{values[-1]} : f32 to {to}"]


def network(seed: int) -> str:
    """A primitive of bytes with chains in `pre` and `post`, and a residual of bytes with one of its own."""
    random = Random(seed)
    kind, residual, result = (random.choice(["i8", "ui8"]) for _ in range(3))
    primitive, window = random.choice(
        [
            ("matmul", "kernel = [3, 3], pads = [1, 1, 1, 1]"),
            ("matmul", "kernel = [1, 1]"),
            ("sort", "kernel = [3, 3], pads = [1, 1, 1, 1]"),
            ("map", "kernel = [1, 1]"),
        ]
    )
    x, y = f"tensor<2x3x5x4x{kind}>", f"tensor<2x3x5x4x{result}>"
    r, taps = f"tensor<2x3x5x4x{residual}>", "x".join(window[10:14].split(", "))
    w = f"tensor<3x3x{taps}xi8>"
    sums, pre, ins = "i8", "", f"(%x : {x})"
    lines: list[str] = []
    if primitive == "matmul":
        sums, ins = "i32", f"(%w, %x : {w}, {x})"
        lines = ["%f = prim.convert %acc : i32 to f32", "%byte = prim.convert %f : f32 to i8"]
    if primitive != "map" and random.random() < 0.8:
        body = "\n".join(chain(random, "e", kind, "i8", "p"))
        pre = f"pre [] (:) {{\n^bb0(%e : {kind}):\n{body}\nprim.yield %p : i8\n}}"
    else:
        sums = "i32" if primitive == "matmul" else kind
    byte, of = ("byte", "i8") if primitive == "matmul" else ("acc", sums)
    lines += chain(random, byte, of, "f32", "a")
    lines += chain(random, "other", residual, "f32", "b")
    if random.random() < 0.5:  # what two chains share
        lines += ["%both = arith.addf %a, %b0 : f32", "%sum = arith.addf %both, %b : f32"]
    else:
        lines += ["%sum = arith.mulf %a, %b : f32"]
    lines += [f"%q = prim.convert %sum : f32 to {result}", *chain(random, "q", result, result, "c")]
    body = "\n".join(lines)
    index = "affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>"
    return f"""builtin.module attributes {{xnn.level = #xnn<level prim>}} {{
      func.func @main(%x : {x} {{xnn.name = "x"}}, %r : {r} {{xnn.name = "r"}}) -> ({y} {{xnn.name = "y"}}) {{
        %w = xnn.parameter "w" : {w}
        %y = prim.{primitive} "y" "y" ins{ins} window <{window}> {pre} post [{index}](%r : {r}) {{
          ^bb0(%acc : {sums}, %other : {residual}):
            {body}
            prim.yield %c : {result}
          }} -> {y}
        func.return %y : {y}
      }}
      func.func @weights() -> ({w} {{xnn.name = "w"}}) {{
        %w = xnn.constant "w" dense<3> : {w}
        func.return %w : {w}
      }}
    }}"""


def primitive_of(module: ModuleOp) -> Primitive:
    (node,) = (op for op in main_function(module).walk() if isinstance(op, Primitive))
    return node


def tabulated(text: str, settings: list[str]) -> ModuleOp:
    module = Parser(make_context(), text).parse_module()
    module = compiled(module, settings=settings, level="prim").module
    pass_named("tabulate-scalars")().apply(make_context(), module)
    module.verify()
    return module


def lookups(module: ModuleOp) -> int:
    return sum(isinstance(op, LookupOp) for op in module.walk())


@pytest.mark.parametrize("seed, rows", grid(8, range(24), [16384, 32]))
def test_tables_change_no_bit_at_any_level(seed: int, rows: int):
    memory = [f"local.rows={rows}", "local.banks=8", *CHEAP]
    text, rng = network(seed), np.random.default_rng(seed)
    judge = compile(Parser(make_context(), text).parse_module(), level="prim")
    inputs = {
        port: rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, (2, 3, 5, 4), dtype, True)
        for port, dtype in {
            name: np.uint8 if f"%{name} : tensor<2x3x5x4xui8>" in text else np.int8
            for name in ("x", "r")
        }.items()
    }
    expected = judge.run(inputs)[0]["y"]
    module = tabulated(text, memory)
    assert lookups(module) >= 1
    for name in ("hoist-weights", "choose-schedules"):
        pass_named(name)().apply(make_context(), module)
    for level in ("prim", "dma", "dsa"):
        program = compile(module, level=level)
        module = program.module
        np.testing.assert_array_equal(
            program.run(inputs, sanitize=level == "dsa")[0]["y"], expected, level
        )
    report = program.run(inputs)[1].json()
    assert report["cycles"] == report["predicted_cycles"]


@pytest.mark.parametrize("seed", [seed for seed in range(24) if "prim.matmul" in network(seed)][:4])
def test_tiles_look_up_the_same(seed: int):
    module = tabulated(network(seed), CHEAP)
    rng = np.random.default_rng(seed)
    ports = ("x", "r")
    kinds = [
        np.uint8 if f"%{name} : tensor<2x3x5x4xui8>" in network(seed) else np.int8 for name in ports
    ]
    inputs = {
        name: rng.integers(0, 100, (2, 3, 5, 4)).astype(kind)
        for name, kind in zip(ports, kinds, strict=True)
    }
    expected = compile(module, level="prim").run(inputs)[0]["y"]
    pass_named("prim-expand-tiles")().apply(make_context(), module)
    assert "prim.lookup" in str(module) and "prim.multiply_tile" in str(module)
    np.testing.assert_array_equal(compile(module, level="prim").run(inputs)[0]["y"], expected)


def one_map(elements: int, body: str, result: str = "i8") -> str:
    return f"""builtin.module attributes {{xnn.level = #xnn<level prim>}} {{
      func.func @main(%x : tensor<1x{elements}xi8> {{xnn.name = "x"}})
          -> (tensor<1x{elements}x{result}> {{xnn.name = "y"}}) {{
        %y = prim.map "y" "y" ins(%x : tensor<1x{elements}xi8>) window <> post [] (:) {{
          ^bb0(%e : i8):
            %f = prim.convert %e : i8 to f32
            {body}
          }} -> tensor<1x{elements}x{result}>
        func.return %y : tensor<1x{elements}x{result}>
      }}
    }}"""


TANH = "%t = math.tanh %f : f32\n%q = prim.convert %t : f32 to i8\nprim.yield %q : i8"


def test_a_table_pays_where_it_saves_more_cycles_than_its_load_takes():
    # 64 lanes: 10 units (8 for tanh) become 1, so each 64 elements save 9 cycles; 256 bytes take 16 cycles.
    # A map of 64 elements saves no energy: 64 * (9 * 0.45 + 0.45 - 0.015) pJ against 256 * 257 pJ.
    assert lookups(tabulated(one_map(64, TANH), [])) == 0
    assert lookups(tabulated(one_map(128, TANH), [])) == 1


def test_a_single_operation_is_no_chain():
    assert lookups(tabulated(one_map(6400, "prim.yield %f : f32", "f32"), CHEAP)) == 0


def test_entries_have_the_numbers_of_bytes_without_a_sign():
    module = tabulated(one_map(256, "%n = arith.negf %f : f32\nprim.yield %n : f32", "f32"), CHEAP)
    assert lookups(module) == 1
    every = np.arange(-128, 128, dtype=np.int8).reshape(1, 256)
    result = compile(module, level="prim").run({"x": every})[0]["y"]
    np.testing.assert_array_equal(result, -every.astype(np.float32))


WIDE_SUMS = """} post [] (:) {
  ^bb0(%e : i32):
    %q = prim.convert %e : i32 to i8
    prim.yield %q : i8
} outs"""
BUFFERS = {
    "map": ("%x", "memref<1x8x16x16xi8, #dma.local>"),
    "sort": ("%x", "memref<1x8x16x16xi8, #dma.local>"),
    "matmul": (
        "%w, %x",
        "memref<4x8x1x1xi8, #dma.local>, memref<1x8x16x16xi8, #dma.local>",
    ),
}


@pytest.mark.parametrize("primitive", BUFFERS)
@pytest.mark.parametrize("where", ["pre", "post"])
def test_a_table_is_read_once_by_each_node(primitive: str, where: str):
    ins, types = BUFFERS[primitive]
    out = f"memref<1x{4 if primitive == 'matmul' else 8}x16x16xi8, #dma.local>"
    element = "i32" if (primitive, where) == ("matmul", "post") else "i8"
    table = """affine_map<(d0, d1, d2, d3) -> (0)>](%t : memref<256xi8, #dma.local>)"""
    narrow = "%b = prim.convert %e : i32 to i8" if element == "i32" else ""
    text = f"""%w, %x, %t, %o = "test.op"() : () -> (memref<4x8x1x1xi8, #dma.local>,
      memref<1x8x16x16xi8, #dma.local>, memref<256xi8, #dma.local>, {out})
      prim.{primitive} "y" "y" ins({ins} : {types}) window <kernel = [1, 1]> {where} [{table} {{
        ^bb0(%e : {element}, %f : tensor<256xi8>):
          {narrow}
          %q = prim.lookup %f[{"%b" if narrow else "%e"}] : tensor<256xi8>[i8] to i8
          prim.yield %q : i8
      }} outs(%o : {out})"""
    if primitive == "matmul" and where == "pre":
        text = text.replace("} outs", WIDE_SUMS)
    module = Parser(make_context(), text).parse_module()
    module.verify()
    (node,) = (op for op in module.walk() if isinstance(op, Primitive))
    block = NodeBlock(node.domain, ((0, 0), (0, 0)), True, True)
    accesses = primitive_accesses(node, block)
    place = [access.role for access in accesses].index(where)
    for start, rows in ((0, 4), (1, 5), (63, 5)):
        starts = [0] * place + [start] + [0] * (len(accesses) - place - 1)
        cost = primitive_engine(node).cost(node, block, accesses, starts, load_target("edge"))
        assert cost.rows[place] == rows
