"""What elementwise operators have in common: a scalar form, and operands that broadcast as in NumPy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from xdsl.dialects.builtin import AffineMapAttr, TensorType
from xdsl.ir import Attribute, Block, SSAValue
from xdsl.irdl import operand_def
from xdsl.traits import Commutative

from xnn.dialects import scalar
from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import FLOATS, WRAPPING, Elements
from xnn.dialects.evaluated_once import EvaluatedOnce
from xnn.dialects.indexing_maps import broadcast_map
from xnn.dialects.xnn.constants import is_splat
from xnn.dialects.xnn.operation import (
    NetworkOperation,
    Price,
    SingleOperation,
    shape_of,
    shown,
    tensor_type,
)
from xnn.dialects.xnn.shapes import broadcast


class ElementwiseOperation(NetworkOperation, EvaluatedOnce):
    """Each element of the result is a function of one element of each operand: its scalar form.

    What it computes on arrays, in the `pre` and `post` of primitives, and what it costs follow from it.
    """

    FORM: ClassVar[scalar.Form]
    """The scalar form of an operator without properties."""

    def scalar_form(self, *elements: SSAValue) -> SSAValue:
        """The element of the result, computed from the operands' by operations of `xnn.dialects.scalar`."""
        return self.FORM(*elements)

    def scalar_block(self) -> tuple[Block, SSAValue]:
        """A block that computes an element of the result, which it does not yield, from those of the operands."""
        block = Block(arg_types=[tensor_type(operand).element_type for operand in self.operands])
        return block, scalar.place(block, self.scalar_form(*block.args))

    @property
    def price(self) -> Price:
        """The operations of its scalar form."""
        block, _ = self.scalar_block()
        return Counter(kind for op in block.ops if (kind := scalar.price_class(op)) is not None)

    @property
    def is_conversion(self) -> bool:
        """Whether it only converts stored elements: each user converts its own operand."""
        return False

    def indexing_map(self, index: int) -> AffineMapAttr:
        """From the indices of an element of the result to those of operand `index`."""
        return broadcast_map(shape_of(self.operands[index]), shape_of(self.result))


class UnaryOperation(ElementwiseOperation, SingleOperation):
    """One element of `x` in, one out, of the same type."""

    def infer_types(self) -> Sequence[TensorType]:
        return [tensor_type(self.x)]


class FloatOperation(UnaryOperation):
    """A function of one float."""

    ELEMENTS: ClassVar[Elements] = FLOATS


class BroadcastOperation(ElementwiseOperation):
    """Operands broadcast to the shape of the result."""

    def broadcast_type(self, element_type: Attribute) -> TensorType:
        """The type of a result with elements of a type; raises VerifyException if shapes do not broadcast."""
        shapes = [shape_of(operand) for operand in self.operands]
        shape = broadcast(*shapes)
        if shape is None:
            *others, last = map(shown, shapes)
            raise fault(self, f"shapes {', '.join(others)} and {last} do not broadcast")
        return TensorType(element_type, shape)


class BinaryOperation(BroadcastOperation):
    """One element of `lhs` and of `rhs` in, one out, of the same element type; shapes broadcast."""

    ELEMENTS: ClassVar[Elements] = WRAPPING

    NEUTRAL: ClassVar[float | None] = None
    """The rhs that leaves lhs as it is, but for the sign of a zero."""

    lhs = operand_def(NetworkOperation.TENSOR)
    rhs = operand_def(NetworkOperation.TENSOR)

    def infer_types(self) -> Sequence[TensorType]:
        return [self.broadcast_type(self.shared_element_type(self.operands))]

    def fold(self) -> Sequence[SSAValue] | None:
        if self.lhs.type == self.result.type and is_splat(self.rhs, self.NEUTRAL):
            return (self.lhs,)
        swaps = self.has_trait(Commutative) and self.rhs.type == self.result.type
        return (self.rhs,) if swaps and is_splat(self.lhs, self.NEUTRAL) else None
