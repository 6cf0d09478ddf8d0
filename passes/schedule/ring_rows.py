"""Whether rings of rows are large enough for the blocks that write and read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xdsl.ir import SSAValue

from xnn.dialects.diagnostics import UserError, location_of
from xnn.dialects.dma import AllocOp, RingOp
from xnn.dialects.values import shape, value_bytes
from xnn.passes.schedule.block_graph import BlockGraph, Unit


def require_rows(graph: BlockGraph) -> None:
    """Raises UserError, with the rows that would do, unless there is an order in which all rings suffice."""
    if not graph.rings or can_run(graph.units):
        return
    whole = {root: _height(ring) for root, ring in graph.rings.items()}
    least = {root: _least(graph, root, whole) for root in graph.rings}
    graph.connect({})
    small = [root for root, ring in graph.rings.items() if ring.rows < least[root]]
    # each by itself may do, and not with another: then the first
    root = (small or list(graph.rings))[0]
    raise _too_small(graph, root, least[root])


def can_run(units: Sequence[Unit]) -> bool:
    """Whether no step waits, through others, for itself."""
    number = {unit: place for place, unit in enumerate(units)}
    done = [0] * len(units)
    left = set(units)
    while left:
        before = sum(done)
        for unit in list(left):
            place = number[unit]
            while done[place] < len(unit.cycles) and all(
                needs[done[place]] < done[number[other]] for other, needs in unit.needs
            ):
                done[place] += 1
            if done[place] == len(unit.cycles):
                left.remove(unit)
        if left and sum(done) == before:
            return False
    return True


def _height(ring: RingOp) -> int:
    return shape(ring.result)[ring.dim.value.data]


def _least(graph: BlockGraph, root: SSAValue, others: Mapping[SSAValue, int]) -> int:
    """The rows that a ring needs if all others are maps as a whole."""
    low, high = 1, others[root]
    while low < high:
        rows = (low + high) // 2
        graph.connect({**others, root: rows})
        low, high = (low, rows) if can_run(graph.units) else (rows + 1, high)
    return low


def _too_small(graph: BlockGraph, root: SSAValue, rows: int) -> UserError:
    ring = graph.rings[root]
    assert isinstance(root.owner, AllocOp)
    one = value_bytes(root) // ring.rows
    users = ", ".join(f'"{unit.layer.op.shown_name}"' for unit in graph.users(root))
    return UserError(
        f"ring too small: its users, layers {users}, need {rows} rows "
        f'of buffer "{ring.buffer_name}", {rows * one} bytes, which has {ring.rows}, {ring.rows * one} bytes',
        location=location_of(root.owner),
        hint="more rows, lower blocks, or blocks whose outermost loop is over positions",
    )
