"""The pass `keep-feature-maps-local`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf, prod
from typing import NamedTuple

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr, UnitAttr
from xdsl.passes import ModulePass

from xnn.dialects import Level
from xnn.dialects.diagnostics import UserError
from xnn.dialects.levels import has_reached
from xnn.dialects.prim import Primitive
from xnn.dialects.prim.node import FeatureMapOp
from xnn.dialects.xnn.interface import EFFORT, main_function
from xnn.passes.lowering.homes import may_lie_in_place
from xnn.passes.schedule.cascades import Cascade, Cascades
from xnn.passes.schedule.choose_schedules import choose_schedules
from xnn.passes.schedule.effort import TRIAL_EFFORT, effort_of
from xnn.passes.schedule.exact_cost import exact_cost
from xnn.passes.schedule.local_maps import LocalMaps, write_local
from xnn.passes.schedule.objective import transfer_price_of
from xnn.passes.schedule.put_rows_first import put_rows_first
from xnn.passes.schedule.residency import Layout, Residency
from xnn.runtime.targets import target_of

LEAST_SHARES = (0.0, 0.08, 0.15, inf)
"""Shares of the time of its layers one by one that each chain of a choice saves, by estimates: they may be wrong."""


class _Trials:
    """Keeps feature maps local in a module, with the choices that make its program fastest."""

    def __init__(self, module: ModuleOp, context: Context):
        self._module, self._context = module, context
        self._main, self._target = main_function(module), target_of(module)
        self._effort = effort_of(module)
        self._price = transfer_price_of(module, self._target)

    def run(self) -> None:
        """Attaches what it finds to the nodes."""
        search = self._search()
        if self._effort.cascades and (cascades := search.cascades()) is not None:
            best = self._best(cascades)
            self._write(best)
            search = self._search(dense=best.dense)
        search.write()

    def _best(self, cascades: Cascades) -> _Choice:
        """The choice whose program is fastest, of some; by estimates, if one has too many blocks."""
        found = [_Choice(cascades.best(least)) for least in LEAST_SHARES]
        choices = [each for i, each in enumerate(found) if each not in found[:i]]
        best, cost = choices[0], None
        if len(choices) > 1:
            costs = [self._cost(each) for each in choices]
            timed = all(each.time is not None for each in costs)
            values = [each.value(timed) for each in costs]
            place = values.index(min(values))
            best, cost = choices[place], costs[place]
        # Estimates leave out what it costs to meet in a bank: only the time of a program says whether that pays.
        for more, by_estimates in (
            (self._in_place, True),
            (self._surely, False),
            (self._dense, False),
        ):
            if (other := more(best)) is None:
                continue
            cost = self._cost(best) if cost is None else cost
            timed = cost.time is not None
            if timed or by_estimates:
                new = self._cost(other)
                if new.value(timed) < cost.value(timed):
                    best, cost = other, new
        return best

    def _in_place(self, best: _Choice) -> _Choice | None:
        """Results take the place of operands, where one of both is external."""
        with self._written(best):
            external = self._search().left
            nodes = [
                node
                for node, old in may_lie_in_place(self._main).items()
                if node.has_no_memory
                and node.schedule is None
                and (node in external or old.owner in external)
            ]
        return best._replace(in_place=nodes) if nodes else None

    def _surely(self, best: _Choice) -> _Choice | None:
        """All maps that have room stay local."""
        with self._written(best):
            kept = self._search(surely=True).kept
            same = kept == self._search().kept
        return None if same else best._replace(kept=kept)

    def _dense(self, best: _Choice) -> _Choice | None:
        """So do maps for which there is room in no banks of their own alone, where they pay."""
        with self._written(best):
            same = self._search(dense=True).kept == self._search().kept
        return None if same else best._replace(dense=True)

    def _search(self, surely: bool = False, dense: bool = False) -> LocalMaps:
        return LocalMaps(self._main, self._target, self._effort, self._price, surely, dense)

    def _cost(self, choice: _Choice) -> _Cost:
        """That of the network with a choice; nothing stays of it."""
        with self._written(choice) as written:
            search = self._search(dense=choice.dense)
            estimate = sum(search.times) - sum(each.freed for each in written)
            search.write()
            try:
                return _Cost(estimate, self._time())
            except UserError:  # the passes after this one say what is wrong, if it is chosen
                return _Cost(estimate, inf)

    @contextmanager
    def _written(self, choice: _Choice) -> Iterator[list[Cascade]]:
        """Attaches a choice for a while, and then takes all away that was attached meanwhile; yields its cascades."""
        nodes = self._nodes()
        before = [dict(node.properties) for node in nodes]
        try:
            yield self._write(choice)
        finally:
            for node, properties in zip(nodes, before, strict=True):
                node.properties.clear()
                node.properties |= properties

    def _nodes(self) -> list[FeatureMapOp]:
        return [op for op in self._main.body.block.ops if isinstance(op, FeatureMapOp)]

    def _time(self) -> float | None:
        """Of the program, with schedules that are chosen now; None if it has too many blocks."""
        common = self._main, self._target, self._effort, self._price
        put_rows_first(*common)
        choose_schedules(*common)
        if sum(map(_blocks, self._nodes())) > self._effort.timed_blocks:
            return None
        trial = self._module.clone()
        trial.attributes[EFFORT] = StringAttr(TRIAL_EFFORT)
        return exact_cost(trial, self._context).cost

    def _write(self, choice: _Choice) -> list[Cascade]:
        """Attaches a choice to the nodes; of its cascades those that have room, the ones that save most first."""
        write_local(choice.kept)
        for node in choice.in_place:
            node.properties["in_place"] = UnitAttr()
        written: list[Cascade] = []
        for each in sorted(choice.cascades, key=lambda each: -each.gain):
            each.write()
            if Residency(self._main, self._target).has_room():
                written.append(each)
            else:
                each.erase()
        return written


class _Choice(NamedTuple):
    """What is decided before `LocalMaps` finds maps that stay local besides."""

    cascades: list[Cascade]
    """Those that have room run in strips."""
    kept: Mapping[FeatureMapOp, Layout] = {}
    """Maps that stay local anyway."""
    in_place: Collection[Primitive] = ()
    """Nodes whose results take the place of an operand."""
    dense: bool = False
    """Whether more maps may stay local where none has banks of its own."""


class _Cost(NamedTuple):
    """What a network takes."""

    estimate: float
    time: float | None
    """Of its program; None if it has too many blocks to be timed."""

    def value(self, timed: bool) -> float:
        """The time, infinite if there is none, or the estimate."""
        if not timed:
            return self.estimate
        return inf if self.time is None else self.time


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
    these have many blocks. So it is decided as well whether sums take the place of what is added (`in_place`), where
    one of both would be external else. Of other maps those with the shortest lifetimes are kept first: they save
    most transfers for the room they take. Their planes begin in rows of local memory of their own (`pitch`), where
    there is room for that.
    """

    name = "keep-feature-maps-local"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if has_reached(op, Level.DMA):
            return
        _Trials(op, ctx).run()
