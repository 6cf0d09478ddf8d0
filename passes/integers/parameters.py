"""What passes need to know of scales, zero points and weights."""

from __future__ import annotations

import numpy as np
from xdsl.ir import SSAValue

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn import ConstantOp, NetworkOperation, shape_of
from xnn.runtime.semantics.arrays import array_of


def known(value: SSAValue) -> np.ndarray | None:
    """The elements of a value that stands in the text, or None."""
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
            f'layer "{op.result_name.data}": scale {numbers[wrong].flat[0]:g} is not positive and finite'
        )
