"""A program's whole account from its text."""

from __future__ import annotations

from functools import cached_property

from tests.recount.costs import Cost, cost_of
from tests.recount.energy import Energy, energy_by_layer
from tests.recount.program import Node, Program, read_program
from tests.recount.timeline import Timeline, chosen_reservations, duration
from xnn.dialects.dsa.instructions import PrimitiveInstruction


class Recount:
    """Costs, durations, cycles and energy of the program in a text at level `dsa`."""

    def __init__(self, text: str):
        self.program: Program = read_program(text)
        self.nodes, self.target = self.program.nodes, self.program.target

    @cached_property
    def costs(self) -> list[Cost]:
        known = dict[tuple[object, ...], Cost]()
        costs = list[Cost]()
        for node in self.nodes:
            key = self._kind(node)
            if key not in known:
                known[key] = cost_of(node, self.target)
            costs.append(known[key].at(node.addresses))
        return costs

    def _kind(self, node: Node) -> tuple[object, ...]:
        """What the cost of a node depends on: all but the rows and bursts in which its operands begin."""
        target, op = self.target, node.op
        units = target["local"]["row_bytes"]
        if not isinstance(op, PrimitiveInstruction):
            units *= target["external"]["burst_bytes"]
        fields = {
            k: v
            for k, v in op.properties.items()
            if k not in ("buffers", "offsets", "after", "layer")
        }
        aligned = tuple(address % units for address in node.addresses)
        return (op.name, id(node.node), *sorted(fields.items()), aligned, node.rings)

    @cached_property
    def durations(self) -> list[int]:
        return [duration(c, n.reservations) for c, n in zip(self.costs, self.nodes)]

    @cached_property
    def reservations(self) -> list[list[int]]:
        """What the compiler should have chosen for the instruction of each node."""
        local = self.target["local"]
        of_instruction, most = dict[int, list[Cost]](), dict[int, int]()
        for node, cost in zip(self.nodes, self.costs):
            of_instruction.setdefault(id(node.op), []).append(cost)
            most[id(node.op)] = node.most_eighths
        chosen = {
            op: chosen_reservations(costs, local, most[op]) if costs[0].operands else []
            for op, costs in of_instruction.items()
        }
        return [chosen[id(node.op)] for node in self.nodes]

    @cached_property
    def timeline(self) -> Timeline:
        return Timeline(self.nodes, self.costs, self.target)

    @property
    def cycles(self) -> int:
        return self.timeline.cycles

    @cached_property
    def energy(self) -> dict[str, Energy]:
        """By layer and source; all but the static one."""
        return energy_by_layer(self.nodes, self.costs, self.target)
