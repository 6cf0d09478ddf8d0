"""Resizing of feature maps: sizes, and the weights with which places are interpolated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import floor

import numpy as np
from xdsl.dialects.builtin import AnyFloat, DenseArrayBase, StringAttr, f32
from xdsl.ir import SSAValue

from xnn.dialects import xnn
from xnn.dialects.xnn.resize import COORDINATES, ROUNDINGS, coordinates
from xnn.tools.onnx.node import Node, Unsupported, imports

CROP = "tf_crop_and_resize"


@dataclass(frozen=True)
class Axis:
    """How one axis is resized; `crop`: the part of it, of 0 to 1, that the result shows, if it is cropped."""

    size: int
    old: int
    scale: float
    crop: tuple[float, float] = (0.0, 1.0)

    @property
    def changes(self) -> bool:
        return self.size != self.old or self.scale != 1 or self.crop != (0.0, 1.0)


@imports("Upsample")
def upsample(node: Node) -> SSAValue:
    """Scales are an attribute before opset 9."""
    shape = _static(node)
    if node.opset < 9:
        scales = node.attribute("scales", list[float]())
    else:
        scales = _numbers(node, 1, "scales")
    axes = [_scaled(old, scale) for old, scale in _zip(node, shape, scales)]
    return _resized(node, axes, "asymmetric", "simple")


@imports("Resize")
def resize(node: Node) -> SSAValue:
    """Opset 10 has scales only, no choice of coordinates."""
    shape = _static(node)
    if node.opset < 11:
        axes = [_scaled(old, s) for old, s in _zip(node, shape, _numbers(node, 1, "scales"))]
        return _resized(node, axes, "asymmetric", "simple")
    mode = node.attribute("coordinate_transformation_mode", "half_pixel")
    chosen = node.attribute("axes", ()) or range(len(shape))
    chosen = [node.axis(axis, len(shape)) for axis in chosen]
    axes = [Axis(old, old, 1.0) for old in shape]
    olds = [shape[axis] for axis in chosen]
    if sizes := node.integers(3, "sizes"):
        given = _policy(node, olds, [size for _, size in _zip(node, olds, sizes)])
        found = [Axis(size, old, scale) for old, (size, scale) in zip(olds, given, strict=True)]
    else:
        scales = _numbers(node, 2, "scales")
        found = [_scaled(old, scale) for old, scale in _zip(node, olds, scales)]
    if mode == CROP:
        crops = _crops(node, len(chosen))
        found = [replace(each, crop=crop) for each, crop in zip(found, crops, strict=True)]
    for axis, each in zip(chosen, found, strict=True):
        axes[axis] = each
    return _resized(node, axes, mode, node.attribute("nearest_mode", "round_prefer_floor"))


def _static(node: Node) -> tuple[int, ...]:
    if xnn.DYNAMIC in (shape := node.shape()):
        raise Unsupported("a size that is not known")
    return shape


def _numbers(node: Node, index: int, what: str) -> list[float]:
    array = node.elements(index, what)
    return [] if array is None else array.reshape(-1).astype(np.float32).tolist()


def _zip(node: Node, shape: Sequence[int], numbers: Sequence[float]) -> zip:
    if len(numbers) != len(shape):
        raise Unsupported(f"{len(numbers)} scales or sizes for {len(shape)} axes")
    return zip(shape, numbers, strict=True)


def _scaled(old: int, scale: float) -> Axis:
    return Axis(floor(np.float32(old) * np.float32(scale)), old, scale)


def _crops(node: Node, count: int) -> list[tuple[float, float]]:
    roi = _numbers(node, 1, "roi")
    if len(roi) != 2 * count:
        raise Unsupported(f"roi has {len(roi)} numbers for {count} axes")
    return list(zip(roi[:count], roi[count:], strict=True))


def _policy(node: Node, olds: list[int], sizes: list[int]) -> list[tuple[int, float]]:
    """Sizes and scales; all of one scale where the policy keeps the aspect ratio."""
    policy = node.attribute("keep_aspect_ratio_policy", "stretch")
    scales = [size / old for size, old in zip(sizes, olds, strict=True)]
    if policy == "stretch":
        return list(zip(sizes, scales, strict=True))
    scale = {"not_larger": min, "not_smaller": max}[policy](scales)
    return [(floor(scale * old + 0.5), scale) for old in olds]


def _resized(node: Node, axes: Sequence[Axis], mode: str, rounding: str) -> SSAValue:
    kind = node.attribute("mode", "nearest")
    if mode not in (*COORDINATES, CROP) or rounding not in ROUNDINGS:
        raise Unsupported(f"coordinates {mode}, rounding {rounding}")
    if min(axis.size for axis in axes) < 1:
        raise Unsupported("a tensor without elements")
    if kind == "nearest" and mode != CROP:
        properties = {
            "sizes": xnn.integers(axis.size for axis in axes),
            "scales": DenseArrayBase.from_list(f32, [axis.scale for axis in axes]),
            "coordinates": StringAttr(mode),
            "rounding": StringAttr(rounding),
        }
        return node.build(xnn.ResizeNearestOp, [node.value(0)], properties)
    element = xnn.tensor_type(node.value(0)).element_type
    if not isinstance(element, AnyFloat):
        raise Unsupported(f"mode {kind} of elements of type {element}")
    return _interpolated(node, axes, mode, kind, rounding, element)


def _interpolated(
    node: Node, axes: Sequence[Axis], mode: str, kind: str, rounding: str, element: AnyFloat
) -> SSAValue:
    """Axis by axis, those that shrink first; then what lies outside of a crop has its value."""
    weights = {i: _weights(node, each, mode, kind, rounding) for i, each in enumerate(axes)}
    changing = sorted(
        (i for i, each in enumerate(axes) if each.changes), key=lambda i: axes[i].size / axes[i].old
    )
    outside = {i: ~weights[i].any(axis=1) for i in changing}
    fill = node.attribute("extrapolation_value", 0.0)
    fills = fill != 0 and any(each.any() for each in outside.values())
    value = node.value(0)
    for axis in changing:
        last = axis == changing[-1] and not fills
        part = "" if last else f"axis{axis}"
        w = node.stored(weights[axis], element, f"weights{axis}")
        value = node.build(xnn.InterpolateOp, [value, w], {"axis": xnn.integer(axis)}, part=part)
    if fills:
        # an axis has weights of 0 there: the sums are 0
        shape = [1] * len(axes)
        mask = np.zeros([each.size if i in outside else 1 for i, each in enumerate(axes)], bool)
        for axis, each in outside.items():
            mask |= each.reshape([*shape[:axis], -1, *shape[axis + 1 :]])
        extra = node.stored(np.where(mask, fill, 0.0), element, "outside")
        value = node.build(xnn.AddOp, [value, extra])
    return value if changing else node.build(xnn.IdentityOp, [value])


def _weights(node: Node, axis: Axis, mode: str, kind: str, rounding: str) -> np.ndarray:
    """The weights of the elements of an axis, one row for each place; of 0 outside of it, if it is cropped."""
    at = _places(axis, mode)
    inside = (at >= 0) & (at <= axis.old - 1) if mode == CROP else np.ones(axis.size, bool)
    result = np.zeros((axis.size, axis.old))
    if kind == "nearest":
        nearest = ROUNDINGS[rounding](at, axis.scale).astype(np.int64).clip(0, axis.old - 1)
        result[np.arange(axis.size), nearest] = 1
        return result * inside[:, None]
    coefficient = node.attribute("cubic_coeff_a", -0.75)
    filters: dict[str, tuple[float, Callable[[np.ndarray], np.ndarray]]] = {
        "linear": (1.0, lambda d: np.maximum(0, 1 - d)),
        "cubic": (2.0, lambda d: _cubic(d, coefficient)),
    }
    if kind not in filters:
        raise Unsupported(f"mode {kind}")
    support, weight = filters[kind]
    stretch = max(1.0, 1 / axis.scale) if node.attribute("antialias", 0) else 1.0
    if kind == "linear" and stretch == 1:
        at = at.clip(0, axis.old - 1)
    reach = int(np.ceil(support * stretch))
    taps = np.floor(at)[:, None].astype(np.int64) + np.arange(1 - reach, reach + 1)
    weights = weight(np.abs(taps - at[:, None]) / stretch)
    if node.attribute("exclude_outside", 0):
        weights = weights * ((taps >= 0) & (taps < axis.old))
    weights = weights / weights.sum(axis=1, keepdims=True)
    rows = np.arange(axis.size)[:, None]
    np.add.at(result, (rows, taps.clip(0, axis.old - 1)), weights)
    return result * inside[:, None]


def _places(axis: Axis, mode: str) -> np.ndarray:
    if mode != CROP:
        return coordinates(mode, axis.size, axis.old, axis.scale).astype(np.float64)
    start, end, last, one = *map(np.float32, axis.crop), np.float32(axis.old - 1), np.float32
    if axis.size == 1:
        return np.array([one(0.5) * (start + end) * last], np.float64)
    step = np.arange(axis.size, dtype=np.float32) * (end - start) * last / one(axis.size - 1)
    return (start * last + step).astype(np.float64)


def _cubic(distance: np.ndarray, a: float) -> np.ndarray:
    """Keys' kernel at a distance."""
    d = distance
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0))
