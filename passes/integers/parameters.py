"""Scales, zero points and weights as far as they are known at compile time."""

from __future__ import annotations

from types import UnionType

import numpy as np
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import SSAValue

from xnn.dialects.diagnostics import UserError
from xnn.dialects.element_types import integer_range
from xnn.dialects.xnn import (
    ClipOp,
    ConstantOp,
    DivOp,
    MulOp,
    NetworkOperation,
    QuantizeOp,
    shape_of,
    tensor_type,
)
from xnn.passes.graph.building import Parts
from xnn.runtime.semantics.arrays import array_of


def known(value: SSAValue) -> np.ndarray | None:
    """The elements of a constant in the text, or None."""
    constant = value.owner
    return array_of(constant.value) if isinstance(constant, ConstantOp) else None


def is_zero(value: SSAValue) -> bool:
    """Whether a value is known to be zero throughout."""
    array = known(value)
    return array is not None and not array.any()


def same(one: SSAValue, other: SSAValue) -> bool:
    """Whether two values are known to be the same."""
    if one is other:
        return True
    first, second = known(one), known(other)
    return (
        first is not None
        and second is not None
        and one.type == other.type
        and np.array_equal(first, second)
    )


def combined(
    new: Parts, operator: type[MulOp | DivOp], one: SSAValue, other: SSAValue, part: str
) -> SSAValue:
    """The product or quotient of two scales, in the text if both are."""
    first, second = known(one), known(other)
    if first is None or second is None:
        return new.build(operator, [one, other], part=part)
    array = first * second if operator is MulOp else first / second
    return new.constant(array, tensor_type(one).element_type, part)


def is_single(value: SSAValue) -> bool:
    """Whether a scale or zero point holds for all elements."""
    return not shape_of(value)


def require_scale(op: NetworkOperation, scale: SSAValue) -> None:
    """Raises UserError naming the layer if a scale is known not to be positive and finite."""
    array = known(scale)
    if array is None:
        return
    numbers = np.asarray(array, np.float64)
    wrong = ~(np.isfinite(numbers) & (numbers > 0))
    if wrong.any():
        raise UserError(
            f'layer "{op.shown_name}": scale {numbers[wrong].flat[0]:g} is not positive and finite'
        )


def before(
    value: SSAValue, kinds: type[NetworkOperation] | UnionType
) -> tuple[SSAValue, list[NetworkOperation]]:
    """The operand of a chain of operators of some kinds that ends in `value`, and the chain, last first.

    Each result of the chain has one use.
    """
    chain: list[NetworkOperation] = []
    while isinstance(op := value.owner, kinds) and value.has_one_use():
        assert isinstance(op, NetworkOperation)
        chain.append(op)
        value = op.operands[0]
    return value, chain


def saturates(clip: NetworkOperation, node: QuantizeOp) -> bool:
    """Whether the range of a quantisation's integers lies within the bounds of a clip of values."""
    scale, zero_point = known(node.scale), known(node.zero_point)
    kind = tensor_type(node.zero_point).element_type
    if scale is None or zero_point is None or not isinstance(kind, IntegerType):
        return False
    low, high = integer_range(kind)
    bounds = (0.0, None)
    if isinstance(clip, ClipOp):
        bounds = tuple(None if end is None else end.value.data for end in (clip.min, clip.max))
    least, most = (
        None if end is None else np.rint(np.float32(end) / np.float32(scale)) + int(zero_point)
        for end in bounds
    )
    return (least is None or least <= low) and (most is None or most >= high)
