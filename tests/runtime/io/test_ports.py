"""The named inputs and outputs of a module are the same at every level."""

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

from tests.runtime.random_networks import Network
from xnn.dialects import LEVELS
from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.inputs import Port
from xnn.runtime.io.ports import input_ports, level_of, output_ports
from xnn.tools.api import compile
from xnn.tools.parsing import make_context

FLOAT = np.dtype(np.float32)


@pytest.mark.parametrize("level", LEVELS)
def test_ports_of_a_network(level):
    net = Network(0)
    image, other = net.input(1, 4, 6, 6), net.input(1, 8, 6, 6)
    out = net.add("Add", [net.conv(image, 8, [1, 1]), other], (1, 8, 6, 6))
    module = compile(net.model(out), level=level).module
    assert level_of(module) == level
    assert input_ports(module) == [
        Port("x0", (1, 4, 6, 6), FLOAT),
        Port("x1", (1, 8, 6, 6), FLOAT),
    ]
    assert output_ports(module) == [Port(out, (1, 8, 6, 6), FLOAT)]


def test_a_module_without_a_network():
    assert level_of(ModuleOp([])) == "xnn"
    with pytest.raises(UserError, match="main"):
        input_ports(ModuleOp([]))


def test_what_is_no_tensor_is_no_port():
    text = 'func.func @main(%n: i32 {xnn.name = "n"}) { func.return }'
    module = Parser(make_context(), text).parse_module()
    with pytest.raises(UserError, match="'n' is i32, not a tensor"):
        input_ports(module)
