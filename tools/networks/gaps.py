"""`make bench-schedule`: how near the nine light networks come to their network bounds on several targets.

A row per network: the gap (cycles over network bound) on each target and, on the last one, the CPU
seconds in which it was compiled; then geometric means, as a table in Markdown. Weights are seeded, and
quantised once a network, with ranges from random images. Nothing runs: time does not depend on data,
and the tests compare it with the machine's.

    python -m xnn.tools.networks.gaps --format int8 --target edge --target edge-4m squeezenet resnet50
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory

from xdsl.dialects.builtin import ModuleOp

import xnn
from xnn.tools.networks import light

TARGETS = ("edge-4m", "edge", "array256", "micro16")
SAMPLES = 4
"""Images from which ranges are taken."""


def _optimised(name: str, form: str, folder: Path) -> ModuleOp:
    """A network at the graph level, in a number format."""
    model = light.build(name)
    path, calibrating = folder / f"{name}.onnx", folder / f"{name}.npz"
    path.write_bytes(model.SerializeToString())
    if form == "f32":
        return xnn.compile(path, level="xnn").module
    light.save_samples(model, calibrating, SAMPLES)
    return xnn.compile(path, level="xnn", quantize=form, calibrate=calibrating).module


def _gaps(module: ModuleOp, targets: Sequence[str]) -> Iterator[tuple[float, float]]:
    """The gap on each target, and the CPU seconds of compiling."""
    for target in targets:
        start = time.process_time()
        program = xnn.compile(module, target=target)
        seconds = time.process_time() - start
        yield program.gap, seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NETWORK", help="default: all")
    parser.add_argument("--target", action="append", help="default: " + ", ".join(TARGETS))
    parser.add_argument("--format", default="int8", help="f32, int8, ...; default: int8")
    options = parser.parse_args()
    names, targets = options.names or light.names(), options.target or TARGETS
    print("| " + " | ".join([options.format, *targets, "CPU s"]) + " |")
    print("|---" * (len(targets) + 2) + "|")
    columns: list[list[float]] = []
    for name in names:
        with TemporaryDirectory() as folder:
            measured = list(_gaps(_optimised(name, options.format, Path(folder)), targets))
        columns.append([gap for gap, _ in measured])
        cells = [f"{gap:.3f}" for gap, _ in measured]
        print("| " + " | ".join([name, *cells, f"{measured[-1][1]:.1f}"]) + " |", flush=True)
    means = [prod(gaps) ** (1 / len(gaps)) for gaps in zip(*columns, strict=True)]
    print("| " + " | ".join(["geometric mean", *(f"{mean:.3f}" for mean in means), ""]) + " |")


if __name__ == "__main__":
    main()
