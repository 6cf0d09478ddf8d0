"""Attributes whose fields are written as `key = value`."""

from dataclasses import replace

from xdsl.context import Context
from xdsl.parser import Parser

from xnn.dialects.prim import PRIM
from xnn.dialects.prim.attributes import WindowAttr


def test_a_field_of_an_attribute_that_was_parsed_can_be_replaced():
    context = Context()
    context.load_dialect(PRIM)
    parsed = Parser(context, "#prim.window<kernel = [1, 1], strides = [2, 2]>").parse_attribute()
    assert isinstance(parsed, WindowAttr)
    assert replace(parsed, strides=(1, 1)) == WindowAttr(kernel=(1, 1), strides=(1, 1))
