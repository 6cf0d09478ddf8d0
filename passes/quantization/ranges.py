"""The ranges of feature maps that calibration notes, as attributes of what makes them."""

from __future__ import annotations

from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, FloatAttr, ModuleOp, f32
from xdsl.ir import Attribute, BlockArgument, Operation, SSAValue

from xnn.dialects.xnn.interface import main_function

RANGE = "xnn.range"
"""Attribute of an operator or argument: the least and the largest number of its value, as calibrated."""

Range = tuple[float, float]


def note_range(module: ModuleOp, value: SSAValue, found: Range) -> None:
    """Writes a range down where the value is made."""
    attribute = ArrayAttr[Attribute](FloatAttr(end, f32) for end in found)
    if isinstance(value.owner, Operation):
        value.owner.attributes[RANGE] = attribute
        return
    assert isinstance(value, BlockArgument)
    main = main_function(module)
    given = list(main.arg_attrs or [DictionaryAttr({})] * len(main.args))
    given[value.index] = DictionaryAttr({**given[value.index].data, RANGE: attribute})
    main.arg_attrs = ArrayAttr(given)


def range_of(module: ModuleOp, value: SSAValue) -> Range | None:
    """The calibrated range of a value, None if there is none."""
    if isinstance(value, BlockArgument):
        attributes = main_function(module).arg_attrs
        attribute = attributes.data[value.index].data.get(RANGE) if attributes else None
    else:
        assert isinstance(value.owner, Operation)
        attribute = value.owner.attributes.get(RANGE)
    if not isinstance(attribute, ArrayAttr):
        return None
    low, high = attribute.data
    assert isinstance(low, FloatAttr) and isinstance(high, FloatAttr)
    return low.value.data, high.value.data
