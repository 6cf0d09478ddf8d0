"""Strided products without a kernel, on memories that have no room for the feature map that they read."""

import numpy as np
import pytest
from onnx import helper

from tests.samples import samples
from tests.tools.onnx.levels import agree, model_of
from xnn import compile
from xnn.dialects.prim import TransferOp

ROWS = 16
"""Of each of eight banks, of 64 bytes."""
CASES = {
    "a row": ((1, 16, 301), (3,), 1),
    "an image": ((1, 16, 13, 11), (2, 2), 1),
    "rows of an image": ((1, 8, 15, 12), (3, 1), 1),
    "several images in groups": ((2, 8, 9, 14), (2, 3), 4),
    "a volume": ((1, 4, 7, 9, 8), (2, 1, 2), 2),
}


@pytest.mark.parametrize("case", samples(2, CASES))
def test_two_products_read_one_copy(case: str):
    shape, strides, groups = CASES[case]
    rng = np.random.default_rng(len(case))
    x = rng.integers(-8, 8, shape).astype(np.float32)
    ones = (1,) * len(strides)
    weights = {
        name: rng.integers(-8, 8, (rows, shape[1] // groups, *ones)).astype(np.float32)
        for name, rows in (("v", 8), ("w", 4))
    }
    nodes = [helper.make_node("Relu", ["x"], ["r"])]
    nodes += [
        helper.make_node("Conv", ["r", name], [f"{name}y"], strides=strides, group=groups)
        for name in weights
    ]
    nodes.append(helper.make_node("Neg", ["r"], ["n"]))
    model = model_of(nodes, {"x": x}, ["vy", "wy", "n"], weights)
    report = agree(model, {"x": x}, rows=ROWS)
    roomy = agree(model, {"x": x})
    assert report.bounds.parallel == roomy.bounds.parallel
    settings = ["local.banks=8", f"local.rows={ROWS}"]
    program = compile(model.SerializeToString(), settings=settings, level="prim")
    copies = [op for op in program.module.walk() if isinstance(op, TransferOp)]
    assert [op.operator.data for op in copies] == ["copy"]
