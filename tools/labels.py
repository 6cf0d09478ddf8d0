"""The predictions of a classifier, and the labels of its samples."""

from collections.abc import Sequence
from os import PathLike

import numpy as np

from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.inputs import Port, describe
from xnn.runtime.io.npz import Arrays, read_arrays


def classes(output: Port) -> int | None:
    """The number of classes of an output [batch, classes], which may end in dimensions of 1.

    None for outputs of any other shape.
    """
    shape = output.shape
    while len(shape) > 2 and shape[-1] == 1:
        shape = shape[:-1]
    return shape[1] if len(shape) == 2 and shape[1] >= 2 else None


def predictions(output: Port, values: np.ndarray) -> np.ndarray:
    """The class of the largest element, for each sample of each batch in the `values` of an output."""
    return values.reshape(-1, classes(output) or 1).argmax(axis=1)


def load_labels(path: str | PathLike[str], outputs: Sequence[Port], runs: int) -> Arrays:
    """The labels in the .npz file `path` by the name of the output that they judge.

    The file holds one array, of any name, for all outputs of classes, or arrays named as some of
    them; an array holds an integer for each sample of `runs` runs. Raises UserError, listing
    everything wrong, or OSError.
    """
    arrays = read_arrays(path)
    judged = {output.name: output for output in outputs if classes(output)}
    if not judged:
        raise UserError("--labels is for outputs of shape [batch, classes], and there is none")
    if len(arrays) == 1 and not arrays.keys() & judged.keys():
        arrays = dict.fromkeys(judged, next(iter(arrays.values())))
    problems = [
        f"{path}: {problem}"
        for name, array in arrays.items()
        if (problem := _problem(name, array, judged, runs))
    ]
    if problems or not arrays:
        raise UserError("\n".join(dict.fromkeys(problems)) or f"{path}: holds no labels")
    return arrays


def _problem(name: str, labels: np.ndarray, judged: dict[str, Port], runs: int) -> str | None:
    """What keeps an array from being the labels for the output `name`."""
    if name not in judged:
        return f"'{name}' is no output of classes: those are {', '.join(judged)}"
    samples, count = runs * judged[name].shape[0], classes(judged[name]) or 1
    if labels.dtype.kind not in "iu" or labels.shape != (samples,):
        found = describe(labels.shape, labels.dtype)
        return f"labels are {found}, expected one integer for each of {samples} samples"
    wrong = labels[(labels < 0) | (labels >= count)]
    if wrong.size:
        return f"label {wrong[0]} is none of the classes 0 to {count - 1}"
    return None
