"""The layers of a run as a graph: which reads what which has written, and a place for each."""

from __future__ import annotations

from typing import Any

from xnn.dialects.dsa import Role
from xnn.dialects.dsa.instructions import TransferInstruction
from xnn.runtime.machine.machine import Machine


def graph(machine: Machine) -> dict[str, Any]:
    """`edges` from one layer to another, `rank`, the most edges on the way to a layer, `offset`, its place there."""
    edges = layer_edges(machine)
    rank = _ranks(len(machine.layers), edges)
    return {"edges": edges, "rank": rank, "offset": _offsets(rank, edges)}


def layer_edges(machine: Machine) -> list[tuple[int, int]]:
    """From each layer that writes a feature map, or state, to those that read it afterwards, by their places."""
    places = {name: place for place, name in enumerate(machine.layers)}
    order = _order(machine)
    writers: dict[str, dict[int, None]] = {}
    edges: dict[tuple[int, int], None] = {}
    for each in machine.decoded:
        place = places[each.op.layer.data]
        for access, buffer in zip(each.accesses, each.buffers, strict=False):
            if buffer.role.data not in (Role.FEATURE_MAP, Role.STATE):
                continue
            name = buffer.result_name.data
            if access.reads:
                before = (w for w in writers.get(name, ()) if order[w] < order[place])
                edges |= dict.fromkeys((each, place) for each in before)
            if access.writes:
                writers.setdefault(name, {})[place] = None
    return sorted(edges, key=lambda edge: order[edge[1]])


def _order(machine: Machine) -> list[int]:
    """Of each layer when it begins to compute, as the place of an instruction: transfers may come long before."""
    moves: dict[str, int] = {}
    computes: dict[str, int] = {}
    for number, each in enumerate(machine.decoded):
        first = moves if isinstance(each.op, TransferInstruction) else computes
        first.setdefault(each.op.layer.data, number)
    return [computes.get(name, moves.get(name, 0)) for name in machine.layers]


def _ranks(count: int, edges: list[tuple[int, int]]) -> list[int]:
    """Edges come in an order in which none leads back."""
    ranks = [0] * count
    for source, target in edges:
        ranks[target] = max(ranks[target], ranks[source] + 1)
    return ranks


def _offsets(ranks: list[int], edges: list[tuple[int, int]]) -> list[float]:
    """Places within the ranks for which few edges cross (Sugiyama's method)."""
    from igraph import Graph  # a run without a page need not have it

    if not ranks:
        return []
    layout = Graph(len(ranks), edges, directed=True).layout_sugiyama(layers=ranks)
    return [x for x, _ in layout.coords[: len(ranks)]]
