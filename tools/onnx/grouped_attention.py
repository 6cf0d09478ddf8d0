"""onnxruntime's attention of decoders: heads of keys that several of queries share, a cache, rotary embedding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from onnx import NodeProto, TensorProto

from xnn.tools.onnx.attention import Heads, refuse_attributes, refuse_outputs, split, split_heads
from xnn.tools.onnx.expansion import Expansion, Importer
from xnn.tools.onnx.rotary import rotated
from xnn.tools.onnx.sizes.building import Rules
from xnn.tools.onnx.tensors import Unsupported


@dataclass(frozen=True)
class Cache:
    """Where `tokens` new keys stand among those of each sample.

    They are the last of `lengths` [batch] + 1; if it is known of all samples how many are before them, that is `known`.
    """

    rules: Rules
    batch: int
    tokens: int
    total: int
    known: int | None
    lengths: str

    @classmethod
    def of(cls, rules: Rules, batch: int, tokens: int) -> Cache:
        lengths, total = rules.name(5), rules.numbers(rules.name(6))
        if total is None:
            raise Unsupported(f"{rules.name(6)} is not a constant")
        known, count = None, int(total.item())
        if count == tokens:
            known = 0
        elif lengths in rules.importer.constants:
            (*stated,) = np.unique(rules.importer.constants[lengths].elements()).tolist()
            known = stated[0] + 1 - tokens if len(stated) == 1 else None
        return cls(rules, batch, tokens, count, known, lengths)

    @property
    def before(self) -> str:
        """How many keys are there before, [batch, 1]; [1, 1] if all have as many."""
        if self.known is not None:
            return self.rules.constant([[self.known]])
        wide = self.rules.add("Cast", self.lengths, to=TensorProto.INT64)
        wide = self.rules.add("Add", wide, self.rules.constant(1 - self.tokens))
        return self.rules.add("Reshape", wide, self.rules.constant([self.batch, 1]))

    def positions(self) -> str:
        """The positions of the new tokens, [batch or 1, tokens]."""
        return self.rules.add("Add", self.before, self.rules.constant(np.arange(self.tokens)[None]))

    def with_past(self, past: str, new: str, room: int) -> str:
        """Keys or values [batch, heads, room, size]: those of the past, then new ones."""
        rules, add, constant = self.rules, self.rules.add, self.rules.constant
        if not past:
            return new
        batch, heads, held, size = rules.importer.shape_of(past)
        if (known := self.known) is not None:
            parts = [new]
            sizes = [min(known, held), min(self.tokens, held - known), held - known - self.tokens]
            first, _, last = split(rules, past, [max(0, each) for each in sizes], 2)
            parts = [first, new] if known else [new]
            parts += [last] if sizes[2] > 0 else []
            return add("Concat", *parts, axis=2)
        places = constant(np.arange(room)[None])
        before = self.before
        after = add("Add", add("Sub", places, before), constant(held))
        ends = add("Add", before, constant(self.tokens))
        is_old = add("Or", add("Less", places, before), add("GreaterOrEqual", places, ends))
        index = add("Where", is_old, places, after)
        index = add("Clip", index, constant(0), constant(held + self.tokens - 1))
        index = add("Add", index, constant(np.arange(batch)[:, None] * (held + self.tokens)))
        whole = add("Transpose", add("Concat", past, new, axis=2), perm=[1, 0, 2, 3])
        table = add("Reshape", whole, constant([heads, batch * (held + self.tokens), size]))
        found = add("Gather", table, add("Reshape", index, constant([-1])), axis=1)
        found = add("Reshape", found, constant([heads, batch, room, size]))
        return add("Transpose", found, perm=[1, 0, 2, 3])

    def seen(self, total: int, causal: bool, window: int) -> str:
        """Which of `total` keys a query sees, [batch or 1, 1, tokens or 1, total]: at most the last `window`, or -1."""
        add, constant = self.rules.add, self.rules.constant
        places = constant(np.arange(total))
        count = -1 if self.known is not None else self.batch
        if not causal:
            ends = add("Add", self.before, constant(self.tokens))
            return add("Less", places, add("Reshape", ends, constant([count, 1, 1, 1])))
        own = add("Reshape", self.positions(), constant([count, 1, self.tokens, 1]))
        seen = add("LessOrEqual", places, own)
        if window > 0:
            near = add("Greater", places, add("Sub", own, constant(window)))
            seen = add("And", seen, near)
        return seen


def _parts(rules: Rules) -> list[str]:
    """Queries, keys and values by heads, from three tensors or from one; normalised if there are weights for it."""
    heads, shared = (rules.attributes[name] for name in ("num_heads", "kv_num_heads"))
    names = [rules.name(place) for place in range(3)]
    if not names[1]:
        size = rules.shape(0)[2] // (heads + 2 * shared)
        names = split(rules, names[0], [heads * size, shared * size, shared * size], 2)
    counts = (heads, shared, shared)
    parts = [split_heads(rules, *each) for each in zip(names, counts, strict=True)]
    default = rules.attributes.get("qk_norm_epsilon", 1e-6)
    for place, weight, own in ((0, 14, "q_norm_epsilon"), (1, 15, "k_norm_epsilon")):
        if name := rules.name(weight):
            epsilon = rules.attributes.get(own, default)
            parts[place] = rules.add(
                "SimplifiedLayerNormalization", parts[place], name, axis=-1, epsilon=epsilon
            )
    return parts


def expand_group_query_attention(importer: Importer, node: NodeProto) -> None:
    """What stands after the keys of a sample in a cache that is longer is not stated: what was there."""
    rules = Rules(importer, node)
    refuse_outputs(node, 3)
    refuse_attributes(rules, "sliding_window_cache", "k_quant_type", "v_quant_type")
    if rules.name(12) or rules.name(13) or rules.name(16):
        raise Unsupported("a quantised cache, or padded queries")
    query, key, value = _parts(rules)
    batch, heads, tokens, _ = importer.shape_of(query)
    cache = Cache.of(rules, batch, tokens)
    if rules.attributes.get("do_rotary", 0):
        positions = rules.name(9) or cache.positions()
        interleaved = bool(rules.attributes.get("rotary_interleaved", 0))
        tables = rules.name(7), rules.name(8), interleaved
        query, key = (rotated(rules, each, positions, *tables) for each in (query, key))
    total = cache.total
    wholes: list[str] = []
    for place, new in enumerate((key, value)):
        past = rules.name(3 + place)
        room = max(total, importer.shape_of(past)[2]) if past else tokens
        whole = cache.with_past(past, new, room)
        if len(node.output) > 1 + place and (output := node.output[1 + place]):
            rules.add("Identity", whole, output=output)
        if importer.shape_of(whole)[2] > total:
            whole = split(rules, whole, [total], 2)[0]
        wholes.append(whole)
    sink = rules.name(11)
    if not sink and rules.attributes.get("smooth_softmax", 0):
        sink = rules.constant(np.zeros(heads), importer.dtype_of(query))
    causal, window = (
        rules.attributes.get("causal", 1),
        rules.attributes.get("local_window_size", -1),
    )
    seen = cache.seen(total, bool(causal), window)
    found = Heads(rules, query, *wholes).attended(seen, rules.name(10), sink)
    rules.add("Identity", found, output=node.output[0])


GROUPED: dict[str, Expansion] = {"GroupQueryAttention": expand_group_query_attention}
"""What expands onnxruntime's attention of decoders."""
