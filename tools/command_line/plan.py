"""What `xnn-plan` does."""

from __future__ import annotations

import argparse
import csv
import io
import re
import sys
from collections.abc import Sequence

from xnn.dialects.diagnostics import UserError
from xnn.passes.schedule.memory_planner import MOST_BYTES, Buffer, MemoryPlanner, Plan
from xnn.runtime.io.files import open_input, replacing, require_apart

COLUMNS = ("id", "lower", "upper", "size")
_SHOWN_FAULTS = 20


def plan(options: argparse.Namespace) -> None:
    """Reads buffers, writes a plan; raises UserError if none exists, or the search gives up."""
    for flag, value, least in (
        ("--capacity", options.capacity, 0),
        ("--alignment", options.alignment, 1),
        ("--steps", options.steps, 1),
    ):
        if not least <= value <= MOST_BYTES:
            raise UserError(f"{flag} {value}: expected {least} to {MOST_BYTES}")
    if options.output:
        require_apart([options.output], [options.buffers])
    buffers = read_buffers(options.buffers)
    if sum(each.size + options.alignment for each in buffers.values()) > MOST_BYTES:
        raise UserError(f"{options.buffers}: the buffers have more than {MOST_BYTES} bytes")
    planner = MemoryPlanner(list(buffers.values()), options.alignment)
    found = _plan(planner, list(buffers), options)
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerows([("id", "offset"), *zip(buffers, found.offsets, strict=True)])
    if not options.output:
        sys.stdout.write(table.getvalue())
        return
    with replacing(options.output) as path:
        path.write_text(table.getvalue(), encoding="utf-8")
    print(
        f"{len(buffers):,} buffers in {found.height:,} of {options.capacity:,} bytes; "
        f"at most {planner.peak.bytes:,} are live at once"
    )


def _plan(planner: MemoryPlanner, names: Sequence[str], options: argparse.Namespace) -> Plan:
    """A plan within the capacity; raises UserError with the reason if there is none, or none was found."""
    peak, capacity = planner.peak, options.capacity
    if peak.bytes > capacity:
        live = ", ".join(f"{names[i]} ({planner.buffers[i].size:,})" for i in peak.buffers)
        raise UserError(
            f"no plan can exist: at time {peak.time} the live buffers need {peak.bytes:,} bytes, "
            f"but the capacity is {capacity:,}: {live}"
        )
    found = planner.plan(capacity, options.steps)
    if found.plan is not None:
        return found.plan
    best = planner.plan_above(capacity)
    if best.height <= capacity:
        return best
    live = f"though at most {peak.bytes:,} are live at once; the best found needs {best.height:,}"
    if found.is_complete:
        message = f"no plan in {capacity:,} bytes exists, as trying all shows, {live}"
        raise UserError(message, hint=f"--capacity {best.height}")
    message = f"no plan in {capacity:,} bytes found in {options.steps:,} steps, {live}"
    raise UserError(message, hint=f"--capacity {best.height}, or more --steps")


def read_buffers(path: str) -> dict[str, Buffer]:
    """The buffers of a table, by id; raises UserError with what is wrong in it."""
    with open_input(path) as file:
        data = file.read()
    try:
        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        lines = csv.reader(text, strict=True)
        rows = [(lines.line_num, [each.strip() for each in line]) for line in lines if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: is no table of comma-separated values: {error}") from None
    header = rows[0][1] if rows else []
    if sorted(header) != sorted(COLUMNS):
        raise UserError(
            f"the header is {','.join(header)[:80]!r}, expected {','.join(COLUMNS)!r}",
            location=f"{path}:1",
        )
    found: dict[str, Buffer] = {}
    faults = [
        f"line {number}: {fault}"
        for number, row in rows[1:]
        if (fault := _add(found, header, row)) is not None
    ]
    if faults:
        more = len(faults) - _SHOWN_FAULTS
        rest = [f"and {more} more lines"] if more > 0 else []
        raise UserError("\n".join([f"{path}: bad lines", *faults[:_SHOWN_FAULTS], *rest]))
    return found


def _add(found: dict[str, Buffer], header: Sequence[str], row: Sequence[str]) -> str | None:
    """Adds the buffer of a line; what is wrong with it, if anything is."""
    if len(row) != len(header):
        return f"has {len(row)} values, expected {len(header)}"
    values = dict(zip(header, row))
    numbers: dict[str, int] = {}
    for column in COLUMNS[1:]:
        if not re.fullmatch("[0-9]{1,18}", values[column]):
            return f"{column} is {values[column][:40]!r}, expected a whole number from 0 to 10^18"
        numbers[column] = int(values[column])
    if not numbers["lower"] < numbers["upper"]:
        return f"lower {numbers['lower']} is not below upper {numbers['upper']}"
    if not numbers["size"]:
        return "size is 0, expected at least 1"
    if values["id"] in found:
        return f"a second buffer has the id {values['id']!r}"
    found[values["id"]] = Buffer(**numbers)
    return None
