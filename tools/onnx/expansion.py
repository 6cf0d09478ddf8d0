"""Nodes of ONNX that take the place of another: what expands one imports them by these functions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

import numpy as np
from onnx import NodeProto, helper
from xdsl.ir import Block, SSAValue

from xnn.tools.onnx.fault import Fault
from xnn.tools.onnx.folding import constant_of
from xnn.tools.onnx.sizes.numbers import Sizes
from xnn.tools.onnx.tensors import Constant, ModelFile, Unsupported


class Importer(Protocol):
    """What imports the graph around: see xnn.tools.onnx.importer."""

    file: ModelFile
    constants: dict[str, Constant]
    sequences: dict[str, tuple[str, ...]]
    absent: set[str]
    names: set[str]
    lost: set[str]
    faults: list[Fault]
    data_sizes: Sizes
    first_rows: dict[str, int]
    values: dict[str, SSAValue]
    block: Block

    def add_nodes(self, nodes: Sequence[NodeProto], used: Collection[str]) -> None: ...
    def add_made(self, node: NodeProto) -> None: ...
    def add_plain(self, proto: NodeProto, used: Collection[str]) -> None: ...
    def value(self, name: str) -> SSAValue: ...
    def define(self, name: str, value: SSAValue) -> None: ...
    def opset_of(self, node: NodeProto) -> int: ...
    def unique(self, name: str) -> str: ...
    def forget_impossible(self, faults: Sequence[Fault]) -> bool: ...
    def shape_of(self, name: str) -> tuple[int, ...]: ...
    def dtype_of(self, name: str) -> np.dtype: ...


Expansion = Callable[[Importer, NodeProto], None]
"""Imports a node as others."""


def add(
    importer: Importer, operator: str, inputs: Sequence[str], output: str, **attributes: Any
) -> str:
    """Imports one node more; its output."""
    node = helper.make_node(operator, list(inputs), [output])
    given = {name: value for name, value in attributes.items() if value is not None}
    node.attribute.extend(helper.make_attribute(name, value) for name, value in given.items())
    importer.add_made(node)
    return output


def constant(importer: Importer, name: str, value: object) -> str:
    name = importer.unique(name)
    importer.constants[name] = constant_of(np.asarray(value))
    return name


def alias(importer: Importer, old: str, new: str) -> None:
    """Gives a tensor, a sequence or an optional another name, by which the graph around knows it."""
    if old in importer.sequences:
        importer.sequences[new] = importer.sequences[old]
    elif old in importer.absent:
        importer.absent.add(new)
    elif new and old not in importer.lost:
        add(importer, "Identity", [old], new)
    elif new:
        importer.lost.add(new)


def stack(importer: Importer, parts: list[str], output: str, axis: int) -> None:
    """Tensors side by side along a new axis."""
    if not parts:
        raise Unsupported(f"{output} has no elements")
    axes = constant(importer, f"{output}/axis", np.array([axis]))
    new = [add(importer, "Unsqueeze", [part, axes], importer.unique(part)) for part in parts]
    add(importer, "Concat", new, output, axis=axis)
