"""Whether all that an order reads has the value that it should have by then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import as_strided
from xdsl.ir import BlockArgument, Operation, SSAValue

from xnn.dialects.diagnostics import fault
from xnn.dialects.dma.buffers import AllocOp, RingOp, buffer_name, offset_of
from xnn.dialects.dma.layer_blocks import LayerBlocks, Touch
from xnn.dialects.dma.line import Line
from xnn.dialects.values import extent, shape, strides_of, value_bytes

Touches = Sequence[tuple[Line, Touch]]
"""What lines read and write outside of their layers' own buffers, each once for a line."""


def require_values(lines: Sequence[Line], layers: Sequence[Operation]) -> None:
    """Raises VerifyException at the first line that would find another value than it should.

    It reads what is not written yet, or overwrites what others of the `layers`, in the order of the text, need.
    """
    touches = [
        (line, t) for line in lines for op in line.events.operations for t in line.layer.touches(op)
    ]
    _require_definitions(lines, touches)
    _require_turns(touches, layers)


def _require_definitions(lines: Sequence[Line], touches: Touches) -> None:
    """Elements of feature maps are written before they are read."""
    written = {touch.root: line for line, touch in touches if touch.writes}
    places = {id(line): place for place, line in enumerate(lines)}
    maps: dict[SSAValue, np.ndarray] = {}
    """Of the feature maps that are read before the last line that writes them, the elements written so far."""
    rings: dict[SSAValue, np.ndarray] = {}
    """Of rings, the row of the feature map that each element belongs to, or -1."""
    for line, touch in touches:
        root = touch.root
        if isinstance(touch.value.owner, RingOp):
            rings.setdefault(root, np.full(shape(root), -1, np.int64))
        elif touch.writes or not isinstance(root.owner, AllocOp):
            continue
        elif places[id(written.get(root, line))] >= places[id(line)]:
            maps[root] = np.zeros(extent(root.type), bool)
    if not maps and not rings:
        return
    for line in lines:
        for op, block in line.events.all():
            for touch in line.layer.touches(op):
                if isinstance(ring := touch.value.owner, RingOp):
                    _follow_ring(line.op, rings[touch.root], touch, ring, block)
                elif touch.root in maps:
                    _follow(line.op, maps[touch.root], touch, block)


def _require_turns(touches: Touches, layers: Sequence[Operation]) -> None:
    """What is overwritten has the value that it has in the text.

    An argument that is written, which is state, holds its old value before that, and its new one after;
    so does what two layers write. Writes of these, and reads, keep the order of the layers.
    """
    turns = {layer: place for place, layer in enumerate(layers)}
    states = {t.root for _, t in touches if t.writes and isinstance(t.root, BlockArgument)}
    states |= _rewritten(touches)
    written: dict[SSAValue, LayerBlocks] = {}
    used: dict[SSAValue, LayerBlocks] = {}
    """The last layers of the text that wrote, and that used, each of them so far."""
    for line, touch in touches:
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


def _rewritten(touches: Touches) -> set[SSAValue]:
    """The feature maps of which two layers write the same element."""
    writers: dict[SSAValue, dict[LayerBlocks, dict[Touch, None]]] = {}
    for line, touch in touches:
        kept = isinstance(touch.root.owner, AllocOp) and not isinstance(touch.value.owner, RingOp)
        if touch.writes and kept:
            writers.setdefault(touch.root, {}).setdefault(line.layer, {})[touch] = None
    return {root for root, each in writers.items() if len(each) > 1 and _meet(root, each)}


def _meet(root: SSAValue, writers: Mapping[LayerBlocks, Iterable[Touch]]) -> bool:
    """Whether two layers write the same element of a feature map."""
    spans = sorted(_span(touch) for touches in writers.values() for touch in touches)
    if all(end <= start for (_, end), (start, _) in pairwise(spans)):
        return False  # as the parts of a concatenation
    taken = np.full(extent(root.type), -1, np.int64)
    for number, (layer, touches) in enumerate(writers.items()):
        for touch in touches:
            for block in range(layer.count):
                part = _part(taken, touch, block)
                if ((part != -1) & (part != number)).any():
                    return True
                part[...] = number
    return False


def _span(touch: Touch) -> tuple[int, int]:
    """From the first to the last element that any block touches."""
    start = offset_of(touch.value)
    if touch.slice is None:
        return start, start + extent(touch.value.type)
    strides = np.array(strides_of(touch.value.type), np.int64)
    first = touch.slice.starts @ strides
    last = first + np.maximum(touch.slice.sizes - 1, 0) @ strides
    return start + int(first.min()), start + int(last.max()) + 1


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
    return as_strided(elements[start:], sizes, [each * elements.itemsize for each in strides])
