"""What the benchmarks share: CPU time, a table of figures with their limits, models to measure."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from xnn.tools.networks import light

T = TypeVar("T")


def cpu_seconds(action: Callable[[], T]) -> tuple[T, float]:
    """The result of `action` and the CPU time of this process that it took, all threads."""
    start = time.process_time()
    result = action()
    return result, time.process_time() - start


@dataclass(frozen=True)
class Figure:
    """One line of a benchmark's table; the limit is what the figure should not exceed."""

    name: str
    value: float
    unit: str
    limit: float | None = None


def print_table(title: str, figures: list[Figure]) -> None:
    print(f"\n{title}")
    for figure in figures:
        line = f"  {figure.name:<44} {figure.value:>10.3f} {figure.unit:<8}"
        if figure.limit is not None:
            verdict = "" if figure.value <= figure.limit else "   OVER"
            ratio = figure.value / figure.limit
            line += f" limit {figure.limit:>7g}   {ratio:>6.2f} of it{verdict}"
        print(line.rstrip(), flush=True)


@contextmanager
def saved_network(name: str) -> Iterator[Path]:
    """The .onnx file of a light topology with seeded weights, for the time of the block."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.onnx"
        light.save(name, path)
        yield path
