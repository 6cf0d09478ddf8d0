"""What a report counts, on a network small enough to count by hand."""

from collections import Counter

import numpy as np
import pytest

from tests.runtime.random_networks import Network, general
from xnn.runtime.engines.work import Work
from xnn.runtime.machine.waits import Wait
from xnn.runtime.report.counting import operator_text
from xnn.runtime.report.idle import node_waits
from xnn.runtime.report.report import EngineReport, Report, Traffic
from xnn.runtime.targets import FOLDER
from xnn.tools.api import compile

WEIGHTS, BIAS, IMAGE, OUT = 16 * 16 * 4, 16 * 4, 16 * 16 * 4, 16 * 16 * 4


@pytest.fixture(scope="module")
def report() -> Report:
    """16 channels from 16, at 4 x 4 positions, in f32, with a bias; then the maximum of 2 x 2."""
    net = Network(0)
    conv = net.conv(net.input(1, 16, 4, 4), 16, [1, 1], bias=True)
    program = compile(net.model(net.pool("MaxPool", conv, [2, 2], [2, 2], [0] * 4)))
    return program.run(net.sample())[1]


def test_layers_are_what_fusion_left(report):
    conv, pool = report.layers
    assert (conv.name, conv.op, conv.shape) == ("conv0", "conv 1x1", (1, 16, 4, 4))
    assert (pool.op, pool.shape, pool.macs) == ("max_pool 2x2/2", (1, 16, 2, 2), 0)
    assert conv.cycles + pool.cycles == report.cycles == report.predicted_cycles


def test_bytes_and_products(report):
    assert report.macs == 16**3 and report.auxiliary_macs == 0
    assert report.external_bytes == Traffic(WEIGHTS + BIAS + IMAGE, OUT // 4)
    assert report.external_burst_bytes == WEIGHTS + BIAS + IMAGE + OUT // 4  # all in whole bursts
    assert report.compulsory_bytes == report.external_bytes.total
    assert report.weight_bytes == report.layers[0].weight_bytes == WEIGHTS + BIAS
    assert report.live_local_bytes == WEIGHTS + BIAS + IMAGE + OUT <= report.peak_local_bytes
    assert report.bounds.network == (WEIGHTS + BIAS + IMAGE + OUT // 4) // 16
    assert report.gap == report.cycles / report.bounds.network


def test_rows_of_local_memory(report):
    # 64 bytes each. Written: the loads of 33 rows, 16 of the product, 4 of the maxima. Read: the same
    # once, as one tile has all of the product, and the maxima hold the row of a channel.
    assert report.local_bytes == Traffic(64 * (33 + 16 + 4), 64 * (33 + 16 + 4))
    conv, pool = report.layers
    assert conv.local_bytes == 64 * (33 + 33 + 16) and pool.local_bytes == 64 * (16 + 4 + 4)


def test_cycles_are_whole_numbers(report):
    assert {type(bound) for bound in vars(report.bounds).values()} == {int}
    assert {type(layer.bound) for layer in report.layers} == {int}


def test_shares(report):
    assert report.bounds.ideal == 16  # one tile
    assert report.utilisation == 16 / report.cycles
    assert report.general_share == {"operations": 0.0, "cycles": 0.0}


def test_energy_by_source(report):
    """Of edge, in f32: 6 pJ a product, 0.45 an operation, 0.3 a byte of accumulators, 1.5 one of local memory."""
    conv, pool = report.layers
    assert conv.energy_pj == {
        "mac": 16**3 * 6,
        "idle": 0,  # the tile is full
        "operations": rounded(16 * 16 * 0.45),  # the bias
        "accumulators": rounded(16 * 16 * 4 * 0.3),
        "local": conv.local_bytes * 1.5,
        "external": (WEIGHTS + BIAS + IMAGE) * 250,
        "wires": (WEIGHTS + BIAS + IMAGE) * 7,
        "static": conv.cycles * 20,  # 20 mW at 1 GHz
    }
    assert pool.energy_pj == {
        "mac": 0,
        "idle": 0,
        "operations": rounded(16 * 2 * 2 * 16 * 0.45),  # a vector for each line, of 16 lanes
        "accumulators": 0,
        "local": pool.local_bytes * 1.5,
        "external": OUT // 4 * 250,
        "wires": OUT // 4 * 7,
        "static": pool.cycles * 20,
    }


def rounded(picojoules: float) -> float:
    return round(picojoules * 1024) / 1024


def test_energies_of_layers_and_of_sources_add_up(report):
    for source, value in report.energy_pj.items():
        if source != "total":
            assert value == sum(layer.energy_pj[source] for layer in report.layers)
    parts = [value for source, value in report.energy_pj.items() if source != "total"]
    assert report.energy_pj["total"] == sum(parts)


def test_a_layer_of_general_compute_is_busy_beyond_the_bus():
    inputs = {"x0": np.zeros((1, 3, 5, 7), np.float32)}
    settings = ["general.lanes=1", "external.latency_cycles=0"]
    (layer,) = compile(general(), settings=settings).run(inputs)[1].layers
    assert layer.communication == 2 * 448 // 16
    assert layer.computation == layer.cycles == 105 * 18
    assert layer.limited_by == "general"


def test_a_target_without_general_compute_has_a_report(tmp_path):
    text = (FOLDER / "edge.toml").read_text()
    path = tmp_path / "mine.toml"
    path.write_text(text.replace("[general]\nlanes = 16\n", ""))
    net = Network(0)
    program = compile(net.model(net.conv(net.input(1, 4, 4, 4), 4, [1, 1])), target=str(path))
    report = program.run(net.sample())[1]
    assert report.general_share == {"operations": 0.0, "cycles": 0.0}
    assert "general compute" in report.text()


def test_busy_and_idle_cycles_are_those_of_the_run(report):
    for use in (*report.engines.values(), report.bus):
        assert use.busy + sum(use.idle.values()) == report.cycles
    product, pool = report.engines["matmul"], report.engines["sort"]
    assert report.engines["general"] == EngineReport(0, {"end": report.cycles})
    assert product.busy >= 16 and product.idle.keys() & {"weights", "feature_maps"}
    assert product.least == 16 and report.bus.least == report.bounds.network
    assert pool.busy > 0 and pool.idle.keys() >= {"feature_maps", "end"}
    assert report.bus.busy == report.external_bytes.total // 16
    assert report.bus.idle.keys() >= {"latency", "feature_maps"}
    assert (
        report.bus.idle["feature_maps"] == product.busy + 32 + pool.busy
    )  # with the drain of the product


def test_causes_of_layers_make_up_the_cycles(report):
    conv, pool = report.layers
    assert report.causes == {
        cause: conv.causes.get(cause, 0) + pool.causes.get(cause, 0)
        for cause in (*conv.causes, *pool.causes)
    }
    assert sum(report.causes.values()) == report.cycles
    assert conv.causes["tiles"] == 16 and "padding" not in conv.causes
    assert conv.causes["latency"] >= 200 == pool.causes["latency"]  # a load; the store
    assert conv.limited_by == pool.limited_by == "latency"


def test_a_slot_that_is_used_again_makes_room():
    net = Network(0)
    program = compile(net.model(net.conv(net.input(1, 64, 56, 56), 64, [1, 1])))
    machine = program.session.machine
    assert machine is not None
    waits = Counter(wait for each in node_waits(machine).engine for wait in each)
    assert waits[Wait.ROOM] > 0 and waits[Wait.FEATURE_MAPS] > 0


@pytest.mark.parametrize(
    ("window", "text"),
    [
        ((), "conv"),
        ((3, 3, 1, 1), "conv 3x3"),
        ((7, 7, 2, 2), "conv 7x7/2"),
        ((3, 1, 2, 1), "conv 3x1/2x1"),
        ((5, 4), "conv 5/4"),
    ],
)
def test_operators_with_their_windows(window, text):
    values = dict.fromkeys(Work.__dataclass_fields__, 0)
    assert operator_text(Work(**{**values, "operator": "conv", "window": window})) == text
