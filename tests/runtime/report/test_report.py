"""The report as text and as JSON, of values that are made up."""

import csv
import json
from dataclasses import replace
from io import StringIO

import pytest

from xnn.runtime.engines.formats import Formats
from xnn.runtime.report.accuracy import Accuracy, Deviation, Jump, LayerAccuracy, OutputAccuracy
from xnn.runtime.report.bounds import Bounds
from xnn.runtime.report.layer import LayerReport
from xnn.runtime.report.report import SCHEMA, EngineReport, Report, Traffic

LAYER = LayerReport(
    name="a_layer_whose_name_is_longer_than_its_column",
    op="conv 3x3",
    operator="conv",
    layers=("conv", "norm"),
    shape=(1, 8, 4, 4),
    cycles=750,
    causes={"tiles": 350, "padding": 250, "latency": 150},
    macs=1152,
    auxiliary_macs=0,
    utilisation=0.5,
    communication=100,
    computation=600,
    external_bytes=2000,
    weight_bytes=1200,
    local_bytes=4000,
    energy_pj={"mac": 1e6, "local": 1e6, "external": 1e6},
    bound=600,
    limited_by="matmul",
    formats=Formats(operands=("f32", "f32"), arithmetic="f32", result="f32"),
    kept_because="",
)
REPORT = Report(
    model="net",
    target="edge",
    level="dsa",
    seconds={"import": 0.5},
    cycles=1000,
    causes={"tiles": 350, "padding": 250, "latency": 400},
    predicted_cycles=1000,
    macs=1152,
    auxiliary_macs=0,
    utilisation=0.25,
    engines={
        "dma0": EngineReport(100, {"feature_maps": 600, "end": 300}),
        "matmul": EngineReport(1000, {}, 500),
    },
    bus=EngineReport(128, {"latency": 872}, 100),
    external_bytes=Traffic(1500, 500),
    external_burst_bytes=2048,
    compulsory_bytes=1600,
    weight_bytes=1200,
    local_bytes=Traffic(3000, 1000),
    peak_local_bytes=900,
    live_local_bytes=800,
    energy_pj={"total": 4e6, "mac": 1e6, "local": 1e6, "external": 2e6},
    general_share={"operations": 0.01, "cycles": 0.25},
    bounds=Bounds(ideal=250, network=500, order_floor=400, parallel=800, serial=900),
    gap=2.0,
    clock_hz=1_000_000_000,
    layers=(LAYER,),
)


def test_text():
    assert REPORT.text().split("\n") == [
        "net on edge",
        "",
        "layer                     operator  output   cycles  share    MACs  util  ext. bytes  bound"
        "  limited by",
        "…_longer_than_its_column  conv 3x3  1x8x4x4     750  75.0%  1.15 k   50%      2.00 k    600"
        "  matmul 80% (tiles 47%)",
        "",
        "operator  layers  cycles  share    MACs  ext. bytes   energy",
        "conv           1     750  75.0%  1.15 k      2.00 k  3.00 uJ",
        "",
        "cycles             1,000  1.000 us, as predicted",
        "  spent on                latency 40%, tiles 35%, padding 25%",
        "  ideal bound        250  cycles are 4.000 times it",
        "  network bound      500  cycles are 2.000 times it, the gap; set by matmul",
        "  parallel bound     800  cycles are 1.250 times it",
        "  serial bound       900  cycles are 1.111 times it",
        "  order floor        400  an estimate for this order of layers",
        "MACs               1,152  utilisation 25.0%",
        "external bytes    2.00 k  1.50 k read, 500 written; 1.20 k weights",
        "  compulsory      1.60 k  external bytes are 1.250 times it",
        "  wasted              48  of bursts",
        "local bytes       4.00 k  3.00 k read, 1.00 k written",
        "local memory         900  highest address; at most 800 live at once",
        "energy            4.0 uJ  external 50%, mac 25%, local 25%",
        "general compute    1.00%  of operations, 25.00% of time",
        "dma0               10.0%  busy; idle: feature maps 60%, end 30%",
        "matmul            100.0%  busy, 50.0% at least",
        "bus                12.8%  busy, 10.0% at least; idle: latency 87%",
    ]


def changed(**fields) -> Report:
    return Report(**{**vars(REPORT), **fields})


@pytest.mark.parametrize(
    ("predicted", "text"), [(1000, "as predicted"), (990, "predicted 990"), (None, "not predicted")]
)
def test_the_prediction(predicted, text):
    assert changed(predicted_cycles=predicted).text().split("\n")[8].endswith(f"us, {text}")


@pytest.mark.parametrize(
    ("cycles", "text"), [(999, "0.999 us"), (2_500_000, "2.500 ms"), (3 * 10**9, "3.000 s")]
)
def test_the_unit_of_time(cycles, text):
    assert f" {text}, " in changed(cycles=cycles).text()


def test_json_has_every_field_and_is_plain():
    values = json.loads(json.dumps(REPORT.json()))
    assert set(values) == {"schema", "operators", *vars(REPORT)}
    assert values["schema"] == SCHEMA and values["accuracy"] is None
    assert set(values["layers"][0]) == set(vars(LAYER)) and values["layers"][0]["layers"] == [
        "conv",
        "norm",
    ]
    assert values["external_bytes"] == {"read": 1500, "written": 500}


OTHER = replace(
    LAYER,
    name="pool",
    op="max_pool 2x2",
    operator="max_pool",
    cycles=100,
    causes={"tiles": 100},
    macs=0,
    utilisation=0.0,
    energy_pj={"local": 5e6},
    layers=(),
)
BIG = replace(
    LAYER, name="|big|", cycles=150, causes={"bus": 150}, macs=1, utilisation=0.9, limited_by="bus"
)


@pytest.mark.parametrize(
    ("order", "names"),
    [
        (None, [LAYER.name, "pool", "|big|"]),
        ("cycles", [LAYER.name, "|big|", "pool"]),
        ("waste", [LAYER.name, "pool", "|big|"]),
        ("energy", ["pool", LAYER.name, "|big|"]),
    ],
)
def test_every_form_has_the_layers_in_the_order_that_was_asked_for(order, names):
    report = changed(layers=(LAYER, OTHER, BIG))
    assert [layer["name"] for layer in report.json(order)["layers"]] == names
    assert [row["name"] for row in csv.DictReader(StringIO(report.csv(order)))] == names
    shown = [line.split()[0] for line in report.text(order).split("\n")[3:6]]
    assert [name[-4:] for name in shown] == [name[-4:] for name in names]
    lines = report.markdown(order).split("\n")[4:7]
    assert [line.split(" | ")[0].removeprefix("| ").replace("\\", "") for line in lines] == names


def test_what_layers_are_sorted_by_is_shown():
    assert "cycles  waste" not in REPORT.text("cycles")
    assert "cycles  waste  share" in REPORT.text("waste") and "  375  75.0%" in REPORT.text("waste")
    assert "  3.00 uJ  75.0%" in REPORT.text("energy")


def test_comma_separated_values_are_those_of_the_layers():
    layers = (LAYER, OTHER)
    rows = list(csv.DictReader(StringIO(changed(layers=layers).csv())))
    for row, layer in zip(rows, layers):
        assert row["name"] == layer.name and row["shape"] == "1x8x4x4"
        assert row["formats.operands"] == "f32, f32" and row["layers"] == ", ".join(layer.layers)
        assert float(row["utilisation"]) == layer.utilisation
        for key in ("causes", "energy_pj"):
            found = {title: float(row[title]) for title in row if title.startswith(key)}
            assert len(found) == 3  # of both layers together
            for title, value in found.items():
                assert value == getattr(layer, key).get(title.partition(".")[2], 0)
    assert Report("net", "edge", "prim", {}).csv() == ""


def test_operators_add_up_to_the_run():
    layers = LAYER, OTHER, BIG
    first, second = changed(layers=layers).operators
    assert (first.operator, first.layers, first.cycles) == ("conv", 2, 900)
    assert first.causes == {"tiles": 350, "padding": 250, "latency": 150, "bus": 150}
    assert (second.operator, second.picojoules) == ("max_pool", 5e6)
    for name in ("cycles", "macs", "external_bytes", "local_bytes", "weight_bytes", "picojoules"):
        total = sum(getattr(layer, name) for layer in layers)
        assert getattr(first, name) + getattr(second, name) == total


def test_markdown_has_the_tables_of_the_text():
    lines = REPORT.markdown().split("\n")
    assert lines[:5] == [
        "## net on edge",
        "",
        "| layer | operator | output | cycles | share | MACs | util | ext. bytes | bound | limited by |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
        "| a_layer_whose_name_is_longer_than_its_column | conv 3x3 | 1x8x4x4 | 750 | 75.0% | 1.15 k | 50% | 2.00 k"
        " | 600 | matmul 80% (tiles 47%) |",
    ]
    assert "| network bound | 500 | cycles are 2.000 times it, the gap; set by matmul |" in lines


def test_formats_have_a_table_once_a_network_is_quantised():
    quantised = replace(
        LAYER,
        formats=Formats(operands=("i8 per channel", "ui8"), arithmetic="i32", result="f32"),
        kept_because="output of the network",
    )
    assert changed(layers=(quantised,)).text().split("\n")[-2:] == [
        "layer                     operands             arithmetic  result  has floats because",
        "…_longer_than_its_column  i8 per channel, ui8  i32         f32     output of the network",
    ]


def test_above_the_machine_there_is_one_line():
    report = Report("net", "edge", "prim", {})
    assert report.text() == "net on edge: level prim has values but no times: cycles need level dsa"
    assert report.json()["cycles"] is None and report.json()["layers"] == ()


NOISE = Deviation(sqnr_db=float("inf"), largest_error=0.125, clipped=0.5)


def test_accuracy():
    accuracy = Accuracy(
        outputs=(OutputAccuracy("y", NOISE, accuracy=0.75),),
        layers=(LayerAccuracy("conv", NOISE),),
        first_jump=Jump("conv", 20.0, 33.5),
    )
    assert Report("net", "edge", "xnn", {}, accuracy=accuracy).text().split("\n")[2:] == [
        "layer    SQNR  largest error  clipped",
        "conv   inf dB          0.125   50.00%",
        "the error jumps first at layer conv: 20.0 dB, its inputs have 33.5 dB",
        "",
        "output    SQNR  largest error  clipped  accuracy",
        "y       inf dB          0.125   50.00%    75.00%",
    ]
    assert accuracy.json()["outputs"][0]["deviation"]["sqnr_db"] == "inf"
