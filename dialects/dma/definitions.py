"""Whether an order reads nothing that is not written yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided
from xdsl.ir import BlockArgument, Operation, SSAValue

from xnn.dialects.diagnostics import fault
from xnn.dialects.dma.buffers import AllocOp, RingOp, buffer_name, offset_of
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
    """Raises VerifyException where a buffer that is overwritten would have another value than in the text.

    An argument that is written, which is state, holds its old value before that, and its new one after;
    so does what two layers write. Writes of these, and reads, keep the order of the `layers`.
    """
    lines, turns = list(lines), {layer: place for place, layer in enumerate(layers)}
    touches = [
        (t, line) for line in lines for op in line.operations for t in line.layer.touches(op)
    ]
    states = {t.root for t, _ in touches if t.writes and isinstance(t.root, BlockArgument)}
    states |= _rewritten(lines)
    written: dict[SSAValue, LayerBlocks] = {}
    used: dict[SSAValue, LayerBlocks] = {}
    """The last layers of the text that wrote, and that used, each of them so far."""
    for touch, line in touches:
        root, turn = touch.root, turns[line.layer.op]
        if root not in states:
            continue
        before = (used if touch.writes else written).get(root)
        if before is not None and turns[before.op] > turn:
            what = "writes" if touch.writes else "reads"
            raise fault(
                line.op,
                f'{what} "{buffer_name(root)}", which layer "{before.op.shown_name}" has used '
                "already, but comes after it in the text",
            )
        for last in (used, written) if touch.writes else (used,):
            if root not in last or turns[last[root].op] < turn:
                last[root] = line.layer


def _rewritten(lines: Iterable[Line]) -> set[SSAValue]:
    """The feature maps of which two layers write the same element."""
    writers: dict[SSAValue, dict[LayerBlocks, list[tuple[Touch, int]]]] = {}
    for line in lines:
        for op, blocks in line.operations.items():
            for touch in line.layer.touches(op):
                if touch.writes and isinstance(touch.root.owner, AllocOp):
                    if not isinstance(touch.value.owner, RingOp):
                        places = writers.setdefault(touch.root, {}).setdefault(line.layer, [])
                        places += [(touch, block) for block in blocks]
    result: set[SSAValue] = set()
    for root, layers in writers.items():
        taken = np.full(prod(shape(root)) if len(layers) > 1 else 0, -1, np.int64)
        for number, places in enumerate(layers.values() if len(layers) > 1 else ()):
            for touch, block in places:
                part = _part(taken, touch, block)
                if ((part != -1) & (part != number)).any():
                    result.add(root)
                part[...] = number
    return result


def _follow(line: Operation, elements: np.ndarray, touch: Touch, block: int) -> None:
    """Marks what a block writes; raises VerifyException if it reads what is not marked."""
    part = _part(elements, touch, block)
    if touch.writes:
        part[...] = True
    elif not part.all():
        missing = part.size - np.count_nonzero(part)
        raise fault(
            line,
            f'block {block} reads {part.size} elements of "{buffer_name(touch.root)}", '
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
            f'ring too small: block {block} reads row {row} of "{buffer_name(touch.root)}", which row {by} has '
            f"overwritten; it has {ring.rows} rows, {ring.rows * one} bytes, "
            f"and needs {by - row + 1}, {(by - row + 1) * one} bytes",
        )
    if missing := np.count_nonzero(found < expected):
        raise fault(
            line,
            f'block {block} reads {found.size} elements of "{buffer_name(touch.root)}", '
            f"of which {missing} are not written yet",
        )


def _part(elements: np.ndarray, touch: Touch, block: int) -> np.ndarray:
    """What of the elements of a buffer an operation touches for a block."""
    start, strides, sizes = offset_of(touch.value), strides_of(touch.value.type), shape(touch.value)
    if touch.slice is not None:
        start += int(touch.slice.starts[block] @ np.array(strides, np.int64))
        sizes = tuple(touch.slice.sizes[block].tolist())
    return as_strided(elements[start:], sizes, strides)
