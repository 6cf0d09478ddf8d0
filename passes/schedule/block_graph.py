"""Which blocks of layers need which blocks of other layers, and about how long each takes.

Nothing has an address yet: times leave out transfers of operands, and banks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from xdsl.ir import BlockArgument, SSAValue

from xnn.dialects import dma
from xnn.dialects.dma.layer_blocks import LayerBlocks, LayerOp, Touch
from xnn.dialects.prim import GeneralOp, Primitive
from xnn.dialects.target import Target
from xnn.passes.schedule.demands import Demands
from xnn.passes.schedule.parts import Part, parts_of
from xnn.passes.schedule.tasks import LayerTasks, Task

TRANSFER = "dma"
"""Stands for the transfer engines, whichever."""


@dataclass(eq=False)
class Unit:
    """A layer, in the steps in which it may run: its blocks one by one, or all of them at once."""

    layer: LayerBlocks
    engine: str
    cycles: list[int]
    """Of each step."""
    drain: int
    """Cycles from the end of a step to its token."""
    whole: bool
    """Whether all of its blocks are one step."""
    needs: list[tuple[Unit, list[int]]] = field(default_factory=list["tuple[Unit, list[int]]"])
    """Earlier units, and for each step the last of their steps that it comes after, or -1."""


class BlockGraph:
    """The units of a function, in the order of the text."""

    def __init__(self, layers: Iterable[LayerOp], target: Target):
        self.target, self._demands = target, Demands(target)
        self.units = [self._unit(LayerBlocks(op)) for op in layers]
        users: dict[SSAValue, dict[Unit, _Touched]] = {}
        for unit in self.units:
            for root, touched in _touched(unit).items():
                users.setdefault(root, {})[unit] = touched
        for each in users.values():
            _add_needs(each)

    def _unit(self, layer: LayerBlocks) -> Unit:
        whole = any(_is_outside(touch) for touch in layer.all_touches())
        tasks, node = LayerTasks(layer), layer.node
        if isinstance(node, Primitive):
            costs = [self._cycles(tasks.of((node, block))) for block in range(layer.count)]
            engine = node.engine
        elif node is None:
            moves = [each for each in (*layer.loads, layer.stores) if each is not None]
            costs = [
                sum(self._cycles(tasks.of((each.op, block))) for each in moves)
                for block in range(layer.count)
            ]
            engine = TRANSFER
        else:
            assert isinstance(node, GeneralOp)
            costs, engine, whole = [self._cycles(tasks.of((node, 0)))], node.engine, True
        drain = self._drain(tasks, layer)
        return Unit(layer, engine, [sum(costs)] if whole else costs, drain, whole)

    def _cycles(self, tasks: Sequence[Task]) -> int:
        total = 0
        for task in tasks:
            demand = self._demands.of(task, tuple(place.offset for place in task.places))
            total += max(demand.cycles, *demand.rows, 1)
        return total

    def _drain(self, tasks: LayerTasks, layer: LayerBlocks) -> int:
        if not isinstance(layer.node, Primitive):
            return 0
        (task,) = tasks.of((layer.node, 0))
        return self._demands.of(task, tuple(place.offset for place in task.places)).drain


def _is_outside(touch: Touch) -> bool:
    """Whether other layers find in external memory what a layer touches, or in a ring: it runs as a whole."""
    root = touch.root
    if isinstance(touch.value.owner, dma.RingOp):
        return True
    if isinstance(root, BlockArgument):
        return touch.writes
    return isinstance(root.owner, dma.AllocOp) and not dma.is_local(root)


def _add_needs(users: dict[Unit, _Touched]) -> None:
    """What the users of a buffer, in the order of the text, need of each other.

    Where two of them write the same elements, all take turns.
    """
    pairs = [
        (later, earlier, users[later].after(users[earlier]))
        for earlier, later in combinations(users, 2)
        if users[earlier].writes or users[later].writes
    ]
    turns = any(
        users[earlier].writes and users[later].writes and max(needs) >= 0
        for later, earlier, needs in pairs
    )
    for later, earlier, needs in pairs:
        last = len(earlier.cycles) - 1
        later.needs.append((earlier, [last] * len(needs) if turns else needs))


@dataclass
class _Touched:
    """The parts of a buffer that the steps of a unit touch."""

    parts: list[list[Part]]
    """By step."""

    @property
    def writes(self) -> bool:
        return any(part.writes for parts in self.parts for part in parts)

    def after(self, before: _Touched) -> list[int]:
        """For each step the last of `before` whose parts it meets, if one of both writes; or -1."""
        mine, theirs = _Boxes(self.parts), _Boxes(before.parts)
        meets = mine.meet(theirs)
        result = np.full(len(self.parts), -1, np.int64)
        np.maximum.at(
            result,
            mine.step[:, None] + np.zeros_like(meets, np.int64),
            np.where(meets, theirs.step, -1),
        )
        return result.tolist()


class _Boxes:
    """Parts of one buffer as arrays."""

    def __init__(self, parts: list[list[Part]]):
        flat = [(step, part) for step, each in enumerate(parts) for part in each]
        self.step = np.array([step for step, _ in flat], np.int64)
        self.writes = np.array([part.writes for _, part in flat])
        self.bytes = np.array([(part.start, part.end) for _, part in flat], np.int64)
        boxes = [part.box for _, part in flat]
        self.boxes = None if any(box is None for box in boxes) else np.array(boxes, np.int64)

    def meet(self, other: _Boxes) -> np.ndarray:
        """[mine, others]: whether two parts may have bytes in common, and one of them is written."""
        meets = self.writes[:, None] | other.writes
        pairs = [(self.bytes, other.bytes)]
        if self.boxes is not None and other.boxes is not None:
            pairs += [
                (self.boxes[:, axis], other.boxes[:, axis]) for axis in range(self.boxes.shape[1])
            ]
        for mine, theirs in pairs:
            meets &= (mine[:, :1] < theirs[:, 1]) & (theirs[:, 0] < mine[:, 1:])
        return meets


def _touched(unit: Unit) -> dict[SSAValue, _Touched]:
    """What the steps of a unit touch of each buffer that outlives its layer."""
    found: dict[SSAValue, _Touched] = {}
    layer, steps = unit.layer, len(unit.cycles)
    for touch in dict.fromkeys(layer.all_touches()):
        root = touch.root
        if isinstance(root.owner, dma.ParameterOp):
            continue
        mine = found.setdefault(root, _Touched([[] for _ in range(steps)]))
        if unit.whole:
            mine.parts[0] += parts_of([touch], range(layer.count))
        else:
            for block in range(steps):
                mine.parts[block] += parts_of([touch], [block])
    return found
