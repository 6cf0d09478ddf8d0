"""Sequences and optionals: which tensors they hold is known, so they are lists of names while the graph is imported."""

from __future__ import annotations

import numpy as np
from onnx import NodeProto, helper

from xnn.tools.onnx.control_flow import import_body
from xnn.tools.onnx.expansion import Expansion, Importer, add, alias, constant, stack
from xnn.tools.onnx.folding import constant_of
from xnn.tools.onnx.inlining import graph_attribute
from xnn.tools.onnx.tensors import Invalid, Unsupported


def _attribute(node: NodeProto, name: str, default: int) -> int:
    found = (helper.get_attribute_value(each) for each in node.attribute if each.name == name)
    return next(found, default)


def _tensors(importer: Importer, name: str) -> tuple[str, ...]:
    """The tensors in a sequence."""
    if name not in importer.sequences:
        raise Invalid(f"{name} is no sequence")
    return importer.sequences[name]


def _position(importer: Importer, name: str, count: int, most: int) -> int:
    """A position up to `most` in a sequence of `count`, negative from the end; raises Unsupported if data decides."""
    if name not in importer.constants:
        raise Unsupported("a position in a sequence that depends on data")
    index = int(importer.constants[name].elements().item())
    if not -count <= index <= most:
        raise Invalid(f"position {index} in a sequence of {count}")
    return index if index >= 0 else index + count


def expand_construct(importer: Importer, node: NodeProto) -> None:
    """Of no inputs for SequenceEmpty."""
    importer.sequences[node.output[0]] = tuple(node.input)


def expand_at(importer: Importer, node: NodeProto) -> None:
    tensors = _tensors(importer, node.input[0])
    place = _position(importer, node.input[1], len(tensors), len(tensors) - 1)
    alias(importer, tensors[place], node.output[0])


def expand_insert(importer: Importer, node: NodeProto) -> None:
    """Before a position, by default after all."""
    tensors = _tensors(importer, node.input[0])
    place = len(tensors)
    if len(node.input) > 2 and node.input[2]:
        place = _position(importer, node.input[2], len(tensors), len(tensors))
    new = (*tensors[:place], node.input[1], *tensors[place:])
    importer.sequences[node.output[0]] = new


def expand_erase(importer: Importer, node: NodeProto) -> None:
    """The tensor at a position, by default the last."""
    tensors = _tensors(importer, node.input[0])
    place = len(tensors) - 1
    if len(node.input) > 1 and node.input[1]:
        place = _position(importer, node.input[1], len(tensors), len(tensors) - 1)
    importer.sequences[node.output[0]] = (*tensors[:place], *tensors[place + 1 :])


def expand_length(importer: Importer, node: NodeProto) -> None:
    count = np.array(len(_tensors(importer, node.input[0])), np.int64)
    importer.constants[node.output[0]] = constant_of(count)


def expand_split(importer: Importer, node: NodeProto) -> None:
    """Parts of the sizes that are given, of one size with the last the rest, or of size 1."""
    x, axis = node.input[0], _attribute(node, "axis", 0)
    size, squeezes = importer.shape_of(x)[axis], False
    sizes = np.ones(size, np.int64)
    if len(node.input) < 2 or not node.input[1]:
        squeezes = not _attribute(node, "keepdims", 1)
    elif node.input[1] not in importer.constants:
        raise Unsupported("the sizes of the parts depend on data")
    elif (sizes := importer.constants[node.input[1]].elements()).ndim == 0:
        sizes = np.diff([*range(0, size, int(sizes)), size])
    output = node.output[0]
    parts = [importer.unique(f"{output}/{i}") for i in range(len(sizes))]
    if parts:
        name = constant(importer, f"{output}/sizes", np.asarray(sizes, np.int64))
        importer.add_made(helper.make_node("Split", [x, name], parts, axis=axis))
    if squeezes:
        axes = constant(importer, f"{output}/axis", np.array([axis]))
        parts = [
            add(importer, "Squeeze", [part, axes], importer.unique(f"{part}/squeezed"))
            for part in parts
        ]
    importer.sequences[output] = tuple(parts)


def expand_concat(importer: Importer, node: NodeProto) -> None:
    """Along an axis that the tensors have, or a new one."""
    tensors, axis = _tensors(importer, node.input[0]), _attribute(node, "axis", 0)
    if _attribute(node, "new_axis", 0):
        stack(importer, list(tensors), node.output[0], axis)
    elif tensors:
        add(importer, "Concat", tensors, node.output[0], axis=axis)
    else:
        raise Unsupported("a sequence without tensors")


def expand_map(importer: Importer, node: NodeProto) -> None:
    """The body for each tensor of the sequences; tensors among the inputs are the same each time."""
    body, outputs = graph_attribute(node, "body"), [[] for _ in node.output]
    for i in range(len(_tensors(importer, node.input[0]))):
        held = (importer.sequences.get(name) for name in node.input)
        inputs = [each[i] if each is not None else n for n, each in zip(node.input, held)]
        for parts, part in zip(outputs, import_body(importer, body, inputs), strict=True):
            parts.append(part)
    importer.sequences |= {n: tuple(parts) for n, parts in zip(node.output, outputs, strict=True)}


def expand_optional(importer: Importer, node: NodeProto) -> None:
    """What it is given, or nothing."""
    if node.input:
        alias(importer, node.input[0], node.output[0])
    else:
        importer.absent.add(node.output[0])


def expand_has_element(importer: Importer, node: NodeProto) -> None:
    name = node.input[0] if node.input else ""
    has = np.array(bool(name) and name not in importer.absent)
    importer.constants[node.output[0]] = constant_of(has)


def expand_get_element(importer: Importer, node: NodeProto) -> None:
    if node.input[0] in importer.absent:
        raise Invalid(f"{node.input[0]} holds nothing")
    alias(importer, node.input[0], node.output[0])


SEQUENCES: dict[str, Expansion] = {
    "SequenceConstruct": expand_construct,
    "SequenceEmpty": expand_construct,
    "SequenceAt": expand_at,
    "SequenceInsert": expand_insert,
    "SequenceErase": expand_erase,
    "SequenceLength": expand_length,
    "SequenceMap": expand_map,
    "SplitToSequence": expand_split,
    "ConcatFromSequence": expand_concat,
    "Optional": expand_optional,
    "OptionalHasElement": expand_has_element,
    "OptionalGetElement": expand_get_element,
}
"""What expands an operator of sequences or optionals."""
