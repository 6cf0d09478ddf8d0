"""What calibration records: ranges and means of channels, as attributes of operators and arguments."""

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
"""Attribute of an operator or argument: the least and the largest element of its value in calibration."""

MEANS = "xnn.means"
"""Attribute of a product: the means of the channels of its result, for each part of the samples."""

PARTS = 4
"""Parts of the samples with means of their own: how well they agree says how reliable the mean of all is."""

Range = tuple[float, float]


def name_of(module: ModuleOp, value: SSAValue) -> str:
    """The name of a feature map: that of its operator, or of the network's input."""
    if isinstance(value, BlockArgument):
        return argument_names(main_function(module))[value.index]
    name = value.owner.properties["name"] if isinstance(value.owner, Operation) else None
    assert isinstance(name, StringAttr)
    return name.data


def set_range(module: ModuleOp, value: SSAValue, found: Range) -> None:
    """Attaches a range to the producer of a value, or to an argument."""
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
    """The calibrated range of a value, or None; raises UserError if its attribute is no range."""
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
            f"{RANGE} of feature map {name_of(module, value)} must be its least and largest element, "
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


def set_means(op: Operation, means: np.ndarray) -> None:
    """Attaches the means of the channels of its result to a product."""
    op.attributes[MEANS] = dense_of(means, f32)


def take_means(op: Operation) -> np.ndarray | None:
    """Removes and returns the means of the channels of a product; None if it has none."""
    attribute = op.attributes.pop(MEANS, None)
    return array_of(attribute) if isinstance(attribute, DenseIntOrFPElementsAttr) else None
