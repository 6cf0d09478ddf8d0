"""Scaling by integers: against scaling by floats, also where numbers are far out of range."""

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

from xnn.passes.integers.multiply_and_shift import MultiplyAndShift
from xnn.tools.api import compile
from xnn.tools.parsing import make_context

SUM = """func.func @main(%a : tensor<4xi32> {{xnn.name = "a"}}, %b : tensor<4xi32> {{xnn.name = "b"}})
    -> (tensor<4xi8> {{xnn.name = "y"}}) {{
  %s = xnn.constant "s" dense<{scale}> : tensor<f32>
  %t = xnn.constant "t" dense<0.5> : tensor<f32>
  %z = xnn.constant "z" dense<0> : tensor<i32>
  %z8 = xnn.constant "z8" dense<0> : tensor<i8>
  %x = xnn.dequantize "x" %a, %s, %z : (tensor<4xi32>, tensor<f32>, tensor<i32>) -> tensor<4xf32>
  %v = xnn.dequantize "v" %b, %s, %z : (tensor<4xi32>, tensor<f32>, tensor<i32>) -> tensor<4xf32>
  %sum = xnn.add "sum" %x, %v : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %y = xnn.quantize "y" %sum, %t, %z8 : (tensor<4xf32>, tensor<f32>, tensor<i8>) -> tensor<4xi8>
  func.return %y : tensor<4xi8>
}}"""


def module(scale: float) -> ModuleOp:
    return Parser(make_context(), SUM.format(scale=scale)).parse_module()


def scaled_by_integers(scale: float) -> ModuleOp:
    result = module(scale)
    MultiplyAndShift().apply(make_context(), result)
    result.verify()
    return result


def test_sums_far_out_of_range_saturate():
    large = np.array([2**31 - 1, -(2**31), 2**30, 100], np.int32)
    inputs = {"a": large, "b": large}
    expected = compile(module(0.5), level="xnn").run(inputs)[0]["y"]
    assert expected.tolist() == [127, -128, 127, 127]
    for level in ("xnn", "dsa"):
        found = compile(scaled_by_integers(0.5), level=level).run(inputs)[0]["y"]
        np.testing.assert_array_equal(found, expected)


def test_what_is_too_large_for_a_multiplier_stays_as_it_was():
    assert str(scaled_by_integers(1e9)) == str(module(1e9))
