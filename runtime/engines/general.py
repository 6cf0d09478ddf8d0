"""General compute: the control processor's lanes, for what maps to no primitive.

Semantics: those of the operators themselves. Cost: `general_cycles`, per element by class of operation.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, prod

from xnn.dialects.diagnostics import UserError, fault
from xnn.dialects.prim import GeneralOp, YieldOp, shape
from xnn.dialects.target import Target
from xnn.dialects.values import value_bytes
from xnn.dialects.xnn import ConstantOp, NetworkOperation


def general_bytes(op: GeneralOp) -> int:
    """Bytes that a node reads from and writes to external memory."""
    return sum(value_bytes(value) for value in (*op.inputs, op.out))


def _priced(op: GeneralOp) -> list[tuple[str, int]]:
    """Operations of a node by class of price."""
    result: list[tuple[str, int]] = []
    for inner in op.block.ops:
        if isinstance(inner, YieldOp | ConstantOp):
            continue
        price = inner.price if isinstance(inner, NetworkOperation) else None
        if price is None:
            raise UserError(str(fault(op, f"{inner.name} is not for general compute")))
        elements = prod(shape(inner.results[0]))
        result += [(name, count * elements) for name, count in price.items()]
    return result


def general_operations(op: GeneralOp) -> int:
    """Elementary operations of a node."""
    return sum(count for _, count in _priced(op))


def general_cycles(op: GeneralOp, target: Target) -> int:
    """Cycles of a node: its operations over the lanes, or its bytes over the port, if more."""
    table = target.general.cycles_per_element
    lanes = ceil(
        sum(count * getattr(table, name) for name, count in _priced(op)) / target.general.lanes
    )
    port = ceil(general_bytes(op) / Fraction(str(target.general.bytes_per_cycle)))
    return max(lanes, port, 1)
