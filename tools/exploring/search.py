"""A search: which points to try next, from the outcomes so far, for several objectives at once (Optuna's TPE)."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator

import optuna
from optuna.distributions import BaseDistribution, IntDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.study import StudyDirection
from optuna.trial import Trial, TrialState, create_trial

from xnn.tools.exploring.evaluation import Outcome
from xnn.tools.exploring.space import Point
from xnn.tools.exploring.study import Key, Study, key_of

PATIENCE = 10
"""Proposals that are no news, one after the other, before a random point is tried."""


def proposals(study: Study, count: int, seed: int) -> Iterator[Point]:
    """Points to try until the study has `count`, or all that there are; looks at its outcomes before each."""
    search = _Search(study, seed)
    tried = set(study.outcomes)
    while len(tried) < min(count, study.space.size):
        point = search.next(tried)
        tried.add(key_of(point))
        yield point


class _Search:
    """The sampler, with a study of its own in memory, in which a value is its place among those of its field.

    So the sampler knows that values have an order, and what is never finished leaves no trace in the database.
    """

    def __init__(self, study: Study, seed: int):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
        self._own = optuna.create_study(
            sampler=sampler, directions=[StudyDirection.MINIMIZE] * len(study.objectives)
        )
        self._study, self._random = study, random.Random(seed)
        self._values = study.space.values
        self._distributions: dict[str, BaseDistribution] = {
            path: IntDistribution(0, len(values) - 1) for path, values in self._values.items()
        }
        self._waiting: dict[Key, Trial] = {}
        for key, outcome in study.outcomes.items():
            if not outcome.error:
                places = {path: self._values[path].index(value) for path, value in key}
                self._own.add_trial(
                    create_trial(
                        params=places,
                        distributions=self._distributions,
                        values=study.values_of(outcome),
                    )
                )

    def next(self, tried: set[Key]) -> Point:
        """A point that was not tried."""
        for key in [*self._waiting]:
            if outcome := self._study.outcomes.get(key):
                self._tell(self._waiting.pop(key), outcome)
        for _ in range(PATIENCE):
            trial = self._own.ask(self._distributions)
            point = {path: self._values[path][trial.params[path]] for path in self._values}
            if key_of(point) not in tried:
                self._waiting[key_of(point)] = trial
                return point
            self._tell(trial, self._study.outcomes.get(key_of(point)))
        return self._random_point(tried)

    def _tell(self, trial: Trial, outcome: Outcome | None) -> None:
        if outcome is None or outcome.error:
            self._own.tell(trial, state=TrialState.FAIL)
        else:
            self._own.tell(trial, self._study.values_of(outcome))

    def _random_point(self, tried: set[Key]) -> Point:
        """One that was not tried: the first after a random place."""
        space = self._study.space
        place = self._random.randrange(space.size)
        while key_of(space[place]) in tried:
            place = (place + 1) % space.size
        return space[place]
