"""The inputs of a run: named arrays, checked before they are used, or drawn from a seed.

One run may hold several samples: an input of shape [1, 3, 224, 224] may be given as
[S, 3, 224, 224] or [S, 1, 3, 224, 224], all inputs with the same S.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike

import numpy as np
from numpy.typing import ArrayLike

from xnn.dialects.diagnostics import UserError, one_line, suggestion
from xnn.runtime.io.npz import Arrays, read_arrays, read_headers


@dataclass(frozen=True)
class Port:
    """A named input or output of a network."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    is_state: bool = False
    """Whether it is an input that keeps what the run before left, unless it is given."""

    def __str__(self) -> str:
        return f"'{self.name}' ({describe(self.shape, self.dtype)})"


def describe(shape: Sequence[int], dtype: np.dtype) -> str:
    """As in "float32[1, 3, 224, 224]"."""
    return f"{dtype}{list(shape)}"


@dataclass(frozen=True)
class Samples:
    """The inputs of one run: one array per port with the samples along a leading axis.

    `in_leading_dimension`: the samples stand in place of a leading dimension of 1, in the outputs
    too. `single`: there is one sample, without an axis of samples.
    """

    arrays: Arrays
    in_leading_dimension: bool
    single: bool

    def __len__(self) -> int:
        return len(next(iter(self.arrays.values()))) if self.arrays else 1

    def __iter__(self) -> Iterator[Arrays]:
        """The inputs of each sample, in the shapes of the ports."""
        for number in range(len(self)):
            yield {name: array[number] for name, array in self.arrays.items()}

    def gather(self, outputs: Sequence[Arrays]) -> Arrays:
        """The outputs of all samples as one array per name, arranged as the inputs were."""
        if self.single:
            return outputs[0]
        result = {}
        for name, first in outputs[0].items():
            join = np.stack
            if self.in_leading_dimension and first.ndim and first.shape[0] == 1:
                join = np.concatenate
            result[name] = join([output[name] for output in outputs])
        return result


def check_inputs(ports: Sequence[Port], inputs: Mapping[str, ArrayLike]) -> Samples:
    """The `inputs` as samples for `ports`; raises UserError listing everything wrong."""
    if not isinstance(inputs, Mapping):
        raise _wrong_inputs([f"inputs have names, but {type(inputs).__name__} has none"], ports)
    problems = _name_problems(ports, inputs.keys())
    counts: dict[str, int] = {}
    arrays: Arrays = {}
    result: Arrays = {}
    for port in ports:
        if port.name not in inputs:
            continue
        try:
            array = arrays[port.name] = np.asarray(inputs[port.name])
        except (TypeError, ValueError) as error:
            problems.append(f"input '{port.name}' is no array: {one_line(error)}")
            continue
        if problem := _array_problem(port, array.shape, array.dtype):
            problems.append(problem)
            continue
        counts[port.name] = 1 if array.shape == port.shape else len(array)
        samples = array.reshape(counts[port.name], *port.shape)
        result[port.name] = samples.astype(port.dtype, copy=False)
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"'{name}' {count}" for name, count in counts.items())
        problems.append(f"all inputs must hold the same number of samples, but: {listed}")
    if problems:
        raise _wrong_inputs(problems, ports)
    given = [(port.shape, arrays[port.name].shape) for port in ports if port.name in arrays]
    return Samples(
        result,
        in_leading_dimension=all(len(shape) == len(actual) for shape, actual in given),
        single=all(shape == actual for shape, actual in given),
    )


def _name_problems(ports: Sequence[Port], names: Collection[str]) -> list[str]:
    known = [port.name for port in ports]
    needed = (port.name for port in ports if not port.is_state)
    missing = [f"input '{name}' is missing" for name in needed if name not in names]
    extra = []
    for name in names:
        if name not in known:
            near = suggestion(str(name), known)
            extra.append(f"the network has no input '{name}'" + (f": {near}" if near else ""))
    return missing + extra


def _array_problem(port: Port, shape: tuple[int, ...], dtype: np.dtype) -> str | None:
    """What keeps an array of this shape and type from being samples for `port`."""
    count, sample = (shape[0], shape[1:]) if shape else (0, None)
    in_place = port.shape[:1] == (1,) and sample == port.shape[1:]
    fits = shape == port.shape or (count > 0 and (in_place or sample == port.shape))
    if fits and dtype.newbyteorder("=") == port.dtype.newbyteorder("="):
        return None
    expected = describe(port.shape, port.dtype)
    return f"input '{port.name}' is {describe(shape, dtype)}, expected {expected}"


def random_inputs(ports: Sequence[Port], seed: int) -> Arrays:
    """Inputs, state among them, drawn in the order of `ports`: standard normal, or uniform over an integer type.

    Raises UserError for a negative seed.
    """
    if seed < 0:
        raise UserError(f"seed must be at least 0, not {seed}")
    rng = np.random.default_rng(seed)
    return {port.name: _draw(rng, port) for port in ports}


def _draw(rng: np.random.Generator, port: Port) -> np.ndarray:
    if port.dtype.kind == "b":
        return rng.integers(0, 2, port.shape).astype(port.dtype)
    if port.dtype.kind in "iu":
        limits = np.iinfo(port.dtype)
        return rng.integers(limits.min, limits.max, port.shape, port.dtype, endpoint=True)
    return rng.standard_normal(port.shape, dtype=np.float32).astype(port.dtype, copy=False)


def check_state(ports: Sequence[Port], state: Mapping[str, ArrayLike]) -> Arrays:
    """Values for some of the `ports` that are state; raises UserError listing everything wrong."""
    ports = [port for port in ports if port.is_state]
    samples = check_inputs(ports, state)
    if not samples.single:
        raise _wrong_inputs(["state is one value of each, not several samples"], ports)
    return dict(next(iter(samples)))


def load_inputs(path: str | PathLike[str], ports: Sequence[Port]) -> Samples:
    """The inputs in the .npz file `path`; raises UserError or OSError with the file's name.

    Names, types and shapes are judged by the headers, before any array is read.
    """
    headers = read_headers(path)
    known = {port.name: port for port in ports}
    problems = _name_problems(ports, headers)
    problems += [
        problem
        for name, header in headers.items()
        if name in known and (problem := _array_problem(known[name], *header))
    ]
    if problems:
        raise _wrong_inputs([f"{path}: {problem}" for problem in problems], ports)
    return check_inputs(ports, read_arrays(path))


def _wrong_inputs(problems: Sequence[str], ports: Sequence[Port]) -> UserError:
    return UserError(
        "\n".join(problems), hint=f"the inputs are {', '.join(map(str, ports)) or 'none'}"
    )
