"""Whether an order reads nothing that is not written yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided
from xdsl.ir import BlockArgument, Operation, SSAValue

from xnn.dialects.diagnostics import fault
from xnn.dialects.dma.buffers import AllocOp, offset_of, ring_in
from xnn.dialects.dma.layer_blocks import LayerBlocks, Touch
from xnn.dialects.dma.line import Line
from xnn.dialects.values import shape, strides_of


def require_definitions(lines: Iterable[Line]) -> None:
    """Raises VerifyException at the first line that reads elements of a feature map before they are written."""
    lines = list(lines)
    touches = [[t for op in line.operations for t in line.layer.touches(op)] for line in lines]
    written = {t.root: place for place, each in enumerate(touches) for t in each if t.writes}
    maps: dict[SSAValue, np.ndarray] = {}
    """Of the feature maps that are read before the last line that writes them, the elements written so far."""
    for place, each in enumerate(touches):
        for root in (touch.root for touch in each if not touch.writes):
            kept = isinstance(root.owner, AllocOp) and ring_in(root) is None
            if kept and written.get(root, place) >= place:
                maps[root] = np.zeros(prod(shape(root)), bool)
    if maps:
        for line in lines:
            _follow(line, maps)


def require_turns(lines: Iterable[Line], layers: Sequence[Operation]) -> None:
    """Raises VerifyException where state would be read in another order than that of the `layers` in the text.

    An argument that is written holds its old value before that, and its new one after.
    """
    lines, turns = list(lines), {layer: place for place, layer in enumerate(layers)}
    touches = [
        (t, line) for line in lines for op in line.operations for t in line.layer.touches(op)
    ]
    states = {t.root for t, _ in touches if t.writes and isinstance(t.root, BlockArgument)}
    last: dict[SSAValue, LayerBlocks] = {}
    for touch, line in touches:
        if (root := touch.root) in states:
            before = last.get(root, line.layer)
            if turns[before.op] > turns[line.layer.op]:
                name = before.op.shown_name
                raise fault(
                    line.op, f'uses state after layer "{name}", which stands after it in the text'
                )
            last[root] = line.layer


def _follow(line: Line, maps: dict[SSAValue, np.ndarray]) -> None:
    """Marks what a line writes; raises VerifyException if it reads what is not marked."""
    for op, block in line.events():
        for touch in line.layer.touches(op):
            if touch.root not in maps:
                continue
            part = _part(maps[touch.root], touch, block)
            if touch.writes:
                part[...] = True
            elif not part.all():
                owner = touch.root.owner
                assert isinstance(owner, AllocOp)
                missing = part.size - np.count_nonzero(part)
                raise fault(
                    line.op,
                    f'block {block} reads {part.size} elements of "{owner.shown_name}", '
                    f"of which {missing} are not written yet",
                )


def _part(elements: np.ndarray, touch: Touch, block: int) -> np.ndarray:
    """What of the elements of a buffer an operation touches for a block."""
    start, strides, sizes = offset_of(touch.value), strides_of(touch.value.type), shape(touch.value)
    if touch.slice is not None:
        start += int(touch.slice.starts[block] @ np.array(strides, np.int64))
        sizes = tuple(touch.slice.sizes[block].tolist())
    return as_strided(elements[start:], sizes, strides)
