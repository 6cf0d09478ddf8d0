"""How operators of the network are built, by the import and by the passes of the graph level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Operation, OpResult, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from xnn.dialects import xnn
from xnn.dialects.names import part_name
from xnn.runtime.io.weights import weight_in_memory
from xnn.runtime.semantics.arrays import array_of, dense_of

LIMIT = 4096
"""Largest constant in the text, in bytes; larger ones are evaluated before the network runs."""

OperationT = TypeVar("OperationT", bound=Operation)


def network_operations(module: ModuleOp) -> list[xnn.NetworkOperation]:
    """The network operators of all functions of `module`, in order, as they are now."""
    return [
        op
        for func in module.body.block.ops
        if isinstance(func, FuncOp)
        for op in func.walk()
        if isinstance(op, xnn.NetworkOperation)
    ]


class Parts:
    """Builds operators at an insertion point, in order: the one that produces `name`, and parts of it.

    They have the location of the operation that they are inserted before.
    """

    def __init__(self, name: str, place: InsertPoint):
        self.name = name
        self.place = place

    def of(self, part: str) -> Parts:
        """A builder of `part` and parts of it, at the same place."""
        return Parts(self.name_of(part), self.place)

    def name_of(self, part: str) -> str:
        return part_name(self.name, part) if part else self.name

    def build(
        self,
        operator: type[xnn.NetworkOperation],
        operands: Iterable[SSAValue | None],
        properties: Mapping[str, Attribute] | None = None,
        *,
        part: str = "",
        layers: Iterable[str] = (),
    ) -> OpResult:
        """The first result of a new operator, which produces `name` or a `part` of it."""
        new = operator.of(self.name_of(part), operands, properties, layers=layers)
        return self.insert(new).results[0]

    def constant(self, array: ArrayLike, element_type: Attribute, part: str = "") -> SSAValue:
        """The elements of `array`, in the text."""
        dense = dense_of(np.asarray(array), element_type)
        return self.insert(xnn.ConstantOp.of(self.name_of(part), (), {"value": dense})).result

    def stored(self, array: np.ndarray, element_type: Attribute, part: str = "") -> SSAValue:
        """The elements of `array`: in the text up to LIMIT, else in the memory of this process."""
        dense = dense_of(array, element_type)
        if len(dense.data.data) <= LIMIT:
            return self.constant(array, element_type, part)
        type = TensorType(element_type, array.shape)
        return self.insert(weight_in_memory(self.name_of(part), array_of(dense), type)).result

    def reshaped(self, value: SSAValue, shape: Sequence[int], part: str = "") -> SSAValue:
        """`value` in another `shape`; as a part, itself if it has that shape already."""
        if part and xnn.shape_of(value) == tuple(shape):
            return value
        return self.build(xnn.ReshapeOp, [value], {"shape": xnn.integers(shape)}, part=part)

    def transposed(self, value: SSAValue, perm: Sequence[int], part: str) -> SSAValue:
        return self.build(xnn.TransposeOp, [value], {"perm": xnn.integers(perm)}, part=part)

    def insert(self, new: OperationT) -> OperationT:
        """Inserts and returns `new`."""
        if self.place.insert_before is not None:
            new.location = self.place.insert_before.location
        Rewriter.insert_op(new, self.place)
        return new


class Replacement(Parts):
    """Builds what replaces `old` before it; `take` then puts a value in its place."""

    def __init__(self, old: xnn.NetworkOperation):
        super().__init__(old.result_name.data, InsertPoint.before(old))
        self.old = old

    def take(self, *values: SSAValue) -> None:
        """Let `values` take the place of the old results."""
        for old, value in zip(self.old.results, values, strict=True):
            old.replace_all_uses_with(value)
        erase(self.old)


def erase(op: Operation) -> None:
    """Remove `op`, whose results nothing uses."""
    Rewriter.erase_op(op)


def per_channel(
    op: xnn.NetworkOperation, constants: xnn.ConstantExpressions
) -> tuple[SSAValue, SSAValue] | None:
    """The operands (x, constant) of a binary `op` that does the same to each channel of x, without changing its shape.

    A channel is an index of axis 1. The constant has one element, or one per channel. None if `op` is not of that kind.
    """
    for x, constant in (op.operands, reversed(op.operands)):
        if constant in constants and x not in constants and x.type == op.results[0].type:
            rank, shape = len(xnn.shape_of(x)), xnn.shape_of(constant)
            axes = [axis for axis, size in enumerate(shape, rank - len(shape)) if size != 1]
            if axes in ([], [1]):
                return x, constant
    return None
