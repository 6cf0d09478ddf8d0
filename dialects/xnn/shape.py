"""Operators that move or relabel elements without changing their values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from xdsl.dialects.builtin import FloatAttr, TensorType, i32, i64
from xdsl.interfaces import HasCanonicalizationPatternsInterface
from xdsl.ir import Operation, SSAValue
from xdsl.irdl import irdl_op_definition, operand_def, prop_def, traits_def, var_operand_def
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from xnn.dialects.canonicalization import ChainOperation
from xnn.dialects.diagnostics import fault
from xnn.dialects.values import INTEGER, INTEGERS
from xnn.dialects.xnn.constants import ConstantOp
from xnn.dialects.xnn.elementwise import UnaryOperation
from xnn.dialects.xnn.operation import (
    DYNAMIC,
    NetworkOperation,
    Price,
    SingleOperation,
    integers,
    shape_of,
    shown,
    tensor_type,
)
from xnn.dialects.xnn.shapes import reshaped
from xnn.dialects.xnn.traits import KeepsScale


@irdl_op_definition
class ReshapeOp(SingleOperation, ChainOperation):
    """The elements of `x`, in order, in another shape: 0 in `shape` copies x's dimension, one -1 takes the rest.

    `%y = xnn.reshape "flat" %x {shape = array<i64: 0, -1>} : (tensor<2x512x7x7xf32>) -> tensor<2x25088xf32>`
    """

    name = "xnn.reshape"

    traits = traits_def(KeepsScale())

    PRICE: ClassVar[Price | None] = {"cheap": 1}

    shape = prop_def(INTEGERS)

    def infer_types(self) -> Sequence[TensorType]:
        type, target = tensor_type(self.x), self.shape.get_values()
        if any(d < -1 for d in target) or sum(d == -1 for d in target) > 1:
            raise fault(self, f"shape {list(target)} may hold sizes, 0 and one -1 only")
        shape = reshaped(type.get_shape(), target)
        if shape is None:
            raise fault(self, f"{shown(type.get_shape())} cannot become {list(target)}")
        return [TensorType(type.element_type, shape)]

    def fold(self) -> Sequence[SSAValue] | None:
        inner = self.x.owner
        sources = (self.x, inner.x) if isinstance(inner, ReshapeOp) else (self.x,)
        return next(((value,) for value in sources if value.type == self.result.type), None)

    def merged(self, inner: ReshapeOp) -> ReshapeOp | None:
        shape = shape_of(self.result)
        if shape.count(DYNAMIC) > 1:
            return None
        target = integers(-1 if size == DYNAMIC else size for size in shape)
        return self.in_place_of(inner, {"shape": target})


@irdl_op_definition
class TransposeOp(SingleOperation, ChainOperation):
    """The axes of `x` in another order: axis i of the result is axis `perm`[i] of x.

    `%y = xnn.transpose "shuffle" %x {perm = array<i64: 0, 2, 1>} : (tensor<1x4x28xf32>) -> tensor<1x28x4xf32>`
    """

    name = "xnn.transpose"

    traits = traits_def(KeepsScale())

    perm = prop_def(INTEGERS)

    def infer_types(self) -> Sequence[TensorType]:
        type, perm = tensor_type(self.x), self.perm.get_values()
        shape = type.get_shape()
        if sorted(perm) != list(range(len(shape))):
            raise fault(
                self, f"perm {list(perm)} is not a permutation of the {len(shape)} axes of x"
            )
        return [TensorType(type.element_type, [shape[axis] for axis in perm])]

    def fold(self) -> Sequence[SSAValue] | None:
        perm = self.perm.get_values()
        return (self.x,) if list(perm) == sorted(perm) else None

    def merged(self, inner: TransposeOp) -> TransposeOp:
        first = inner.perm.get_values()
        perm = integers(first[axis] for axis in self.perm.get_values())
        return self.in_place_of(inner, {"perm": perm})


class DropZeroSized(RewritePattern):
    """Inputs without elements change nothing, as long as there are others."""

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        if not isinstance(op, ConcatOp):
            return
        axis = op.axis.value.data
        kept = [value for value in op.inputs if shape_of(value)[axis]]
        if 0 < len(kept) < len(op.inputs):
            new = op.create(
                operands=kept, properties=op.properties.copy(), result_types=op.result_types
            )
            new.location = op.location
            rewriter.replace(op, new)


@irdl_op_definition
class ConcatOp(NetworkOperation, HasCanonicalizationPatternsInterface):
    """The `inputs` one after the other along `axis`.

    ```mlir
    %y = xnn.concat "fire" %a, %b {axis = 1 : i64}
       : (tensor<1x64x55x55xf32>, tensor<1x64x55x55xf32>) -> tensor<1x128x55x55xf32>
    ```
    """

    name = "xnn.concat"

    traits = traits_def(KeepsScale())

    PRICE: ClassVar[Price | None] = {"cheap": 1}

    inputs = var_operand_def(NetworkOperation.TENSOR)

    axis = prop_def(INTEGER)

    def infer_types(self) -> Sequence[TensorType]:
        if not self.inputs:
            raise fault(self, "has no inputs")
        element_type = self.shared_element_type(self.inputs)
        shapes, axis = [shape_of(value) for value in self.inputs], self.axis.value.data
        rank = len(shapes[0])
        if not 0 <= axis < rank:
            raise fault(self, f"axis {axis} is not one of the {rank} axes of its inputs")
        listed = ", ".join(shown(shape) for shape in shapes)
        if any(len(shape) != rank for shape in shapes):
            raise fault(self, f"inputs differ in rank: {listed}")
        result = []
        for i, sizes in enumerate(zip(*shapes)):
            known = set(sizes) - {DYNAMIC}
            if i == axis:
                result.append(DYNAMIC if DYNAMIC in sizes else sum(sizes))
            elif len(known) > 1:
                raise fault(self, f"inputs differ in axis {i}: {listed}")
            else:
                result.append(known.pop() if known else DYNAMIC)
        return [TensorType(element_type, result)]

    def fold(self) -> Sequence[SSAValue] | None:
        return self.inputs if len(self.inputs) == 1 else None

    @classmethod
    def get_canonicalization_patterns(cls) -> tuple[RewritePattern, ...]:
        return (DropZeroSized(),)


@irdl_op_definition
class GatherOp(NetworkOperation):
    """Slices of `x` along `axis`, one for each of the `indices`, whose axes take the place of `axis`.

    A negative index counts from the end. An index outside of the axis is an error where it is a constant;
    one that is computed becomes the nearest that is inside, at every level.

    ```mlir
    %y = xnn.gather "tokens" %table, %ids {axis = 0 : i64}
       : (tensor<1000x64xf32>, tensor<2x7xi64>) -> tensor<2x7x64xf32>
    ```
    """

    name = "xnn.gather"

    traits = traits_def(KeepsScale())

    x = operand_def(NetworkOperation.TENSOR)
    indices = operand_def(NetworkOperation.TENSOR)

    axis = prop_def(INTEGER)

    def infer_types(self) -> Sequence[TensorType]:
        type, axis = tensor_type(self.x), self.axis.value.data
        shape, element = type.get_shape(), tensor_type(self.indices).element_type
        if element not in (i32, i64):
            raise fault(self, f"indices must be i32 or i64, not {element}")
        if not 0 <= axis < len(shape):
            raise fault(self, f"axis {axis} is not one of the {len(shape)} axes of x")
        if isinstance(constant := self.indices.owner, ConstantOp) and shape[axis] != DYNAMIC:
            self.verify_indices(constant.elements)
        return [
            TensorType(
                type.element_type, [*shape[:axis], *shape_of(self.indices), *shape[axis + 1 :]]
            )
        ]

    def verify_indices(self, indices: np.ndarray) -> None:
        """Raises VerifyException for an index outside of the axis."""
        size = shape_of(self.x)[self.axis.value.data]
        wrong = indices[(indices < -size) | (indices >= size)]
        if wrong.size:
            raise fault(self, f"index {wrong[0]} is outside of an axis of {size}")


class IdentityOperation(UnaryOperation):
    """Its result is its operand."""

    def scalar_form(self, x: SSAValue) -> SSAValue:
        return x

    def fold(self) -> Sequence[SSAValue]:
        return (self.x,)


@irdl_op_definition
class DropoutOp(IdentityOperation):
    """x: in inference dropout drops nothing. `ratio` is what it dropped in training.

    `%y = xnn.dropout "drop9" %x {ratio = 0.5 : f32} : (tensor<1x512xf32>) -> tensor<1x512xf32>`
    """

    name = "xnn.dropout"

    ratio = prop_def(FloatAttr)


@irdl_op_definition
class IdentityOp(IdentityOperation):
    """x under another name.

    `%y = xnn.identity "same" %x : (tensor<1x512xf32>) -> tensor<1x512xf32>`
    """

    name = "xnn.identity"
    ONNX: ClassVar = "Identity"

    traits = traits_def(KeepsScale())
