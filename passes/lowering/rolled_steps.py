"""Steps rolled into repeats, with the reservations that their instructions have then, and their exact time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import numpy as np

from xnn.dialects.dma import SlottedBuffer
from xnn.dialects.dma.line import Line, Loop
from xnn.passes.lowering.rolling import (
    Iteration,
    Leaf,
    Node,
    Repeat,
    Slots,
    Variable,
    roll,
    roll_iterations,
)
from xnn.passes.schedule.placed_tasks import PlacedTasks
from xnn.passes.schedule.prediction import predict
from xnn.passes.schedule.step_table import steps_with_tokens
from xnn.passes.schedule.steps import LineSteps, LoopSteps, Step, reserve


def _leaf(step: Step) -> Leaf:
    """A step as a leaf for rolling: slots repeat cyclically, offsets in buffers otherwise grow.

    Slots that are no pitch apart are buffers of their own.
    """
    variables: list[Variable] = []
    all_slots: list[Slots | None] = []
    apart: list[int] = []
    for place in step.task.places:
        owner, slots, slot = place.buffer.owner, None, place.slot
        if isinstance(owner, SlottedBuffer) and owner.slot_offsets is not None:
            apart.append(slot)
            slot = 0
        elif isinstance(owner, SlottedBuffer) and owner.slots.value.data > 1:
            assert owner.pitch is not None
            slots = Slots(owner.pitch.value.data, owner.slots.value.data)
        variables.append((place.offset, slot))
        all_slots.append(slots)
    key = (id(step.task.op), step.engine, step.task.immediates, step.after, tuple(apart))
    return Leaf(key, tuple(variables), tuple(all_slots), step)


def rolled(lines: LineSteps | LoopSteps) -> Iteration:
    """The steps of a line or of a repeat of the order, with regular runs rolled."""
    if isinstance(lines, LoopSteps):
        return roll_iterations([tuple(chain(*map(rolled, each))) for each in lines.iterations])
    blocks = [[_leaf(step) for step in steps] for steps in lines.blocks]
    before = roll_iterations([(_leaf(step),) for step in lines.before])
    return (*before, *roll(blocks, lines.line.layer.extents, lines.line.events.first))


def reserve_all(nodes: Iterable[Node], steps: Sequence[Step]) -> None:
    """Gives reservations to the steps that rolled nodes stand for."""
    for places in instructions(nodes):
        reserve([steps[place] for place in places])


def instructions(nodes: Iterable[Node]) -> Iterator[list[int]]:
    """The numbers of the steps that each instruction stands for, among those that rolled nodes stand for."""

    def visit(nodes: Iterable[Node], starts: np.ndarray) -> Iterator[list[int]]:
        """`starts`: where the nodes begin in each iteration of the repeats around them."""
        for node in nodes:
            if isinstance(node, Repeat):
                size = _length(node) // node.count
                yield from visit(
                    node.body, (starts[:, None] + np.arange(node.count) * size).ravel()
                )
            else:
                yield starts.tolist()
            starts = starts + _length(node)

    return visit(nodes, np.zeros(1, np.int64))


def _length(node: Node) -> int:
    """Steps that a node stands for."""
    return node.count * sum(map(_length, node.body)) if isinstance(node, Repeat) else 1


def reserved_steps(lines: Iterable[LineSteps | LoopSteps]) -> list[Step]:
    """The steps of an order in a row, with the reservations that their instructions will have."""
    steps: list[Step] = []
    for each in lines:
        own = list(each.steps())
        reserve_all(rolled(each), own)
        steps += own
    return steps


def predicted_cycles(tasks: PlacedTasks, lines: Iterable[Line | Loop]) -> int:
    """The time of an order, as it will be when its steps are instructions."""
    steps = reserved_steps(steps_with_tokens(tasks, lines))
    return predict((step.node for step in steps), tasks.target)
