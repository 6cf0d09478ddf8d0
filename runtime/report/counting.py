"""Counts and times of a run: counted from the machine's nodes, timed by its timeline."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from xnn.dialects.dsa import Role
from xnn.dialects.dsa.instructions import TransferInstruction
from xnn.dialects.names import shown_name
from xnn.dialects.values import type_bytes
from xnn.dialects.xnn.interface import kept_formats_of
from xnn.runtime.engines.engine import NodeCost
from xnn.runtime.engines.formats import why_kept
from xnn.runtime.engines.work import Work
from xnn.runtime.machine.machine import Machine
from xnn.runtime.machine.memory import Memory
from xnn.runtime.report.area import area_mm2
from xnn.runtime.report.bounds import bounds_of, layer_bound, least_cycles
from xnn.runtime.report.energy import Activity, energy_pj, total
from xnn.runtime.report.idle import idle_cycles, loads_weights
from xnn.runtime.report.layer import LayerReport
from xnn.runtime.report.limits import limited_by
from xnn.runtime.report.local_memory import lifetimes_of, most_live_bytes, peak_bytes
from xnn.runtime.report.report import EngineReport, Report, Traffic
from xnn.runtime.report.sums import add, sum_by_name


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
        self.places = {name: place for place, name in enumerate(machine.layers)}
        places = np.array([self.places[each.op.layer.data] for each in machine.decoded], np.int64)
        self.layer_of_node = places[self.index]
        transfers = [isinstance(each.op, TransferInstruction) for each in machine.decoded]
        self.is_transfer = np.array(transfers, np.bool_)[self.index]
        self.bus = np.array(machine.bus_bytes, np.int64)
        self.external = self._by_layer(
            np.array([each.external_bytes for each in machine.decoded], np.int64).reshape(-1, 2)[
                self.index
            ]
        )
        """Per layer the useful bytes read from and written to external memory."""
        loads = [each.external_bytes[0] * loads_weights(each) for each in machine.decoded]
        self.weights = self._by_layer(np.array(loads, np.int64)[self.index])
        """Per layer those of them that are weights, as often as they are loaded."""
        rows = [(cost.read_rows, sum(cost.rows) - cost.read_rows) for cost in machine.costs]
        row_bytes = self.target.local.row_bytes
        self.local = self._by_layer(np.array(rows, np.int64).reshape(-1, 2)) * row_bytes
        """Per layer the bytes of the rows of local memory read and written."""

    def _by_layer(self, counts: np.ndarray) -> np.ndarray:
        """Sums over the nodes of each layer of what is counted by node."""
        result = np.zeros((len(self.machine.layers), *counts.shape[1:]), np.int64)
        np.add.at(result, self.layer_of_node, counts)
        return result

    def report(self, model: str, level: str, seconds: Mapping[str, float]) -> Report:
        cycles = self.timeline.cycles
        works = list(self.works.values())
        compulsory = self._bus_bytes()
        bounds = bounds_of(works, compulsory, self.target)
        predicted = self.machine.program.predicted_cycles
        engines, bus = self._engines(least_cycles(works, compulsory, self.target))
        layers, lifetimes = self._layers(), lifetimes_of(self.machine)
        return Report(
            model=model,
            target=self.target.name,
            level=level,
            seconds=dict(seconds),
            cycles=cycles,
            causes=sum_by_name(layer.causes for layer in layers),
            predicted_cycles=predicted.value.data if predicted is not None else None,
            macs=sum(work.macs for work in works),
            auxiliary_macs=sum(work.auxiliary_macs for work in works),
            utilisation=self._utilisation(works, cycles),
            engines=engines,
            bus=bus,
            external_bytes=Traffic(*self.external.sum(axis=0).tolist()),
            external_burst_bytes=int(self.bus.sum()),
            compulsory_bytes=compulsory,
            weight_bytes=int(self.weights.sum()),
            local_bytes=Traffic(*self.local.sum(axis=0).tolist()),
            peak_local_bytes=peak_bytes(lifetimes),
            live_local_bytes=most_live_bytes(lifetimes),
            energy_pj=total(layer.energy_pj for layer in layers),
            area_mm2=area_mm2(self.target),
            general_share=_general_share(works, engines, cycles),
            bounds=bounds,
            gap=cycles / bounds.network if bounds.network else None,
            clock_hz=self.target.clock_hz,
            layers=layers,
        )

    def _utilisation(self, works: list[Work], cycles: int) -> float:
        peak = sum(work.peak_cycles(self.target) for work in works)
        return peak / cycles if cycles else 0.0

    def _engines(self, least: Mapping[str, int]) -> tuple[dict[str, EngineReport], EngineReport]:
        """Of each engine, and of the bus, the cycles in which it is busy, and its idle ones by what they wait for."""
        busy = np.zeros(len(self.target.engines), np.int64)
        np.add.at(busy, self.nodes.engine, self.nodes.cycles)
        idle, idle_bus = idle_cycles(self.machine)
        engines = {
            name: EngineReport(cycles, idle[name], least.get(name, 0))
            for name, cycles in zip(self.target.engines, busy.tolist(), strict=True)
        }
        return engines, EngineReport(int(self.nodes.bus.sum()), idle_bus, least["bus"])

    def _bus_bytes(self) -> int:
        """Bytes that must pass the bus: weights, inputs, state, outputs once each, operands of general compute.

        Without what is never needed: a stride larger than its window leaves elements out. What two
        outputs share counts once.
        """
        loaded, stored = self._moved(writes=False), self._moved(writes=True)
        needed = (Role.INPUT, Role.PARAMETER)
        total = sum(
            min(b.bytes, _between(loaded, self.machine.address_of(b), b.bytes))
            for b in self.machine.buffers
            if b.role.data in needed
        )
        end = 0
        for start, size in sorted(
            (self.machine.address_of(op), type_bytes(op.type)) for op in self.machine.outputs
        ):
            fresh = max(start, end)
            end = max(end, start + size)
            total += min(end - fresh, _between(stored, fresh, end - fresh))
        own = np.array([sum(each.external_bytes) for each in self.machine.decoded], np.int64)
        return total + self._state_bytes() + int(own[self.index][~self.is_transfer].sum())

    def _state_bytes(self) -> int:
        """Bytes of state that transfers load before anything is written there, once each."""
        starts = [
            (self.machine.address_of(buffer), buffer.bytes)
            for buffer in self.machine.buffers
            if buffer.role.data == Role.STATE
        ]
        touched = Memory(max((start + size for start, size in starts), default=0))
        total = 0
        for op, addresses in self.machine.expansion.nodes if starts else ():
            each = self.machine.decoded[op]
            moves = isinstance(each.op, TransferInstruction)
            for access, at in zip(each.accesses, addresses, strict=False):
                if access.local or not any(low <= at < low + size for low, size in starts):
                    continue
                item = np.dtype(f"u{access.itemsize}")
                marks = touched.view(at, item, access.sizes, access.strides)
                if access.reads and moves:
                    total += min(access.bytes, int((marks == 0).sum()) * access.itemsize)
                marks[...] = 1
        return total

    def _moved(self, writes: bool) -> tuple[np.ndarray, np.ndarray]:
        """External addresses of what transfers write or read, and the bytes of each."""
        sizes = np.zeros((len(self.machine.decoded), self.addresses.shape[1]), np.int64)
        for number, each in enumerate(self.machine.decoded):
            moves = isinstance(each.op, TransferInstruction)
            for column, access in enumerate(each.accesses if moves else ()):
                if not access.local and access.writes == writes:
                    sizes[number, column] = access.bytes
        moved = sizes[self.index]
        return self.addresses[moved > 0], moved[moved > 0]

    def _activities(self) -> list[Activity]:
        """What each layer does that takes energy, but for the cycles."""
        result = [Activity() for _ in self.works]
        nodes = self.machine.layers.values()
        formats = [node.mac_format if node is not None else None for node in nodes]
        bus, local = self._by_layer(self.bus).tolist(), self.local.sum(axis=1).tolist()
        for activity, bus_bytes, local_bytes in zip(result, bus, local, strict=True):
            activity.bus_bytes, activity.local_bytes = bus_bytes, local_bytes
        for (place, _), (cost, count) in self._kinds().items():
            activity, form = result[place], formats[place]
            if form is not None:
                add(activity.macs, form, cost.macs * count)
                add(activity.idle_macs, form, cost.idle_macs * count)
            for each, units in cost.operations.items():
                add(activity.operations, each, units * count)
            activity.accumulator_bytes += cost.accumulator_bytes * count
        return result

    def _causes(self) -> list[dict[str, int]]:
        """The cycles of each layer by cause."""
        result: list[dict[str, int]] = [{} for _ in self.works]
        for node, cause, cycles in self.machine.critical_path:
            add(result[self.layer_of_node[node]], cause, cycles)
        return result

    def _kinds(self) -> dict[tuple[int, int], tuple[NodeCost, int]]:
        """The different costs of the nodes of each layer, and how many nodes have each."""
        kinds: dict[tuple[int, int], tuple[NodeCost, int]] = {}
        for place, cost in zip(self.layer_of_node.tolist(), self.machine.costs, strict=True):
            key = place, id(cost)
            kinds[key] = cost, kinds.get(key, (cost, 0))[1] + 1
        return kinds

    def _layers(self) -> tuple[LayerReport, ...]:
        result: list[LayerReport] = []
        activities, causes = self._activities(), self._causes()
        kept = kept_formats_of(self.machine.module)
        on_bus = self._by_layer(self.nodes.bus).tolist()
        computing = self._by_layer(np.where(self.is_transfer, 0, self.nodes.cycles)).tolist()
        for place, (name, work) in enumerate(self.works.items()):
            cycles = sum(causes[place].values())
            activities[place].cycles = cycles
            bus, busy = on_bus[place], computing[place]
            layer = LayerReport(
                name=shown_name(name),
                op=operator_text(work),
                operator=work.operator,
                layers=tuple(map(shown_name, work.layers)),
                shape=work.shape,
                cycles=cycles,
                causes=causes[place],
                macs=work.macs,
                auxiliary_macs=work.auxiliary_macs,
                utilisation=self._utilisation([work], max(cycles, busy)),
                communication=bus,
                computation=busy,
                external_bytes=int(self.external[place].sum()),
                weight_bytes=int(self.weights[place]),
                local_bytes=int(self.local[place].sum()),
                energy_pj=energy_pj(activities[place], self.target),
                bound=layer_bound(work, self.target),
                limited_by=limited_by(work.engine, causes[place]),
                formats=work.formats,
                kept_because=why_kept(work.formats, (name, *reversed(work.layers)), kept),
            )
            result.append(layer)
        return tuple(result)


def _general_share(
    works: list[Work], engines: dict[str, EngineReport], cycles: int
) -> dict[str, float]:
    operations = sum(work.operations for work in works)
    general = sum(work.operations for work in works if work.engine == "general")
    return {
        "operations": general / operations if operations else 0.0,
        "cycles": engines["general"].busy / cycles if cycles and "general" in engines else 0.0,
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


def _between(moved: tuple[np.ndarray, np.ndarray], start: int, size: int) -> int:
    """Bytes of the transfers that begin in a range of addresses."""
    addresses, sizes = moved
    return int(sizes[(addresses >= start) & (addresses < start + size)].sum())
