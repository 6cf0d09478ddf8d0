"""The pass `tune-schedules`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count, islice

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import VerifyException

from xnn.dialects import Level
from xnn.dialects.diagnostics import UserError
from xnn.dialects.levels import has_reached
from xnn.dialects.prim import Primitive, ScheduleAttr
from xnn.dialects.prim.node import FeatureMapOp
from xnn.dialects.xnn.interface import EFFORT, main_function
from xnn.passes.schedule.choose_schedules import ChooseSchedules
from xnn.passes.schedule.effort import TRIAL_EFFORT, effort_of
from xnn.passes.schedule.exact_cost import ExactCost, exact_cost
from xnn.passes.schedule.keep_feature_maps_local import KeepFeatureMapsLocal
from xnn.passes.schedule.schedule_moves import (
    CHOICES,
    Choices,
    choices_of,
    other_place,
    other_schedules,
)

LEAST_STEPS = 3
"""Of a layer: a transfer in, a block, a transfer out."""
TRIAL_STEPS = 50
"""That the fixed work of a trial counts as."""


def _nodes(module: ModuleOp) -> list[FeatureMapOp]:
    return [op for op in main_function(module).body.block.ops if isinstance(op, FeatureMapOp)]


def _choose(nodes: Iterable[FeatureMapOp], choices: Iterable[Choices]) -> None:
    """Gives nodes choices, instead of those that they have."""
    for node, own in zip(nodes, choices, strict=True):
        for name in CHOICES:
            node.properties.pop(name, None)
        node.properties |= own


class _Search:
    """Changes one choice of one node after the other, where that makes the program cheaper."""

    def __init__(self, module: ModuleOp, context: Context, steps: int):
        self._module, self._context, self._left = module, context, steps
        chosen = module.clone()
        for each in (KeepFeatureMapsLocal(), ChooseSchedules()):
            each.apply(context, chosen)
        self.choices = [choices_of(node) for node in _nodes(chosen)]
        _, (self._cost, own_steps) = self._trial(self.choices)
        self._price = own_steps + TRIAL_STEPS

    def improve(self) -> bool:
        """Tries other choices of all nodes, again and again while they help; whether any did.

        A round begins only if there is a trial for each node.
        """
        first, last = self.choices, self._cost
        while len(self.choices) * self._price <= self._left:
            self._round()
            if self._cost == last:
                break
            last = self._cost
        if self.choices is first:
            return False
        (_, after), (_, before) = (self._trial(each, None) for each in (self.choices, first))
        return after.cost < before.cost

    def _trial(
        self, choices: Iterable[Choices], effort: str | None = TRIAL_EFFORT
    ) -> tuple[list[Choices], ExactCost]:
        """All choices of a program that has some, where schedules that are open are chosen, and its cost.

        `effort`: that of its lowering; None: that of the module. Raises UserError or VerifyException if there is no
        such program.
        """
        trial = self._module.clone()
        if effort is not None:
            trial.attributes[EFFORT] = StringAttr(effort)
        nodes = _nodes(trial)
        _choose(nodes, choices)
        for node in nodes:
            node.verify_()
        ChooseSchedules().apply(self._context, trial)
        return [choices_of(node) for node in nodes], exact_cost(trial, self._context)

    def _round(self) -> None:
        """Tries of every node its first other choice, then its second, and so on."""
        given = _nodes(self._module)
        for turn in count():
            tried = False
            for number, node in enumerate(given):
                for own in islice(self._others(number, node), turn, turn + 1):
                    if self._left < self._price:
                        return
                    self._try(number, own)
                    tried = True
            if not tried:
                return

    def _others(self, number: int, given: FeatureMapOp) -> Iterator[Choices]:
        """Other choices of a node, of those that are not given."""
        own = self.choices[number]
        if isinstance(given, Primitive) and given.schedule is None:
            schedule = own["schedule"]
            assert isinstance(schedule, ScheduleAttr)
            for other in other_schedules(schedule, given.domain):
                yield {**own, "schedule": other}
        if given.has_no_memory:
            yield other_place(own)

    def _try(self, number: int, own: Choices) -> None:
        """Keeps other choices of a node if they are cheaper."""
        self._left -= self._price
        try:
            choices, (cost, _) = self._trial(
                [*self.choices[:number], own, *self.choices[number + 1 :]]
            )
        except (UserError, VerifyException):
            return
        if cost < self._cost:
            self.choices, self._cost = choices, cost


@dataclass(frozen=True)
class TuneSchedules(ModulePass):
    """Gives nodes other schedules and places than the passes after it would, where the program is faster so.

    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> -> tensor<1x64x56x56xf32>
    ```
    becomes
    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> schedule <block = [1, 1, 64, 64, 14, 56],
      outermost = rows, order = output_stationary, ...> external -> tensor<1x64x56x56xf32>
    ```
    `keep-feature-maps-local` and `choose-schedules` go by estimates, node by node. This pass begins with what
    they choose; then it halves and doubles blocks, swaps loops, and moves results to the other memory, one change
    at a time, and keeps what makes the exact time of the program less (with another objective: its cost).
    It does so at effort `thorough` alone, within a budget that is counted in steps of the programs that are timed;
    a network so large that not all of its nodes can be tried is left as it is. Schedules and places that are
    there already stay.
    """

    name = "tune-schedules"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if has_reached(op, Level.DMA):
            return
        nodes, steps = _nodes(op), effort_of(op).tuned_steps
        if not nodes or len(nodes) * (TRIAL_STEPS + LEAST_STEPS * len(nodes)) > steps:
            return
        try:
            search = _Search(op, ctx, steps)
            if search.improve():
                _choose(nodes, search.choices)
        except UserError:
            return  # the passes after this one say what is wrong
