"""Layers whose sizes waste tiles of the matrix engine, and the nearest sizes that do not."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from xnn.runtime.report.table import Column, Table
from xnn.tools.advice.measurements import Measurements

LEAST_WASTE = 0.1
"""Of the multipliers' cycles, below which sizes are good enough."""


@dataclass(frozen=True)
class Size:
    """One size of a product, and the multiples of the tile below (None: there is none) and above it."""

    name: str
    has: int
    below: int | None
    above: int


@dataclass(frozen=True)
class TileWaste:
    """A layer whose multipliers idle though the engine is busy with it."""

    layer: str
    n: int
    """Size of a tile at its precision."""
    busy: int
    """Cycles of the engine."""
    wasted: float
    """The share of them in which multipliers idle: measured, so with all that packing and orders could save."""
    sizes: tuple[Size, ...]
    """Those that do not fill whole tiles."""


@dataclass(frozen=True)
class TileAdvice:
    """The layers that lose most cycles first."""

    layers: tuple[TileWaste, ...]

    def lines(self) -> list[str]:
        """For people."""
        if not self.layers:
            return ["no layer wastes a tenth of the multipliers with which it is computed"]
        columns = (
            Column("tile", tuple(f"{each.n}" for each in self.layers)),
            Column("busy", tuple(f"{each.busy:,}" for each in self.layers)),
            Column("wasted", tuple(f"{each.wasted:.0%}" for each in self.layers)),
            Column(
                "sizes and their neighbours that fill tiles", tuple(map(_sizes, self.layers)), True
            ),
        )
        return Table("layer", tuple(each.layer for each in self.layers), columns).text()


def tile_advice(measured: Measurements) -> TileAdvice:
    """Products whose engine is busy with zeros for more than LEAST_WASTE of its time."""
    found: list[TileWaste] = []
    domains = measured.domains
    works = zip(measured.report.layers, measured.works.items(), strict=True)
    for layer, (name, work) in works:
        domain = domains.get(name)
        if not layer.macs or not layer.computation or domain is None:
            continue
        n = measured.target.matmul_n(work.precision)
        sizes = {
            "output channels" + " of a group" * (domain.groups > 1): domain.rows,
            "inputs of a sum": layer.macs // prod(layer.shape),
            "positions": domain.batch * prod(domain.positions),
        }
        wasted = 1 - layer.macs / (layer.computation * n * n)
        partial = tuple(_size(each, size, n) for each, size in sizes.items() if size % n)
        if wasted >= LEAST_WASTE and partial:
            found.append(TileWaste(layer.name, n, layer.computation, wasted, partial))
    return TileAdvice(tuple(sorted(found, key=lambda each: -each.busy * each.wasted)))


def _size(name: str, size: int, n: int) -> Size:
    below = size // n * n
    return Size(name, size, below or None, below + n)


def _sizes(waste: TileWaste) -> str:
    return "; ".join(
        f"{each.name} {each.has:,} ({f'{each.below:,} or ' if each.below else ''}{each.above:,})"
        for each in waste.sizes
    )
