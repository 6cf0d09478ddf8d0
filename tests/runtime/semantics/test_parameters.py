"""What `@weights` returns is computed when it is first asked for, once, and by itself."""

import numpy as np
import pytest
from xdsl.interpreter import Interpreter
from xdsl.parser import Parser

from xnn.dialects.diagnostics import UserError
from xnn.runtime.session import Session
from xnn.tools.parsing import make_context

MODULE = """
func.func @weights() -> (tensor<2xf32> {xnn.name = "a"}, tensor<2xf32> {xnn.name = "b"}) {
  %one = xnn.constant "one" dense<[1.0, 4.0]> : tensor<2xf32>
  %a = xnn.sqrt "a" %one : (tensor<2xf32>) -> tensor<2xf32>
  %b = xnn.exp "b" %one : (tensor<2xf32>) -> tensor<2xf32>
  func.return %a, %b : tensor<2xf32>, tensor<2xf32>
}
func.func @main(%x: tensor<2xf32> {xnn.name = "x"}) -> (tensor<2xf32> {xnn.name = "y"}) {
  %w = xnn.parameter "PARAMETER" : tensor<2xf32>
  %y = xnn.add "y" %x, %w : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  func.return %y : tensor<2xf32>
}
"""


class Seen(Interpreter.Listener):
    def __init__(self):
        self.names = []

    def did_interpret_op(self, op, results):
        self.names.append(op.name)


def session(parameter: str) -> Session:
    text = MODULE.replace("PARAMETER", parameter)
    return Session(Parser(make_context(), text).parse_module())


def test_a_parameter_is_computed_once_and_alone():
    run, seen, x = session("a"), Seen(), np.array([0, 1], np.float32)
    run.interpreter.listeners += (seen,)
    for _ in range(2):
        np.testing.assert_array_equal(run.run({"x": x})["y"], np.array([1, 3], np.float32))
    assert seen.names.count("xnn.sqrt") == 1 and "xnn.exp" not in seen.names


def test_a_parameter_that_nothing_returns():
    with pytest.raises(UserError, match='@weights returns no parameter "c"'):
        session("c").run({"x": np.array([0, 1], np.float32)})
