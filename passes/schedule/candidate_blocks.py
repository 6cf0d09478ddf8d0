"""The blocks among which the schedule of a node is chosen."""

from __future__ import annotations

from itertools import product
from math import gcd, lcm

import numpy as np

from xnn.dialects.prim import Domain, Primitive


def candidate_blocks(op: Primitive, n: int) -> Domain:
    """All combinations of block sizes, as one domain whose sizes are arrays."""
    domain = op.domain
    multiple = op.channels_multiple
    rows, channels = _splits(domain.rows, n), _channel_splits(op, n)
    if domain.groups > 1:  # a block ends where its group does
        rows = _divisors(domain.rows)
        divisors = (each for each in _divisors(domain.channels) if each % multiple == 0)
        channels = sorted({*divisors, domain.channels})
    rank = len(domain.positions)
    position_splits = [
        _splits(size, 1, 8 if i < rank - 1 else 1) for i, size in enumerate(domain.positions)
    ]
    if rank == 2 and (lines := n // gcd(n, domain.positions[1])) < domain.positions[0]:
        # the vectors of whole rows of the memory begin with those of the feature map
        position_splits[0] = sorted({*position_splits[0], *_splits(domain.positions[0], lines)})
    if rank == 1:
        position_splits = [_splits(domain.positions[0], n)]
    batch, groups = _splits(domain.batch), _splits(domain.groups, 1, 4)
    parts = [batch, groups, rows, channels, *position_splits]
    grid = np.array(list(product(*parts)), np.int64).T
    # Several groups in a block only with all of their rows and channels.
    whole = (grid[1] == 1) | ((grid[2] == domain.rows) & (grid[3] == domain.channels))
    return Domain.of_sizes([column[whole] for column in grid])


def _channel_splits(op: Primitive, n: int) -> list[int]:
    """Blocks whose taps fill tiles, and smaller ones."""
    channels, multiple = op.domain.channels, op.channels_multiple
    full = lcm(multiple, n // gcd(n, op.window.taps))
    some = [each for each in _splits(channels, multiple) if each < full]
    return sorted({*some, *_splits(channels, full)})


def _splits(size: int, multiple: int = 1, most: int = 8) -> list[int]:
    """Candidate block sizes: the size in 1, 2, ... parts, then halved, at last in ones, rounded up to multiples."""
    counts = [*range(1, most + 1), *(most * 2**i for i in range(1, 16)), size]
    blocks = {-(-size // count) for count in counts if count <= size}
    return sorted({min(size, -(-block // multiple) * multiple) for block in blocks})


def _divisors(size: int) -> list[int]:
    return [part for part in range(1, size + 1) if size % part == 0]
