"""Pictures of a run of the digits network: what they show, and the files that they become."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from xnn.dialects.diagnostics import UserError
from xnn.runtime.engines.work import Work
from xnn.runtime.report.live_buffers import FEATURE_MAP, PART, WEIGHTS, live_buffers
from xnn.runtime.report.pictures import energy, figure, timeline
from xnn.runtime.report.pictures.energy import draw_energy
from xnn.runtime.report.pictures.memory_map import draw_memory_map
from xnn.runtime.report.pictures.roofline import draw_roofline, intensity, rate
from xnn.runtime.report.pictures.timeline import draw_timeline
from xnn.runtime.report.roofs import roofs_of
from xnn.runtime.report.slices import Slices
from xnn.tools.api import compile
from xnn.tools.program import Program

DIGITS = Path(__file__).parents[4] / "tools" / "networks" / "digits.onnx"


@pytest.fixture(scope="module")
def program() -> Program:
    return compile(DIGITS)


@pytest.fixture(scope="module")
def machine(program):
    return program.session.machine


DRAWINGS = {
    "roofline": lambda path, report, machine: draw_roofline(path, report, roofs_of(machine)),
    "timeline": lambda path, report, machine: draw_timeline(path, report, Slices(machine)),
    "memory map": lambda path, report, machine: draw_memory_map(path, report, Slices(machine)),
    "energy": lambda path, report, _: draw_energy(path, report),
}
TEXTS = {
    "roofline": ["MACs per byte of external memory", "MACs per cycle", "relu2", "conv", "gemm"],
    "timeline": ["digits on edge: 3,737 cycles", "matmul", "bus", "cycles", "relu2", "max_pool"],
    "memory map": ["address (KiB)", "cycles", "capacity", "weights", "feature map"],
    "energy": ["Energy of digits on edge: 7.79 uJ", "energy (nJ)", "external 85.6%", "relu2"],
}


def texts(path: Path) -> list[str]:
    """What is written in a picture; matplotlib draws letters as paths, and says what in a comment."""
    return re.findall("<!-- (.*) -->", path.read_text())


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_picture_has_labels_with_units_and_is_the_same_file_each_time(
    name, program, machine, tmp_path
):
    path = tmp_path / "a.svg"
    DRAWINGS[name](str(path), program.report, machine)
    assert set(TEXTS[name]) <= set(texts(path))
    first = path.read_bytes()
    DRAWINGS[name](str(path), program.report, machine)
    assert path.read_bytes() == first and [each.name for each in tmp_path.iterdir()] == ["a.svg"]


@pytest.mark.parametrize(("ending", "begins"), [(".pdf", b"%PDF"), (".PNG", b"\x89PNG")])
def test_the_ending_says_which_form(ending, begins, program, tmp_path):
    path = tmp_path / f"a{ending}"
    draw_energy(str(path), program.report)
    assert path.read_bytes().startswith(begins)


def test_what_is_no_picture_is_refused(tmp_path, monkeypatch):
    with pytest.raises(UserError, match=r"a.gif: pictures end in .svg, .pdf, .png"):
        figure.require_picture("a.gif")
    monkeypatch.setattr("xnn.runtime.extras.find_spec", lambda _: None)
    with pytest.raises(UserError, match="a.svg needs matplotlib") as error:
        figure.require_picture("a.svg")
    assert error.value.hint == "pip install 'xnn[report]' installs it"


def test_no_layer_is_above_a_roof(program, machine):
    roofs = roofs_of(machine)
    peaks = {
        layer.name: roofs.macs_per_cycle[work.precision]
        for layer, work in zip(program.report.layers, map(Work.of, machine.program.layers.values()))
        if work.macs
    }
    dots = [layer for layer in program.report.layers if layer.name in peaks]
    assert dots
    for layer in dots:
        assert rate(layer) <= peaks[layer.name]
        assert rate(layer) <= roofs.bytes_per_cycle * intensity(layer) * (1 + 1e-9)


def test_bars_cover_the_slices_of_a_lane(machine):
    slices = Slices(machine)
    bars = list(timeline._bars(slices))
    exact = [*slices.on_engines(), *slices.on_bus()]
    for each in exact:
        (bar,) = (b for b in bars if b.lane == each.lane and b.start <= each.start < b.end)
        assert each.end <= bar.end and bar.layer == slices.layer_places[each.node]
    assert len(bars) <= len(exact)


def test_buffers_are_where_the_report_has_them(program, machine):
    buffers = list(live_buffers(Slices(machine)))
    report = program.report
    assert max(each.high for each in buffers) == report.peak_local_bytes
    assert {each.holds for each in buffers} == {WEIGHTS, FEATURE_MAP, PART}
    found = {each.name: each for each in buffers}
    assert found["relu2#0"].holds == WEIGHTS and found["pool1"].holds == FEATURE_MAP
    for one in buffers:  # what is live at one time shares no byte
        for other in buffers:
            if one is not other and one.start < other.end and other.start < one.end:
                assert one.high <= other.low or other.high <= one.low


def test_layers_with_little_energy_share_a_bar(program, monkeypatch):
    layers = program.report.layers
    assert energy._bars(layers)[0] == [layer.name for layer in layers]
    monkeypatch.setattr(energy, "MOST_BARS", 3)
    names, energies = energy._bars(layers)
    assert names == ["relu2", "relu4", f"{len(layers) - 2} others"]
    total = sum(value for each in energies for value in each.values())
    assert total == program.report.energy_pj["total"]


def test_names_are_no_mathematics(program, machine, tmp_path):
    layer = program.report.layers[1]
    report = replace(program.report, layers=(replace(layer, name=r"$\frac{"),))
    draw_energy(str(tmp_path / "a.svg"), report)
    assert r"$\frac{" in " ".join(texts(tmp_path / "a.svg")).replace("\\\\", "\\")


@pytest.mark.parametrize(("colour", "ink"), [("#0072B2", "white"), ("#F0E442", figure.INK)])
def test_text_is_dark_on_light_and_light_on_dark(colour, ink):
    assert figure.ink_on(colour) == ink
