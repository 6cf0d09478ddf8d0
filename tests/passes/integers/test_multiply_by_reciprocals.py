"""A scale and shift between two roundings, with their scales in its constants: against real arithmetic."""

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

from xnn.dialects import xnn
from xnn.passes.integers.multiply_by_reciprocals import MultiplyByReciprocals
from xnn.passes.integers.scales import Scales
from xnn.tools.api import compile
from xnn.tools.parsing import make_context

CHANNELS = 5

NETWORK = """func.func @main(%x : tensor<1x5x256xf32> {{xnn.name = "x"}})
    -> (tensor<1x5x256x{type}> {{xnn.name = "y"}}) {{
  %s = xnn.constant "s" dense<{step}> : tensor<f32>
  %z = xnn.constant "z" dense<{zero}> : tensor<i8>
  %t = xnn.constant "t" dense<{result_step}> : tensor<f32>
  %u = xnn.constant "u" dense<{result_zero}> : tensor<{type}>
  %g = xnn.constant "g" dense<{scale}> : tensor<5x1xf32>
  %b = xnn.constant "b" dense<{bias}> : tensor<5x1xf32>
  %q = xnn.quantize "q" %x, %s, %z : (tensor<1x5x256xf32>, tensor<f32>, tensor<i8>) -> tensor<1x5x256xi8>
  %d = xnn.dequantize "d" %q, %s, %z : (tensor<1x5x256xi8>, tensor<f32>, tensor<i8>) -> tensor<1x5x256xf32>
  %m = xnn.mul "m" %g, %d : (tensor<5x1xf32>, tensor<1x5x256xf32>) -> tensor<1x5x256xf32>
  %a = xnn.add "a" %m, %b : (tensor<1x5x256xf32>, tensor<5x1xf32>) -> tensor<1x5x256xf32>
  %r = xnn.relu "r" %a : (tensor<1x5x256xf32>) -> tensor<1x5x256xf32>
  %y = xnn.quantize "y" %r, %t, %u : (tensor<1x5x256xf32>, tensor<f32>, tensor<{type}>) -> tensor<1x5x256x{type}>
  func.return %y : tensor<1x5x256x{type}>
}}"""


def rounded_once(text: str) -> ModuleOp:
    module = Parser(make_context(), text).parse_module()
    MultiplyByReciprocals().apply(make_context(), module)
    module.verify()
    return module


@pytest.mark.parametrize(
    ("seed", "type", "zero", "stays"),
    [(0, "ui8", 0, False), (1, "i8", -128, False), (2, "i8", -7, True)],
)
def test_each_byte_is_rounded_as_the_real_value_is(seed: int, type: str, zero: int, stays: bool):
    random = np.random.default_rng(seed)
    scale, bias = random.normal(size=(2, CHANNELS, 1)).astype(np.float32)
    step, result_step = np.float32(0.05), np.float32(0.02)
    values = {"step": step, "result_step": result_step, "result_zero": zero, "zero": -11}
    text = NETWORK.format(type=type, scale=scale.tolist(), bias=bias.tolist(), **values)
    module = rounded_once(text)
    assert any(isinstance(op, xnn.ReluOp) for op in module.walk()) == stays
    *_, last = (op for op in module.walk() if isinstance(op, xnn.QuantizeOp))
    found = Scales(module).of(last.result)
    assert found is not None and (found.scale, found.zero_point) == (result_step, zero)

    bytes = np.tile(np.arange(-128.0, 128), (CHANNELS, 1))
    x = ((bytes + 11) * step).astype(np.float32)
    real = np.maximum((bytes + 11) * float(step) * scale + bias, 0) / float(result_step) + zero
    info = np.iinfo(np.int8 if type == "i8" else np.uint8)
    real = np.clip(real, info.min, info.max)
    for level in ("xnn", "dsa"):
        y = compile(module.clone(), level=level).run({"x": x[None]})[0]["y"][0]
        assert np.abs(y - real).max() <= 0.5 + 1e-4
