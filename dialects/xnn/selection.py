"""Which of the boxes that a detector finds are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from xdsl.dialects.builtin import FloatAttr, TensorType, UnitAttr, f32, i1, i64
from xdsl.irdl import irdl_op_definition, operand_def, opt_prop_def, prop_def

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import ANY, Elements
from xnn.dialects.values import INTEGER
from xnn.dialects.xnn.operation import NetworkOperation, Price, shape_of, tensor_type


@irdl_op_definition
class NonMaxSuppressionOp(NetworkOperation):
    """The boxes that are kept: of `candidates` in `order`, those that overlap with none kept before too much.

    `boxes` [B, N, 4] are two corners (y, x, y, x), or with `centers` center and size (x, y, width, height). `order`
    [B, C, N] lists the boxes of each class, `candidates` says which in that list they are. The result
    [B, C, most] lists those of each class that are kept, at most the first `most`, then -1. Too much is an
    intersection of more than `overlap` of the union.

    ```mlir
    %k = xnn.non_max_suppression "keep" %boxes, %order, %candidates {most = 20 : i64, overlap = 5.000000e-01 : f32}
       : (tensor<1x80x4xf32>, tensor<1x3x80xi64>, tensor<1x3x80xi1>) -> tensor<1x3x20xi64>
    ```
    """

    name = "xnn.non_max_suppression"

    ELEMENTS: ClassVar[Elements] = ANY

    boxes = operand_def(NetworkOperation.TENSOR)
    order = operand_def(NetworkOperation.TENSOR)
    candidates = operand_def(NetworkOperation.TENSOR)
    most = prop_def(INTEGER)
    overlap = prop_def(FloatAttr)
    centers = opt_prop_def(UnitAttr)

    @property
    def price(self) -> Price:
        """13 operations for each pair: a box meets those that are kept before it, at worst `most` from the start.

        A product with `overlap` stands for the division, exactly.
        """
        most, count = self.most.value.data, shape_of(self.boxes)[1]
        pairs = most * count - most * (most + 1) // 2
        return {"cheap": 13 * -(-max(1, pairs) // most)}

    def infer_types(self) -> Sequence[TensorType]:
        boxes, order = shape_of(self.boxes), shape_of(self.order)
        fits = len(boxes) == 3 == len(order) and boxes[2] == 4
        if not fits or (boxes[0], boxes[1]) != (order[0], order[2]):
            raise fault(self, f"boxes {self.boxes.type} and order {self.order.type} do not fit")
        kinds = (f32, i64, i1)
        for value, kind in zip(self.operands, kinds, strict=True):
            if tensor_type(value).element_type != kind:
                raise fault(self, f"works on elements of types f32, i64, i1, not {value.type}")
        if shape_of(self.candidates) != order:
            raise fault(self, f"candidates {self.candidates.type} are not of the shape of order")
        if not 1 <= (most := self.most.value.data) <= order[2]:
            raise fault(self, f"keeps at most {most} of {order[2]} boxes: not 1 to all")
        return [TensorType(i64, (*order[:2], most))]
