"""The results of an exploration: an Optuna study in a database, into which each result goes at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial
from sqlalchemy.exc import SQLAlchemyError

from xnn.dialects.diagnostics import UserError
from xnn.tools.exploring.evaluation import Outcome
from xnn.tools.exploring.space import Point, Space

NAME = "xnn"
"""Of the study in its database, which holds one."""
BASIS = "xnn.basis"
METRICS = "xnn.metrics"
ERROR = "xnn.error"
Key = tuple[tuple[str, float], ...]


def key_of(point: Point) -> Key:
    """What equal points have in common."""
    return tuple(point.items())


class Study:
    """The outcomes of points by what they were made of.

    `place` is a file, a URL of any database that Optuna takes, or None: memory. `basis` says by name what
    outcomes depend on beside the point; a study of another basis is refused with a UserError.
    """

    def __init__(
        self, place: str | None, space: Space, objectives: Sequence[str], basis: Mapping[str, Any]
    ):
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.place, self.space, self.objectives = place, space, objectives
        fields = {path: list(values) for path, values in space.values.items()}
        basis = {**basis, "fields": fields, "objectives": list(objectives)}
        self._distributions: dict[str, BaseDistribution] = {
            path: CategoricalDistribution(values) for path, values in space.values.items()
        }
        with self._faults():
            self._study = self._opened(basis)
            self._outcomes = {
                self._key(trial): _outcome(trial)
                for trial in self._study.get_trials(deepcopy=False)
                if METRICS in trial.user_attrs
            }

    def _opened(self, basis: Mapping[str, Any]) -> optuna.Study:
        url = self.place and (self.place if "://" in self.place else f"sqlite:///{self.place}")
        storage = optuna.storages.get_storage(url)
        names = [study.study_name for study in optuna.get_all_study_summaries(storage)]
        if NAME not in names:
            directions = [StudyDirection.MINIMIZE] * len(self.objectives)
            study = optuna.create_study(storage=storage, study_name=NAME, directions=directions)
            study.set_user_attr(BASIS, dict(basis))
            return study
        study = optuna.load_study(study_name=NAME, storage=storage)
        found = study.user_attrs.get(BASIS, {})
        if others := [name for name in basis if found.get(name) != basis[name]]:
            raise UserError(
                f"{self.place}: is a study of other {', '.join(others)}",
                hint="name another --study, or explore what it is of",
            )
        return study

    @property
    def outcomes(self) -> Mapping[Key, Outcome]:
        """The outcomes by point, in the order in which they came."""
        return self._outcomes

    @property
    def front(self) -> set[Key]:
        """The points of the Pareto front: no other is at least as good in all objectives, and better in one."""
        return {self._key(trial) for trial in self._study.best_trials}

    def add(self, point: Point, outcome: Outcome) -> None:
        """Stores the outcome of a point."""
        attributes = {METRICS: outcome.metrics, ERROR: outcome.error}
        state = TrialState.FAIL if outcome.error else TrialState.COMPLETE
        with self._faults():
            self._study.add_trial(
                create_trial(
                    state=state,
                    params=dict(point),
                    distributions=self._distributions,
                    values=None if outcome.error else self.values_of(outcome),
                    user_attrs=attributes,
                )
            )
        self._outcomes[key_of(point)] = outcome

    def values_of(self, outcome: Outcome) -> list[float]:
        """The objectives of a point that could be compiled."""
        return [outcome.metrics[name] for name in self.objectives]

    def _key(self, trial: FrozenTrial) -> Key:
        return tuple((path, trial.params[path]) for path in self.space.values)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """What a database cannot do is the user's fault."""
        try:
            yield
        except (SQLAlchemyError, ImportError) as error:
            raise UserError(f"{self.place}: {str(error).partition(chr(10))[0]}") from None


def _outcome(trial: FrozenTrial) -> Outcome:
    return Outcome(trial.user_attrs[METRICS], trial.user_attrs.get(ERROR, ""))
