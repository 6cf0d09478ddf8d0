"""How many layers are under way at once where not all that so many need has room."""

import pytest
from xdsl.dialects.func import FuncOp

import xnn
from tests.passes.schedule.test_cascades import residual_network
from xnn.dialects import dma
from xnn.dialects.dma.sequence import lines_of, order_of
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import main_function
from xnn.passes.schedule import order_layers
from xnn.passes.schedule.effort import Effort


def order_text(main: FuncOp) -> str:
    order = order_of(main)
    assert order is not None
    lines = [line for line in lines_of(order) if isinstance(line, dma.RunOp)]
    return " ".join(f"{line.layer.data} {line.blocks}" for line in lines)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_order_that_is_fastest_is_taken(place: int, monkeypatch: pytest.MonkeyPatch):
    tried: list[str] = []

    def planned_cycles(main: FuncOp, order: dma.OrderOp, target: Target, effort: Effort) -> float:
        assert order_of(main) is order
        tried.append(order_text(main))
        return 1.0 if len(tried) == place + 1 else 2.0

    monkeypatch.setattr(order_layers, "planned_cycles", planned_cycles)
    monkeypatch.setattr(order_layers, "fits_local", lambda main, target: False)
    monkeypatch.setattr("xnn.passes.schedule.prefetch_operands.MOST_WORK", 0)
    model, _ = residual_network()
    program = xnn.compile(model, quantize="int8", level="dma")
    assert len(tried) == len(order_layers.WINDOWS) and len({*tried}) > 1
    assert order_text(main_function(program.module)) == tried[place]


def test_the_first_order_is_taken_if_it_fits(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(order_layers, "planned_cycles", None)  # nobody asks
    model, _ = residual_network()
    xnn.compile(model, quantize="int8", level="dma")
