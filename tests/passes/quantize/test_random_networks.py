"""Random networks, quantised in random ways for random small targets: all levels agree."""

import re
from random import Random
from typing import Any

import numpy as np
import pytest
from xdsl.dialects.builtin import IntegerType

from tests.programs import effort_of, programs
from tests.runtime.random_networks import random_network, random_settings
from tests.samples import samples
from xnn.dialects.diagnostics import UserError
from xnn.dialects.packing import LEVELS
from xnn.dialects.prim import MatmulOp
from xnn.dialects.xnn import SigmoidOp, SoftmaxOp, TanhOp
from xnn.passes.quantize.calibrate import METHODS
from xnn.passes.quantize.quantize import COMPUTE_SCALES, Quantize
from xnn.tools.onnx.importer import import_bytes
from xnn.tools.parsing import make_context
from xnn.tools.program import Program

EXPONENTIALS = (SigmoidOp, TanhOp, SoftmaxOp)


def random_options(seed: int) -> dict[str, Any]:
    random = Random(seed)
    options: dict[str, Any] = {
        "bits": random.choice([4, 8, 8, 8, 12, 16]),
        "per_channel": random.random() < 0.7,
        "signed": random.random() < 0.3,
        "ramp": random.choice([1.0, 1.5]),
        "compute_scale": random.choice(COMPUTE_SCALES),
        "method": random.choice([*METHODS]),
        "samples": 2,
    }
    weights = random.choice(["", "bits", "levels"])
    if weights == "bits":
        options["weight_bits"] = random.randint(2, 8)
    if weights == "levels":
        options["levels"] = random.choice([*LEVELS])
    if random.random() < 0.3:
        options["rounding"], options["correct_biases"] = "gptq", True
    if options["compute_scale"] == "free" and random.random() < 0.4:
        options["dynamic"] = True
    return options


def tolerance(graph: Program, primitives: Program) -> float:
    """How far the outputs of two levels may lie apart, relative to the largest.

    Nothing, unless floats are summed or exponentials taken: sums differ by their order, and then may
    round to another step; exponentials by where an element lies in an array, in the last place.
    """
    products = (op for op in primitives.module.walk() if isinstance(op, MatmulOp))
    if not all(isinstance(op.accumulator_type, IntegerType) for op in products):
        return 0.1
    inexact = any(isinstance(op, EXPONENTIALS) for op in graph.module.walk())
    return 1e-6 if inexact else 0.0


def check(seed: int, effort: str) -> None:
    model, inputs = random_network(seed)
    module, settings = import_bytes(model), random_settings(seed)
    try:
        Quantize(**random_options(seed)).apply(make_context(), module)
        at = programs(module, settings=settings, effort=effort)
    except UserError as error:
        assert re.search(r"needs at least \d+ bytes of local memory", str(error))
        return
    expected = at["xnn"].run(inputs)[0]
    most = tolerance(at["xnn"], at["prim"])
    for level in ("prim", "dma", "dsa"):
        outputs, report = at[level].run(inputs, sanitize=level == "dsa")
        assert report.cycles == report.predicted_cycles
        for name, value in expected.items():
            error = np.abs(outputs[name].astype(np.float64) - value).max()
            assert error <= most * np.abs(value).max(), (level, name)


@pytest.mark.parametrize("seed", samples(5, range(24)))
def test_levels_agree_on_quantised_networks(seed: int):
    check(seed, effort_of(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 400))
def test_levels_agree_on_many_quantised_networks(seed: int):
    check(seed, "default")
