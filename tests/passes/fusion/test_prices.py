"""How much fusion fuses, by figures worked out by hand on the reference machine.

f32: tiles of 16 x 16, vectors of 16 elements, 4 units of price in `pre` and 8 in `post` a lane and cycle;
16 bytes a cycle on the bus. tanh has 8 units, a ReLU 1.
"""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from xdsl.parser import Parser

from xnn.dialects.prim import Primitive
from xnn.dialects.xnn.interface import main_function
from xnn.passes import pass_named
from xnn.runtime.targets import load_target
from xnn.tools.parsing import make_context


def unary(names: Iterable[str], first: str, type: str) -> tuple[list[str], str]:
    """Operators one after the other, and the last one's name."""
    lines = []
    for i, name in enumerate(names):
        lines.append(f'%v{i} = xnn.{name} "v{i}" %{first} : ({type}) -> {type}')
        first = f"v{i}"
    return lines, first


def fused_layers(text: str, name: str, **fields: str) -> tuple[str, ...]:
    """The layers fused into the one primitive of a network by a pass."""
    module = Parser(make_context(), text).parse_module()
    target = load_target("edge")
    for path, value in fields.items():
        target = target.with_field(path.replace("__", "."), value)
    target.attach(module)
    pass_named(name)().apply(make_context(), module)
    module.verify()
    (node,) = (op for op in main_function(module).walk() if isinstance(op, Primitive))
    return node.layer_names


def dense(batch: int, names: Iterable[str]) -> str:
    """A product of 8 taps and 256 rows, and operators after it."""
    x, w, y = f"tensor<{batch}x8xf32>", "tensor<256x8xf32>", f"tensor<{batch}x256xf32>"
    lines, last = unary(names, "c", y)
    return f"""func.func @main(%x : {x}, %w : {w}) -> {y} {{
      %c = prim.matmul "c" "gemm" ins(%w, %x : {w}, {x}) window <> -> {y}
      {" ".join(lines)}
      func.return %{last} : {y}
    }}"""


def test_post_of_single_columns_wastes_lanes():
    # One sample: 256 vectors of one element. Weights, x and y take (8192 + 32 + 1024) / 16 = 578 cycles on the
    # bus. 2 tanh take 512 in post, less than that.
    assert fused_layers(dense(1, ["tanh"] * 2), "fuse-successors") == ("c", "v0")
    # 20 take 5120. 2 in post and a map of 18, of 16 vectors * 144 units: 578 + 2304.
    assert fused_layers(dense(1, ["tanh"] * 20), "fuse-successors") == ("c", "v0")
    # 3 take 768 in post, 190 more; a map of one 16 * 8 = 128, as much as its 2048 bytes.
    assert fused_layers(dense(1, ["tanh"] * 3), "fuse-successors") == ("c", "v0")
    # 2 and a ReLU: 544.
    assert fused_layers(dense(1, ["tanh", "tanh", "relu"]), "fuse-successors") == ("c", "v0", "v1")
    # 16 samples: as many vectors of 16; a map has 256 of them too, and does an eighth as much a cycle.
    assert len(fused_layers(dense(16, ["tanh"] * 20), "fuse-successors")) == 20


def test_the_best_cut_of_a_chain_is_chosen():
    # 578 cycles hide 18 units: 2 tanh and 2 ReLUs. A map of the rest has 16 vectors, 16 cycles for each unit,
    # while each more in post takes 32; the map itself is no dearer than the 128 cycles of its bytes.
    names = ["tanh", "relu", "tanh", "relu", *["tanh"] * 18]
    assert fused_layers(dense(1, names), "fuse-successors") == ("c", "v0", "v1", "v2")


def conv(names: Iterable[str], kernel: int) -> str:
    """Operators before a product of 32 rows, two tiles high: rhs is read twice."""
    x, w, y = (
        "tensor<1x16x32x32xf32>",
        f"tensor<32x16x{kernel}x{kernel}xf32>",
        "tensor<1x32x32x32xf32>",
    )
    pads, lines_last = kernel // 2, unary(names, "x", x)
    lines, last = lines_last
    return f"""func.func @main(%x : {x}, %w : {w}) -> {y} {{
      {" ".join(lines)}
      %y = prim.matmul "y" "conv" ins(%w, %{last} : {w}, {x})
        window <kernel = [{kernel}, {kernel}], pads = [{pads}, {pads}, {pads}, {pads}]> -> {y}
      func.return %y : {y}
    }}"""


def test_pre_runs_as_often_as_the_operand_is_read():
    # 3x3: 144 taps * 64 tiles of columns = 9216 vectors, once if rhs is stationary; 18432 tile cycles hide 8 units.
    assert fused_layers(conv(["relu"] * 8, 3), "fuse-predecessors")[0] == "v0"
    assert fused_layers(conv(["tanh"], 3), "fuse-predecessors") == ("v0",)
    # 16 units: 18432 more. A map of one tanh: 1024 vectors * 8 = 8192 cycles, as many as its bytes take.
    assert fused_layers(conv(["tanh", "tanh"], 3), "fuse-predecessors") == ("v1",)
    # 11 units: 9216 * 11 / 4 = 25344, 6912 more: less than a map.
    assert len(fused_layers(conv(["tanh", *["relu"] * 3], 3), "fuse-predecessors")) == 4
    # 12 units: 27648, 9216 more: a map of the ReLUs takes 8192.
    names = [*["relu"] * 4, "tanh"]
    assert fused_layers(conv(names, 3), "fuse-predecessors") == ("v4",)
    # 1x1: 2048 tile cycles; x, weights and y take (65536 + 2048 + 131072) / 16 = 12416 on the bus, 48 units.
    assert len(fused_layers(conv(["tanh"] * 6, 1), "fuse-predecessors")) == 6


@pytest.mark.parametrize(("lanes", "fused"), [(64, ("v1",)), (4, ("v0", "v1"))])
def test_slower_vectors_make_fusion_better(lanes: int, fused: tuple[str, ...]):
    # A vector of one element: a map of one tanh takes 16384 * 8 cycles.
    layers = fused_layers(conv(["tanh", "tanh"], 3), "fuse-predecessors", vector__lanes=str(lanes))
    assert layers == fused


def test_a_target_without_a_vector_engine_fuses_all():
    module = Parser(make_context(), dense(1, ["tanh"] * 5)).parse_module()
    replace(load_target("edge"), vector=None).attach(module)
    pass_named("fuse-successors")().apply(make_context(), module)
    (node,) = (op for op in main_function(module).walk() if isinstance(op, Primitive))
    assert len(node.layer_names) == 5


def test_a_long_diamond_is_fused_whole():
    """Each of its operators uses the product, and the operator before it."""
    y = "tensor<16x256xf32>"
    lines = [f'%v{i + 1} = xnn.add "v{i + 1}" %v{i}, %v0 : ({y}, {y}) -> {y}' for i in range(1200)]
    text = f"""func.func @main(%x : tensor<16x8xf32>, %w : tensor<256x8xf32>) -> {y} {{
      %v0 = prim.matmul "v0" "gemm" ins(%w, %x : tensor<256x8xf32>, tensor<16x8xf32>) window <> -> {y}
      {" ".join(lines)}
      func.return %v1200 : {y}
    }}"""
    # 256 vectors * 1200 / 8 = 38400 cycles in post; 256 * 1200 in a map.
    assert len(fused_layers(text, "fuse-successors")) == 1200
