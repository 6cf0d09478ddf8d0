"""What a page is made of: it is what the machine does, and it comes to one file."""

import json
import re
from typing import Any

import pytest

from tests.runtime.random_networks import Network
from xnn.dialects import LEVELS
from xnn.runtime.machine.machine import Machine
from xnn.runtime.report import Report, build_report
from xnn.runtime.report.page import LevelTexts, contents_of, run_page
from xnn.runtime.report.page.graph import layer_edges
from xnn.tools.api import Hooks, compile

Contents = dict[str, Any]


@pytest.fixture(scope="module")
def run() -> tuple[Machine, Report, Contents]:
    """Two branches, of which one has a maximum, that meet in a product with a residual, then a softmax."""
    net = Network(0)
    x = net.conv(net.input(1, 16, 40, 40), 32, [3, 3], bias=True, pads=[1] * 4)
    y = net.pool("MaxPool", x, [3, 3], [1, 1], [1] * 4)
    z = net.flat(
        net.add("Add", [net.conv(y, 32, [1, 1], bias=True, pads=[0] * 4), x], net.shapes[x])
    )
    z = net.add("Softmax", [z], net.shapes[z], axis=1)
    texts = LevelTexts()
    machine = compile(net.model(z), hooks=Hooks(on_level=texts.take)).session.machine
    assert machine is not None
    report = build_report("net", "edge", "dsa", machine, {})
    return machine, report, contents_of(report, machine, texts)


def test_slices_of_lanes_are_when_the_machine_has_them(run):
    machine, _, contents = run
    timeline = contents["timeline"]
    found: dict[str, list[tuple[int, int]]] = {}
    for lane in timeline["lanes"]:
        now, line = 0, found.setdefault(lane["name"], [])
        for kind, wait in zip(lane["kinds"], lane["waits"], strict=True):
            now += sum(timeline["waits"][wait].values())
            line.append((now, now + timeline["kinds"][kind]["cycles"]))
            now = line[-1][1]
    start, end, held = machine.timeline.start, machine.timeline.end, machine.nodes.bus
    for number, name in enumerate(machine.target.engines):
        mine = machine.nodes.engine == number
        assert found[name] == [*zip(start[mine].tolist(), end[mine].tolist(), strict=True)]
    bus = [*zip(start[held > 0].tolist(), (start + held)[held > 0].tolist(), strict=True)]
    assert found["bus"] == bus


def test_slices_make_up_what_the_report_has(run):
    _, report, contents = run
    timeline = contents["timeline"]
    *engines, bus = timeline["lanes"]
    slices = [timeline["kinds"][kind] for lane in engines for kind in lane["kinds"]]
    critical = sum(cycles for lane in engines for cycles in lane["critical"].values())
    assert critical == report.cycles
    assert sum(each.get("macs", 0) for each in slices) == report.macs + report.auxiliary_macs
    assert sum(each.get("external bytes", 0) for each in slices) == report.external_bytes.total
    moved = sum(timeline["kinds"][kind]["bytes of bursts"] for kind in bus["kinds"])
    assert moved == report.external_burst_bytes
    for number, layer in enumerate(report.layers):
        macs = sum(each.get("macs", 0) for each in slices if each["layer"] == number)
        assert macs == layer.macs + layer.auxiliary_macs


def test_buffers_lie_where_the_report_says(run):
    _, report, contents = run
    buffers = contents["memory"]["buffers"]
    assert max(each["high"] for each in buffers) == report.peak_local_bytes
    assert {each["holds"] for each in buffers} > {"weights"}
    assert all(each["layers"] and each["start"] < each["end"] <= report.cycles for each in buffers)
    for cycle, live in contents["memory"]["live"]:
        held = [range(b["low"], b["high"]) for b in buffers if b["start"] <= cycle < b["end"]]
        assert live == len(set().union(*held))


def test_edges_lead_from_what_is_computed_first(run):
    machine, report, contents = run
    names = [layer.name for layer in report.layers]
    edges = [(names[source], names[target]) for source, target in layer_edges(machine)]
    rank = dict(zip(names, contents["graph"]["rank"], strict=True))
    assert all(rank[source] < rank[target] for source, target in edges)
    first = next(layer.name for layer in report.layers if layer.op.startswith("conv 3x3"))
    assert sum(source == first for source, _ in edges) == 2  # both branches
    assert len({target for _, target in edges}) == len(names) - 1  # all but the first read one
    assert len(contents["graph"]["offset"]) == len(names)


def test_every_layer_has_a_text_at_every_level(run):
    _, report, contents = run
    assert list(contents["texts"]) == list(LEVELS)
    for level, texts in contents["texts"].items():
        assert len(texts) == len(report.layers)
        for layer, text in zip(report.layers, texts, strict=True):
            assert layer.name.partition("#")[0] in text, (level, layer.name)


def test_texts_of_many_layers_are_cut(run, monkeypatch):
    machine, report, contents = run
    monkeypatch.setattr("xnn.runtime.report.page.texts.MOST_IN_ALL", len(report.layers) * 250)
    texts = LevelTexts()
    texts.take("dsa", machine.module)
    whole = contents["texts"]["dsa"]
    for text, cut in zip(whole, texts.by_layer(machine)["dsa"], strict=True):
        kept, _, more = cut.rpartition("\n… and ")
        assert text.startswith(kept) and re.fullmatch(r"\d+ operations more", more)
        assert len(kept) <= 250 or kept.count("dsa.") == 1


def test_a_page_is_one_file_that_holds_its_data(run):
    _, report, contents = run
    page = run_page(
        {**contents, "report": {**contents["report"], "model": "</script><b>"}}, "<net>"
    )
    assert "<title>&lt;net&gt;</title>" in page
    assert not re.search(r'<(script|link)[^>]* (src|href)="', page)
    found = re.search(r'<script id="data" type="application/json">(.*?)</script>', page)
    assert found is not None
    data = json.loads(found[1])
    assert data["report"]["model"] == "</script><b>"
    assert data["report"]["layers"] == json.loads(json.dumps(report.json()["layers"]))
