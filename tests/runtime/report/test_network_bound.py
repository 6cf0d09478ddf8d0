"""No program beats the network bound, whatever the network and the target; all cycles belong to a layer."""

from random import Random

import pytest

from tests.programs import compiled, effort_of
from tests.runtime.random_networks import random_network
from xnn.dialects.diagnostics import UserError
from xnn.runtime.report.counting import build_report

FIELDS: dict[str, list[float]] = {
    "external.burst_bytes": [1, 2, 3, 7, 12, 32, 64],
    "external.latency_cycles": [0, 20, 200],
    "external.bytes_per_cycle": [0.1, 1, 16.5, 100],
    "local.row_bytes": [4, 8, 16, 33, 64],
    "local.rows": [64, 333, 1024],
    "local.banks": [3, 16, 61],
    "dma.channels": [1, 2, 3],
    "dma.local_bytes_per_cycle": [1, 7, 64],
    "control.queue_depth": [1, 2, 8],
    "control.issue_cycles": [1, 4, 16],
    "sort.lanes": [1, 3, 16, 64],
    "vector.lanes": [1, 5, 16, 64],
    "general.lanes": [1, 16],
    "matmul.n": [1, 7, 16, 64],
    "matmul.pre_operations": [1, 4],
    "matmul.post_operations": [1, 8],
    "matmul.accumulator_rows": [16, 300, 4096],
}


def gap(seed: int) -> float | None:
    """Cycles over the bound; None if the network does not fit the target."""
    random = Random(seed)
    model, _ = random_network(random.randrange(1000))
    settings = [f"{name}={random.choice(FIELDS[name])}" for name in FIELDS if random.random() < 0.6]
    form = random.choice([None, None, "int8", "f16"])
    try:
        program = compiled(model, quantize=form, settings=settings, effort=effort_of(seed))
    except UserError as error:
        assert "bytes of local memory" in str(error)
        return None
    report = build_report("random", "random", "dsa", program.session.machine, {})
    assert report.cycles == report.predicted_cycles
    assert sum(layer.cycles for layer in report.layers) == report.cycles
    assert all(sum(layer.causes.values()) == layer.cycles for layer in report.layers)
    assert report.bus is not None
    assert all(
        each.busy + sum(each.idle.values()) == report.cycles
        for each in (*report.engines.values(), report.bus)
    )
    assert all(each.busy >= each.least for each in (*report.engines.values(), report.bus))
    assert (report.live_local_bytes or 0) <= (report.peak_local_bytes or 0)
    for source, energy in report.energy_pj.items():
        if source != "total":
            assert sum(layer.energy_pj[source] for layer in report.layers) == energy
    assert report.bounds is not None and report.cycles is not None
    assert report.bounds.network > 0 or not report.layers
    assert report.cycles >= report.bounds.network, (seed, settings, form)
    return report.cycles / max(1, report.bounds.network)


def test_no_program_beats_the_network_bound():
    gaps = [each for each in map(gap, range(8)) if each is not None]
    assert len(gaps) > 5 and min(gaps) < 10  # a bound of next to nothing would hold as well


@pytest.mark.slow
@pytest.mark.parametrize("start", range(8, 300, 15))
def test_no_program_of_many_beats_the_network_bound(start: int):
    assert [each for each in map(gap, range(start, start + 15)) if each is not None]
