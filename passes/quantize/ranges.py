"""What calibration notes of feature maps, as attributes of what makes them: ranges, means of channels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseIntOrFPElementsAttr,
    DictionaryAttr,
    FloatAttr,
    ModuleOp,
    StringAttr,
    f32,
)
from xdsl.ir import Attribute, BlockArgument, Operation, SSAValue

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn.interface import argument_names, main_function
from xnn.runtime.semantics.arrays import array_of, dense_of

RANGE = "xnn.range"
"""Attribute of an operator or argument: the least and the largest number of its value, as calibrated."""

MEANS = "xnn.means"
"""Attribute of a product: the means of the channels of its result, over each of some parts of the samples."""

PARTS = 4
"""Parts of the samples whose means are told apart: how far they agree says what the mean of all is worth."""

Range = tuple[float, float]


def name_of(module: ModuleOp, value: SSAValue) -> str:
    """The name of a map: that of the tensor of the network, or of the network's input."""
    if isinstance(value, BlockArgument):
        return argument_names(main_function(module))[value.index]
    name = value.owner.properties["name"] if isinstance(value.owner, Operation) else None
    assert isinstance(name, StringAttr)
    return name.data


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
    """The calibrated range of a value, None if there is none; raises UserError for what is no range."""
    if isinstance(value, BlockArgument):
        attributes = main_function(module).arg_attrs
        attribute = attributes.data[value.index].data.get(RANGE) if attributes else None
    else:
        assert isinstance(value.owner, Operation)
        attribute = value.owner.attributes.get(RANGE)
    if attribute is None:
        return None
    ends = attribute.data if isinstance(attribute, ArrayAttr) else ()
    numbers = [end.value.data for end in ends if isinstance(end, FloatAttr)]
    if len(numbers) != 2 or len(ends) != 2 or numbers[0] > numbers[1]:
        raise UserError(
            f"{RANGE} of map {name_of(module, value)} must be its least and largest number, "
            f"not {attribute}"
        )
    return numbers[0], numbers[1]


def channel_means(array: np.ndarray) -> np.ndarray:
    """The mean of each index of axis 1 of an array, in float64."""
    others = tuple(axis for axis in range(array.ndim) if axis != 1)
    return array.mean(axis=others, dtype=np.float64)


def means_of_parts(means: Sequence[np.ndarray]) -> np.ndarray:
    """[parts, channels]: the means of each of up to PARTS parts of samples, from those of each sample."""
    return np.array([np.mean(means[part::PARTS], axis=0) for part in range(min(PARTS, len(means)))])


def note_means(op: Operation, means: np.ndarray) -> None:
    """Writes the means of the channels of a product down."""
    op.attributes[MEANS] = dense_of(means, f32)


def take_means(op: Operation) -> np.ndarray | None:
    """The noted means of the channels of a product, which it loses; None if there are none."""
    attribute = op.attributes.pop(MEANS, None)
    return array_of(attribute) if isinstance(attribute, DenseIntOrFPElementsAttr) else None
