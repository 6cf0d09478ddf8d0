"""Whether an order reads nothing that is not written yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided
from xdsl.ir import BlockArgument, Operation, SSAValue

from xnn.dialects.diagnostics import fault
from xnn.dialects.dma.buffers import AllocOp, RingOp, offset_of
from xnn.dialects.dma.layer_blocks import LayerBlocks, Touch
from xnn.dialects.dma.line import Line
from xnn.dialects.values import shape, strides_of, value_bytes


def require_definitions(lines: Iterable[Line]) -> None:
    """Raises VerifyException at the first line that reads elements of a feature map before they are written."""
    lines = list(lines)
    touches = [[t for op in line.operations for t in line.layer.touches(op)] for line in lines]
    written = {t.root: place for place, each in enumerate(touches) for t in each if t.writes}
    maps: dict[SSAValue, np.ndarray] = {}
    """Of the feature maps that are read before the last line that writes them, the elements written so far."""
    rings: dict[SSAValue, np.ndarray] = {}
    """Of rings, the row of the feature map that each element belongs to, or -1."""
    for place, each in enumerate(touches):
        for touch in each:
            root = touch.root
            if isinstance(touch.value.owner, RingOp):
                rings.setdefault(root, np.full(shape(root), -1, np.int64))
            elif touch.writes or not isinstance(root.owner, AllocOp):
                continue
            elif written.get(root, place) >= place:
                maps[root] = np.zeros(prod(shape(root)), bool)
    if not maps and not rings:
        return
    for line in lines:
        for op, block in line.events():
            for touch in line.layer.touches(op):
                if isinstance(ring := touch.value.owner, RingOp):
                    _follow_ring(line.op, rings[touch.root], touch, ring, block)
                elif touch.root in maps:
                    _follow(line.op, maps[touch.root], touch, block)


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


def _follow(line: Operation, elements: np.ndarray, touch: Touch, block: int) -> None:
    """Marks what a block writes; raises VerifyException if it reads what is not marked."""
    part = _part(elements, touch, block)
    if touch.writes:
        part[...] = True
    elif not part.all():
        missing = part.size - np.count_nonzero(part)
        raise fault(
            line,
            f'block {block} reads {part.size} elements of "{_name(touch)}", '
            f"of which {missing} are not written yet",
        )


def _follow_ring(line: Operation, held: np.ndarray, touch: Touch, ring: RingOp, block: int) -> None:
    """Notes which rows a block writes into a ring; raises VerifyException if one that it reads is not there."""
    assert touch.slice is not None
    dim, starts, sizes = ring.dim.value.data, touch.slice.starts[block], touch.slice.sizes[block]
    rows = np.arange(starts[dim], starts[dim] + sizes[dim])
    where = [slice(low, low + size) for low, size in zip(starts, sizes, strict=True)]
    place = (*where[:dim], rows % ring.rows, *where[dim + 1 :])
    expected = rows.reshape(-1, *[1] * (held.ndim - dim - 1))
    if touch.writes:
        held[place] = expected
        return
    found = held[place]
    if (over := found > expected).any():
        index = tuple(np.argwhere(over)[0])
        row, by = int(rows[index[dim]]), int(found[index])
        one = value_bytes(ring.source) // ring.rows
        raise fault(
            line,
            f'ring too small: block {block} reads row {row} of "{_name(touch)}", which row {by} has '
            f"overwritten; it has {ring.rows} rows, {ring.rows * one} bytes, "
            f"and needs {by - row + 1}, {(by - row + 1) * one} bytes",
        )
    if missing := np.count_nonzero(found < expected):
        raise fault(
            line,
            f'block {block} reads {found.size} elements of "{_name(touch)}", '
            f"of which {missing} are not written yet",
        )


def _name(touch: Touch) -> str:
    owner = touch.root.owner
    assert isinstance(owner, AllocOp)
    return owner.shown_name


def _part(elements: np.ndarray, touch: Touch, block: int) -> np.ndarray:
    """What of the elements of a buffer an operation touches for a block."""
    start, strides, sizes = offset_of(touch.value), strides_of(touch.value.type), shape(touch.value)
    if touch.slice is not None:
        start += int(touch.slice.starts[block] @ np.array(strides, np.int64))
        sizes = tuple(touch.slice.sizes[block].tolist())
    return as_strided(elements[start:], sizes, strides)
