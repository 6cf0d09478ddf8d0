"""What `make test` tries of many cases is a part in which everything occurs."""

from collections import Counter
from itertools import combinations

from tests.samples import grid, samples


def test_those_that_come_first_are_always_tried():
    assert [bool(each.marks) for each in samples(2, range(4))] == [False, False, True, True]


def test_values_and_pairs_occur_about_as_often():
    cases = grid(12, "abcd", "xy", (1, 2, 3))
    assert len({case.values for case in cases}) == 24
    chosen = [case.values for case in cases if not case.marks]
    assert len(chosen) == 12
    for axis, often in ((0, 3), (1, 6), (2, 4)):
        assert {*Counter(case[axis] for case in chosen).values()} == {often}
    for one, other in combinations(range(3), 2):
        pairs = Counter((case[one], case[other]) for case in chosen)
        assert max(pairs.values()) - min(pairs.values()) <= 1
