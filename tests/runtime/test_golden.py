"""Cycles, bound, bytes and energy of five small networks on three targets, against a table that is kept.

A change of prices or schedules shows here: `python -m tests.runtime.test_golden` writes the table anew.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import xnn
from tests.runtime.random_networks import Network
from tests.samples import grid
from xnn.runtime.report.counting import build_report

TABLE = Path(__file__).with_name("golden.json")
TARGETS = ("edge", "micro16", "array256")


def plain(net: Network) -> str:
    """Convolutions as they are, with a pool between them."""
    x = net.conv(net.input(1, 3, 32, 32), 24, [5, 5], strides=[2, 2], pads=[2] * 4, bias=True)
    x = net.pool("MaxPool", x, [3, 3], [2, 2], [1] * 4)
    return net.conv(x, 40, [3, 3], pads=[1] * 4)


def fire(net: Network) -> str:
    """Two branches from one, side by side."""
    x = net.conv(net.input(1, 32, 16, 16), 8, [1, 1], bias=True)
    x = net.add("Relu", [x], net.shapes[x])
    return net.concat(net.conv(x, 32, [1, 1]), net.conv(x, 32, [3, 3], pads=[1] * 4))


def separable(net: Network) -> str:
    """A depthwise convolution between two of one position, around them a residual."""
    x = net.input(1, 16, 14, 14)
    y = net.conv(x, 48, [1, 1], bias=True)
    y = net.add("Relu", [y], net.shapes[y])
    y = net.conv(y, 48, [3, 3], pads=[1] * 4, groups=48)
    return net.add("Add", [net.conv(y, 16, [1, 1]), x], net.shapes[x])


def classifier(net: Network) -> str:
    """Means, a matrix product, a softmax."""
    x = net.input(2, 64, 7, 7)
    x = net.flat(net.add("GlobalAveragePool", [x], (2, 64, 1, 1)))
    y = net.add("Gemm", [x, net.weight(100, 64), net.weight(100)], (2, 100), transB=1)
    return net.add("Softmax", [y], (2, 100), axis=1)


def shuffled(net: Network) -> str:
    """Grouped convolutions with a channel shuffle between them."""
    x = net.conv(net.input(1, 24, 12, 12), 24, [1, 1], groups=3)
    x = net.add("LRN", [x], net.shapes[x], size=5, alpha=1e-4, beta=0.75, bias=1.0)
    return net.conv(x, 24, [3, 3], strides=[2, 2], pads=[1] * 4, groups=3)


NETWORKS: tuple[Callable[[Network], str], ...] = (plain, fire, separable, classifier, shuffled)


def figures(network: Callable[[Network], str], target: str, form: str | None) -> dict[str, float]:
    net = Network(0)
    program = xnn.compile(net.model(network(net)), target=target, quantize=form)
    report = build_report(network.__name__, target, "dsa", program.session.machine, {})
    assert report.bounds is not None and report.external_burst_bytes is not None
    return {
        "cycles": report.cycles or 0,
        "bound": report.bounds.network,
        "bytes": report.external_burst_bytes,
        "energy_pj": report.energy_pj["total"],
    }


def key(network: Callable[[Network], str], target: str, form: str | None) -> str:
    return f"{network.__name__} {form or 'f32'} on {target}"


@pytest.mark.parametrize("network, target, form", grid(15, NETWORKS, TARGETS, [None, "int8"]))
def test_figures_are_those_of_the_table(network: Callable, target: str, form: str | None):
    table = json.loads(TABLE.read_text())
    assert figures(network, target, form) == table[key(network, target, form)]


def main() -> None:
    cases = [(n, t, form) for n in NETWORKS for t in TARGETS for form in (None, "int8")]
    table = {key(*case): figures(*case) for case in cases}
    TABLE.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
