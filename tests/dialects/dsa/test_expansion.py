"""Repeats are their expansion: the nodes in program order, and the offsets and addresses of each."""

import pytest
from xdsl.dialects.builtin import AffineMapAttr
from xdsl.ir.affine import AffineMap
from xdsl.parser import Parser
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.affine import evaluate_affine
from xnn.dialects.dsa.expansion import Expansion, expand
from xnn.tools.parsing import make_context

MOVE = "sizes [1] source [1] target [1] reservations [1] : f32"


def transfer(map: str, buffers: str = '"x", "y"') -> str:
    return f'dsa.transfer "y" "dma0" load of [{buffers}] at affine_map<{map}> {MOVE}\n'


def expansion(text: str) -> Expansion:
    module = Parser(make_context(), f"dsa.program {{\n{text}}}").parse_module()
    (program,) = module.body.block.ops
    return expand(program.regions[0].block)


def rows(text: str) -> list[tuple[int, ...]]:
    """For each node the number of its instruction, then its offsets."""
    table = expansion(text)
    return [(op, *row) for op, row in zip(table.op_index, table.offsets.tolist(), strict=True)]


def test_what_is_no_instruction_is_no_node():
    assert len(expansion('dsa.buffer "x" input external at 0 : memref<1xf32>')) == 0


def test_addresses_are_those_of_the_buffers_and_offsets_in_them():
    buffers = "".join(
        f'dsa.buffer "{name}" feature_map {space} at {at} : memref<64xi8>\n'
        for name, space, at in (("x", "external", 100), ("y", "local", 20), ("z", "external", 7))
    )
    text = buffers + f"dsa.repeat 2 {{ {transfer('(d0) -> (d0 * 8, 4)')} }}\n"
    text += transfer("() -> (1, 2)", '"z", "y"')
    assert expansion(text).nodes == [(0, [100, 24]), (0, [108, 24]), (1, [8, 22])]


def test_instructions_stand_in_their_order():
    assert rows(transfer("() -> (8, 0)") + transfer("() -> (16, 4)")) == [(0, 8, 0), (1, 16, 4)]


def test_repeats_in_repeats_count_like_loops():
    text = (
        f"dsa.repeat 2 {{ {transfer('(d0) -> (d0 * 100, d0)')}"
        f"dsa.repeat 3 {{ {transfer('(d0, d1) -> (d0 * 10 + d1, d1 mod 2)')} }}\n"
        f"{transfer('(d0) -> (7, (d0 + 5) floordiv 2)')} }}\n"
    )
    by_hand = []
    for first in range(2):
        by_hand.append((0, first * 100, first))
        by_hand += [(1, first * 10 + second, second % 2) for second in range(3)]
        by_hand.append((2, 7, (first + 5) // 2))
    assert rows(text + transfer("() -> (1, 2)")) == [*by_hand, (3, 1, 2)]


def test_offsets_take_the_counters_of_the_repeats_around_them():
    with pytest.raises(VerifyException, match="has 2 counters in 1 repeats"):
        expansion(f"dsa.repeat 2 {{ {transfer('(d0, d1) -> (d0, d1)')} }}\n")


@pytest.mark.parametrize("kind", ["mod", "floordiv"])
def test_nothing_is_divided_by_zero(kind):
    with pytest.raises(VerifyException, match="divides by zero"):
        expansion(f"dsa.repeat 2 {{ {transfer(f'(d0) -> (d0 {kind} 0, d0)')} }}\n")


def test_expressions_that_machines_do_not_compute_are_refused():
    with pytest.raises(VerifyException, match="is not supported here"):
        expansion(f"dsa.repeat 2 {{ {transfer('(d0) -> (d0 ceildiv 2, d0)')} }}\n")


def test_affine_expressions_of_integers():
    map = AffineMapAttr(AffineMap.from_callable(lambda a, b: (a * 3 + b, a + 1))).data
    assert [evaluate_affine(result, (2, 5)) for result in map.results] == [11, 3]
