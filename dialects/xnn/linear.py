"""Matrix products, and what all sums of products share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from xdsl.dialects.builtin import BoolAttr, FloatAttr, IntegerType, TensorType
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, opt_operand_def, prop_def, traits_def

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import NUMBERS, Elements, accumulator_type, is_unsigned
from xnn.dialects.xnn.operation import DYNAMIC, NetworkOperation, shape_of, shown, tensor_type
from xnn.dialects.xnn.shapes import broadcast
from xnn.dialects.xnn.traits import LowPrecision, TakesIntegers


class MultiplyAccumulateOperation(NetworkOperation):
    """Sums of products of its first two operands, plus its optional third.

    The result of floats has their type; that of integers, which may be of two types, has the type of their
    accumulators (`xnn.dialects.element_types`), as has the third operand.
    """

    ELEMENTS: ClassVar[Elements] = NUMBERS

    traits = traits_def(LowPrecision(), TakesIntegers())

    @property
    def output_axis(self) -> int:
        """The axis of the weights that the channels of the result follow."""
        return 0

    @property
    def weights(self) -> SSAValue:
        return self.operands[1]

    @property
    def bias(self) -> SSAValue | None:
        return self.operands[2] if len(self.operands) > 2 else None

    @property
    def accumulator_type(self) -> Attribute:
        """The type in which products are summed."""
        return accumulator_type(*(tensor_type(value).element_type for value in self.operands[:2]))

    def sums_type(self) -> Attribute:
        """The element type of the result."""
        sums, addends = self.accumulator_type, self.operands[2:]
        if not isinstance(sums, IntegerType):
            return self.shared_element_type(self.operands)
        if addends and is_unsigned(sums):
            raise fault(self, f"nothing can be added to sums of type {sums}")
        for value in addends:
            if tensor_type(value).element_type != sums:
                raise fault(self, f"what is added to sums of type {sums} has type {value.type}")
        return sums


@irdl_op_definition
class GemmOp(MultiplyAccumulateOperation):
    """The matrix product alpha * a' b' + beta * c: a' [M, K] is `a` or (`trans_a`) its transpose, b' [K, N] likewise.

    `c` broadcasts to the result [M, N]. For integers alpha and beta are 1.

    ```mlir
    %y = xnn.gemm "fc" %a, %b, %c {alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = true}
       : (tensor<1x512xf32>, tensor<10x512xf32>, tensor<10xf32>) -> tensor<1x10xf32>
    ```
    """

    name = "xnn.gemm"

    a = operand_def(NetworkOperation.TENSOR)
    b = operand_def(NetworkOperation.TENSOR)
    c = opt_operand_def(NetworkOperation.TENSOR)

    trans_a = prop_def(BoolAttr)
    trans_b = prop_def(BoolAttr)
    alpha = prop_def(FloatAttr)
    beta = prop_def(FloatAttr)

    @property
    def output_axis(self) -> int:
        return 0 if self.trans_b.value.data else 1

    def infer_types(self) -> Sequence[TensorType]:
        a, b = shape_of(self.a), shape_of(self.b)
        if len(a) != 2 or len(b) != 2:
            raise fault(self, f"expected two matrices, but shapes are {shown(a)} and {shown(b)}")
        m, k = reversed(a) if self.trans_a.value.data else a
        k_of_b, n = reversed(b) if self.trans_b.value.data else b
        if DYNAMIC not in (k, k_of_b) and k != k_of_b:
            raise fault(self, f"a has {k} columns, but b has {k_of_b} rows")
        if self.c is not None and broadcast(shape_of(self.c), (m, n)) != (m, n):
            raise fault(self, f"c {shown(shape_of(self.c))} does not broadcast to {shown((m, n))}")
        sums = self.sums_type()
        if isinstance(sums, IntegerType) and {self.alpha.value.data, self.beta.value.data} != {1}:
            raise fault(self, "alpha and beta of integers must be 1")
        return [TensorType(sums, (m, n))]
