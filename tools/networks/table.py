"""`make table`: what the light networks take on the reference machine, as one table.

Each network gets its seeded weights (see xnn.tools.networks.light), is compiled for target edge, run
at level dsa on one random image, and compared with onnxruntime.

    python -m xnn.tools.networks.table squeezenet resnet50
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import xnn
from xnn.runtime.io.inputs import random_inputs
from xnn.runtime.report.table import columns
from xnn.tools.agreement import relative_error
from xnn.tools.demo import reference
from xnn.tools.networks import light

HEADER = (
    *("network", "MACs", "util", "cycles", "network bound", "gap", "parallel bound", "of it"),
    "error",
)


def row(name: str) -> tuple[str, ...]:
    """The row of one network; the error is the largest of all outputs, each to its largest value."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.onnx"
        light.save(name, path)
        program = xnn.compile(path)
        inputs = random_inputs(program.inputs, seed=0)
        expected = reference(path, inputs)
        outputs, report = program.run(inputs)
    assert report.cycles and report.bounds and report.gap
    assert report.predicted_cycles == report.cycles
    error = max(relative_error(outputs[port], value) for port, value in expected.items())
    return (
        name,
        f"{report.macs:,}",
        f"{report.utilisation:.1%}",
        f"{report.cycles:,}",
        f"{report.bounds.network:,}",
        f"{report.gap:.3f}",
        f"{report.bounds.parallel:,}",
        f"{report.cycles / report.bounds.parallel:.3f}",
        f"{error:.0e}",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NETWORK", help="default: all")
    names = parser.parse_args().names or light.names()
    print("\n".join(columns([HEADER, *map(row, names)], left=(0,))))


if __name__ == "__main__":
    main()
