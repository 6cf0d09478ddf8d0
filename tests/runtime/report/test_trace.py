"""The trace of a run: its form, and that it has what the report has."""

import gzip
import json
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.runtime.random_networks import Network
from xnn.runtime.machine.machine import Machine
from xnn.runtime.report import Report, build_report
from xnn.runtime.report.trace import BANDWIDTH, IDLE, LIVE, WORK, trace_events, write_trace
from xnn.tools.api import compile

CLOCK = 700_000_000
FIELDS = {
    "M": {"ph", "pid", "tid", "name", "args"},
    "X": {"ph", "pid", "tid", "name", "args", "ts", "dur"},
    "C": {"ph", "pid", "name", "args", "ts"},
}

Event = dict[str, Any]


@pytest.fixture(scope="module")
def machine() -> Machine:
    """A program of products, maxima and a softmax, whose cycles are no whole nanoseconds."""
    net = Network(0)
    y = net.conv(net.input(1, 16, 40, 40), 32, [3, 3], bias=True, pads=[1] * 4)
    y = net.flat(net.pool("MaxPool", y, [8, 8], [8, 8], [0] * 4))
    y = net.add("Softmax", [y], net.shapes[y], axis=1)
    found = compile(net.model(y), settings=[f"clock_hz={CLOCK}"]).session.machine
    assert found is not None
    return found


@pytest.fixture(scope="module")
def events(machine) -> list[Event]:
    return list(trace_events(machine))


@pytest.fixture(scope="module")
def report(machine) -> Report:
    return build_report("", "", "dsa", machine, {})


def tracks(events: list[Event], group: int) -> dict[str, list[Event]]:
    """The slices of each track of a group by the track's name."""
    mine = [event for event in events if event["pid"] == group]
    names = {e["tid"]: e["args"]["name"] for e in mine if e["name"] == "thread_name"}
    found: dict[str, list[Event]] = {name: [] for name in names.values()}
    for event in mine:
        if event["ph"] == "X":
            found[names[event["tid"]]].append(event)
    return found


def nanos(micros: float) -> Fraction:
    """Of a time that is meant to have three decimals."""
    whole = round(micros * 1000)
    assert abs(micros * 1000 - whole) < 1e-3
    return Fraction(whole)


def test_every_event_has_the_fields_of_its_kind(events):
    for event in events:
        assert set(event) == FIELDS[event["ph"]]
        assert event.get("ts", 0) >= 0 and event.get("dur", 0) >= 0


@pytest.mark.parametrize("group", [WORK, IDLE])
def test_slices_of_a_track_follow_each_other(events, machine, group):
    for name, line in tracks(events, group).items():
        free = Fraction(0)
        for each in line:
            start = nanos(each["ts"])
            assert start >= free, name
            free = start + nanos(each["dur"])
        assert free <= machine.timeline.cycles * 10**9 // CLOCK


def test_engines_have_a_slice_for_each_node(events, machine, report):
    found = tracks(events, WORK)
    bus = found.pop("bus")
    assert list(found) == list(machine.target.engines)
    nodes = [each["args"]["node"] for line in found.values() for each in line]
    assert sorted(nodes) == list(range(len(machine.nodes)))
    for name, line in found.items():
        busy, idle = report.engines[name].busy, dict(report.engines[name].idle)
        idle.pop("end", None)
        assert sum(each["args"]["cycles"] for each in line) == busy
        waited = defaultdict[str, int](int)
        for each in line:
            for wait, cycles in each["args"].get("waited for", {}).items():
                waited[wait] += cycles
        assert waited == idle
    assert sum(each["args"]["bytes"] for each in bus) == report.external_burst_bytes
    assert {each["name"] for each in bus} <= {layer.name for layer in report.layers}


def test_engines_and_the_bus_work_or_wait_at_any_time(events, machine):
    end = machine.timeline.cycles * 10**9 // CLOCK
    idle = tracks(events, IDLE)
    for name, line in tracks(events, WORK).items():
        spans = [
            (nanos(each["ts"]), nanos(each["ts"]) + nanos(each["dur"]))
            for each in (*line, *idle[f"{name} waits for"])
        ]
        edges = [0, *(time for span in sorted(spans) for time in span), end]
        assert edges[::2] == edges[1::2], name
    assert {"weights", "end"} <= {each["name"] for each in idle["matmul waits for"]}


def test_what_slices_say_makes_up_the_totals(events, report):
    about = [each["args"] for each in events if each["ph"] == "X" and "node" in each["args"]]
    assert sum(each.get("critical cycles", 0) for each in about) == report.cycles
    assert sum(each.get("macs", 0) for each in about) == report.macs + report.auxiliary_macs
    assert sum(each.get("external bytes", 0) for each in about) == report.external_bytes.total
    assert sum(each.get("local bytes", 0) for each in about) == report.local_bytes.total
    assert all(sum(each["spent on"].values()) == each["cycles"] for each in about)
    assert any(each["does"].startswith("matmul [1, 1, ") for each in about)


@pytest.mark.parametrize("counter", [LIVE, BANDWIDTH])
def test_counters_go_on_in_time_and_end_at_nothing(events, counter, report, machine):
    line = [each for each in events if each["ph"] == "C" and each["name"] == counter]
    times = [each["ts"] for each in line]
    assert times == sorted(times)
    values = [each["args"][counter] for each in line]
    most = {LIVE: report.peak_local_bytes, BANDWIDTH: machine.target.external.bytes_per_cycle}
    assert 0 < max(values) <= most[counter] and values[-1] == 0


def test_files_are_json_packed_or_not(machine, events, tmp_path: Path):
    plain, packed = tmp_path / "trace.json", tmp_path / "trace.json.gz"
    write_trace(plain, machine, packed=False)
    write_trace(packed, machine, packed=True)
    assert plain.read_bytes() == gzip.decompress(packed.read_bytes())
    found = json.loads(plain.read_text())
    assert found["traceEvents"] == events
    assert found["otherData"]["cycles"] == machine.timeline.cycles
