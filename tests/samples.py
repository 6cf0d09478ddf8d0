"""How many of many cases are tried: a part by `make test`, all of them by `make test-all`."""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import settings

ALL = settings.get_profile("default").max_examples
settings.register_profile("all", deadline=None)  # no test depends on how fast the machine is
settings.register_profile("some", settings.get_profile("all"), max_examples=ALL // 8)


def examples(count: int) -> settings:
    """Decorates a property: how many examples of it are tried if all are; at least two, for the first is trivial."""
    return settings(max_examples=max(2, -(-count * settings().max_examples // ALL)))


def samples(count: int, cases: Iterable[Any]) -> list[Any]:
    """Cases of a parametrised test, of which those after the first `count` are slow."""
    return [
        pytest.param(case, marks=() if number < count else pytest.mark.slow)
        for number, case in enumerate(cases)
    ]


def grid(count: int, *axes: Iterable[Any]) -> list[Any]:
    """All combinations of values, one of each axis, of which all but `count` are slow.

    In those that are not, each value and each pair of values occurs about as often as any other.
    """
    cases = [*product(*(list(enumerate(axis)) for axis in axes))]
    numbers = [tuple(number for number, _ in case) for case in cases]
    parts = {each: [*enumerate(each), *combinations(enumerate(each), 2)] for each in numbers}
    chosen, occurs = set(), Counter[Any]()
    for _ in range(count):
        left = (each for each in numbers if each not in chosen)
        best = min(left, key=lambda each: sum(occurs[part] for part in parts[each]))
        chosen.add(best)
        occurs.update(parts[best])
    return [
        pytest.param(*(value for _, value in case), marks=() if n in chosen else pytest.mark.slow)
        for n, case in zip(numbers, cases, strict=True)
    ]
