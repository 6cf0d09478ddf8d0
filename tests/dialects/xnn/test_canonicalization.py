"""A network of all that canonicalisation rewrites computes the same with it and without, at every level."""

from io import BytesIO

import numpy as np
import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, TensorType, f32
from xdsl.folder import Folder
from xdsl.interfaces import HasFolderInterface
from xdsl.irdl import IRDLOperation, irdl_op_definition, result_def
from xdsl.utils.arg_spec import ArgSpec

from xnn.dialects.xnn import XNN, ConstantOp
from xnn.passes.pipelines import passes_to
from xnn.runtime.extensions import multiverse
from xnn.tools.parsing import make_context, parse_module
from xnn.tools.pass_list import build_passes, run_passes
from xnn.tools.program import Program

NETWORK = """
builtin.module attributes {xnn.level = #xnn<level xnn>} {
  func.func @main(%x : tensor<1x4x6x6xf32> {xnn.name = "x"}) -> (tensor<16x9xf32> {xnn.name = "y"},
      tensor<1x4x6x6xf32> {xnn.name = "z"}) {
    %zero = xnn.constant "zero" dense<0.0> : tensor<4x1x1xf32>
    %one = xnn.constant "one" dense<1.0> : tensor<f32>
    %a = xnn.dropout "a" %x {ratio = 0.5 : f32} : (tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>
    %b = xnn.identity "b" %a : (tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>
    %c = xnn.add "c" %zero, %b : (tensor<4x1x1xf32>, tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>
    %d = xnn.mul "d" %c, %one : (tensor<1x4x6x6xf32>, tensor<f32>) -> tensor<1x4x6x6xf32>
    %e = xnn.sub "e" %d, %zero : (tensor<1x4x6x6xf32>, tensor<4x1x1xf32>) -> tensor<1x4x6x6xf32>
    %f = xnn.div "f" %e, %one : (tensor<1x4x6x6xf32>, tensor<f32>) -> tensor<1x4x6x6xf32>
    %g = xnn.neg "g" %f : (tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>
    %h = xnn.neg "h" %g : (tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>
    %i = xnn.cast "i" %h {to = f32} : (tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>
    %j = xnn.concat "j" %i {axis = 1 : i64} : (tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>
    %k = xnn.max_pool "k" %j {kernel_shape = array<i64: 3, 3>,
      pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>,
      dilations = array<i64: 1, 1>} : (tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>
    %l = xnn.clip "l" %k {min = -1.0 : f32, max = 1.5 : f32} : (tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>
    %m = xnn.clip "m" %l {min = -0.5 : f32, max = 2.0 : f32} : (tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>
    %n = xnn.reshape "n" %m {shape = array<i64: 1, 4, 36>} : (tensor<1x4x6x6xf32>) -> tensor<1x4x36xf32>
    %o = xnn.reshape "o" %n {shape = array<i64: 4, 4, 9>} : (tensor<1x4x36xf32>) -> tensor<4x4x9xf32>
    %p = xnn.transpose "p" %o {perm = array<i64: 1, 2, 0>} : (tensor<4x4x9xf32>) -> tensor<4x9x4xf32>
    %q = xnn.transpose "q" %p {perm = array<i64: 2, 0, 1>} : (tensor<4x9x4xf32>) -> tensor<4x4x9xf32>
    %r = xnn.reshape "r" %q {shape = array<i64: 16, 9>} : (tensor<4x4x9xf32>) -> tensor<16x9xf32>
    %s = xnn.relu "s" %r : (tensor<16x9xf32>) -> tensor<16x9xf32>
    %t = xnn.relu "t" %s : (tensor<16x9xf32>) -> tensor<16x9xf32>
    %z = xnn.mul "z" %k, %k : (tensor<1x4x6x6xf32>, tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>
    func.return %t, %z : tensor<16x9xf32>, tensor<1x4x6x6xf32>
  }
}
"""
CLEAN = ("canonicalize", "cse", "dce")
LEVELS = ("xnn", "prim", "dma", "dsa")


def lowered(level: int, *, clean: bool) -> Program:
    """NETWORK at a level: with CLEAN after the passes to each level, or with no canonicalisation at all."""
    context = make_context()
    module = parse_module(BytesIO(NETWORK.encode()), context)
    available = multiverse()[0].all_passes
    passes = build_passes([ArgSpec("xnn-target", {"target": ("edge",)})], available)
    for reached in LEVELS[: level + 1]:
        new = passes_to(reached)
        chosen = [*new, *CLEAN] if clean else [name for name in new if name != "canonicalize"]
        passes += build_passes([ArgSpec(name, {}) for name in chosen], available)
    run_passes(module, passes, context)
    return Program(module)


@pytest.mark.parametrize("level", range(len(LEVELS)), ids=LEVELS)
def test_numbers_stay(level: int):
    x = np.random.default_rng(5).standard_normal((1, 4, 6, 6), np.float32)
    plain, clean = (lowered(level, clean=c).run({"x": x})[0] for c in (False, True))
    pooled = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    pooled = np.lib.stride_tricks.sliding_window_view(pooled, (3, 3), (2, 3)).max((4, 5))
    expected = np.maximum(np.clip(pooled, -0.5, 1.5).reshape(16, 9), 0)
    for outputs in (plain, clean):
        np.testing.assert_array_equal(outputs["y"], expected)
        np.testing.assert_array_equal(outputs["z"], pooled * pooled)


def test_what_folds_to_elements_becomes_a_constant():
    type = TensorType(f32, [3])
    value = DenseIntOrFPElementsAttr.from_list(type, [1.0, 2.0, 3.0])

    @irdl_op_definition
    class HalfOp(IRDLOperation, HasFolderInterface):
        name = "xnn.half"
        result = result_def(type)

        def fold(self):
            return (value,)

    context = Context()
    context.load_dialect(XNN)
    made: list[ConstantOp] = []
    for _ in range(2):
        folded = Folder(context).try_fold(HalfOp.create(result_types=[type]))
        assert folded is not None
        (constant,) = folded[1]
        assert isinstance(constant, ConstantOp) and constant.value == value
        constant.verify()
        made.append(constant)
    assert made[0].result_name == made[1].result_name
