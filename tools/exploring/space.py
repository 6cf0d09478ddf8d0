"""The space that is explored: fields of a target, and the values of each."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from xnn.dialects.diagnostics import UserError
from xnn.dialects.target import Target
from xnn.dialects.target_fields import number_of

Number = int | float
Point = Mapping[str, Number]
"""A value for each field, by its path."""

MOST_VALUES = 10_000
"""Of one field."""
FORM = "expected SECTION.KEY=V,V,... or SECTION.KEY=FIRST:LAST:xFACTOR or :+STEP"


@dataclass(frozen=True)
class Space:
    """The values of each field, by its path."""

    values: Mapping[str, tuple[Number, ...]]

    @property
    def size(self) -> int:
        """The number of points."""
        return prod(map(len, self.values.values()))

    def __iter__(self) -> Iterator[Point]:
        """All points, the last field fastest."""
        for numbers in product(*self.values.values()):
            yield dict(zip(self.values, numbers))

    def sample(self, count: int, seed: int) -> list[Point]:
        """So many different points, or all; those of a smaller sample are the first of a larger one."""
        draw, places = random.Random(seed), dict[int, None]()
        while len(places) < min(count, self.size):
            places[draw.randrange(self.size)] = None
        return [self[place] for place in places]

    def __getitem__(self, place: int) -> Point:
        """The point at a place of the order of all."""
        point: dict[str, Number] = {}
        for path in reversed([*self.values]):
            place, index = divmod(place, len(self.values[path]))
            point[path] = self.values[path][index]
        return {path: point[path] for path in self.values}


def parse_space(texts: Iterable[str], target: Target) -> Space:
    """The space of the `--vary` arguments; raises UserError for what is no field of the target, or impossible."""
    values: dict[str, tuple[Number, ...]] = {}
    for text in texts:
        path, equals, spelled = text.partition("=")
        if not equals or path == "name":
            raise UserError(f"--vary {text}: {FORM}")
        if path in values:
            raise UserError(f"--vary names {path} twice")
        values[path] = _values(text, path, spelled)
        for value in values[path]:
            target.with_field(path, str(value))
    return Space(values)


def _values(text: str, path: str, spelled: str) -> tuple[Number, ...]:
    if ":" not in spelled:
        numbers = [number_of(each, path) for each in spelled.split(",")]
    else:
        numbers = _range(text, path, spelled)
    if len(set(numbers)) < len(numbers):
        raise UserError(f"--vary {text}: a value stands there twice")
    return tuple(numbers)


def _range(text: str, path: str, spelled: str) -> list[Number]:
    form = re.fullmatch("([^:]+):([^:]+):([x+])([^:]+)", spelled)
    if form is None:
        raise UserError(f"--vary {text}: {FORM}")
    first, last, step = (number_of(form[group], path) for group in (1, 2, 4))
    grows = step > 1 and first > 0 if form[3] == "x" else step > 0
    if not grows or first > last:
        raise UserError(f"--vary {text}: does not lead from {form[1]} to {form[2]}")
    numbers = [first]
    while (following := numbers[-1] * step if form[3] == "x" else numbers[-1] + step) <= last:
        if len(numbers) == MOST_VALUES or following == numbers[-1]:
            raise UserError(f"--vary {text}: has more than {MOST_VALUES} values")
        numbers.append(following)
    return numbers
