"""How many of many cases are tried: a part by `make test`, all of them by `make test-all`."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings

ALL = settings.get_profile("default").max_examples
settings.register_profile("all", deadline=None)  # no test depends on how fast the machine is
settings.register_profile("some", settings.get_profile("all"), max_examples=ALL * 2 // 5)


def examples(count: int) -> settings:
    """Decorates a property: how many examples of it are tried if all are."""
    return settings(max_examples=-(-count * settings().max_examples // ALL))


def samples(cases: Iterable[Any], count: int) -> list[Any]:
    """Cases of a parametrised test, of which those after the first `count` are slow."""
    return [
        case if number < count else pytest.param(case, marks=pytest.mark.slow)
        for number, case in enumerate(cases)
    ]
