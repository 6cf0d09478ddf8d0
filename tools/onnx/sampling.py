"""GridSample and RoiAlign: rows of channels by indices that are computed, each times its weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from onnx import NodeProto, TensorProto, helper

from xnn.dialects.xnn import DYNAMIC
from xnn.tools.onnx.expansion import Expansion, Importer
from xnn.tools.onnx.sizes.building import Rules
from xnn.tools.onnx.tensors import Unsupported

CUBIC = -0.75
"""The coefficient of cubic convolution."""


@dataclass(frozen=True)
class Tap:
    """An element along one axis: its index, its weight, and whether it exists; the last two None for 1 and always."""

    index: str
    weight: str | None = None
    exists: str | None = None


class Sampler:
    """Builds samples of a feature map [N, C, *spatial] at places that are tensors."""

    def __init__(self, importer: Importer, node: NodeProto):
        self.rules = Rules(importer, node)
        self.add = self.rules.add
        self.shape = self.rules.shape(0)
        self.dtype = importer.dtype_of(node.input[0])
        self.kind = helper.np_dtype_to_tensor_dtype(self.dtype)

    def number(self, value: float, dtype: np.dtype) -> str:
        return self.rules.constant(value, dtype)

    def whole(self, value: str) -> str:
        return self.add("Cast", value, to=TensorProto.INT64)

    def table(self) -> str:
        """Rows of channels, one for each place of each sample."""
        channels, rank = self.shape[1], len(self.shape)
        last = self.add("Transpose", self.rules.name(0), perm=[0, *range(2, rank), 1])
        return self.add("Reshape", last, self.rules.constant([-1, channels]))

    def sampled(self, table: str, sample: str, taps: Sequence[Tap], sizes: Sequence[int]) -> str:
        """Elements at the product of taps, times their weights: [*sizes, C]."""
        index, weight, exists = sample, None, None
        for size, tap in zip(self.shape[2:], taps, strict=True):
            index = self.add("Mul", index, self.rules.constant(size))
            index = self.add("Add", index, tap.index)
            weight = tap.weight if weight is None else self._both("Mul", weight, tap.weight)
            exists = tap.exists if exists is None else self._both("And", exists, tap.exists)
        flat = self.add("Reshape", index, self.rules.constant([-1]))
        rows = self.add("Gather", table, flat)
        element = self.add("Reshape", rows, self.rules.constant([*sizes, self.shape[1]]))
        last = self.rules.constant([-1])
        if exists is not None:
            zero = self.number(0, self.dtype)
            element = self.add("Where", self.add("Unsqueeze", exists, last), element, zero)
        if weight is not None:
            factor = self.add("Cast", self.add("Unsqueeze", weight, last), to=self.kind)
            element = self.add("Mul", element, factor)
        return element

    def _both(self, operator: str, one: str, other: str | None) -> str:
        return one if other is None else self.add(operator, one, other)

    def within(self, index: str, size: int) -> str:
        """The nearest index that exists."""
        return self.add("Clip", index, self.rules.constant(0), self.rules.constant(size - 1))


class GridSampler(Sampler):
    """Samples at places that a grid [N, *out, axes] says, from -1 to 1 along each axis, the last axis first."""

    def __init__(self, importer: Importer, node: NodeProto):
        super().__init__(importer, node)
        attributes = self.rules.attributes
        mode = attributes.get("mode", b"linear").decode()
        self.mode = {"bilinear": "linear", "bicubic": "cubic"}.get(mode, mode)
        self.padding = attributes.get("padding_mode", b"zeros").decode()
        self.aligned = attributes.get("align_corners", 0)
        self.grid = self.rules.name(1)
        self.places = importer.dtype_of(self.grid)

    def expand(self) -> None:
        batch, out = self.shape[0], self.rules.shape(1)[:-1]
        axes = [self._taps(axis, size) for axis, size in enumerate(self.shape[2:])]
        samples = np.arange(batch).reshape([-1, *[1] * (len(out) - 1)])
        table, sample, total = self.table(), self.rules.constant(samples), ""
        for taps in product(*axes):
            element = self.sampled(table, sample, taps, out)
            total = self.add("Add", total, element) if total else element
        rank = len(self.shape)
        perm = [0, rank - 1, *range(1, rank - 1)]
        self.add("Transpose", total, output=self.rules.node.output[0], perm=perm)

    def _place(self, axis: int, size: int) -> str:
        """Where along an axis the samples are, in elements."""
        which = self.rules.constant(len(self.shape) - 3 - axis)
        place = self.add("Gather", self.grid, which, axis=-1)
        one, half = self.number(1, self.places), self.number(0.5, self.places)
        place = self.add("Add", place, one)
        if self.aligned:
            return self.add("Mul", place, self.number((size - 1) / 2, self.places))
        place = self.add("Mul", place, self.number(size, self.places))
        return self.add("Mul", self.add("Sub", place, one), half)

    def _bounds(self, size: int) -> tuple[float, float]:
        return (0.0, size - 1.0) if self.aligned else (-0.5, size - 0.5)

    def _reflected(self, place: str, size: int) -> str:
        """Places beyond the edges, turned back as often as it takes."""
        low, high = self._bounds(size)
        if high == low:
            return self.add("Mul", place, self.number(0, self.places))
        span, turn = (self.number(each, self.places) for each in (high - low, 2 * (high - low)))
        edge, none = (self.number(each, self.places) for each in (low, 0))
        rest = self.add("Mod", self.add("Sub", place, edge), turn, fmod=1)
        below = self.add("Less", rest, none)
        rest = self.add("Where", below, self.add("Add", rest, turn), rest)
        back = self.add("Sub", turn, rest)
        rest = self.add("Where", self.add("Greater", rest, span), back, rest)
        return self.add("Add", rest, edge)

    def _clipped(self, place: str, size: int) -> str:
        most = self.number(size - 1, self.places)
        return self.add("Clip", place, self.number(0, self.places), most)

    def _taps(self, axis: int, size: int) -> list[Tap]:
        place = self._place(axis, size)
        if self.mode == "nearest":
            place = self.add("Round", place)
        if self.padding == "reflection":
            place = self._reflected(place, size)
        if self.mode == "nearest":
            return [self._tap(place, None, size)]
        floor = self.add("Floor", place)
        after = self.add("Sub", place, floor)
        if self.mode == "linear":
            before = self.add("Sub", self.number(1, self.places), after)
            weights = [before, after]
        else:
            weights = [self._cubic(after, distance) for distance in range(-1, 3)]
        taps = []
        for number, weight in enumerate(weights):
            step = number - (len(weights) > 2)
            at = self.add("Add", floor, self.number(step, self.places)) if step else floor
            taps.append(self._tap(at, weight, size))
        return taps

    def _cubic(self, after: str, step: int) -> str:
        """The weight of the element `step` from the one before the place."""
        away = self.add("Abs", self.add("Sub", after, self.number(step, self.places)))
        a = CUBIC
        powers = [1, 0, -(a + 3), a + 2] if step in (0, 1) else [-4 * a, 8 * a, -5 * a, a]
        value = self.number(powers[3], self.places)
        for factor in powers[2::-1]:
            value = self.add("Mul", value, away)
            value = self.add("Add", value, self.number(factor, self.places)) if factor else value
        return value

    def _tap(self, place: str, weight: str | None, size: int) -> Tap:
        """The element at a whole place, which may not exist."""
        if self.padding == "border":
            return Tap(self.whole(self._clipped(place, size)), weight)
        if self.padding == "reflection":
            place = self._clipped(self._reflected(place, size), size)
            return Tap(self.whole(place), weight)
        limits = [self.number(each, self.places) for each in (0, size - 1)]
        exists = self.add(
            "And",
            self.add("GreaterOrEqual", place, limits[0]),
            self.add("LessOrEqual", place, limits[1]),
        )
        return Tap(self.whole(self._clipped(place, size)), weight, exists)


class RoiSampler(Sampler):
    """Means or maxima of samples of each part of each region [x, y, x, y] of a sample of a batch."""

    def expand(self, half_pixel: bool) -> None:
        rules, attributes = self.rules, self.rules.attributes
        each = attributes["sampling_ratio"]
        sizes = [attributes.get(name, 1) for name in ("output_height", "output_width")]
        count, channels = rules.shape(1)[0], self.shape[1]
        taps = [self._taps(axis, half_pixel, each * sizes[axis], each) for axis in range(2)]
        sample = rules.add("Reshape", rules.name(2), rules.constant([count, 1, 1]))
        sample = self.whole(sample)
        table, out = self.table(), (count, *(each * size for size in sizes))
        parts = [self.sampled(table, sample, pair, out) for pair in product(*taps)]
        is_mean = attributes.get("mode", b"avg") == b"avg"
        total = self.add("Sum" if is_mean else "Max", *parts)
        divided = rules.constant([count, sizes[0], each, sizes[1], each, channels])
        total = self.add("Reshape", total, divided)
        kind = "ReduceMean" if is_mean else "ReduceMax"
        total = self.add(kind, total, rules.constant([2, 4]), keepdims=0)
        self.add("Transpose", total, output=rules.node.output[0], perm=[0, 3, 1, 2])

    def _taps(self, axis: int, half_pixel: bool, samples: int, each: int) -> list[Tap]:
        """The two elements around each sample along an axis, with the regions along the first one of three axes."""
        add, size, dtype = self.add, self.shape[2 + axis], self.dtype
        scale = self.rules.attributes.get("spatial_scale", 1.0)
        ends = []
        for place in (1 - axis, 3 - axis):
            end = add("Gather", self.rules.name(1), self.rules.constant([place]), axis=1)
            end = add("Mul", end, self.number(scale, dtype))
            ends.append(add("Sub", end, self.number(0.5, dtype)) if half_pixel else end)
        extent = add("Sub", ends[1], ends[0])
        if not half_pixel:
            extent = add("Max", extent, self.number(1, dtype))
        steps = (np.arange(samples) + 0.5) / samples
        place = add("Mul", extent, self.rules.constant(steps, dtype))
        place = add("Add", place, ends[0])  # [regions, samples]
        shape = [-1, samples, 1] if axis == 0 else [-1, 1, samples]
        place = add("Reshape", place, self.rules.constant(shape))
        exists = add(
            "And",
            add("GreaterOrEqual", place, self.number(-1, dtype)),
            add("LessOrEqual", place, self.number(size, dtype)),
        )
        place = add("Clip", place, self.number(0, dtype), self.number(size - 1, dtype))
        floor = add("Floor", place)
        after = add("Sub", place, floor)
        before = add("Sub", self.number(1, dtype), after)
        first = self.whole(floor)
        second = self.within(add("Add", first, self.rules.constant(1)), size)
        return [Tap(first, before, exists), Tap(second, after, exists)]


def expand_grid_sample(importer: Importer, node: NodeProto) -> None:
    _require_static(importer, node)
    GridSampler(importer, node).expand()


def _require_static(importer: Importer, node: NodeProto) -> None:
    if any(DYNAMIC in importer.shape_of(name) for name in node.input):
        raise Unsupported("a size that is not known")


def expand_roi_align(importer: Importer, node: NodeProto) -> None:
    """If the number of samples does not depend on data; else it stays."""
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    if attributes.get("sampling_ratio", 0) < 1:
        importer.add_plain(node, node.output)
        return
    _require_static(importer, node)
    default = b"half_pixel" if importer.opset_of(node) >= 16 else b"output_half_pixel"
    mode = attributes.get("coordinate_transformation_mode", default)
    RoiSampler(importer, node).expand(mode == b"half_pixel")


SAMPLING: dict[str, Expansion] = {
    "GridSample": expand_grid_sample,
    "RoiAlign": expand_roi_align,
}
"""What expands an operator that takes samples between elements."""
