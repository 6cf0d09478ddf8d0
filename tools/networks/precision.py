"""`make table-precision`: two networks in every number format, what they cost and how well they do.

The digits network is measured on its held-out images, calibrated with the first 64 of them; ResNet-50
has seeded weights (see xnn.tools.networks.light), so what counts is how near its logits come to
those of float32. Both are compiled for target edge and run at level dsa.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import xnn
from xnn.runtime.io.npz import Arrays, write_arrays
from xnn.runtime.report import Report
from xnn.runtime.report.table import columns
from xnn.tools.agreement import sqnr_db
from xnn.tools.networks import light
from xnn.tools.pass_specs import FLOAT_FORMATS, INTEGER_FORMATS

FORMATS = (None, *FLOAT_FORMATS, *INTEGER_FORMATS)
HEADER = ("network", "format", "accuracy", "SQNR", "cycles", "external bytes", "energy")
Row = tuple[str, ...]

CALIBRATING = 64
"""Held-out digits to calibrate with."""
SAMPLES = 4
"""Random images to calibrate ResNet-50 with."""


def _row(name: str, form: str | None, accuracy: str, ratio: float, report: Report) -> Row:
    external = report.external_bytes
    assert external is not None
    return (
        name,
        form or "f32",
        accuracy,
        "-" if ratio == float("inf") else f"{ratio:.1f} dB",
        f"{report.cycles:,}",
        f"{external.total:,}",
        f"{report.energy_pj['total'] / 1e6:,.1f} uJ",
    )


def _rows(
    name: str, model: Path, inputs: Arrays, calibrating: Path, port: str, labels: np.ndarray | None
) -> Iterator[Row]:
    expected: np.ndarray | None = None
    for form in FORMATS:
        calibrate = calibrating if form in INTEGER_FORMATS else None
        program = xnn.compile(model, quantize=form, calibrate=calibrate)
        outputs, report = program.run(inputs)
        logits = outputs[port]
        expected = logits if expected is None else expected
        accuracy = "-"
        if labels is not None:
            accuracy = f"{(logits.argmax(axis=1) == labels).mean():.2%}"
        yield _row(name, form, accuracy, sqnr_db(expected, logits), report)


def _digits(folder: Path) -> Iterator[Row]:
    here = Path(__file__).parent
    data = np.load(here / "digits.npz")
    images = data["images"].astype(np.float32)
    write_arrays(folder / "digits.npz", {"image": images[:CALIBRATING]})
    model = here / "digits.onnx"
    yield from _rows(
        "digits", model, {"image": images}, folder / "digits.npz", "logits", data["labels"]
    )


def _resnet50(folder: Path) -> Iterator[Row]:
    model = light.build("resnet50")
    path, calibrating = folder / "resnet50.onnx", folder / "resnet50.npz"
    path.write_bytes(model.SerializeToString())
    light.save_samples(model, calibrating, SAMPLES)
    logits = model.graph.output[-1].name
    yield from _rows("ResNet-50", path, light.sample_input(model), calibrating, logits, None)


def main() -> None:
    with TemporaryDirectory() as folder:
        rows = [*_digits(Path(folder)), *_resnet50(Path(folder))]
    print("\n".join(columns([HEADER, *rows], left=(0, 1))))


if __name__ == "__main__":
    main()
