"""Among which orders time decides: of more or fewer layers at once, and with inputs that arrive or are there."""

import onnx
import pytest
from xdsl.dialects.func import FuncOp

import xnn
from tests.passes.schedule.test_cascades import residual_network
from tests.runtime.random_networks import Network
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


def pooled_network() -> bytes | onnx.ModelProto:
    """The pool works strip by strip, beside both convolutions; the second one may do so before the first has ended."""
    net = Network(0)
    x = net.conv(net.input(1, 3, 96, 96), 32, [3, 3], pads=[1] * 4)
    x = net.pool("MaxPool", x, [3, 3], [2, 2], [1] * 4)
    return net.model(net.conv(x, 32, [3, 3], pads=[1] * 4))


@pytest.mark.parametrize("place", [0, 1])
def test_the_order_that_is_fastest_is_taken(place: int, monkeypatch: pytest.MonkeyPatch):
    tried: list[str] = []

    def planned_cycles(main: FuncOp, order: dma.OrderOp, target: Target, effort: Effort) -> float:
        assert order_of(main) is order
        tried.append(order_text(main))
        return 1.0 if len(tried) == place + 1 else 2.0

    monkeypatch.setattr(order_layers, "planned_cycles", planned_cycles)
    monkeypatch.setattr(order_layers, "fits_local", lambda main, target: False)
    monkeypatch.setattr("xnn.passes.schedule.prefetch_operands.MOST_WORK", 0)
    program = xnn.compile(pooled_network(), level="dma")
    assert len(tried) == len({*tried}) > 1
    assert order_text(main_function(program.module)) == tried[place]


def test_time_is_asked_only_among_orders_that_are_different(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(order_layers, "planned_cycles", None)  # nobody asks
    model, _ = residual_network()  # whose layers run as a whole
    xnn.compile(model, quantize="int8", level="dma")
