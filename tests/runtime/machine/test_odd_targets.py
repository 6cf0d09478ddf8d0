"""Random networks on machines with bursts, rows and banks of any size: right values, or one message."""

import re
from random import Random

import numpy as np
import pytest

import xnn
from tests.programs import compiled, effort_of
from tests.runtime.random_networks import random_network
from xnn.dialects.diagnostics import UserError
from xnn.dialects.target_fields import MOST, MOST_OF_COUNTS

FIELDS: dict[str, list[float]] = {
    "external.burst_bytes": [1, 2, 3, 7, 12],
    "external.latency_cycles": [0, 200],
    "external.bytes_per_cycle": [0.1, 16.5],
    "local.row_bytes": [1, 2, 3, 7, 33],
    "local.rows": [7, 333, 1024],
    "local.banks": [3, 16, 61],
    "dma.channels": [1, 3],
    "dma.local_bytes_per_cycle": [1, 7],
    "control.queue_depth": [1, 8],
    "sort.lanes": [1, 3],
    "vector.lanes": [1, 3],
    "matmul.n": [1, 7, 16],
}
FORMATS = {None: 1e-4, "int8": 0.05, "int8 compute-scale=shift": 0.05, "f16": 0.05}
"""Formats, and how far results may lie apart: a step of a narrow number after sums in another order."""


def check(seed: int) -> bool:
    """Whether there was room for the network."""
    random = Random(seed)
    model, inputs = random_network(random.randrange(1000))
    kept = [name for name in FIELDS if random.random() < 0.6]
    settings = [f"{name}={random.choice(FIELDS[name])}" for name in kept]
    form = random.choice([*FORMATS])
    expected, _ = xnn.compile(model, quantize=form, level="xnn").run(inputs)
    try:
        program = compiled(model, quantize=form, settings=settings, effort=effort_of(seed))
    except UserError as error:
        assert re.search("needs at least [0-9]+ bytes of local memory", str(error))
        return False
    outputs, report = program.run(inputs, sanitize=True)
    assert report.cycles == report.predicted_cycles
    for name, value in expected.items():
        error = np.abs(outputs[name].astype(float) - value).max()
        assert error <= FORMATS[form] * max(1e-6, np.abs(value).max()), (settings, form)
    return True


def test_odd_targets_run():
    assert sum(check(seed) for seed in range(4)) > 2


@pytest.mark.parametrize(
    "path",
    [
        *("matmul.n", "matmul.accumulator_rows", "sort.lanes", "vector.lanes", "general.lanes"),
        *("clock_hz", "local.row_bytes", "dma.local_bytes_per_cycle", "external.latency_cycles"),
    ],
)
def test_largest_targets_run(path: str):
    model, inputs = random_network(0)
    most = MOST.get(path, MOST_OF_COUNTS)
    _, report = xnn.compile(model, settings=[f"{path}={most}"]).run(inputs)
    assert report.cycles == report.predicted_cycles


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 400))
def test_many_odd_targets(seed: int):
    check(seed)
