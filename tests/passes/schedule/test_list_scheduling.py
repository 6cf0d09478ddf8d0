"""The order in which layers run."""

from types import SimpleNamespace
from typing import cast

import pytest
from xdsl.dialects.builtin import f32
from xdsl.ir import Block, SSAValue

from xnn.dialects.dma.layer_blocks import LayerBlocks
from xnn.passes.schedule.block_graph import Unit
from xnn.passes.schedule.list_scheduling import list_schedule


def _unit(engine: str, reads: SSAValue, eighths: int, *after: Unit) -> Unit:
    layer = cast(LayerBlocks, SimpleNamespace(count=1))
    return Unit(layer, engine, [100], 0, False, {reads: eighths}, [(each, [0]) for each in after])


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
