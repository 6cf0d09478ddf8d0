"""Resident memory of compiling and running VGG-19, whose weights are 575 MB."""

import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import xnn
from tests.benchmarks.measure import Figure, print_table


def main() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "vgg19.onnx"
        # a process of its own: drawing the weights takes more memory than using them
        generator = [sys.executable, "-m", "xnn.tools.networks.light", "vgg19", path]
        subprocess.run(generator, check=True)
        weights = path.stat().st_size
        program = xnn.compile(str(path), target="edge")
        compiled = _peak_bytes()
        rng = np.random.default_rng(0)
        program.run({"data_0": rng.standard_normal((1, 3, 224, 224), dtype=np.float32)})
    print_table(
        "resident memory of VGG-19, over the size of its weights",
        [
            Figure("compile", compiled / weights, ""),
            Figure("compile and run", _peak_bytes() / weights, "", 2.5),
        ],
    )


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
