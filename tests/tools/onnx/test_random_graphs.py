"""Random graphs at every level: onnxruntime's answers, sanitizer clean, prediction exact."""

import pytest

from tests.programs import effort_of
from tests.samples import samples
from tests.tools.onnx.levels import agree
from tests.tools.onnx.random_graphs import random_graph


def check(seed: int, effort: str) -> None:
    model, inputs = random_graph(seed)
    agree(model, inputs, rows=64, rtol=1e-3, atol=1e-4, effort=effort)


@pytest.mark.parametrize("seed", samples(2, [1, 3, 0, 2]))
def test_some_graphs(seed: int):
    check(seed, effort_of(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 300))
def test_many_graphs(seed: int):
    check(seed, "default")
