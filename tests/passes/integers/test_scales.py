"""What the integers of feature maps stand for."""

from tests.networks.graph import Graph
from xnn import compile
from xnn.dialects.xnn import CenterOp, NormalizeOp, QuantizeOp
from xnn.passes.integers.parameters import is_zero, known
from xnn.passes.integers.scales import Scales


def test_a_normalisation_that_adds_the_zero_point_keeps_it_known():
    g = Graph()
    x = g.layer_norm(g.linear(g.input("x", 1, 6, 8), 8, 8), 8)
    module = compile(g.model(g.linear(x, 8, 8)), quantize="int8", level="xnn").module
    (rounded,) = (
        op
        for op in module.walk()
        if isinstance(op, QuantizeOp) and isinstance(op.x.owner, NormalizeOp)
    )
    *_, centered = (op for op in module.walk() if isinstance(op, CenterOp))  # of the last product
    wanted, scale = known(centered.zero_point), Scales(module).of(rounded.result)
    assert wanted is not None and wanted.any()
    assert scale is not None and scale.zero_point == wanted
    assert is_zero(rounded.zero_point)
