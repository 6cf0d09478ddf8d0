"""Rotary embedding as onnxruntime has it: pairs of elements turned by angles of their positions."""

from __future__ import annotations

import numpy as np
from onnx import NodeProto

from xnn.tools.onnx.expansion import Expansion, Importer
from xnn.tools.onnx.sizes.building import Rules
from xnn.tools.onnx.tensors import Unsupported


def rotated(rules: Rules, x: str, positions: str, cos: str, sin: str, interleaved: bool) -> str:
    """x [batch, heads, tokens, size], its first elements turned by the rows of cos and sin at positions.

    Positions are [batch or 1, tokens]. A pair is two neighbours, or an element and the one half of them further.
    """
    add, constant = rules.add, rules.constant
    batch, heads, tokens, size = rules.importer.shape_of(x)
    half = rules.importer.shape_of(cos)[1]
    if 2 * half > size:
        raise Unsupported(f"{2 * half} of {size} elements are rotated")

    def part(name: str, start: int, end: int, axis: int) -> str:
        return add("Slice", name, *(constant([each]) for each in (start, end, axis)))

    turned = x if 2 * half == size else part(x, 0, 2 * half, 3)
    if interleaved:
        turned = add("Reshape", turned, constant([batch, heads, tokens, half, 2]))
        flat = constant([batch, heads, tokens, half])
        one, other = (add("Reshape", part(turned, i, i + 1, 4), flat) for i in (0, 1))
    else:
        one, other = part(turned, 0, half, 3), part(turned, half, 2 * half, 3)
    axis = constant([1])
    cos, sin = (add("Unsqueeze", add("Gather", each, positions), axis) for each in (cos, sin))
    real = add("Sub", add("Mul", one, cos), add("Mul", other, sin))
    imaginary = add("Add", add("Mul", one, sin), add("Mul", other, cos))
    if interleaved:
        last = constant([-1])
        both = add(
            "Concat", add("Unsqueeze", real, last), add("Unsqueeze", imaginary, last), axis=4
        )
        result = add("Reshape", both, constant([batch, heads, tokens, 2 * half]))
    else:
        result = add("Concat", real, imaginary, axis=3)
    if 2 * half < size:
        result = add("Concat", result, part(x, 2 * half, size, 3), axis=3)
    return result


def expand_rotary_embedding(importer: Importer, node: NodeProto) -> None:
    """Of heads, or of their elements side by side; positions are given, or count from one that is."""
    rules = Rules(importer, node)
    x, sizes, cos = rules.name(0), rules.shape(0), rules.name(2)
    if rules.attributes.get("is_packed_batching", 0) or rules.attributes.get("scale", 1.0) != 1:
        raise Unsupported("packed batches, or a scale")
    flat = len(sizes) == 3
    if flat:
        heads = rules.attributes.get("num_heads", 0)
        heads = heads or sizes[2] // (2 * importer.shape_of(cos)[1])
        x = rules.add("Reshape", x, rules.constant([sizes[0], sizes[1], heads, -1]))
        x = rules.add("Transpose", x, perm=[0, 2, 1, 3])
    positions = rules.name(1)
    if len(rules.shape(1)) == 1:
        count = rules.constant(np.arange(importer.shape_of(x)[2])[None])
        positions = rules.add("Add", positions, count)
    interleaved = bool(rules.attributes.get("interleaved", 0))
    y = rotated(rules, x, positions, cos, rules.name(3), interleaved)
    if flat:
        y = rules.add("Transpose", y, perm=[0, 2, 1, 3])
        y = rules.add("Reshape", y, rules.constant(sizes))
    rules.add("Identity", y, output=node.output[0])


ROTARY: dict[str, Expansion] = {"RotaryEmbedding": expand_rotary_embedding}
"""What expands onnxruntime's rotary embedding."""
