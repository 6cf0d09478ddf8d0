"""Products: the tiles of a block, the order in which they are read and written, and the vectors of each.

A reduction has the loops and vectors of an output-stationary product with one row, so it uses these as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import product
from math import prod

import numpy as np

from tests.recount.block import Block, Operand
from tests.recount.program import ceil
from tests.recount.rows import Counter, Vectors, rows_of, rows_of_run
from xnn.dialects.prim import MatmulOp, Order

Tile = tuple[int, int, int]
"""A set, and where a tile stands among those of an operand."""


class Product:
    """A block as sets of m rows by k by columns, in tiles of n x n."""

    def __init__(self, block: Block, n: int, row_bytes: int):
        self.block, self.n, self.row_bytes = block, n, row_bytes
        schedule = block.primitive.schedule if isinstance(block.primitive, MatmulOp) else None
        self.order = schedule.order if schedule else Order.OUTPUT_STATIONARY
        self.r = schedule.groups_per_tile if schedule else 1
        self.p = schedule.output_phases if schedule else 1
        self.kernel, self.strides, self.dilations = block.kernel, block.strides, block.dilations
        self.positions = tuple(block.P)
        if self.p > 1:
            *_, kernel = self.kernel
            *_, stride = self.strides
            *_, dilation = self.dilations
            larger = (self.p - 1) * stride + dilation * (kernel - 1) + 1
            self.kernel = (*self.kernel[:-1], larger)
            self.strides = (*self.strides[:-1], self.p * stride)
            self.dilations = (*self.dilations[:-1], 1)
            self.positions = (*self.positions[:-1], ceil(self.positions[-1], self.p))
        self.in_a_set = max(self.r, 1)
        self.sets = ceil(block.G, self.r) if self.r else 1
        self.along_channels = not block.kernel
        """Whether rhs may be read column by column, each a vector of channels."""
        # what stands for each row of a set, each of k, each column: indices, the last fastest
        self.rows = _indices(self.in_a_set, block.M, self.p)
        self.taps = _indices(self.in_a_set, block.C, *self.kernel)
        self.columns = _indices(block.G if self.r == 0 else 1, block.B, *self.positions)

    # tiles

    @property
    def m(self) -> int:
        return len(self.rows)

    @property
    def k(self) -> int:
        return len(self.taps)

    @cached_property
    def tiles(self) -> tuple[int, int, int]:
        """Tiles that cover m, k, columns."""
        return ceil(self.m, self.n), ceil(self.k, self.n), ceil(len(self.columns), self.n)

    @property
    def cycles(self) -> int:
        (m, k, columns), n = self.tiles, self.n
        if self.order == Order.OUTPUT_STATIONARY:
            return self.sets * m * columns * max(self.k, n)
        if self.order == Order.LHS_STATIONARY:
            return self.sets * k * m * max(len(self.columns), n)
        return self.sets * k * columns * max(self.m, n)

    def visits(self) -> Iterator[tuple[str, Tile]]:
        """Tiles of lhs (row, k), rhs (k, column) and the result (row, column) in the order of their use."""
        m, k, columns = map(range, self.tiles)
        for s in range(self.sets):
            if self.order == Order.OUTPUT_STATIONARY:
                for row, column in product(m, columns):
                    for i in k:
                        yield "lhs", (s, row, i)
                        yield "rhs", (s, i, column)
                    yield "out", (s, row, column)
            elif self.order == Order.LHS_STATIONARY:
                for row, i in product(m, k):
                    yield "lhs", (s, row, i)
                    for column in columns:
                        yield "rhs", (s, i, column)
                        if i == k[-1]:
                            yield "out", (s, row, column)
            else:
                for column, i in product(columns, k):
                    yield "rhs", (s, i, column)
                    for row in m:
                        yield "lhs", (s, row, i)
                        if i == k[-1]:
                            yield "out", (s, row, column)

    def counted(self) -> list[Counter]:
        """Rows and vectors of each operand, in the order of the addresses."""
        streams = {
            "lhs": "lhs",
            "rhs": "rhs",
            "pre": "rhs",
            "post": "out",
            "sums": "out",
            "out": "out",
        }
        visits = list(self.visits())
        counters = list[Counter]()
        for operand in self.block.operands:
            if operand.role == "table":
                counters.append(table_rows(operand, self.row_bytes))
                continue
            counter, known = Counter(), dict[Tile, Vectors]()
            for stream, tile in visits:
                if stream == streams[operand.role]:
                    if tile not in known:
                        known[tile] = Vectors(self._vectors(operand, *tile))
                    counter.read(known[tile])
            counters.append(counter)
        return counters

    def _vectors(self, operand: Operand, s: int, i: int, j: int) -> Iterator[set[int]]:
        if operand.role == "lhs":
            return self._lhs(operand, s, i, j)
        if operand.role == "rhs":
            return self._rhs(operand, s, i, j)
        if operand.role == "pre":
            read = self._rhs if self._varies(operand) else self._of_channels
            return read(operand, s, i, j)
        if operand.role == "post" and not self._varies(operand):
            return self._of_rows(operand, s, i, j)
        return self._result(operand, s, i, j)

    def _varies(self, operand: Operand) -> bool:
        """Whether the columns of a tile have different elements of an operand of a region."""
        of_groups = self.r == 0 and self.block.G > 1 and operand.strides[1] > 0
        return operand.depends_on_sample or operand.depends_on_position or of_groups

    # lhs

    def _lhs(self, operand: Operand, s: int, row: int, k: int) -> Iterator[set[int]]:
        """Row by row, each the run of bytes from the first to the last of its taps that stand in the tile."""
        first_k, end_k = k * self.n, min((k + 1) * self.n, self.k)
        for group, i, phase in self._tile(self.rows, row):
            start = group * len(self.places[phase])
            inside = self.places[phase][max(first_k - start, 0) : max(end_k - start, 0)]
            there = [place for place in inside if place is not None]
            group += s * self.in_a_set
            if not there or group >= self.block.G:
                yield set()
                continue
            number = i if self.block.shared else group * self.block.M + i
            yield self._run_of_lhs(operand, number, there[0], there[-1])

    @cached_property
    def places(self) -> list[list[tuple[int, ...] | None]]:
        """Per phase, for each tap of a group (channel, *kernel) of its element of lhs; None: it is zero."""
        taps = self.taps[: self.k // self.in_a_set]
        return [[self._place(tap, phase) for tap in taps] for phase in range(self.p)]

    def _place(self, tap: np.ndarray, phase: int) -> tuple[int, ...] | None:
        _, channel, *at = (int(each) for each in tap)
        if self.p > 1:
            steps, rest = divmod(at[-1] - phase * self.block.strides[-1], self.block.dilations[-1])
            if rest or not 0 <= steps < self.block.kernel[-1]:
                return None
            at[-1] = steps
        return channel, *at

    def _run_of_lhs(
        self, operand: Operand, row: int, first: tuple[int, ...], last: tuple[int, ...]
    ) -> set[int]:
        op, start = self.block.primitive, operand.address + row * operand.strides[0]
        assert isinstance(op, MatmulOp)
        if op.packed is None:
            begin, end = (
                start + sum(i * stride for i, stride in zip(place, operand.strides[1:]))
                for place in (first, last)
            )
            return rows_of_run(begin, end + operand.size - 1, self.row_bytes)
        shape = (self.block.C, *self.block.kernel)
        begin, end = (int(np.ravel_multi_index(place, shape)) for place in (first, last))
        bits = op.packed.bits
        return rows_of_run(
            start + begin * bits // 8, start + ((end + 1) * bits - 1) // 8, self.row_bytes
        )

    # rhs and the operands of pre

    def _rhs(self, operand: Operand, s: int, k: int, column: int) -> Iterator[set[int]]:
        """Tap by tap, each a vector of columns; without a kernel perhaps column by column."""
        addresses, exist = self._elements(operand, s, k, column)
        if self.along_channels and operand.strides[1] <= operand.strides[0]:
            addresses, exist = addresses.T, exist.T
        for vector, there in zip(addresses, exist):
            yield rows_of(vector[there], operand.size, self.row_bytes)

    def _elements(
        self, operand: Operand, s: int, k: int, column: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Addresses [taps, columns] of a tile, and which of them exist."""
        group, channel, *taps = self._tile(self.taps, k).T[:, :, None]
        in_column, sample, *positions = self._tile(self.columns, column).T[:, None, :]
        group = s * self.in_a_set + group + in_column
        exist = (group < self.block.G) & (sample >= 0)
        addresses = operand.address + sample * operand.strides[0]
        addresses = addresses + (group * self.block.C + channel) * operand.strides[1]
        for i, size in enumerate(self.block.existing):
            at = (
                positions[i] * self.strides[i]
                + taps[i] * self.dilations[i]
                - self.block.pads[2 * i]
            )
            exist = exist & (at >= 0) & (at < size)
            addresses = addresses + operand.along(2 + i, at)
        return addresses, exist

    def _of_channels(self, operand: Operand, s: int, k: int, column: int) -> Iterator[set[int]]:
        """One vector from the tile's first to its last channel's element."""
        group, channel, *_ = self._tile(self.taps, k).T
        yield self._span(operand, s * self.in_a_set + group, self.block.C, channel)

    def _span(
        self, operand: Operand, group: np.ndarray, per_group: int, number: np.ndarray
    ) -> set[int]:
        channels = (group * per_group + number)[group < self.block.G]
        if operand.is_empty or not channels.size:
            return set()
        first, last = (
            operand.address + int(channel) * operand.strides[1] for channel in channels[[0, -1]]
        )
        return rows_of_run(first, last + operand.size - 1, self.row_bytes)

    # the result and the operands of post

    def _by_column(self, operand: Operand) -> bool:
        """Whether a tile is written column by column: its rows lie closer than its columns."""
        block = self.block
        dimensions = [(block.B, operand.strides[0]), *zip(block.P, operand.strides[2:])]
        if self.r == 0:
            dimensions.insert(0, (block.G, block.M * operand.strides[1]))
        there = [stride for size, stride in dimensions if size > 1]
        several = self.in_a_set * block.M > 1
        return several and (not there or operand.strides[1] < there[-1])

    def _result(self, operand: Operand, s: int, row: int, column: int) -> Iterator[set[int]]:
        for vector in self._result_vectors(operand, s, row, column):
            yield rows_of(vector, operand.size, self.row_bytes)

    def _result_vectors(
        self, operand: Operand, s: int, row: int, column: int
    ) -> Iterator[np.ndarray]:
        """Addresses of each vector of a tile of the result."""
        group, i, phase = self._tile(self.rows, row).T[:, :, None]
        in_column, sample, *positions = self._tile(self.columns, column).T[:, None, :]
        group = s * self.in_a_set + group + in_column
        exist = (group < self.block.G) & (sample >= 0)
        addresses = operand.address + sample * operand.strides[0]
        addresses = addresses + (group * self.block.M + i) * operand.strides[1]
        if positions:
            *_, last = positions
            last = last * self.p + phase
            exist = exist & (last < self.block.P[-1])
            for dimension, position in enumerate([*positions[:-1], last], 2):
                addresses = addresses + operand.along(dimension, position)
        # the rows of a tile that are phases of one row are one: [rows, columns and phases in order]
        addresses, exist = (
            each.reshape(-1, self.p, each.shape[1])
            .transpose(0, 2, 1)
            .reshape(-1, each.shape[1] * self.p)
            for each in np.broadcast_arrays(addresses, exist)
        )
        if self._by_column(operand):
            for vector, there in zip(addresses.T, exist.T):
                if there.any():
                    yield vector[there]
            return
        for vector, there in zip(addresses, exist):
            vector = vector[there]
            for start in range(0, len(vector), self.n):
                yield vector[start : start + self.n]

    def _of_rows(self, operand: Operand, s: int, row: int, column: int) -> Iterator[set[int]]:
        """One vector from the tile's first to its last row's element."""
        group, i, _ = self._tile(self.rows, row).T
        yield self._span(operand, s * self.in_a_set + group, self.block.M, i)

    @cached_property
    def result_vectors(self) -> int:
        """Vectors of the result of a block."""
        (out,), (m, _, columns) = self.block.of_role("out"), self.tiles
        tiles = product(range(self.sets), range(m), range(columns))
        return sum(1 for tile in tiles for _ in self._result_vectors(out, *tile))

    def _tile(self, indices: np.ndarray, i: int) -> np.ndarray:
        return indices[i * self.n : (i + 1) * self.n]


def _indices(*sizes: int) -> np.ndarray:
    """All indices of a box of these sizes, the last fastest: [elements, dimensions]."""
    return np.indices(sizes).reshape(len(sizes), prod(sizes)).T


def table_rows(operand: Operand, row_bytes: int) -> Counter:
    """A table is one vector of all its bytes, once for each node."""
    counter = Counter()
    counter.read(Vectors([rows_of_run(operand.address, operand.last_byte, row_bytes)]))
    return counter
