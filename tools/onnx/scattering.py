"""Operators that put elements at indices: rows of a table, each from the data or from the updates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, prod

import numpy as np
from onnx import NodeProto, TensorProto, helper

from xnn.dialects.values import dense_strides
from xnn.dialects.xnn import DYNAMIC
from xnn.tools.onnx.expansion import Expansion, Importer
from xnn.tools.onnx.sizes.building import Rules
from xnn.tools.onnx.sizes.operators import fill_of
from xnn.tools.onnx.tensors import Unsupported

MOST_PARTS = 16
"""Parts that a result is put together of, and updates of one row; more are chosen by indices, or stay."""
MOST_COMPARED = 1 << 12
"""Rows times updates whose numbers are compared, if there are more than MOST_PARTS updates; more stay."""

COMBINE = {b"add": ("Add", 0), b"mul": ("Mul", 1), b"max": ("Max", -inf), b"min": ("Min", inf)}
"""By reduction: the operator that combines data and updates, and the number that changes nothing."""
REDUCE = {"Add": "ReduceSum", "Mul": "ReduceProd", "Max": "ReduceMax", "Min": "ReduceMin"}


@dataclass
class Scatter:
    """Rows [count, inner] of data, of which those that `places` name are replaced by, or combined with, updates."""

    rules: Rules
    count: int
    inner: int
    data: str
    updates: str
    output: Sequence[int]
    reduction: bytes

    def table(self, name: str) -> str:
        return self.rules.add("Reshape", name, self.rules.constant([-1, self.inner]))

    def finish(self, rows: str) -> None:
        shape = self.rules.constant(self.output)
        self.rules.add("Reshape", rows, shape, output=self.rules.node.output[0])

    def of_constants(self, places: np.ndarray) -> bool:
        """For places that are known; whether that takes few enough parts."""
        if self.reduction == b"none":
            source = np.arange(self.count)
            source[places] = self.count + np.arange(len(places))
            self.finish(self._chosen(source))
            return True
        order = np.argsort(places, kind="stable")
        _, starts = np.unique(places[order], return_index=True)
        round_of = np.empty(len(places), np.int64)  # the how-manieth of its place an update is
        round_of[order] = np.arange(len(places)) - np.repeat(
            starts, np.diff([*starts, len(places)])
        )
        rounds = int(round_of.max(initial=-1)) + 1
        if rounds > MOST_PARTS:
            return False
        operator, neutral = COMBINE[self.reduction]
        nothing = self.rules.constant([[self._neutral(neutral)] * self.inner], self.dtype)
        updates = self.rules.add("Concat", self.table(self.updates), nothing, axis=0)
        result = self.table(self.data)
        for number in range(rounds):
            source = np.full(self.count, len(places))
            here = np.flatnonzero(round_of == number)
            source[places[here]] = here
            rows = self.rules.add("Gather", updates, self.rules.constant(source), axis=0)
            result = self.rules.add(operator, result, rows)
        self.finish(result)
        return True

    def of_data(self, places: str, updates: int) -> bool:
        """For places [updates] that are data; whether there are few enough of them."""
        add, constant = self.rules.add, self.rules.constant
        compared = self.count * updates
        if self.reduction != b"none":
            compared *= self.inner
        if updates > MOST_PARTS and compared > MOST_COMPARED:
            return False
        narrow = add("Cast", places, to=TensorProto.INT32)
        rows = constant(np.arange(self.count)[:, None], np.int32)
        meets = add("Equal", rows, add("Reshape", narrow, constant([1, updates])))
        if self.reduction == b"none":
            numbers = constant(self.count + np.arange(updates)[None], np.int32)
            chosen = add("Where", meets, numbers, rows)  # of several updates the last
            source = add("ReduceMax", chosen, constant([1]), keepdims=0)
            both = add("Concat", self.table(self.data), self.table(self.updates), axis=0)
            self.finish(add("Gather", both, source, axis=0))
            return True
        operator, neutral = COMBINE[self.reduction]
        meets = add("Reshape", meets, constant([self.count, updates, 1]))
        given = add("Reshape", self.updates, constant([1, updates, self.inner]))
        nothing = constant(self._neutral(neutral), self.dtype)
        given = add("Where", meets, given, nothing)
        given = add(REDUCE[operator], given, constant([1]), keepdims=0)
        self.finish(add(operator, self.table(self.data), given))
        return True

    @property
    def dtype(self) -> np.dtype:
        return self.rules.importer.dtype_of(self.data)

    def _neutral(self, number: float) -> float:
        return fill_of(number, self.dtype)

    def _chosen(self, source: np.ndarray) -> str:
        """Rows of data and then updates: side by side if they are few runs, else by indices."""
        add, constant = self.rules.add, self.rules.constant
        of_data = source < self.count
        ends = np.flatnonzero((np.diff(source) != 1) | (np.diff(of_data.astype(int)) != 0)) + 1
        runs = np.split(source, ends)
        tables = [self.table(self.data), self.table(self.updates)]
        if len(runs) > MOST_PARTS:
            return add("Gather", add("Concat", *tables, axis=0), constant(source), axis=0)
        parts: list[str] = []
        for run in runs:
            is_update = int(run[0] >= self.count)
            first = int(run[0]) - is_update * self.count
            bounds = (constant([each]) for each in (first, first + len(run), 0))
            parts.append(add("Slice", tables[is_update], *bounds))
        return add("Concat", *parts, axis=0) if len(parts) > 1 else parts[0]


def _positive(index: np.ndarray, sizes: np.ndarray | int) -> np.ndarray:
    if ((index < -np.asarray(sizes)) | (index >= sizes)).any():
        raise Unsupported(f"an index is outside of axes of {np.asarray(sizes).tolist()}")
    return np.where(index < 0, index + sizes, index)


def _scatter(
    importer: Importer,
    node: NodeProto,
    scatter: Scatter,
    sizes: np.ndarray,
    steps: np.ndarray,
    start: np.ndarray,
) -> None:
    """Places are `start` plus the sum along the last axis of indices into axes of `sizes` times `steps`."""
    rules, name = scatter.rules, node.input[1]
    axes = (*importer.shape_of(name), *([1] if start.ndim == len(importer.shape_of(name)) else []))
    if name in importer.constants:
        index = importer.constants[name].elements().astype(np.int64).reshape(axes)
        places = start + (_positive(index, sizes) * steps).sum(axis=-1)
        done = scatter.of_constants(places.reshape(-1))
    elif start.size > MOST_PARTS and scatter.count * start.size > MOST_COMPARED:
        done = False
    else:
        index = rules.add("Reshape", name, rules.constant(axes))
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(np.int32))
        index = rules.add("Cast", index, to=kind)
        below = rules.add("Less", index, rules.constant(0, np.int32))
        from_end = rules.add("Add", index, rules.constant(sizes, np.int32))
        index = rules.add("Where", below, from_end, index)
        index = rules.add("Mul", index, rules.constant(steps, np.int32))
        place = rules.add("ReduceSum", index, rules.constant([-1]), keepdims=0)
        place = rules.add("Add", place, rules.constant(start, np.int32))
        place = rules.add("Reshape", place, rules.constant([-1]))
        done = scatter.of_data(place, start.size)
    if not done:
        importer.add_plain(node, node.output)


def _reduction(rules: Rules) -> bytes:
    return rules.attributes.get("reduction", b"none")


def _require_static(importer: Importer, node: NodeProto) -> None:
    if any(DYNAMIC in importer.shape_of(name) for name in node.input):
        raise Unsupported("a size that is not known")


def expand_scatter_elements(importer: Importer, node: NodeProto) -> None:
    """An update stands for an element of data at its own place, but for the axis; Scatter is its older name."""
    _require_static(importer, node)
    if node.op_type == "Scatter":
        renamed = NodeProto()
        renamed.CopyFrom(node)
        renamed.op_type = "ScatterElements"
        importer.add_made(renamed)
        return
    rules = Rules(importer, node)
    shape, sizes = rules.shape(0), rules.shape(1)
    axis, strides = rules.axis(len(shape)), dense_strides(shape)
    start = np.zeros(sizes, np.int64)
    for i, each in enumerate(np.indices(sizes, sparse=True)):
        start += each * strides[i] * (i != axis)
    scatter = Scatter(rules, prod(shape), 1, node.input[0], node.input[2], shape, _reduction(rules))
    _scatter(importer, node, scatter, np.array(shape[axis]), np.array(strides[axis]), start)


def expand_scatter_nd(importer: Importer, node: NodeProto) -> None:
    """The last axis of the indices says which slice of data an update is for."""
    _require_static(importer, node)
    rules = Rules(importer, node)
    shape, (*sizes, axes) = rules.shape(0), rules.shape(1)
    rows, inner = shape[:axes], prod(shape[axes:])
    scatter = Scatter(
        rules, prod(rows), inner, node.input[0], node.input[2], shape, _reduction(rules)
    )
    steps = np.array(dense_strides(rows), np.int64)
    _scatter(importer, node, scatter, np.array(rows), steps, np.zeros(sizes, np.int64))


def expand_max_unpool(importer: Importer, node: NodeProto) -> None:
    """The elements at their places among zeros, and more zeros behind them if the result is stated to be larger."""
    _require_static(importer, node)
    rules = Rules(importer, node)
    shape, kernel = rules.shape(0), rules.attributes["kernel_shape"]
    rank = len(kernel)
    strides = rules.attributes.get("strides", [1] * rank)
    pads = rules.attributes.get("pads", [0] * 2 * rank)
    sizes = [
        (size - 1) * stride + k - low - high
        for size, stride, k, low, high in zip(
            shape[2:], strides, kernel, pads[:rank], pads[rank:], strict=True
        )
    ]
    inferred = (*shape[:2], *sizes)
    if rules.name(2):
        if (stated := rules.numbers(rules.name(2))) is None:
            raise Unsupported("output_shape is not a constant")
        smaller, output = NodeProto(), importer.unique(f"{node.output[0]}/smaller")
        smaller.CopyFrom(node)
        smaller.output[0] = output
        del smaller.input[2]
        importer.add_made(smaller)
        rest = [int(most) - size for most, size in zip(stated, inferred, strict=True)]
        pads = rules.constant([0] * len(rest) + rest)
        rules.add("Pad", output, pads, output=node.output[0])
        return
    count = prod(inferred)
    data = rules.constant(np.zeros(inferred), importer.dtype_of(node.input[0]))
    scatter = Scatter(rules, count, 1, data, node.input[0], inferred, b"none")
    start = np.zeros(shape, np.int64)
    _scatter(importer, node, scatter, np.array(count), np.array(1), start)


def expand_col2im(importer: Importer, node: NodeProto) -> None:
    """A transposed convolution whose weights put each element of a block at its place."""
    rules = Rules(importer, node)
    image, block = rules.numbers(rules.name(1)), rules.numbers(rules.name(2))
    dtype = importer.dtype_of(node.input[0])
    if image is None or block is None or dtype.kind != "f":
        importer.add_plain(node, node.output)
        return
    (batch, channels, _), rank, taps = rules.shape(0), len(block), prod(block)
    given = {
        name: list(rules.attributes.get(name, default))
        for name, default in (
            ("dilations", [1] * rank),
            ("strides", [1] * rank),
            ("pads", [0] * 2 * rank),
        )
    }
    spans = [d * (k - 1) + 1 for d, k in zip(given["dilations"], block, strict=True)]
    room = [
        size + low + high - span
        for size, low, high, span in zip(
            image, given["pads"][:rank], given["pads"][rank:], spans, strict=True
        )
    ]
    places = [each // stride + 1 for each, stride in zip(room, given["strides"], strict=True)]
    rest = [each % stride for each, stride in zip(room, given["strides"], strict=True)]
    x = rules.add("Reshape", node.input[0], rules.constant([batch, channels, *places]))
    ones = np.tile(np.eye(taps).reshape(taps, 1, *block), (channels // taps, 1, *[1] * rank))
    rules.add(
        "ConvTranspose",
        x,
        rules.constant(ones, dtype),
        output=node.output[0],
        group=channels // taps,
        output_padding=rest,
        **given,
    )


SCATTERING: dict[str, Expansion] = {
    "Scatter": expand_scatter_elements,
    "ScatterElements": expand_scatter_elements,
    "ScatterND": expand_scatter_nd,
    "MaxUnpool": expand_max_unpool,
    "Col2Im": expand_col2im,
}
"""What expands an operator that puts elements at indices."""
