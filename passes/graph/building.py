"""How the passes of the graph level build what replaces an operator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from xnn.dialects import xnn
from xnn.dialects.xnn.operation import part_name
from xnn.runtime.semantics.arrays import dense_of

OperatorT = TypeVar("OperatorT", bound=xnn.NetworkOperation)


def network_operations(module: ModuleOp) -> list[xnn.NetworkOperation]:
    """The network operators of all functions of `module`, in order, as they are now."""
    return [
        op
        for func in module.body.block.ops
        if isinstance(func, FuncOp)
        for op in func.walk()
        if isinstance(op, xnn.NetworkOperation)
    ]


class Replacement:
    """What replaces `old`: operators built before it, at its location; `take` then puts a value in its place.

    Parts are called after `whole`, by default `old`'s name, so that parts of parts differ.
    """

    def __init__(self, old: xnn.NetworkOperation, whole: str = ""):
        self.old = old
        self.name = old.result_name.data
        self.whole = whole or self.name

    def build(
        self,
        operator: type[OperatorT],
        operands: Iterable[SSAValue | None],
        properties: Mapping[str, Attribute] | None = None,
        *,
        part: str = "",
        layers: Iterable[str] = (),
    ) -> OperatorT:
        """A new operator under the old one's name, or that of a `part` of it."""
        name = part_name(self.whole, part) if part else self.name
        return self.insert(operator.of(name, operands, properties, layers=layers))

    def constant(self, array: ArrayLike, element_type: Attribute, part: str) -> SSAValue:
        """A constant `part` with the elements of `array`."""
        dense = dense_of(np.asarray(array), element_type)
        return self.insert(xnn.ConstantOp.dense(part_name(self.whole, part), dense)).result

    def reshaped(self, value: SSAValue, shape: Sequence[int], part: str) -> SSAValue:
        """`value` in the static `shape`, as a `part` if that takes an operator."""
        if xnn.shape_of(value) == tuple(shape):
            return value
        return self.build(xnn.ReshapeOp, [value], {"shape": xnn.integers(shape)}, part=part).result

    def insert(self, new: OperatorT) -> OperatorT:
        """`new`, put before the old operator."""
        new.location = self.old.location
        Rewriter.insert_op(new, InsertPoint.before(self.old))
        return new

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
