"""Integers beside float32: their exact products, and int8 ResNet-50 on the simulated machine."""

import numpy as np

import xnn
from tests.benchmarks.measure import Figure, cpu_seconds, print_table, saved_network
from xnn.runtime.engines.matmul import contract
from xnn.tools.networks import light

ROWS, TAPS, COLUMNS = 256, 4608, 3136
ROUNDS = 3


def least(action) -> float:
    """The least processor time of some runs."""
    return min(cpu_seconds(action)[1] for _ in range(ROUNDS))


def products() -> list[Figure]:
    rng = np.random.default_rng(0)
    lhs = rng.integers(-127, 128, (ROWS, TAPS)).astype(np.int8)
    rhs = rng.integers(0, 256, (COLUMNS, TAPS)).astype(np.uint8)
    a, b = lhs.astype(np.float32), rhs.astype(np.float32)
    theirs = least(lambda: np.matmul(a, b.T))
    ours = least(lambda: contract(lhs, rhs, sums=np.dtype(np.int32)))
    return [
        Figure(f"float32 matmul, {ROWS} x {TAPS} x {COLUMNS}", theirs, "CPU s"),
        Figure("exact product of i8 and ui8", ours, "CPU s", theirs / 0.4),
        Figure("time over float32's", ours / theirs, "", 2.5),
    ]


def networks() -> list[Figure]:
    with saved_network("resnet50") as path:
        inputs = light.sample_input(light.build("resnet50"))
        seconds = {}
        for form in (None, "int8"):
            program = xnn.compile(str(path), target="edge", quantize=form)
            program.run(inputs)  # weights and simulation, once
            seconds[form] = least(lambda program=program: program.session.run(inputs))
    return [
        Figure("execute ResNet-50 at level dsa, float32", seconds[None], "CPU s"),
        Figure("the same, int8", seconds["int8"], "CPU s", 1.5 * seconds[None]),
        Figure("time over float32's", seconds["int8"] / seconds[None], "", 1.5),
    ]


def main() -> None:
    print_table("exact products of integers", products())
    print_table("integers on the machine", networks())


if __name__ == "__main__":
    main()
