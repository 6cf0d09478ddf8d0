"""Studies: outcomes come back, what belongs to another exploration is refused; and searches in them."""

import itertools

import pytest

from xnn.dialects.diagnostics import UserError
from xnn.tools.exploring.evaluation import Outcome
from xnn.tools.exploring.search import proposals
from xnn.tools.exploring.space import Point, Space
from xnn.tools.exploring.study import Study, key_of

SPACE = Space({"local.rows": tuple(range(16)), "matmul.n": (4, 8, 16, 32)})
OBJECTIVES = ("cycles", "area")
BASIS = {"network": "ab12", "effort": None}


def outcome_of(point: Point) -> Outcome:
    """A made-up machine: more is faster and larger, and a row is too few."""
    rows, n = point["local.rows"], point["matmul.n"]
    if rows < 1:
        return Outcome({}, "no room")
    return Outcome({"cycles": 1000 / n + 200 / rows, "area": n * n / 10 + abs(rows - 5)})


def test_outcomes_are_there_again(tmp_path):
    place = str(tmp_path / "s.db")
    study, points = Study(place, SPACE, OBJECTIVES, BASIS), [*SPACE][:20]
    for point in points:
        study.add(point, outcome_of(point))
    again = Study(place, SPACE, OBJECTIVES, BASIS)
    assert dict(again.outcomes) == {key_of(point): outcome_of(point) for point in points}
    assert again.front == study.front and any(each.error for each in again.outcomes.values())


def test_the_front_is_what_nothing_is_better_than():
    study = Study(None, SPACE, OBJECTIVES, BASIS)
    for point in SPACE:
        study.add(point, outcome_of(point))
    values = {
        key: [outcome.metrics[name] for name in OBJECTIVES]
        for key, outcome in study.outcomes.items()
        if not outcome.error
    }
    dominated = {
        one
        for one, other in itertools.permutations(values, 2)
        if values[one] != values[other]
        and all(mine >= theirs for mine, theirs in zip(values[one], values[other]))
    }
    assert study.front == values.keys() - dominated and 1 < len(study.front) < len(values)


@pytest.mark.parametrize(
    ("space", "objectives", "basis", "message"),
    [
        (SPACE, OBJECTIVES, {**BASIS, "network": "cd34"}, "is a study of other network$"),
        (SPACE, OBJECTIVES, {**BASIS, "effort": "fast"}, "is a study of other effort$"),
        (SPACE, ("cycles",), BASIS, "is a study of other objectives$"),
        (Space({"local.rows": (1, 2)}), OBJECTIVES, BASIS, "is a study of other fields$"),
    ],
)
def test_a_study_of_something_else_is_refused(tmp_path, space, objectives, basis, message):
    place = str(tmp_path / "s.db")
    Study(place, SPACE, OBJECTIVES, BASIS)
    with pytest.raises(UserError, match=message):
        Study(place, space, objectives, basis)
    Study(f"sqlite:///{place}", SPACE, OBJECTIVES, BASIS)


@pytest.mark.parametrize("place", ["no/folder.db", "text.db", "nothing://server/base"])
def test_a_place_that_is_no_database(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.db").write_text("not a database " * 100)
    with pytest.raises(UserError, match=f"^{place}: ") as error:
        Study(place, SPACE, OBJECTIVES, BASIS)
    assert "\n" not in error.value.message


def searched(study: Study, count: int) -> list[Point]:
    """The points that a search tries, each answered at once."""
    tried = []
    for point in proposals(study, count, seed=0):
        study.add(point, outcome_of(point))
        tried.append(point)
    return tried


def test_a_search_tries_nothing_twice_and_goes_on(tmp_path):
    place = str(tmp_path / "s.db")
    first = searched(Study(place, SPACE, OBJECTIVES, BASIS), 15)
    second = searched(Study(place, SPACE, OBJECTIVES, BASIS), 25)
    assert [len(first), len(second)] == [15, 10]
    assert len({key_of(point) for point in first + second}) == 25
    study = Study(place, SPACE, OBJECTIVES, BASIS)
    searched(study, 1000)
    assert len(study.outcomes) == SPACE.size


def test_a_search_finds_more_of_the_front_than_chance():
    whole = Study(None, SPACE, OBJECTIVES, BASIS)
    for point in SPACE:
        whole.add(point, outcome_of(point))
    study, sample = (Study(None, SPACE, OBJECTIVES, BASIS) for _ in range(2))
    searched(study, 32)
    for point in SPACE.sample(32, seed=0):
        sample.add(point, outcome_of(point))
    assert len(study.front & whole.front) > len(sample.front & whole.front)


def test_points_in_flight_are_not_proposed_again():
    study = Study(None, SPACE, OBJECTIVES, BASIS)
    points = list(proposals(study, SPACE.size, seed=0))  # no outcome ever comes
    assert len({key_of(point) for point in points}) == SPACE.size
