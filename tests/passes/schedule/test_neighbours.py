"""What of a result those that read it need whole before they begin."""

import onnx

from tests.networks.graph import Graph
from tests.runtime.random_networks import Network
from xnn import compile
from xnn.dialects.prim import Primitive
from xnn.dialects.prim.attributes import GROUPS, POSITIONS, ROWS
from xnn.passes.schedule.neighbours import Neighbours
from xnn.runtime.targets import load_target

CHANNELS = {GROUPS, ROWS}
"""Of a result: the rows of all groups."""


def _neighbours(model: bytes | onnx.ModelProto) -> list[tuple[str, Neighbours]]:
    """Of each layer in order, with its operator."""
    module = compile(model, level="prim").module
    found = [op for op in module.walk() if isinstance(op, Primitive)]
    return [(op.operator.data, Neighbours.of(op, load_target("edge"))) for op in found]


def test_convolutions_need_all_channels_through_pools_too():
    net = Network(0)
    x = net.conv(net.input(1, 4, 12, 12), 8, [3, 3], pads=[1] * 4)
    x = net.pool("MaxPool", x, [2, 2], [2, 2], [0] * 4)
    x = net.conv(net.conv(x, 8, [3, 3], pads=[1] * 4), 8, [3, 3], pads=[1] * 4)
    conv, pool, second, last = _neighbours(net.model(x))
    assert [each[0] for each in (conv, pool, second, last)] == ["conv", "max_pool", "conv", "conv"]
    assert all(each[1].summed & CHANNELS == {ROWS} for each in (conv, second))
    assert pool[1].summed & CHANNELS == {GROUPS}
    assert last[1].summed == CHANNELS  # nobody says
    mixed = [(each.reads_mixed, each.writes_mixed) for _, each in (conv, pool, second, last)]
    assert mixed == [(False, True), (True, True), (True, False), (False, False)]


def test_parts_of_a_concatenation_are_made_one_after_the_other():
    net = Network(0)
    x = net.input(1, 4, 12, 12)
    both = net.add(
        "Concat",
        [net.conv(x, 8, [1, 1]), net.conv(x, 8, [3, 3], pads=[1] * 4)],
        (1, 16, 12, 12),
        axis=1,
    )
    *_, (_, pool) = _neighbours(net.model(net.pool("MaxPool", both, [2, 2], [2, 2], [0] * 4)))
    assert pool.made_at_once >= {POSITIONS, POSITIONS + 1}


def test_a_mean_needs_all_positions():
    net = Network(0)
    x = net.conv(net.input(1, 4, 12, 12), 8, [3, 3], pads=[1] * 4)
    (_, conv), *_ = _neighbours(net.model(net.add("GlobalAveragePool", [x], (1, 8, 1, 1))))
    assert conv.summed == {POSITIONS, POSITIONS + 1}


def test_products_and_softmax_need_all_features_of_a_token():
    g = Graph()
    x = g.layer_norm(g.input("x", 1, 10, 8), 8)
    q, k, v = (g.heads(g.linear(x, 8, 8), 10, 2, 4) for _ in "qkv")
    found = _neighbours(g.model(g.named("y", g.joined(g.attend(q, k, v, 4), 10, 8))))
    normal = [each for operator, each in found if operator == "normalize"][-1]
    assert normal.summed == {POSITIONS}  # [1, tokens, features], of which tokens are the groups
    scores = next(each for operator, each in found if operator in ("mul", "einsum"))
    assert {GROUPS, ROWS} <= scores.summed  # [queries, heads x keys], as rows one after the other


def test_a_product_makes_the_channels_of_one_row_of_tiles_at_once():
    net = Network(0)
    x = net.conv(net.input(1, 4, 12, 12), 16, [3, 3], pads=[1] * 4)  # of 16, at f32
    x = net.conv(net.pool("MaxPool", x, [2, 2], [2, 2], [0] * 4), 17, [1, 1])
    model = net.model(net.pool("MaxPool", x, [2, 2], [2, 2], [0] * 4))
    assert [each.made_at_once for _, each in _neighbours(model)] == [set(), {GROUPS}, set(), set()]
