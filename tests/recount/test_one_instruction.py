"""Programs of one instruction that are hard to come by: rows of operands at their edges."""

import pytest

from tests.recount.instructions import WORK
from tests.recount.test_recount import differences, machine_attribute, of_text
from xnn.dialects.diagnostics import UserError


def program(types: list[str], node: str, instruction: str) -> str:
    """The text of a module: a node on buffers %0, %1, ... of these types, and an instruction for it."""
    arguments = ", ".join(f"%{i}: memref<{each}, #dma.local>" for i, each in enumerate(types))
    for i, each in enumerate(types):
        node = node.replace(f"T{i}", f"memref<{each}, #dma.local>")
    engine = "vector" if "dsa.vector" in instruction else "matmul"
    touched = ", ".join(['"memory"'] * len(types))
    instruction = instruction.replace("at affine_map", f"of [{touched}] at affine_map")
    return f"""
builtin.module attributes {{xnn.level = #xnn<level dsa>, xnn.target = {machine_attribute(64, 64)}}} {{
  dsa.program {{
    dsa.buffer "memory" feature_map local at 0 : memref<65536xi8>
    dsa.config @c {{
    ^bb0({arguments}):
      {node}
    }}
    dsa.layer "y" @c {{xnn.work = {{engine = "{engine}", {WORK}}}}}
    {instruction}
  }}
}}
"""


ADD = """{
      ^bb0(%x: f32, %y: f32):
        %z = arith.addf %x, %y : f32
        prim.yield %z : f32
      }"""


def test_an_operand_of_pre_is_read_as_rhs_if_there_is_one_position():
    """It depends on 144 positions of the feature map, though the result has one."""
    node = f"""prim.matmul "c" "average_pool" ins(%0, %1 : T0, T1) window <kernel = [12, 12], groups = 5>
      pre [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>](%2 : T2) {ADD} outs(%3 : T3)"""
    types = ["1x1x12x12xf32", "1x5x12x12xf32", "1x5x12x12xf32", "1x5x1x1xf32"]
    instruction = """dsa.matmul "y" [1, 5, 1, 1, 1, 1] pads [0, 0, 0, 0] first last
      at affine_map<() -> (0, 4096, 8192, 20480)> reservations [1, 1, 1, 1]"""
    assert differences(of_text(program(types, node, instruction)), chosen=False) == []


def test_an_operand_of_pre_by_sample_costs_nothing_where_all_is_pads():
    node = f"""prim.matmul "c" "conv" ins(%0, %1 : T0, T1) window <kernel = [2], pads = [2, 2]>
      pre [affine_map<(d0, d1, d2) -> (d0, d1)>](%2 : T2) {ADD} outs(%3 : T3)"""
    types = ["1x9x2xf32", "2x9x4xf32", "2x9xf32", "2x1x1xf32"]
    instruction = """dsa.matmul "y" [2, 1, 1, 9, 1] pads [2, 0] first last
      at affine_map<() -> (0, 4096, 8192, 20480)> reservations [1, 1, 1, 1]"""
    assert differences(of_text(program(types, node, instruction)), chosen=False) == []


@pytest.mark.parametrize("stride", [25, 100])
def test_channels_that_do_not_touch_cost_their_own_rows(stride):
    product = 'prim.matmul "c" "gemm" ins(%0, %1 : T0, T1) window <> outs(%2 : T2)'
    types = ["3x8xf32", f"2x8xf32, strided<[1000, {stride}]>", "2x3xf32"]
    instruction = """dsa.matmul "y" [2, 1, 3, 8] pads [] first last
      at affine_map<() -> (0, 4096, 20480)> reservations [1, 1, 1]"""
    assert differences(of_text(program(types, product, instruction)), chosen=False) == []


def test_a_reduction_at_one_position_of_a_feature_map_costs_the_rows_of_its_channels():
    node = 'prim.reduce "c" "sum" sum ins(%0 : T0) window <kernel = [1, 1]> outs(%1 : T1)'
    types = ["1x8x10x10xf32", "1x1x10x10xf32"]
    instruction = """dsa.vector "y" [1, 1, 1, 8, 1, 1] pads [0, 0, 0, 0] first last
      at affine_map<() -> (0, 20480)> reservations [1, 1]"""
    assert differences(of_text(program(types, node, instruction)), chosen=False) == []


def test_reservations_count_an_operand_without_bytes_at_the_start_of_a_bank():
    node = 'prim.matmul "c" "conv" ins(%0, %1 : T0, T1) window <kernel = [2]> outs(%2 : T2)'
    instruction = """dsa.matmul "y" [1, 1, 1, 1, 3] pads [2, 2] first last
      at affine_map<() -> (0, 64000000, 64000064)> reservations [1, 1, 8]"""
    text = program(["1x1x2xf32", "1x1x4xf32", "1x1x3xf32"], node, instruction)
    with pytest.raises(UserError, match="exceed 8 eighths"):
        of_text(text.replace("memref<65536xi8>", "memref<128000000xi8>"))


def test_an_operand_of_pre_by_sample_costs_nothing_in_a_reduction_of_pads_alone():
    node = f"""prim.reduce "c" "sum" sum ins(%0 : T0) window <kernel = [1], pads = [0, 1]>
      pre [affine_map<(d0, d1, d2) -> (d0, d1)>](%1 : T1) {ADD} outs(%2 : T2)"""
    instruction = """dsa.vector "y" [2, 1, 1, 9, 1] pads [0, 1] first last
      at affine_map<() -> (0, 4096, 20480)> reservations [1, 1, 1]"""
    text = program(["2x9x1xf32", "2x9xf32", "2x1x1xf32"], node, instruction)
    assert differences(of_text(text), chosen=False) == []
