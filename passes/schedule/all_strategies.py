"""The strategies of the nodes of a network."""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.ir import SSAValue

from xnn.dialects.prim import Primitive
from xnn.dialects.prim.node import NamedOp, NodeOp
from xnn.dialects.target import Target
from xnn.passes.schedule.effort import Effort
from xnn.passes.schedule.slice_buffers import Homes
from xnn.passes.schedule.strategies import Strategies


class AllStrategies:
    """The strategies of the nodes of a network: those of equal nodes are worked out once."""

    def __init__(self, target: Target, effort: Effort):
        self.target, self._effort = target, effort
        self._kinds: dict[object, int] = {}
        self._kind_of: dict[Primitive, int] = {}
        """By node the number of its kind: nodes are equal, and so are their neighbours' engines."""
        self._known: dict[object, Strategies] = {}

    def of(self, op: Primitive, homes: Homes) -> Strategies:
        """Those of a node whose properties are still what they were when it was asked for first."""
        if op not in self._kind_of:
            kind = _signature(op), _is_mixed(op)
            self._kind_of[op] = self._kinds.setdefault(kind, len(self._kinds))
        places = tuple(homes.get(value) for value in (*op.operands, op.out))
        key = self._kind_of[op], places
        if key not in self._known:
            self._known[key] = Strategies(op, self.target, self._effort, homes, _is_mixed(op))
        return self._known[key]


def _is_mixed(op: Primitive) -> bool:
    """Whether what a node reads or writes is used on another engine."""
    made = [node for value in op.operands for node in _makers(value)]
    values = [*(node.out for node in made), op.out]
    nodes = [*made, *(user for value in values for user in _users(value))]
    return any(node.engine != op.engine for node in nodes)


def _makers(value: SSAValue) -> Iterator[NodeOp]:
    """The nodes whose results lie in a value."""
    owner = value.owner
    if isinstance(owner, NodeOp):
        yield owner
    elif isinstance(owner, NamedOp):
        for part in owner.lies_in:
            yield from _makers(part)


def _users(value: SSAValue) -> Iterator[NodeOp]:
    """The nodes that use a value, or what it lies in."""
    for use in value.uses:
        user = use.operation
        if isinstance(user, NodeOp):
            yield user
        elif isinstance(user, NamedOp) and user.lies_in:
            yield from _users(user.results[0])


def _signature(op: Primitive) -> object:
    types = tuple(value.type for value in (*op.operands, op.out))
    ignored = ("name", "layers", *op.PLACEMENT)
    own = tuple((k, v) for k, v in op.properties.items() if k not in ignored)
    scalars = [
        (type(inner), *inner.result_types)
        for region in (op.pre, op.post)
        for inner in region.walk()
    ]
    return type(op), types, own, tuple(scalars)
