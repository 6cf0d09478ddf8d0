"""The timeline of a page: for each lane its slices in order, as numbers of what recurs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xnn.runtime.machine.waits import Wait
from xnn.runtime.report.slices import Slice, Slices


class _Table:
    """Values that are told once, and named by their places."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._places: dict[object, int] = {}

    def place(self, key: object, value: Any) -> int:
        if key not in self._places:
            self._places[key] = len(self.values)
            self.values.append(value)
        return self._places[key]


def timeline(slices: Slices) -> dict[str, Any]:
    """Lanes, each with what follows what on it; the cycles of slices and of the waits before them say when.

    `kinds`: what a slice is, with its layer and its `cycles`; `waits`: the cycles before a slice by what
    they wait for; `critical`: of the slices on the critical path, the cycles there.
    """
    kinds, waits = _Table(), _Table()
    lanes: list[dict[str, Any]] = [
        {"name": name, "kinds": [], "waits": [], "critical": {}} for name in slices.lanes
    ]

    def put(each: Slice, kind: int, waited: Mapping[Wait, int]) -> None:
        lane = lanes[each.lane]
        shown = {str(wait): cycles for wait, cycles in waited.items()}
        lane["kinds"].append(kind)
        lane["waits"].append(waits.place(tuple(shown.items()), shown))

    places = slices.layer_places
    for each in slices.on_engines():
        lane, node = lanes[each.lane], each.node
        if node in slices.critical_cycles:
            lane["critical"][len(lane["kinds"])] = slices.critical_cycles[node]
        op = slices.machine.expansion.nodes[node][0]
        cost = id(slices.machine.costs[node])
        key = op, cost, each.end - each.start, slices.machine.bus_bytes[node]
        about = {"layer": places[node], **slices.about(node)}
        put(each, kinds.place(key, about), slices.waits.engine[node])
    for each in slices.on_bus():
        node = each.node
        about = {
            "layer": places[node],
            "does": f"for {slices.decoded(node).op.engine_name}",
            "cycles": each.end - each.start,
            "bytes of bursts": slices.machine.bus_bytes[node],
        }
        put(each, kinds.place(tuple(about.values()), about), slices.waits.bus[node])
    return {"kinds": kinds.values, "waits": waits.values, "lanes": lanes}
