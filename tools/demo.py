"""`make run`: two networks from ONNX to values and cycles on the simulated machine.

The digits network has trained weights and comes with digits it never saw; SqueezeNet has its real
topology with weights drawn from a seed, for size. Both are compared with onnxruntime.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import xnn
from xnn.runtime.extras import require
from xnn.runtime.io.inputs import random_inputs
from xnn.tools import networks
from xnn.tools.agreement import relative_error
from xnn.tools.command_line.errors import user_errors
from xnn.tools.networks import light

FOLDER = Path(networks.__file__).parent
SHADES = " ░▒▓█"
SHOWN = 3  # which held-out digit is drawn


def drawing(image: np.ndarray) -> str:
    """A picture of values from 0 to 1, [height, width], two characters a pixel."""
    shades = np.rint(image * (len(SHADES) - 1)).astype(int)
    return "\n".join("    " + "".join(SHADES[s] * 2 for s in row) for row in shades)


def reference(model: Path, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What onnxruntime computes, by the names of the outputs."""
    import onnxruntime

    session = onnxruntime.InferenceSession(model)
    names = [output.name for output in session.get_outputs()]
    return {n: np.asarray(y) for n, y in zip(names, session.run(names, inputs), strict=True)}


def show_agreement(outputs: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    print("\nAgreement with onnxruntime: largest error over largest value of each output")
    for name, value in expected.items():
        print(f"    {name:<20} {relative_error(outputs[name], value):.1e}")


def run_digits() -> None:
    """A held-out digit and its label, then the accuracy over all of them; time is simulated once."""
    model = FOLDER / "digits.onnx"
    with np.load(FOLDER / "digits.npz") as held_out:
        images, labels = held_out["images"], held_out["labels"]
    program = xnn.compile(model)
    outputs, report = program.run({"image": images})
    found = outputs["logits"].argmax(1)

    print(f"A digit the network never saw, labelled {labels[SHOWN]} by its writer:\n")
    print(drawing(images[SHOWN, 0]))
    print(f"\nThe network reads {found[SHOWN]}, ", end="")
    print(f"with probability {outputs['probabilities'][SHOWN].max():.2f}.")
    right = int((found == labels).sum())
    print(f"Of {len(labels)} held-out digits it reads {right} right: {right / len(labels):.1%}.\n")
    print(report.text())
    one = {"image": images[SHOWN : SHOWN + 1]}
    show_agreement({n: y[SHOWN : SHOWN + 1] for n, y in outputs.items()}, reference(model, one))


def run_squeezenet() -> None:
    """A whole image network, on a random image."""
    with TemporaryDirectory() as folder:
        model = Path(folder) / "squeezenet.onnx"
        light.save("squeezenet", model)
        program = xnn.compile(model)
        inputs = random_inputs(program.inputs, seed=0)
        outputs, report = program.run(inputs)
        print(report.text())
        show_agreement(outputs, reference(model, inputs))


@user_errors
def main(_: Sequence[str]) -> int:
    require("the demonstration", "demo", "onnxruntime")
    print("== Handwritten digits: a small network with trained weights ==\n")
    run_digits()
    print("\n== SqueezeNet: the real topology with seeded weights ==\n")
    run_squeezenet()
    return 0


if __name__ == "__main__":
    sys.exit(main())
