"""The pass `choose-schedules`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import inf

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import DataMovement, Domain, Outermost, Primitive, ScheduleAttr
from xnn.dialects.prim.node import NodeOp
from xnn.dialects.prim.tiling import Form
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import main_function
from xnn.passes.schedule.closed_form import cycles_at_most
from xnn.passes.schedule.estimate import (
    SLOTS,
    estimated,
    irregularity,
    kinds_of_blocks,
    least_cycles,
    slice_bytes,
    traffic_of,
)
from xnn.passes.schedule.transfers import best_transfer_schedule
from xnn.runtime.engines.engine import primitive_engine
from xnn.runtime.targets import target_of

FOOTPRINT_WEIGHT = 0.05
"""A schedule may be this much slower, relatively, if it needs no local memory at all."""
TIGHT_WEIGHT = 4.0
"""Factor by which a layer is assumed to be slower if its buffers must share banks."""
LIKELY = 200
"""Candidates of each form that are estimated in full: those whose engine and bus have least to do."""
PER_FORM = 2
"""Candidates of each form and outermost loop, of least estimated time, that may be finalists."""
FINALISTS = 4
NEAR = 1.03
"""Schedules that the closed form decides between, and how much slower, relatively, their estimates may be."""
LOOP_WEIGHT = 0.06
"""A schedule may be this much slower, relatively, per loop that it saves: fewer loops make a shorter program."""


def best_schedule(op: Primitive, target: Target) -> ScheduleAttr:
    """The schedule of least time by the closed form among the finalists; raises UserError if none fits local memory."""
    finalists = _finalists(op, target)
    if len(finalists) == 1:
        return finalists[0]
    times = [cycles_at_most(op, each, target) or inf for each in finalists]
    return finalists[times.index(min(times))]


def _finalists(op: Primitive, target: Target) -> list[ScheduleAttr]:
    """The schedules of least estimated time of each form and outermost loop, best first."""
    engine = primitive_engine(op)
    block = _candidates(op, engine.granule(op, target))
    capacity = target.local.capacity_bytes
    found: list[tuple[float, Domain, Outermost, Form]] = []
    kinds = kinds_of_blocks(op.domain, block)
    engines = {
        form: least_cycles(op, block, kinds, form, target) for form in engine.forms(op, target)
    }
    for outermost in Outermost:
        traffic = traffic_of(op, block, outermost, target)
        weight = 1 + FOOTPRINT_WEIGHT * traffic.footprint / capacity
        weight = weight * (1 + LOOP_WEIGHT * irregularity(op.domain, block))
        # Buffers that must share banks delay each other: only if nothing else fits.
        weight = np.where(traffic.footprint <= capacity, weight, TIGHT_WEIGHT)
        weight = np.where(traffic.tight <= capacity, weight, np.inf)
        for form, cycles in engines.items():
            least = np.maximum(cycles, traffic.bus_cycles)
            likely = np.argsort(least * weight)[:LIKELY]
            some = block.at(likely)
            time = estimated(op, some, form, traffic.at(likely), target) * weight[likely]
            for best in np.argsort(time)[:PER_FORM]:
                if time[best] < np.inf:
                    found.append((float(time[best]), some.at(best), outermost, form))
    if not found:
        raise _too_small(op, block, target)
    found.sort(key=lambda each: each[0])
    near = [each for each in found if each[0] <= NEAR * found[0][0]]
    different: dict[object, ScheduleAttr] = {}
    for _, best, outermost, form in near:
        schedule = ScheduleAttr(block=best, outermost=outermost, **form._asdict(), slots=SLOTS)
        different.setdefault((best, form, *schedule.loops(op.domain)), schedule)
    return list(different.values())[:FINALISTS]


def _candidates(op: Primitive, n: int) -> Domain:
    """All combinations of block sizes, as one domain whose sizes are arrays."""
    domain = op.domain
    multiple = op.channels_multiple
    rows, channels = _splits(domain.rows, n), _splits(domain.channels, multiple, 8)
    if domain.groups > 1:  # a block ends where its group does
        rows = _divisors(domain.rows)
        divisors = (each for each in _divisors(domain.channels) if each % multiple == 0)
        channels = sorted({*divisors, domain.channels})
    rank = len(domain.positions)
    position_splits = [
        _splits(size, 1, 8 if i < rank - 1 else 1) for i, size in enumerate(domain.positions)
    ]
    if rank == 1:
        position_splits = [_splits(domain.positions[0], n)]
    batch, groups = _splits(domain.batch), _splits(domain.groups, 1, 4)
    parts = [batch, groups, rows, channels, *position_splits]
    grid = np.array(list(product(*parts)), np.int64).T
    # Several groups in a block only with all of their rows and channels.
    whole = (grid[1] == 1) | ((grid[2] == domain.rows) & (grid[3] == domain.channels))
    return Domain.of_sizes([column[whole] for column in grid])


def _splits(size: int, multiple: int = 1, most: int = 8) -> list[int]:
    """Candidate block sizes: the size in 1, 2, ... parts, then halved, at last in ones, rounded up to multiples."""
    counts = [*range(1, most + 1), *(most * 2**i for i in range(1, 16)), size]
    blocks = {-(-size // count) for count in counts if count <= size}
    return sorted({min(size, -(-block // multiple) * multiple) for block in blocks})


def _divisors(size: int) -> list[int]:
    return [part for part in range(1, size + 1) if size % part == 0]


def _too_small(op: Primitive, block: Domain, target: Target) -> UserError:
    """Names the largest buffer of the candidate that needs the least memory, of those that the engine can do."""
    traffic, engine = traffic_of(op, block, Outermost.ROWS, target), primitive_engine(op)
    forms = [engine.allows(op, block, form, target) for form in engine.forms(op, target)]
    allowed = np.broadcast_to(np.logical_or.reduce(forms), traffic.tight.shape)
    if not allowed.any():
        return UserError(f'layer "{op.shown_name}" has no block that the {op.engine} engine can do')
    index = int(np.argmin(np.where(allowed, traffic.tight, np.inf)))
    largest = max(op.slices(block.at(index)), key=slice_bytes)
    return UserError(
        f'layer "{op.shown_name}" needs at least {int(traffic.tight[index])} bytes of local '
        f"memory, but the target has {target.local.capacity_bytes}; its largest buffer, {largest.role}, "
        f"takes {slice_bytes(largest)} bytes",
        hint="a larger [local] memory: more banks, rows or row_bytes",
    )


def _require_engine(op: NodeOp, target: Target) -> None:
    """Raises UserError naming the layer if the target lacks its engine, or cannot multiply its elements."""
    if op.engine not in target.engines:
        raise UserError(
            f'layer "{op.shown_name}" needs the engine {op.engine}, which target {target.name} does not have',
            hint=f"a section [{op.engine}] in the target",
        )
    if op.mac_format is not None and target.mac_pj(op.mac_format) is None:
        formats = ", ".join(target.mac_formats) or "none"
        raise UserError(
            f'layer "{op.shown_name}" multiplies {op.mac_format}, '
            f"which target {target.name} does not have; it has {formats}",
            hint="another --quantize FORMAT, or an energy_pj.mac_... for it in the target",
        )


def _signature(op: Primitive) -> object:
    types = tuple(value.type for value in (*op.operands, op.out))
    own = tuple((k, v) for k, v in op.properties.items() if k not in ("name", "layers"))
    scalars = [
        (type(inner), *inner.result_types)
        for region in (op.pre, op.post)
        for inner in region.walk()
    ]
    return type(op), types, own, tuple(scalars)


@dataclass(frozen=True)
class ChooseSchedules(ModulePass):
    """Attaches to every primitive, and to what moves data, the fastest schedule that fits local memory by itself.

    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> -> tensor<1x64x56x56xf32>
    ```
    becomes
    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> schedule <block = [1, 1, 64, 64, 14, 56],
      outermost = rows, order = output_stationary, groups_per_tile = 1, slots = 2> -> tensor<1x64x56x56xf32>
    ```
    A schedule that is there already stays. A module without a target gets `edge`. Layers of the same
    sizes are searched once.
    """

    name = "choose-schedules"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        target = target_of(op)
        known: dict[object, ScheduleAttr] = {}
        for node in main_function(op).body.block.ops:
            if isinstance(node, DataMovement) and node.schedule is None:
                node.properties["schedule"] = best_transfer_schedule(node, target)
            if isinstance(node, NodeOp):
                _require_engine(node, target)
            if isinstance(node, Primitive) and node.result is not None and not node.schedule:
                key = _signature(node)
                if key not in known:
                    known[key] = best_schedule(node, target)
                node.properties["schedule"] = known[key]
