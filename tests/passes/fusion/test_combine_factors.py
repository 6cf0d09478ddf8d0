"""Random products keep their values, whatever factors they share."""

from random import Random

import numpy as np
import pytest
from xdsl.dialects.builtin import f32, i8
from xdsl.ir import Block

from xnn.dialects.prim import YieldOp
from xnn.dialects.scalar import add, array_function, constant, multiply, place, to_type
from xnn.passes.fusion.combine_factors import combine_factors


def random_products(random: Random) -> Block:
    """Of two bytes, a float and constants, each of which may be a factor of several, and twice of one."""
    block = Block(arg_types=[i8, i8, f32])
    values = [to_type(each, f32) for each in block.args]
    for _ in range(random.randint(2, 9)):
        values.append(constant(random.choice([0.5, 2.0, 3.0]), f32))
        step = add if random.random() < 0.2 else multiply
        values.append(step(random.choice(values), random.choice(values)))
    block.add_op(YieldOp(place(block, values[-1])))
    return block


@pytest.mark.parametrize("seed", range(200))
def test_products_keep_their_values(seed: int):
    block, rng = random_products(Random(seed)), np.random.default_rng(seed)
    a, b = rng.integers(-128, 128, (2, 64)).astype(np.int8)
    x = rng.standard_normal(64).astype(np.float32)
    expected = array_function(block)([a, b, x])
    multiplications = sum(op.name == "arith.mulf" for op in block.ops)
    combine_factors(block)
    assert sum(op.name == "arith.mulf" for op in block.ops) <= multiplications
    np.testing.assert_allclose(array_function(block)([a, b, x]), expected, rtol=1e-5, atol=1e-5)
