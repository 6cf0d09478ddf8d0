"""What a report counts, on a network small enough to count by hand."""

import pytest

from tests.runtime.random_networks import Network
from xnn.runtime.engines.work import Work
from xnn.runtime.report.counting import limited_by, operator_text
from xnn.runtime.report.report import Report, Traffic
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
    assert report.peak_local_bytes == WEIGHTS + BIAS + IMAGE + OUT
    assert report.bounds.network == (WEIGHTS + BIAS + IMAGE + OUT // 4) // 16
    assert report.gap == report.cycles / report.bounds.network


def test_shares_and_energy(report):
    assert report.bounds.ideal == 16  # one tile
    assert report.utilisation == 16 / report.cycles
    assert report.general_share == {"operations": 0.0, "cycles": 0.0}
    assert report.energy_pj["mac"] == 16**3 * 6  # f32
    assert report.energy_pj["external"] == report.external_burst_bytes * 250


def test_engines_work_and_wait_within_the_run(report):
    assert report.engines["matmul"]["busy"] >= 16 and report.engines["sort"]["busy"] > 0
    assert report.engines["general"] == {"busy": 0, "wait": 0}
    assert all(use["busy"] + use["wait"] <= report.cycles for use in report.engines.values())


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


@pytest.mark.parametrize(
    ("bus", "busy", "by"),
    [
        (0, 85, "sort"),
        (85, 0, "external"),
        (90, 90, "sort"),
        (84, 84, "waiting"),
        (0, 0, "waiting"),
    ],
)
def test_what_limits_a_layer_of_a_hundred_cycles(bus, busy, by):
    assert limited_by("sort", 100, bus, busy) == by
