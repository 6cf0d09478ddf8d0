"""The strategies of the nodes of a network."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from xdsl.dialects.func import FuncOp

from xnn.dialects.prim import Primitive
from xnn.dialects.target import Target
from xnn.passes.schedule.candidates import Candidates
from xnn.passes.schedule.effort import Effort
from xnn.passes.schedule.neighbours import Neighbours
from xnn.passes.schedule.slice_buffers import Homes
from xnn.passes.schedule.strategies import Strategies


class _Known:
    """What was worked out about the nodes of a function, for all that ask: it depends on their kinds and neighbours."""

    def __init__(self) -> None:
        self.kinds: dict[object, int] = {}
        self.candidates: dict[int, Candidates] = {}
        self.neighbours: WeakKeyDictionary[Primitive, Neighbours] = WeakKeyDictionary()
        self.strategies: dict[object, Strategies] = {}


_KNOWN: WeakKeyDictionary[FuncOp, _Known] = WeakKeyDictionary()


class AllStrategies:
    """The strategies of the nodes of a function: those of equal nodes are worked out once.

    What another instance worked out for the function stays known, until it is told to `forget`.
    """

    def __init__(self, main: FuncOp, target: Target, effort: Effort, transfer_price: float):
        self._main, self._target = main, target
        self._effort, self._transfer_price = effort, transfer_price
        self._known = _KNOWN.setdefault(main, _Known())
        self._kind_of: dict[Primitive, int] = {}
        """By node the number of its kind: nodes of a kind are equal but for where they and their operands lie."""

    def of(self, op: Primitive, homes: Homes) -> Strategies:
        """Those of a node whose properties are still what they were when it was asked for first."""
        known = self._known
        if op not in self._kind_of:
            kind = _signature(op), self._target
            self._kind_of[op] = known.kinds.setdefault(kind, len(known.kinds))
        if op not in known.neighbours:
            known.neighbours[op] = Neighbours.of(op, self._target)
        kind, neighbours = self._kind_of[op], known.neighbours[op]
        places = tuple(homes.get(value) for value in (*op.operands, op.out))
        key = kind, neighbours, places, self._effort, self._transfer_price
        if key not in known.strategies:
            if kind not in known.candidates:
                known.candidates[kind] = Candidates(op, self._target)
            candidates = known.candidates[kind]
            own = (*candidates.op.operands, candidates.op.out)
            homes = {v: place for v, place in zip(own, places, strict=True) if place is not None}
            known.strategies[key] = Strategies(
                candidates, self._effort, homes, neighbours, self._transfer_price
            )
        return known.strategies[key]

    def forget(self) -> None:
        """Frees what is known of the function."""
        _KNOWN.pop(self._main, None)


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
