"""The pass `put-rows-first`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.passes import ModulePass

from xnn.dialects import Level
from xnn.dialects.levels import has_reached
from xnn.dialects.prim import Primitive, SortOp
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import integer
from xnn.passes.schedule.effort import Effort, effort_of
from xnn.passes.schedule.node_times import NodeTimes
from xnn.passes.schedule.objective import transfer_price_of
from xnn.passes.schedule.residency import Layout, Uses
from xnn.runtime.targets import target_of

BORDERS = 2
"""Banks of a feature map in which strips that are written and strips that are read may meet."""
MOST = 0.5
"""Of local memory: larger maps leave few banks to what is loaded while both engines run."""


class _Search:
    """Puts the rows of one feature map after the other first, where that makes the network faster."""

    def __init__(self, main: FuncOp, target: Target, effort: Effort, transfer_price: float):
        self._target = target
        self._nodes = NodeTimes(main, target, effort, transfer_price)
        self._residency = self._nodes.residency
        self._memory = self._residency.memory()

    def run(self) -> None:
        """Attaches what it finds to the nodes."""
        for value in list(self._residency.local):
            uses = self._residency.uses_of(value)
            assert uses is not None
            rows = self._residency.rows_first(uses)
            if rows is not None and self._saves(uses, rows) > 0 and self._has_room(uses, rows):
                self._residency.local[value] = rows
                uses.op.properties |= {"rows_first": UnitAttr(), "pitch": integer(rows[1])}

    def _saves(self, uses: Uses, rows: Layout) -> float:
        """Cycles, by estimates, if a feature map has its rows first."""
        writers, readers = self._meeting(uses)
        now = self._residency.local[uses.op.feature_map]
        local, size = self._target.local, uses.feature_map(rows).size
        apart = 1 - BORDERS * local.bank_bytes / size
        if not writers or not readers or apart <= 0 or size > MOST * local.capacity_bytes:
            return 0.0
        more = size - uses.feature_map(now).size
        times = self._nodes.of_users(uses, rows, more)
        together = min(sum(times[number] for number in each) for each in (writers, readers))
        longer = sum(times.values()) - sum(self._nodes.of_users(uses, now, 0).values())
        return apart * together - longer - more / self._target.external.bytes_per_cycle

    def _meeting(self, uses: Uses) -> tuple[list[int], list[int]]:
        """The last node that writes a feature map and those that read its rows in order on another engine."""
        nodes = self._residency.nodes
        if any(isinstance(op, Primitive) and op.schedule is not None for op, _ in uses.by):
            return [], []  # chosen for the layout that is there
        engines = {nodes[number].engine for number in uses.writers}
        readers = [n for n in uses.readers if isinstance(nodes[n], SortOp)]
        return uses.writers[-1:], [n for n in readers if nodes[n].engine not in engines]

    def _has_room(self, uses: Uses, rows: Layout) -> bool:
        """Whether a feature map with its rows first has room, then in its place."""
        now = self._residency.local[uses.op.feature_map]
        local = uses.feature_map(rows)
        self._memory.drop(local)
        if self._memory.keep(local):
            more = {uses.op.feature_map: rows}
            lines = range(uses.first, uses.last + 1)
            if self._nodes.have_room(lines, more, self._memory):
                for number in lines:
                    self._nodes.free[number] -= local.size - uses.feature_map(now).size
                return True
            self._memory.drop(local)
        self._memory.keep(uses.feature_map(now))
        return False


def put_rows_first(main: FuncOp, target: Target, effort: Effort, transfer_price: float) -> None:
    """Puts the rows of local feature maps first where that makes the network faster."""
    _Search(main, target, effort, transfer_price).run()


@dataclass(frozen=True)
class PutRowsFirst(ModulePass):
    """Puts the rows of local feature maps first, where a pool can read one row while the next ones are written.

    ```mlir
    %x = prim.matmul "x" "conv" ins(...) window <...> local pitch 12544 -> tensor<1x64x112x112xi8>
    %y = prim.sort "y" "max_pool" ins(%x : ...) window <...> -> tensor<1x64x56x56xi8>
    ```
    becomes
    ```mlir
    %x = prim.matmul "x" "conv" ins(...) window <...> local rows_first pitch 128 -> tensor<1x64x112x112xi8>
    %y = prim.sort "y" "max_pool" ins(%x : ...) window <...> -> tensor<1x64x56x56xi8>
    ```
    Rows of a map in planes lie in all banks of it, so that one engine waits for the other. With rows first they
    end vectors early and take more room (each lies in as few rows of local memory as it can); where that costs
    more than it saves, by estimates, the map stays as it is, and so do rings and the maps of nodes that have
    schedules.
    """

    name = "put-rows-first"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if has_reached(op, Level.DMA):
            return
        main, target = main_function(op), target_of(op)
        put_rows_first(main, target, effort_of(op), transfer_price_of(op, target))
