"""Advice on small networks: each figure is that of a run that anybody can repeat."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from onnx.numpy_helper import from_array
from onnx.parser import parse_model

from xnn.runtime.machine.machine import Machine
from xnn.tools.advice.acceleration import acceleration_advice
from xnn.tools.advice.advice import advice_of, advise
from xnn.tools.advice.marginal_gains import RESOURCES, marginal_gains
from xnn.tools.advice.measurements import Measurements
from xnn.tools.advice.memory import memory_advice, read_back_bytes
from xnn.tools.advice.precision import precision_advice
from xnn.tools.advice.tile_waste import tile_advice
from xnn.tools.api import compile

CHAIN = parse_model("""
    <ir_version: 8, opset_import: ["" : 13]>
    chain (float[1, 24, 12, 12] x) => (float[1, 24, 12, 12] z)
    { a = Relu(x)  b = MaxPool<kernel_shape = [3, 3], pads = [1, 1, 1, 1]>(a)
      c = Conv<pads = [1, 1, 1, 1]>(b, v)  z = Erf(c) }
""")
WEIGHTS = np.random.default_rng(0).standard_normal((24, 24, 3, 3)).astype(np.float32)
CHAIN.graph.initializer.append(from_array(WEIGHTS, "v"))
SMALL = ["local.rows=64", "local.banks=8", "local.row_bytes=64"]


@cache
def compiled(settings: tuple[str, ...], quantize: str | None, level: str):
    return compile(
        CHAIN, settings=[*SMALL, *settings], quantize=quantize, effort="fast", level=level
    )


def again(settings=(), quantize=None, level="dsa"):
    return compiled(tuple(settings), quantize, level)


@pytest.fixture(scope="module")
def measured() -> Measurements:
    return Measurements(again(), again)


def test_marginal_gains_are_those_of_runs_with_the_changed_target(measured):
    gains = marginal_gains(measured)
    assert {gain.resource for gain in gains.gains} == set(RESOURCES)
    for gain in gains.gains:
        settings = [*SMALL, f"{gain.resource}={2 * gain.has}"]
        report = compile(CHAIN, settings=settings, effort="fast").report
        assert (gain.cycles, gain.picojoules) == (report.cycles, report.energy_pj["total"])
    saved = [gain.saved(gains.cycles) for gain in gains.gains]
    assert saved == sorted(saved, reverse=True) and saved[0] > 0


def test_a_machine_that_cannot_be_is_named(measured):
    gains = marginal_gains(Measurements(measured.program, _refuses))
    assert {gain.refused for gain in gains.gains} == {"no such machine"}
    assert "matmul.n: no such machine" in gains.lines()


def _refuses(settings=(), quantize=None, level="dsa"):
    from xnn.dialects.diagnostics import UserError

    raise UserError("no such machine")


def _machine(rows: int) -> Machine:
    return Measurements(again([f"local.rows={rows}"]), again).machine


def test_the_smallest_memories(measured):
    advice = memory_advice(measured)
    assert (advice.ok, advice.ok_because_of) == (WEIGHTS.nbytes, "z")
    row = 8 * 64
    rows = advice.better // row
    assert read_back_bytes(_machine(rows)) == advice.read_back
    smaller = rows - (1 << (rows - 1).bit_length()) // 16
    assert read_back_bytes(_machine(smaller)) > advice.read_back


def test_what_is_not_accelerated_limits_the_gain(measured):
    advice = acceleration_advice(measured)
    general = [layer for layer in measured.report.layers if layer.name in advice.layers]
    assert advice.cycles == sum(layer.cycles for layer in general)
    assert advice.share == advice.cycles / measured.cycles
    if not advice.layers:
        assert advice.lines() == ["every layer is accelerated: nothing runs on general compute"]


def test_sizes_that_waste_tiles_and_their_neighbours():
    measured = Measurements(again(["matmul.n=80"]), again)  # of bytes: 20 of f32
    (waste,) = tile_advice(measured).layers
    (layer,) = (each for each in measured.report.layers if each.macs)
    assert waste.layer == layer.name and waste.n == 20
    assert waste.wasted == 1 - layer.macs / (layer.computation * 400)
    sizes = {size.name: (size.has, size.below, size.above) for size in waste.sizes}
    assert sizes == {
        "output channels": (24, 20, 40),
        "inputs of a sum": (216, 200, 220),
        "positions": (144, 140, 160),
    }


def test_lower_precision_is_measured(measured):
    advice = precision_advice(measured)
    report = compile(CHAIN, settings=SMALL, quantize="int8", effort="fast").report
    assert advice.lower == report.cycles and advice.picojoules == report.energy_pj["total"]
    lower = {layer.name: layer.cycles for layer in report.layers}
    assert all(gain.lower == lower[gain.layer] < gain.cycles for gain in advice.layers)
    assert "% less, and" in advice.lines()[0]
    assert ", 25.0% more, and" in replace(advice, cycles=80, lower=100).lines()[0]
    quantised = Measurements(again(quantize="int8"), again)
    assert "already" in precision_advice(quantised).lines()[0]


def test_as_text_and_as_values(measured):
    advice = advice_of(measured)
    values = json.loads(json.dumps(advice.json()))
    assert values["schema"] == 1 and values["cycles"] == measured.cycles
    assert values["gains"]["gains"][0]["resource"] == advice.gains.gains[0].resource
    lines = advice.text().split("\n")
    assert lines[0].endswith(f"{measured.cycles:,} cycles")
    for start in ("local memory:", "ok:", "better:", "with twice", "layer", "in int8"):
        assert any(line.startswith(start) for line in lines)
    assert np.isfinite(advice.memory.better)


@pytest.mark.parametrize("chosen", ["f16", pytest.param(None, marks=pytest.mark.slow)])
def test_from_python_it_is_the_same(chosen):
    tiny = parse_model("""
        <ir_version: 8, opset_import: ["" : 13]>
        tiny (float[4, 4] x) => (float[4, 4] y) { y = MatMul(x, x) }
    """)

    def again(settings=(), quantize=None, level="dsa"):
        quantize = quantize or chosen
        settings = [*SMALL, *settings]
        return compile(tiny, settings=settings, quantize=quantize, level=level, effort="fast")

    advice = advise(tiny, settings=SMALL, quantize=chosen, effort="fast")
    assert advice == advice_of(Measurements(again(), again))
