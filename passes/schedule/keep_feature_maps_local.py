"""The pass `keep-feature-maps-local`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf, prod
from typing import NamedTuple

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr, UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from xnn.dialects import Level
from xnn.dialects.diagnostics import UserError
from xnn.dialects.levels import has_reached
from xnn.dialects.prim import Primitive
from xnn.dialects.prim.node import FeatureMapOp
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, shape
from xnn.dialects.xnn.interface import EFFORT, main_function
from xnn.dialects.xnn.operation import integer
from xnn.passes.schedule.cascades import Cascade, Cascades, is_short
from xnn.passes.schedule.choose_schedules import choose_schedules
from xnn.passes.schedule.effort import TRIAL_EFFORT, Effort, effort_of
from xnn.passes.schedule.exact_cost import exact_cost
from xnn.passes.schedule.node_times import NodeTimes
from xnn.passes.schedule.objective import transfer_price_of
from xnn.passes.schedule.put_rows_first import put_rows_first
from xnn.passes.schedule.residency import Layout, Residency, Uses
from xnn.runtime.targets import target_of

LEAST_SHARES = (0.0, 0.08, 0.15, inf)
"""Shares of the time of its layers one by one that each chain of a choice saves, by estimates: they may be wrong."""


class _Search:
    """Keeps one feature map after the other, where that makes the network faster."""

    def __init__(self, main: FuncOp, target: Target, effort: Effort, transfer_price: float):
        self.target = target
        self._nodes = NodeTimes(main, target, effort, transfer_price)
        self.residency, self.free = self._nodes.residency, self._nodes.free
        self.memory = self.residency.memory()
        self._found: dict[FeatureMapOp, Layout] = {}
        for uses in self.residency.candidates():
            if uses.op.has_no_memory and (layout := self._try_to_keep(uses)) is not None:
                self._found[uses.op] = layout

    def write(self) -> None:
        """Attaches what was found to the nodes."""
        for op, layout in self._found.items():
            op.properties["local"] = UnitAttr()
            if layout != dense_strides(shape(op.feature_map)):
                op.properties["pitch"] = integer(layout[1])

    @cached_property
    def times(self) -> list[float]:
        """Of the nodes."""
        return [self._nodes.time(number, {}, free) for number, free in enumerate(self.free)]

    def cascades(self) -> Cascades | None:
        """Chains of layers that may run in strips, instead of what was found for them."""
        if not is_short(self.residency, self.free, range(len(self.free))):
            return None
        strategies = self._nodes.strategies
        return Cascades(self.residency, strategies, self.times, self.free, self.target)

    def _try_to_keep(self, uses: Uses) -> Layout | None:
        """Keeps a feature map if that pays; its layout, or none if it stays external."""
        lines = range(uses.first, uses.last + 1)
        before = self._time(lines, {}, 0)
        for layout in self.residency.layouts(uses):
            local = uses.feature_map(layout)
            more = {uses.op.feature_map: layout}
            if self._time(lines, more, local.size) < before and self.memory.keep(local):
                if self._nodes.have_room(lines, more, self.memory):
                    for number in lines:
                        self.free[number] -= local.size
                    self.residency.local |= more
                    return layout
                self.memory.drop(local)
        return None

    def _time(self, lines: Iterable[int], more: Mapping[SSAValue, Layout], size: int) -> float:
        """Of some nodes, if more feature maps stay local, of so many bytes."""
        return sum(self._nodes.time(number, more, self.free[number] - size) for number in lines)


class _Trials:
    """Keeps feature maps local in a module, with the cascades that make its program fastest."""

    def __init__(self, module: ModuleOp, context: Context):
        self._module, self._context = module, context
        self._main, self._target = main_function(module), target_of(module)
        self._effort = effort_of(module)
        self._price = transfer_price_of(module, self._target)

    def run(self) -> None:
        """Attaches what it finds to the nodes."""
        search = self._search()
        found = search.cascades() if self._effort.cascades else None
        sets = [found.best(least) for least in LEAST_SHARES] if found is not None else []
        sets = [each for i, each in enumerate(sets) if each not in sets[:i]]
        if len(sets) > 1:
            costs = [self._cost(each) for each in sets]
            times = [cost.time for cost in costs if cost.time is not None]
            if len(times) < len(sets):
                times = [cost.estimate for cost in costs]
            self._write(sets[times.index(min(times))])
            search = self._search()
        search.write()

    def _search(self) -> _Search:
        return _Search(self._main, self._target, self._effort, self._price)

    def _cost(self, cascades: Iterable[Cascade]) -> _Cost:
        """That of the network with cascades; nothing stays of them."""
        nodes = [op for op in self._main.body.block.ops if isinstance(op, FeatureMapOp)]
        before = [dict(node.properties) for node in nodes]
        written = self._write(cascades)
        search = self._search()
        estimate = sum(search.times) - sum(each.freed for each in written)
        search.write()
        try:
            time = self._time(nodes)
        except UserError:  # the passes after this one say what is wrong, if it is chosen
            time = inf
        for node, properties in zip(nodes, before, strict=True):
            node.properties.clear()
            node.properties |= properties
        return _Cost(estimate, time)

    def _time(self, nodes: Iterable[FeatureMapOp]) -> float | None:
        """Of the program, with schedules that are chosen now; None if it has too many blocks."""
        common = self._main, self._target, self._effort, self._price
        put_rows_first(*common)
        choose_schedules(*common)
        if sum(map(_blocks, nodes)) > self._effort.timed_blocks:
            return None
        trial = self._module.clone()
        trial.attributes[EFFORT] = StringAttr(TRIAL_EFFORT)
        return exact_cost(trial, self._context).cost

    def _write(self, cascades: Iterable[Cascade]) -> list[Cascade]:
        """Attaches those that have room to the nodes, the ones that save most first."""
        written: list[Cascade] = []
        for each in sorted(cascades, key=lambda each: -each.gain):
            each.write()
            if Residency(self._main, self._target).has_room():
                written.append(each)
            else:
                each.erase()
        return written


class _Cost(NamedTuple):
    """What a network takes."""

    estimate: float
    time: float | None
    """Of its program; None if it has too many blocks to be timed."""


def _blocks(node: FeatureMapOp) -> int:
    if not isinstance(node, Primitive) or node.schedule is None:
        return 1
    return prod(node.domain.counts(node.schedule.block))


@dataclass(frozen=True)
class KeepFeatureMapsLocal(ModulePass):
    """Keeps feature maps in local memory where that pays: all that is needed with them has room as well.

    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> -> tensor<1x64x14x14xi8>
    ```
    becomes
    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> local pitch 256 -> tensor<1x64x14x14xi8>
    ```
    Chains of layers whose maps have no room run in strips of rows through rings (`local rows 8`), with schedules
    for that, if the network is faster so: of several choices of them the one whose program is, or by estimates if
    these have many blocks. Of other maps those with the shortest lifetimes are kept
    first: they save most transfers for the room they take. Their planes begin in rows of local memory of their
    own (`pitch`), where there is room for that.
    """

    name = "keep-feature-maps-local"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if has_reached(op, Level.DMA):
            return
        _Trials(op, ctx).run()
