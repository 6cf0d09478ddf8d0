"""Operators that change the size of feature maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects.builtin import DenseArrayBase, StringAttr, TensorType, f32
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, traits_def

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import FLOATS, Elements
from xnn.dialects.values import INTEGER, INTEGERS
from xnn.dialects.xnn.movement import ChoosingOperation
from xnn.dialects.xnn.operation import NetworkOperation, Price, shape_of, tensor_type
from xnn.dialects.xnn.traits import LowPrecision

FLOATS_32 = DenseArrayBase.constr(f32)

COORDINATES = {
    "asymmetric": lambda x, scale, n, old: x / scale,
    "half_pixel": lambda x, scale, n, old: (x + 0.5) / scale - 0.5,
    "half_pixel_symmetric": lambda x, scale, n, old: (
        old / 2 * (1 - n / (scale * old)) + (x + 0.5) / scale - 0.5
    ),
    "pytorch_half_pixel": lambda x, scale, n, old: (x + 0.5) / scale - 0.5 if n > 1 else 0 * x,
    "tf_half_pixel_for_nn": lambda x, scale, n, old: (x + 0.5) / scale,
    "align_corners": lambda x, scale, n, old: x * (old - 1) / (n - 1) if n > 1 else 0 * x,
}
"""Where in an axis of `old` elements those of one of `n` lie, `scale` times as long, in f32 as networks are run."""

ROUNDINGS = {
    "round_prefer_floor": lambda at, scale: np.ceil(at - 0.5),
    "round_prefer_ceil": lambda at, scale: np.floor(at + 0.5),
    "floor": lambda at, scale: np.floor(at),
    "ceil": lambda at, scale: np.ceil(at),
    "simple": lambda at, scale: np.ceil(at) if scale < 1 else np.trunc(at),
}
"""The nearest element, by ONNX's names; simple is that of operator sets before 11."""


def coordinates(mode: str, size: int, old: int, scale: float) -> np.ndarray:
    """Where in an axis of `old` elements those of one of `size` lie."""
    places = np.arange(size, dtype=np.float32)
    return COORDINATES[mode](places, np.float32(scale), np.float32(size), np.float32(old))


@irdl_op_definition
class ResizeNearestOp(ChoosingOperation):
    """`x` with axes of other `sizes`, which are `scales` times as long: the nearest element at each place.

    `coordinates` says where in x a place is, and `rounding` what is nearest, as in ONNX.

    ```mlir
    %y = xnn.resize_nearest "up" %x {coordinates = "asymmetric", rounding = "floor",
      scales = array<f32: 1.0, 1.0, 2.0, 2.0>, sizes = array<i64: 1, 8, 10, 10>}
      : (tensor<1x8x5x5xf32>) -> tensor<1x8x10x10xf32>
    ```
    """

    name = "xnn.resize_nearest"

    sizes = prop_def(INTEGERS)
    scales = prop_def(FLOATS_32)
    coordinates = prop_def(StringAttr)
    rounding = prop_def(StringAttr)

    def indices(self, shape: Sequence[int]) -> list[np.ndarray]:
        result: list[np.ndarray] = []
        for size, old, scale in zip(
            self.sizes.get_values(), shape, self.scales.get_values(), strict=True
        ):
            at = coordinates(self.coordinates.data, size, old, scale)
            nearest = ROUNDINGS[self.rounding.data](at, scale).astype(np.int64)
            result.append(
                np.arange(size) if size == old and scale == 1 else nearest.clip(0, old - 1)
            )
        return result

    def infer_types(self) -> Sequence[TensorType]:
        type, sizes, scales = tensor_type(self.x), self.sizes.get_values(), self.scales.get_values()
        if len(sizes) != type.get_num_dims() or len(scales) != len(sizes):
            raise fault(self, f"needs a size and a scale for each axis of {type}")
        if min(scales, default=1) <= 0:
            raise fault(self, f"scales {list(scales)} must be positive")
        if self.coordinates.data not in COORDINATES:
            raise fault(self, f"coordinates {self.coordinates.data}, not {', '.join(COORDINATES)}")
        if self.rounding.data not in ROUNDINGS:
            raise fault(self, f"rounding {self.rounding.data}, not {', '.join(ROUNDINGS)}")
        return [TensorType(type.element_type, sizes)]

    def fold(self) -> Sequence[SSAValue] | None:
        scales = self.scales.get_values()
        return (self.x,) if self.x.type == self.result.type and set(scales) <= {1} else None


@irdl_op_definition
class InterpolateOp(NetworkOperation):
    """Weighted sums of the elements of `x` along `axis`: those of place i with row i of `w`.

    ```mlir
    %y = xnn.interpolate "up" %x, %w {axis = 2 : i64}
       : (tensor<1x8x5x5xf32>, tensor<10x5xf32>) -> tensor<1x8x10x5xf32>
    ```
    """

    name = "xnn.interpolate"

    traits = traits_def(LowPrecision())

    ELEMENTS: ClassVar[Elements] = FLOATS

    x = operand_def(NetworkOperation.TENSOR)
    w = operand_def(NetworkOperation.TENSOR)

    axis = prop_def(INTEGER)

    @property
    def price(self) -> Price:
        """2 cheap for each element of a row of w."""
        return {"cheap": 2 * shape_of(self.w)[1]}

    def infer_types(self) -> Sequence[TensorType]:
        element, axis = self.shared_element_type((self.x, self.w)), self.axis.value.data
        sizes, weights = list(shape_of(self.x)), shape_of(self.w)
        if not 0 <= axis < len(sizes):
            raise fault(self, f"axis {axis} is not one of the {len(sizes)} axes of x")
        if len(weights) != 2 or weights[1] != sizes[axis]:
            raise fault(self, f"{self.w.type} has no weight for each of {sizes[axis]} elements")
        sizes[axis] = weights[0]
        return [TensorType(element, sizes)]
