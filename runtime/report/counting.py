"""Counts and times of a run: counted from the machine's nodes, timed by its timeline."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xnn.dialects.dsa import BufferOp, Direction, Role, TransferOp
from xnn.dialects.prim import MatmulOp
from xnn.dialects.values import type_bytes
from xnn.runtime.engines.transfer import bursts
from xnn.runtime.engines.work import Work
from xnn.runtime.machine.machine import Machine
from xnn.runtime.report.bounds import bounds_of, layer_bound
from xnn.runtime.report.report import LayerReport, Report, Traffic

LIMITED = 0.85
"""An engine that is busy for so much of a layer's time is what limits it."""


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
        self.works = {name: Work.of(layer) for name, layer in machine.program.layers.items()}
        layers = list(machine.configs)
        places = np.array([layers.index(each.op.layer.data) for each in machine.decoded], np.int64)
        self.layer_of_node = places[self.index]

    def total(self, name: str, layer: int | None = None) -> int:
        """Sum of a field of the decoded instructions over all nodes, or over those of a layer."""
        values = np.array([getattr(each, name) for each in self.machine.decoded], np.int64)
        chosen = self.index if layer is None else self.index[self.layer_of_node == layer]
        return int(values[chosen].sum())

    def report(self, model: str, level: str, seconds: Mapping[str, float]) -> Report:
        cycles = self.timeline.cycles
        works = list(self.works.values())
        bounds = bounds_of(works, self._bus_bytes(), self.target)
        predicted = self.machine.program.predicted_cycles
        local = Traffic(self.total("local_read"), self.total("local_written"))
        burst_bytes = self._burst_bytes()
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
            engines=self._engines(),
            external_bytes=Traffic(self.total("external_read"), self.total("external_written")),
            external_burst_bytes=burst_bytes,
            local_bytes=local,
            peak_local_bytes=self._peak_local_bytes(),
            energy_pj=self._energy(burst_bytes, local),
            general_share=self._general_share(works, cycles),
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
        loaded, stored = self._moved(Direction.LOAD, 0), self._moved(Direction.STORE, 1)
        needed = (Role.INPUT, Role.PARAMETER)
        ports = [(loaded, b, b.bytes) for b in self.machine.buffers if b.role.data in needed]
        ports += [(stored, output, type_bytes(output.type)) for output in self.machine.outputs]
        return sum(
            min(size, _between(moved, op.address.value.data, size)) for moved, op, size in ports
        )

    def _moved(self, direction: Direction, operand: int) -> tuple[np.ndarray, np.ndarray]:
        """External addresses of the transfers in a direction, and the bytes that each moves."""
        chosen = [
            isinstance(each.op, TransferOp) and each.op.direction.data == direction
            for each in self.machine.decoded
        ]
        rows = np.array(chosen, np.bool_)[self.index]
        if not rows.any():
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        sizes = np.array([each.accesses[0].bytes for each in self.machine.decoded], np.int64)
        return self.machine.expansion.addresses[rows][:, operand], sizes[self.index][rows]

    def _burst_bytes(self) -> int:
        """Bytes of all bursts on the bus, and those through the port of general compute."""
        total = 0
        burst = self.target.external.burst_bytes
        for op, addresses in zip(
            self.index.tolist(), self.machine.expansion.addresses.tolist(), strict=True
        ):
            each = self.machine.decoded[op]
            if not each.external:
                total += each.external_read + each.external_written
                continue
            side = 1 if each.accesses[0].local else 0
            access = each.accesses[side]
            offset = addresses[side] % burst
            total += burst * bursts(offset, access.sizes, access.strides, access.itemsize, burst)
        return total

    def _peak_local_bytes(self) -> int:
        """The most bytes of local memory that buffers hold in one layer."""
        names = list(self.machine.configs)
        held = np.zeros(len(names) + 1, np.int64)
        for buffer in self.machine.buffers:
            if isinstance(buffer, BufferOp) and buffer.is_local:
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
            node = each.config.node
            if isinstance(node, MatmulOp):
                prices[each.op.layer.data] = self.target.mac_pj(node.mac_format) or 0.0
        mac = 0.0
        for place, name in enumerate(self.machine.configs):
            mac += self.total("macs", place) * prices.get(name, 0.0)
        result = {
            "mac": mac,
            "local": (local.read + local.written) * table.local_byte,
            "external": burst_bytes * table.external_byte,
        }
        return {"total": sum(result.values()), **result}

    def _general_share(self, works: list[Work], cycles: int) -> dict[str, float]:
        operations = sum(work.operations for work in works)
        general = sum(work.operations for work in works if work.engine == "general")
        busy = self._engines()["general"]["busy"]
        return {
            "operations": general / operations if operations else 0.0,
            "cycles": busy / cycles if cycles else 0.0,
        }

    def _layers(self) -> tuple[LayerReport, ...]:
        result: list[LayerReport] = []
        before = 0
        for place, (name, work) in enumerate(self.works.items()):
            mine = self.layer_of_node == place
            end = max(before, int(self.timeline.token[mine].max(initial=0)))
            result.append(self._layer(name, work, place, end - before))
            before = end
        return tuple(result)

    def _layer(self, name: str, work: Work, place: int, cycles: int) -> LayerReport:
        mine = self.layer_of_node == place
        external = self.nodes.external
        bus = int(self.nodes.cycles[mine & external].sum())
        engine = int(self.nodes.cycles[mine & ~external].sum())
        return LayerReport(
            name=name,
            op=operator_text(work),
            layers=work.layers,
            shape=work.shape,
            cycles=cycles,
            macs=work.macs,
            auxiliary_macs=work.auxiliary_macs,
            utilisation=self._utilisation([work], cycles),
            communication=bus,
            computation=engine,
            external_bytes=self.total("external_read", place)
            + self.total("external_written", place),
            local_bytes=self.total("local_read", place) + self.total("local_written", place),
            bound=layer_bound(work, self.target),
            limited_by=limited_by(work.engine, cycles, bus, engine),
        )


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
