"""What schedules make small: less is moved for a longer time, and the values stay the same."""

import numpy as np
import pytest
from xdsl.dialects.builtin import IntegerAttr, StringAttr, i64

from tests.programs import compiled, effort_of
from tests.runtime.random_networks import Network, random_network, random_settings
from tests.samples import samples
from xnn import compile
from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn.interface import OBJECTIVE
from xnn.passes.schedule.objective import MOST, OBJECTIVES
from xnn.runtime.report.report import Report
from xnn.runtime.targets import load_target, target_files

DIGITS = "tools/networks/digits.onnx"


def _reports(
    model: bytes, inputs: dict[str, np.ndarray], settings: list[str], effort: str
) -> dict[str, Report]:
    """By objective; the programs compute the same, in the predicted time."""
    reports: dict[str, Report] = {}
    first: dict[str, np.ndarray] | None = None
    for name in OBJECTIVES:
        program = compile(model, settings=settings, objective=name, effort=effort)
        outputs, reports[name] = program.run(inputs, sanitize=True)
        assert reports[name].cycles == reports[name].predicted_cycles
        first = outputs if first is None else first
        for key, value in outputs.items():
            np.testing.assert_allclose(value, first[key], rtol=1e-4, atol=1e-5)
    return reports


def _moved(report: Report) -> int:
    """Bytes of whole bursts."""
    assert report.external_burst_bytes is not None
    return report.external_burst_bytes


@pytest.mark.parametrize("rows", samples(1, [32, 16]))
def test_a_small_memory_moves_less_for_more_time(rows: int):
    net = Network(1)
    x = net.conv(net.input(1, 48, 14, 14), 48, [3, 3], pads=[1, 1, 1, 1], bias=True)
    x = net.pool("MaxPool", x, [3, 3], [2, 2], [1, 1, 1, 1])
    x = net.conv(x, 96, [3, 3], pads=[1, 1, 1, 1])
    model = net.model(net.conv(x, 64, [1, 1]))
    settings = [f"local.rows={rows}", "matmul.n=16"]
    reports = _reports(model, net.sample(), settings, "fast")
    cycles, energy, traffic = (reports[name] for name in ("cycles", "energy", "traffic"))
    assert _moved(traffic) < 0.6 * _moved(cycles)
    assert energy.energy_pj["total"] < 0.65 * cycles.energy_pj["total"]
    assert cycles.cycles is not None and traffic.cycles is not None
    assert cycles.cycles < traffic.cycles


@pytest.mark.parametrize("seed", samples(3, range(8)))
def test_random_networks_compute_the_same_and_do_not_move_more(seed: int):
    model, inputs = random_network(seed)
    reports = _reports(model, inputs, random_settings(seed), effort_of(seed))
    assert _moved(reports["traffic"]) <= _moved(reports["cycles"])


def test_without_a_word_cycles_are_made_small():
    module = compiled(DIGITS, level="dma", objective="cycles").module
    assert module.attributes.pop(OBJECTIVE) == StringAttr("cycles")
    assert str(compiled(DIGITS, level="dma").module) == str(module)


@pytest.mark.parametrize("name", target_files())
def test_moving_takes_more_energy_than_waiting(name: str):
    target = load_target(name)
    assert OBJECTIVES["cycles"](target) == 0
    assert 1 < OBJECTIVES["energy"](target) < OBJECTIVES["traffic"](target) == MOST


def test_where_waiting_takes_no_energy_only_what_moves_counts():
    target = (
        load_target("edge").with_field("static_mw", "0").with_field("matmul.idle_fraction", "0")
    )
    assert OBJECTIVES["energy"](target) == MOST


def test_where_nothing_takes_energy_cycles_count():
    target = load_target("edge").with_field("energy_pj.external_byte", "0")
    target = target.with_field("energy_pj.wire_byte", "0")
    assert OBJECTIVES["energy"](target) == 0
    idle = target.with_field("static_mw", "0").with_field("matmul.idle_fraction", "0")
    assert OBJECTIVES["energy"](idle) == 0


def test_an_unknown_objective_is_refused():
    with pytest.raises(UserError, match="there is no objective 'latency'"):
        compile(DIGITS, objective="latency")
    module = compile(DIGITS, level="xnn").module
    module.attributes[OBJECTIVE] = IntegerAttr(3, i64)
    with pytest.raises(UserError, match="there is no objective '3 : i64'"):
        compile(module)
