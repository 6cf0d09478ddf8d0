"""Estimates of candidate blocks, for arrays of them."""

from itertools import product
from math import prod
from typing import Any

import numpy as np

from xnn.dialects.prim import Domain
from xnn.passes.schedule.estimate import kinds_of_blocks


def test_kinds_are_those_of_all_blocks_of_each_grid():
    random = np.random.default_rng(0)
    domain = Domain(2, 1, 7, 12, (5, 9))
    table = np.array([random.integers(1, size, 40, endpoint=True) for size in domain.sizes])
    sizes: list[Any] = list(table)
    kinds = kinds_of_blocks(domain, Domain.of_sizes(sizes))
    volumes = np.prod(kinds.sizes.sizes, axis=0)
    assert kinds.sums(volumes).tolist() == [prod(domain.sizes)] * 40
    for number, parts in enumerate(table.T.tolist()):
        axes = [
            [min(part, size - start) for start in range(0, size, part)]
            for size, part in zip(domain.sizes, parts, strict=True)
        ]
        expected = sorted(product(*axes))
        here = kinds.candidates == number
        found = np.repeat(np.array(kinds.sizes.sizes).T[here], kinds.counts[here], axis=0)
        assert sorted(map(tuple, found.tolist())) == expected


def test_of_no_candidates_there_are_no_kinds():
    none: list[Any] = [np.zeros(0, np.int64)] * 5
    kinds = kinds_of_blocks(Domain(1, 1, 4, 4, (3,)), Domain.of_sizes(none))
    assert kinds.sums(1).tolist() == []
