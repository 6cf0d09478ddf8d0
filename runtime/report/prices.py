"""What each node of a layer costs, term by term: the price list of docs/machine.md applied."""

from __future__ import annotations

from collections.abc import Iterator

from xnn.dialects.diagnostics import UserError, suggestion
from xnn.dialects.names import shown_name
from xnn.runtime.engines.reservations import duration
from xnn.runtime.engines.transfer import bus_cycles
from xnn.runtime.machine.decoded import Decoded
from xnn.runtime.machine.machine import Machine
from xnn.runtime.report.table import columns


def layer_prices(machine: Machine, layer: str) -> str:
    """The prices of the nodes of a layer, those that are alike in one line; raises UserError for a name that is none.

    After how many nodes there are: the instruction; its duration D; the terms of its cost; for each operand in
    local memory rows and reservation.
    """
    names = {shown_name(name): name for name in machine.layers}
    if layer not in names:
        raise UserError(f"there is no layer '{layer}'", hint=suggestion(layer, names))
    rows = [("nodes", "instruction", "D", "cost", "rows (eighths reserved)")]
    rows += _kinds(machine, names[layer])
    return "\n".join([f'layer "{layer}" on {machine.target.name}', *columns(rows, left=(1, 3, 4))])


def _kinds(machine: Machine, layer: str) -> Iterator[tuple[str, str, str, str, str]]:
    counts: dict[tuple[str, ...], int] = {}
    for node, (op, _) in enumerate(machine.expansion.nodes):
        each = machine.decoded[op]
        if each.op.layer.data == layer:
            line = _line(machine, each, node)
            counts[line] = counts.get(line, 0) + 1
    for (instruction, took, cost, rows), count in counts.items():
        yield str(count), instruction, took, cost, rows


def _line(machine: Machine, each: Decoded, node: int) -> tuple[str, str, str, str]:
    cost, moved = machine.costs[node], machine.bus_bytes[node]
    terms = dict(cost.terms)
    if cost.padding:
        own = next(iter(terms))
        terms = {f"{own} ({cost.padding:,} padding)": terms.pop(own), **terms}
    if moved:
        terms[f"bus ({moved:,} bytes of bursts)"] = bus_cycles(moved, machine.target)
    local = [access.role for access in each.accesses if access.local]
    reserved = each.op.reservation_values
    operands = [
        f"{role} {rows:,} ({eighths})"
        for role, rows, eighths in zip(local, cost.rows, reserved, strict=True)
    ]
    took = duration(max(terms.values(), default=1), cost.rows, reserved)
    shown = ", ".join(f"{name} {cycles:,}" for name, cycles in terms.items() if cycles)
    return each.op.summary, f"{took:,}", shown, ", ".join(operands)
