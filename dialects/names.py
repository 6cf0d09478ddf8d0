"""Names in the IR: of tensors of the network, and of parts that passes make on the way to them.

`PART` stands between the two. Where it is in a tensor's own name it stands twice in the IR, so that
no part has the name of a tensor.
"""

from __future__ import annotations

import re
from abc import ABC

from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.irdl import IRDLOperation, ParsePropInAttrDict, opt_prop_def, prop_def

PART = "#"
GROUP = "heads"
"""Last in the name of what one of several groups of heads has, before its number."""


def name_in_ir(tensor: str) -> str:
    """The name in the IR of a tensor of the network."""
    return tensor.replace(PART, 2 * PART)


def split_name(name: str) -> tuple[str, str]:
    """The name in the IR of the tensor that `name` belongs to, and the part that it names, "" for the tensor itself."""
    match = re.match("((?:[^#]|##)*)(?:#(.*))?", name, re.DOTALL)
    assert match is not None
    return match[1], match[2] or ""


def shown_name(name: str) -> str:
    """`name` as the user knows it."""
    tensor, part = split_name(name)
    tensor = tensor.replace(2 * PART, PART)
    return f"{tensor}{PART}{part}" if part else tensor


def part_name(name: str, part: str) -> str:
    """The name of `part` of what is called `name`, which may be a part itself.

    `part` is a word, perhaps with a number; numbers alone are of slices.
    """
    tensor, own = split_name(name)
    return f"{tensor}{PART}{own}_{part}" if own else f"{tensor}{PART}{part}"


def group_name(name: str, number: int) -> str:
    """The name of what a group of heads has of what is called `name`."""
    return part_name(name, f"{GROUP}{number}")


def whole_name(name: str) -> str:
    """The name in the IR of the tensor that `name` belongs to, or of what a group of heads has of it."""
    tensor, part = split_name(name)
    group = re.search(rf"{GROUP}\d+$", part)
    return part_name(tensor, group[0]) if group else tensor


def slice_name(layer: str, number: int) -> str:
    """The name of the buffer of one of the slices of a layer."""
    return f"{layer}{PART}{number}"


def slot_name(buffer: str, slot: int) -> str:
    """The name of a slot of a buffer, if it is a buffer of its own."""
    return f"{buffer}.{slot}"


class NamedOperation(IRDLOperation, ABC):
    """An operation with a `name`: that of the ONNX tensor it produces, or one of its own."""

    result_name = prop_def(StringAttr, prop_name="name")
    irdl_options = (ParsePropInAttrDict(),)

    @property
    def shown_name(self) -> str:
        """Its name as the user knows it."""
        return shown_name(self.result_name.data)


class LayerOperation(NamedOperation, ABC):
    """An operation that also lists the layers fused into it."""

    layers = opt_prop_def(ArrayAttr[StringAttr])

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Names of the layers fused into it, in order, without its own."""
        return tuple(layer.data for layer in self.layers) if self.layers else ()
