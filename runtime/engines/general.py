"""General compute: the control processor's lanes, for what maps to no primitive.

Semantics: those of the operators themselves. Cost: the prices of their operations over the lanes. Its
operands lie in external memory, each a contiguous run that moves over the bus once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import prod

from xnn.dialects.diagnostics import UserError, fault
from xnn.dialects.dsa.access import Access, NodeBlock
from xnn.dialects.prim import GeneralOp, YieldOp, shape
from xnn.dialects.target import Target
from xnn.dialects.values import element_type
from xnn.dialects.xnn import ConstantOp, NetworkOperation
from xnn.runtime.engines.engine import Engine, NodeCost, Operations, format_of


def _priced(op: GeneralOp) -> Iterator[tuple[NetworkOperation, str, int]]:
    """Operators of a node, and their operations by class of price."""
    for inner in op.block.ops:
        if isinstance(inner, YieldOp | ConstantOp):
            continue
        price = inner.price if isinstance(inner, NetworkOperation) else None
        if price is None or not isinstance(inner, NetworkOperation):
            raise UserError(str(fault(op, f"{inner.name} is not for general compute")))
        elements = prod(shape(inner.results[0]))
        yield from ((inner, kind, count * elements) for kind, count in price.items())


def general_units(op: GeneralOp, target: Target) -> Operations:
    """Units of price of a node by format."""
    result: Counter[str] = Counter()
    for inner, kind, count in _priced(op):
        units = count * getattr(target.operation_cycles, kind)
        result[format_of(element_type(inner.results[0]))] += units
    return dict(result)


class GeneralEngine(Engine[GeneralOp]):
    """Cost of general compute."""

    def cost(
        self,
        node: GeneralOp,
        block: NodeBlock | None,
        accesses: Sequence[Access],
        starts: Sequence[int],
        target: Target,
    ) -> NodeCost:
        units = general_units(node, target)
        return NodeCost({"operations": _cycles(units, target)}, operations=units)

    def least_cycles(self, node: GeneralOp, target: Target) -> int:
        return _cycles(general_units(node, target), target)

    def operations(self, node: GeneralOp) -> int:
        return sum(count for _, _, count in _priced(node))


ENGINE = GeneralEngine()


def _cycles(units: Operations, target: Target) -> int:
    assert target.general is not None
    return -(-sum(units.values()) // target.general.lanes)
