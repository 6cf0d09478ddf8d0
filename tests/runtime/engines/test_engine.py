"""What a node's cycles are made of."""

import pytest

from xnn.runtime.engines.engine import NodeCost, padding_cycles


@pytest.mark.parametrize(
    ("cost", "bus", "parts"),
    [
        (NodeCost({"tiles": 64, "pre": 0, "post": 9}), 0, {"tiles": 64}),
        (NodeCost({"tiles": 64, "pre": 0, "post": 9}, 48), 0, {"padding": 48, "tiles": 16}),
        (NodeCost({"tiles": 64, "pre": 70, "post": 99}), 0, {"tiles": 64, "pre": 6, "post": 29}),
        (NodeCost({"tiles": 64, "pre": 99, "post": 70}), 0, {"tiles": 64, "pre": 35}),
        (NodeCost({"operations": 30}), 100, {"operations": 30, "bus": 70}),
        (NodeCost(), 100, {"bus": 100}),
        (NodeCost({"copy": 0}), 0, {"copy": 1}),
        (NodeCost(), 0, {"bus": 1}),
    ],
)
def test_each_term_counts_for_what_it_takes_longer(cost: NodeCost, bus: int, parts: dict[str, int]):
    assert cost.parts(bus) == parts
    assert sum(parts.values()) == max(cost.cycles, bus)


def test_padding_is_in_whole_cycles():
    assert padding_cycles(16, 16 * 256, 16 * 256) == 0
    assert padding_cycles(16, 16 * 256, 4 * 256 + 1) == 11
    assert padding_cycles(0, 0, 0) == 0
