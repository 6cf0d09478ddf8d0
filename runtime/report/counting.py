"""Counts and times of a run: counted from the machine's nodes, timed by its timeline."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xnn.dialects.dsa import Role
from xnn.dialects.names import shown_name
from xnn.dialects.prim import GeneralOp, MatmulOp
from xnn.dialects.values import type_bytes
from xnn.runtime.engines.work import Work
from xnn.runtime.machine.machine import Machine
from xnn.runtime.report.bounds import bounds_of, layer_bound
from xnn.runtime.report.report import LayerReport, Report, Traffic

LIMITED = 0.85
"""An engine that is busy for this part of a layer's time limits it."""


def build_report(
    model: str, target: str, level: str, machine: Machine | None, seconds: Mapping[str, float]
) -> Report:
    """The report of a run of `model`; without a machine there are no cycles to report."""
    if machine is None:
        return Report(model, target, level, dict(seconds))
    return _Counter(machine).report(model, level, seconds)


class _Counter:
    """Counts what the nodes of a machine's program do."""

    def __init__(self, machine: Machine):
        self.machine = machine
        self.target = machine.target
        self.timeline = machine.timeline
        self.nodes = machine.nodes
        self.index = machine.expansion.op_index
        self.addresses = machine.expansion.addresses
        self.works = {name: Work.of(layer) for name, layer in machine.program.layers.items()}
        layers = list(machine.layers)
        places = np.array([layers.index(each.op.layer.data) for each in machine.decoded], np.int64)
        self.layer_of_node = places[self.index]
        moved = [(*each.moved(local=False), *each.moved(local=True)) for each in machine.decoded]
        macs = [each.cost.macs for each in machine.decoded]
        self.moved = self._by_layer(np.array(moved, np.int64).reshape(-1, 4))
        """Per layer the bytes read and written: of external memory, then of local memory."""
        self.macs = self._by_layer(np.array(macs, np.int64))

    def _by_layer(self, counts: np.ndarray) -> np.ndarray:
        """Sums over the nodes of each layer of what is counted by instruction."""
        result = np.zeros((len(self.machine.layers), *counts.shape[1:]), np.int64)
        np.add.at(result, self.layer_of_node, counts[self.index])
        return result

    def report(self, model: str, level: str, seconds: Mapping[str, float]) -> Report:
        cycles = self.timeline.cycles
        works = list(self.works.values())
        bounds = bounds_of(works, self._bus_bytes(), self.target)
        predicted = self.machine.program.predicted_cycles
        external, local = _traffic(self.moved.sum(axis=0))
        engines, burst_bytes = self._engines(), self._burst_bytes()
        return Report(
            model=model,
            target=self.target.name,
            level=level,
            seconds=dict(seconds),
            cycles=cycles,
            predicted_cycles=predicted.value.data if predicted is not None else None,
            macs=sum(work.macs for work in works),
            auxiliary_macs=sum(work.auxiliary_macs for work in works),
            utilisation=self._utilisation(works, cycles),
            engines=engines,
            external_bytes=external,
            external_burst_bytes=burst_bytes,
            local_bytes=local,
            peak_local_bytes=self._peak_local_bytes(),
            energy_pj=self._energy(burst_bytes, local),
            general_share=_general_share(works, engines, cycles),
            bounds=bounds,
            gap=cycles / bounds.network if bounds.network else None,
            clock_hz=self.target.clock_hz,
            layers=self._layers(),
        )

    def _utilisation(self, works: list[Work], cycles: int) -> float:
        peak = sum(work.peak_cycles(self.target) for work in works)
        return peak / cycles if cycles else 0.0

    def _engines(self) -> dict[str, dict[str, int]]:
        """Per engine the cycles it works, and those in which its next node is held up.

        A node is held up from when it is issued and the engine is free until it starts.
        """
        result: dict[str, dict[str, int]] = {}
        for number, name in enumerate(self.target.engines):
            mine = self.nodes.engine == number
            starts, ends = self.timeline.start[mine], self.timeline.end[mine]
            free = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
            could = np.maximum(self.timeline.issue[mine], free)
            busy = int(self.nodes.cycles[mine].sum())
            result[name] = {"busy": busy, "wait": int((starts - could).sum())}
        return result

    def _bus_bytes(self) -> int:
        """Weights, inputs and outputs that pass the bus, once each, without what is never needed.

        A stride larger than its window leaves elements out; general compute has a port of its own.
        """
        loaded, stored = self._moved(writes=False), self._moved(writes=True)
        needed = (Role.INPUT, Role.PARAMETER)
        ports = [(loaded, b, b.bytes) for b in self.machine.buffers if b.role.data in needed]
        ports += [(stored, output, type_bytes(output.type)) for output in self.machine.outputs]
        return sum(
            min(size, _between(moved, op.address.value.data, size)) for moved, op, size in ports
        )

    def _moved(self, writes: bool) -> tuple[np.ndarray, np.ndarray]:
        """External addresses of what transfers write or read, and the bytes of each."""
        sizes = np.zeros((len(self.machine.decoded), self.addresses.shape[1]), np.int64)
        for number, each in enumerate(self.machine.decoded):
            for column, access in enumerate(each.accesses if each.external else ()):
                if not access.local and access.writes == writes:
                    sizes[number, column] = access.bytes
        moved = sizes[self.index]
        return self.addresses[moved > 0], moved[moved > 0]

    def _burst_bytes(self) -> int:
        """Bytes of all bursts on the bus, and those through the port of general compute."""
        total = 0
        for op, addresses in self.machine.expansion.nodes:
            each = self.machine.decoded[op]
            if each.external:
                total += each.burst_bytes(addresses, self.target)
            elif isinstance(each.node, GeneralOp):
                total += sum(each.moved(local=False))
        return total

    def _peak_local_bytes(self) -> int:
        """The most bytes of local memory that buffers hold in one layer."""
        names = list(self.machine.layers)
        held = np.zeros(len(names) + 1, np.int64)
        for buffer in self.machine.buffers:
            if buffer.is_local:
                live = [name.data for name in buffer.live] if buffer.live else [names[0], names[-1]]
                size = buffer.bytes * len(buffer.slot_starts)
                held[names.index(live[0])] += size
                held[names.index(live[1]) + 1] -= size
        return int(held.cumsum().max(initial=0))

    def _energy(self, burst_bytes: int, local: Traffic) -> dict[str, float]:
        """Picojoules by source; macs of all uses of the matmul engine count."""
        table = self.target.energy_pj
        prices: dict[str, float] = {}
        for each in self.machine.decoded:
            node = each.node
            if isinstance(node, MatmulOp):
                prices[each.op.layer.data] = self.target.mac_pj(node.mac_format) or 0.0
        macs = zip(self.machine.layers, self.macs.tolist(), strict=True)
        result = {
            "mac": sum((count * prices.get(name, 0.0) for name, count in macs), 0.0),
            "local": local.total * table.local_byte,
            "external": burst_bytes * table.external_byte,
        }
        return {"total": sum(result.values()), **result}

    def _layers(self) -> tuple[LayerReport, ...]:
        result: list[LayerReport] = []
        before = 0
        for place, (name, work) in enumerate(self.works.items()):
            mine = self.layer_of_node == place
            end = max(before, int(self.timeline.token[mine].max(initial=0)))
            cycles, before = end - before, end
            on_bus, own = mine & self.nodes.external, mine & ~self.nodes.external
            bus, busy = (int(self.nodes.cycles[nodes].sum()) for nodes in (on_bus, own))
            external, local = _traffic(self.moved[place])
            layer = LayerReport(
                name=shown_name(name),
                op=operator_text(work),
                layers=tuple(map(shown_name, work.layers)),
                shape=work.shape,
                cycles=cycles,
                macs=work.macs,
                auxiliary_macs=work.auxiliary_macs,
                utilisation=self._utilisation([work], cycles),
                communication=bus,
                computation=busy,
                external_bytes=external.total,
                local_bytes=local.total,
                bound=layer_bound(work, self.target),
                limited_by=limited_by(work.engine, cycles, bus, busy),
            )
            result.append(layer)
        return tuple(result)


def _traffic(moved: np.ndarray) -> tuple[Traffic, Traffic]:
    """Of external and of local memory."""
    return Traffic(*moved[:2].tolist()), Traffic(*moved[2:].tolist())


def _general_share(
    works: list[Work], engines: dict[str, dict[str, int]], cycles: int
) -> dict[str, float]:
    operations = sum(work.operations for work in works)
    general = sum(work.operations for work in works if work.engine == "general")
    return {
        "operations": general / operations if operations else 0.0,
        "cycles": engines["general"]["busy"] / cycles if cycles else 0.0,
    }


def operator_text(work: Work) -> str:
    """An operator with its kernel and strides, as in `conv 3x3/2`."""
    half = len(work.window) // 2
    kernel, strides = work.window[:half], work.window[half:]
    text = work.operator
    if kernel:
        text += " " + "x".join(map(str, kernel))
        if set(strides) != {1}:
            text += "/" + (
                str(strides[0]) if len(set(strides)) == 1 else "x".join(map(str, strides))
            )
    return text


def limited_by(engine: str, cycles: int, bus: int, busy: int) -> str:
    """What keeps a layer from being faster: its engine, the bus, or the waits of one for the other."""
    if busy >= bus and busy >= LIMITED * cycles:
        return engine
    if bus >= LIMITED * cycles:
        return "external"
    return "waiting"


def _between(moved: tuple[np.ndarray, np.ndarray], start: int, size: int) -> int:
    """Bytes of the transfers that begin in a range of addresses."""
    addresses, sizes = moved
    return int(sizes[(addresses >= start) & (addresses < start + size)].sum())
