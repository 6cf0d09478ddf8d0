"""The order in which layers run."""

from types import SimpleNamespace
from typing import cast

import pytest
from xdsl.dialects.builtin import f32
from xdsl.ir import Block, SSAValue

from xnn.dialects.dma.layer_blocks import LayerBlocks
from xnn.passes.schedule.block_graph import Unit
from xnn.passes.schedule.list_scheduling import list_schedule


def _layer(blocks: int) -> LayerBlocks:
    return cast(LayerBlocks, SimpleNamespace(count=blocks))


def _unit(engine: str, reads: SSAValue, eighths: int, *after: Unit) -> Unit:
    return Unit(
        _layer(1), engine, [100], 0, False, {reads: eighths}, [(each, [0]) for each in after]
    )


@pytest.mark.parametrize(
    ("eighths", "order"),
    [(8, ["first", "second", "pool"]), (4, ["first", "pool", "second"])],
)
def test_engines_read_one_feature_map_together_only_where_its_banks_suffice(eighths, order):
    x, y = Block(arg_types=[f32, f32]).args
    first = _unit("matmul", x, 4)
    units = {first: "first", _unit("matmul", y, 8, first): "second"}
    units[_unit("sort", x, eighths)] = "pool"
    assert [units[run.unit] for run in list_schedule([*units], 16)] == order


@pytest.mark.parametrize(
    ("cycles", "inputs_arrive", "order"),
    [
        (200, True, ["stem", "other", "stem"]),
        (201, True, ["stem", "other"]),  # it would keep the stem, and so the next part of the input
        (200, False, ["stem", "other"]),
    ],
)
def test_while_an_input_arrives_other_layers_run_what_ends_before(cycles, inputs_arrive, order):
    stem = Unit(_layer(2), "matmul", [100, 100], 0, False, arrivals=[100, 400])
    other = Unit(_layer(1), "matmul", [cycles], 0, False)
    runs = list_schedule([stem, other], 16, inputs_arrive)
    assert [{stem: "stem", other: "other"}[run.unit] for run in runs] == order
