"""The attention operators that onnxruntime adds, as products, masks and softmaxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import ml_dtypes
import numpy as np
from onnx import NodeProto, helper

from xnn.tools.onnx.expansion import Expansion, Importer
from xnn.tools.onnx.node import MICROSOFT
from xnn.tools.onnx.sizes.building import Rules
from xnn.tools.onnx.tensors import Unsupported


def refuse_outputs(node: NodeProto, *places: int) -> None:
    """Raises Unsupported if one of these outputs is used."""
    for name in (node.output[place] for place in places if place < len(node.output)):
        if name:
            raise Unsupported(f"output {name}")


def refuse_attributes(rules: Rules, *names: str) -> None:
    """Raises Unsupported if one of these attributes is set."""
    for name in names:
        if rules.attributes.get(name, 0) not in (0, b"NONE"):
            raise Unsupported(f"attribute {name}")


@dataclass(frozen=True)
class Heads:
    """Queries, keys and values, [batch, heads, tokens, size] each; a head of keys serves several of queries."""

    rules: Rules
    query: str
    key: str
    value: str

    def attended(self, mask: str = "", bias: str = "", sink: str = "") -> str:
        """[batch, tokens, heads * size of values]; `mask` says which keys count, `bias` is added to scores.

        Scores are bounded by the attribute `softcap`. `sink` [heads] is one score more, of no value.
        """
        rules, add, shape = self.rules, self.rules.add, self.rules.importer.shape_of
        (batch, heads, tokens, size), (_, shared, total, _) = shape(self.query), shape(self.key)
        dtype = rules.importer.dtype_of(self.query)
        scale = rules.attributes.get("scale", 0.0) or 1 / sqrt(size)
        query = add("Mul", self.query, rules.constant(scale, dtype))
        grouped = (batch, shared, heads // shared * tokens)
        query = add("Reshape", query, rules.constant([*grouped, size]))
        scores = add("MatMul", query, add("Transpose", self.key, perm=[0, 1, 3, 2]))
        scores = add("Reshape", scores, rules.constant([batch, heads, tokens, total]))
        if cap := rules.attributes.get("softcap", 0.0):
            bound = rules.constant(cap, dtype)
            scores = add("Mul", add("Tanh", add("Div", scores, bound)), bound)
        if bias:
            scores = add("Add", scores, bias)
        if mask:
            least = rules.constant(ml_dtypes.finfo(dtype).min, dtype)
            scores = add("Where", mask, scores, least)
        if sink:
            sinks = add("Reshape", sink, rules.constant([1, heads, 1, 1]))
            sinks = add("Expand", sinks, rules.constant([batch, heads, tokens, 1]))
            scores = add("Concat", scores, sinks, axis=3)
        weights = add("Softmax", scores, axis=3)
        if sink:
            start, end, axis = (rules.constant([each]) for each in (0, total, 3))
            weights = add("Slice", weights, start, end, axis)
        weights = add("Reshape", weights, rules.constant([*grouped, total]))
        found = add("MatMul", weights, self.value)
        found = add("Reshape", found, rules.constant([batch, heads, tokens, -1]))
        found = add("Transpose", found, perm=[0, 2, 1, 3])
        return add("Reshape", found, rules.constant([batch, tokens, -1]))


def split_heads(rules: Rules, name: str, heads: int) -> str:
    """[batch, tokens, heads * size] as [batch, heads, tokens, size]."""
    batch, tokens, _ = rules.importer.shape_of(name)
    apart = rules.add("Reshape", name, rules.constant([batch, tokens, heads, -1]))
    return rules.add("Transpose", apart, perm=[0, 2, 1, 3])


def split(rules: Rules, name: str, sizes: Sequence[int], axis: int) -> list[str]:
    """Parts of these sizes along an axis."""
    ends = np.cumsum(sizes).tolist()
    return [
        rules.add("Slice", name, *(rules.constant([each]) for each in (end - size, end, axis)))
        for size, end in zip(sizes, ends, strict=True)
    ]


def after_past(rules: Rules, past: str, new: str, output: str) -> str:
    """Keys or values of the past, then new ones; they are an output as well."""
    whole = rules.add("Concat", past, new, axis=2) if past else new
    if output:
        rules.add("Identity", whole, output=output)
    return whole


def padding_bias(rules: Rules, name: str, batch: int, total: int, dtype: np.dtype) -> str:
    """What a mask adds to scores: of keys [batch, total], of each query, or of lengths [batch], [2 * batch]."""
    add, sizes = rules.add, list(rules.importer.shape_of(name))
    if len(sizes) > 3 or len(sizes) == 1 and sizes[0] not in (batch, 2 * batch):
        raise Unsupported(f"a mask of shape {sizes}")
    if len(sizes) == 1:
        ends, *starts = split(rules, name, [batch] * (sizes[0] // batch), 0)
        places = rules.constant(np.arange(total)[None], np.int32)
        column = rules.constant([batch, 1])
        kept = add("Less", places, add("Reshape", ends, column))
        for start in starts:
            from_there = add("GreaterOrEqual", places, add("Reshape", start, column))
            kept = add("And", kept, from_there)
        sizes = [batch, total]
    else:
        kept = add("Greater", name, rules.constant(0, rules.importer.dtype_of(name)))
    if sizes[-1] != total:
        raise Unsupported(f"a mask of {sizes[-1]} keys, where there are {total}")
    one = sizes[1] if len(sizes) == 3 else 1
    kept = add("Reshape", kept, rules.constant([batch, 1, one, total]))
    filled = rules.attributes.get("mask_filter_value", -10000.0)
    return add("Where", kept, rules.constant(0, dtype), rules.constant(filled, dtype))


def attend(
    rules: Rules, query: str, key: str, value: str, *, past: int, mask: str, bias: str
) -> None:
    """The first output: `mask` as onnxruntime has it, `past` keys that all queries may see."""
    importer = rules.importer
    (batch, _, tokens, _), total = importer.shape_of(query), importer.shape_of(key)[2]
    dtype = importer.dtype_of(query)
    if mask:
        masked = padding_bias(rules, mask, batch, total, dtype)
        bias = rules.add("Add", masked, bias) if bias else masked
    seen = ""
    if rules.attributes.get("unidirectional", 0):
        seen = rules.constant(np.tri(tokens, total, past, np.bool_), np.bool_)
    found = Heads(rules, query, key, value).attended(seen, bias)
    rules.add("Identity", found, output=rules.node.output[0])


def expand_multi_head_attention(importer: Importer, node: NodeProto) -> None:
    """Queries, keys and values apart or packed, with a bias; keys may have heads already."""
    rules = Rules(importer, node)
    refuse_outputs(node, 3)
    if rules.name(8) or rules.name(9):
        raise Unsupported("a buffer that past and present share")
    heads = rules.attributes["num_heads"]
    names = [rules.name(place) for place in range(3)]
    packed = next((name for name in names if name and len(importer.shape_of(name)) == 5), "")
    if packed:
        count = importer.shape_of(packed)[3]
        whole = split(rules, packed, [1] * count, 3)
        batch, tokens = importer.shape_of(packed)[:2]
        flat = rules.constant([batch, tokens, -1])
        names[3 - count :] = [rules.add("Reshape", each, flat) for each in whole]
    if bias := rules.name(3):
        sizes = [importer.shape_of(names[0])[-1]] * 2
        sizes.append(importer.shape_of(bias)[0] - sum(sizes))
        parts = split(rules, bias, sizes, 0)
        names = [
            rules.add("Add", name, part) if len(importer.shape_of(name)) == 3 else name
            for name, part in zip(names, parts, strict=True)
        ]
    query, *rest = (
        split_heads(rules, name, heads) if len(importer.shape_of(name)) == 3 else name
        for name in names
    )
    past = importer.shape_of(rules.name(6))[2] if rules.name(6) else 0
    outputs = [*node.output[1:3], "", ""]
    key, value = (
        after_past(rules, rules.name(6 + i), each, outputs[i]) for i, each in enumerate(rest)
    )
    attend(rules, query, key, value, past=past, mask=rules.name(4), bias=rules.name(5))


def _from_projection(rules: Rules, projected: str, past: str, mask: str, bias: str) -> None:
    """Attention over queries, keys and values side by side; past and present are keys, then values."""
    importer, heads = rules.importer, rules.attributes["num_heads"]
    refuse_attributes(rules, "do_rotary", "past_present_share_buffer")
    size = importer.shape_of(projected)[2]
    sizes = rules.attributes.get("qkv_hidden_sizes") or [size // 3] * 3
    query, *rest = (split_heads(rules, each, heads) for each in split(rules, projected, sizes, 2))
    count, olds = 0, ["", ""]
    if past:
        count, shape = importer.shape_of(past)[3], importer.shape_of(past)[1:]
        olds = [
            rules.add("Reshape", each, rules.constant(shape))
            for each in split(rules, past, [1, 1], 0)
        ]
    key, value = (after_past(rules, old, new, "") for old, new in zip(olds, rest, strict=True))
    if len(rules.node.output) > 1 and (present := rules.node.output[1]):
        axis = rules.constant([0])
        both = [rules.add("Unsqueeze", each, axis) for each in (key, value)]
        rules.add("Concat", *both, output=present, axis=0)
    attend(rules, query, key, value, past=count, mask=mask, bias=bias)


def expand_attention(importer: Importer, node: NodeProto) -> None:
    """One product makes queries, keys and values."""
    rules = Rules(importer, node)
    projected = rules.add("MatMul", rules.name(0), rules.name(1))
    if rules.name(2):
        projected = rules.add("Add", projected, rules.name(2))
    _from_projection(rules, projected, rules.name(4), rules.name(3), rules.name(5))


def expand_quantised_attention(importer: Importer, node: NodeProto) -> None:
    """The same of integers: their product in real values."""
    rules = Rules(importer, node)
    data, weight, bias, *scales = (rules.name(place) for place in range(5))
    projected = importer.unique(f"{node.output[0]}/projected")
    operands = [data, weight, *scales, rules.name(6), rules.name(7), bias]
    product = helper.make_node("MatMulIntegerToFloat", operands, [projected], domain=MICROSOFT)
    importer.add_made(product)
    _from_projection(rules, projected, rules.name(8), rules.name(5), "")


ATTENTION: dict[str, Expansion] = {
    "MultiHeadAttention": expand_multi_head_attention,
    "Attention": expand_attention,
    "QAttention": expand_quantised_attention,
}
"""What expands an attention operator that onnxruntime adds."""
