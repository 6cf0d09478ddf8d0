"""What a number format costs in accuracy: a network beside its own form in float32, layer by layer.

Both run at the graph level, one sample at a time, so that only the feature maps of one
sample are held. They are compared by layer name; integers by the real values they stand for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.dialects.builtin import IntegerType
from xdsl.interpreter import Interpreter, PythonValues
from xdsl.ir import Attribute, Operation, SSAValue

from xnn.dialects import xnn
from xnn.dialects.element_types import integer_range
from xnn.dialects.names import shown_name, split_name
from xnn.dialects.xnn.interface import argument_names, main_function
from xnn.passes.integers.scales import Scale, Scales
from xnn.runtime.io.inputs import Port, Samples
from xnn.runtime.io.npz import Arrays
from xnn.runtime.report.accuracy import Accuracy, Deviation, Jump, LayerAccuracy, OutputAccuracy
from xnn.tools.agreement import Noise
from xnn.tools.labels import classes, predictions
from xnn.tools.program import Program

JUMP_DB = 6.0
"""A layer's error jumps where its noise, relative to its signal, is four times that of its inputs."""
FAITHFUL_DB = 40.0
"""An error of a hundredth of the signal. A smaller one counts as this much: after exact values any
rounding would be a jump."""


@dataclass(frozen=True)
class _FeatureMap:
    """A feature map as real values: where it stands in the IR, and the scale of its integers."""

    value: SSAValue
    scale: Scale | None

    @property
    def is_readable(self) -> bool:
        return self.scale is not None or not isinstance(self._element_type, IntegerType)

    @property
    def _element_type(self) -> Attribute:
        return xnn.tensor_type(self.value).element_type

    def real_values(self, array: np.ndarray) -> np.ndarray:
        return array if self.scale is None else self.scale.real_values(array)

    def clipped(self, array: np.ndarray, expected: np.ndarray) -> np.ndarray | None:
        """Which integers are the last of their range where what is expected lies more than half a
        step beyond it; None of other elements."""
        kind = self._element_type
        if self.scale is None or not isinstance(kind, IntegerType):
            return None
        steps = expected / self.scale.scale + self.scale.zero_point
        low, high = integer_range(kind)
        return (array == low) & (steps < low - 0.5) | (array == high) & (steps > high + 0.5)


def _feature_maps(program: Program) -> dict[str, _FeatureMap]:
    """The feature map of each layer, by name, in order: the last of what has that name, or is a part of it.

    Integers go before their dequantised copies, as the ends of their range show what was clipped. If
    their scale is unknown, since each run computes it, the real values that they come from stay.
    """
    constants, scales = xnn.ConstantExpressions(), Scales(program.module)
    whole: dict[str, _FeatureMap] = {}
    last: dict[str, _FeatureMap] = {}
    for op in main_function(program.module).body.block.ops:
        if isinstance(op, xnn.NetworkOperation) and op.result not in constants:
            name, part = split_name(op.result_name.data)
            name = shown_name(name)
            if not isinstance(op, xnn.DequantizeOp) or name not in last:
                last[name] = _FeatureMap(op.result, scales.of(op.result))
                if not part:
                    whole[name] = last[name]
    return {
        name: found if found.is_readable else whole.get(name, found) for name, found in last.items()
    }


class _Watch(Interpreter.Listener):
    """Shows the feature maps of layers while they are computed."""

    def __init__(self, layers: Mapping[str, _FeatureMap], see: Callable[[str, np.ndarray], None]):
        self._names = {each.value.owner: name for name, each in layers.items()}
        self._see = see

    def did_interpret_op(self, op: Operation, results: PythonValues) -> None:
        if (name := self._names.get(op)) is not None:
            self._see(name, np.asarray(results[0]))


@dataclass(frozen=True)
class FloatComparison:
    """A network beside itself in float32, whose outputs these are."""

    outputs: Arrays
    layers: tuple[LayerAccuracy, ...]
    first_jump: Jump | None


def compare_with_float(
    program: Program,
    reference: Program,
    samples: Samples,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> FloatComparison:
    """The layers of `program`, at the graph level, beside those of `reference`, the same network in float32.

    Inputs of the network count as layers where they are rounded. Layers that only one of the two has
    are left out; `on_progress` gets samples done, and in all.
    """
    comparison = _Comparison(program, reference)
    outputs = []
    for number, sample in enumerate(samples):
        on_progress(number, len(samples))
        outputs.append(comparison.run(sample))
    return FloatComparison(samples.gather(outputs), comparison.layers(), comparison.first_jump())


class _Comparison:
    """The errors of each layer over the samples so far."""

    def __init__(self, program: Program, reference: Program):
        self._program = program
        self._reference = reference
        main = main_function(reference.module)
        named = zip(argument_names(main), main.args)
        inputs = {shown_name(name): _FeatureMap(value, None) for name, value in named}
        found, expected = _feature_maps(program), {**inputs, **_feature_maps(reference)}
        names = [
            name for name in expected if name in found and _comparable(found[name], expected[name])
        ]
        self._found = {name: found[name] for name in names}
        self._expected = {name: expected[name] for name in names}
        self._noise = {name: Noise() for name in names}

    def run(self, sample: Arrays) -> Arrays:
        """Compares the layers for a sample; the outputs of the reference."""
        given = {**self._reference.state, **sample}
        values = {name: array for name, array in given.items() if name in self._expected}
        with self._reference.session.observed_by(_Watch(self._expected, values.__setitem__)):
            outputs = self._reference.session.run(sample)

        def compare(name: str, array: np.ndarray) -> None:
            found, expected = self._found[name], self._expected[name].real_values(values.pop(name))
            clipped = found.clipped(array, expected)
            self._noise[name].add(expected, found.real_values(array), clipped)

        with self._program.session.observed_by(_Watch(self._found, compare)):
            self._program.session.run(sample)
        return outputs

    def layers(self) -> tuple[LayerAccuracy, ...]:
        """What was found of each layer, in the order in which they are computed."""
        return tuple(LayerAccuracy(name, _deviation(each)) for name, each in self._noise.items())

    def first_jump(self) -> Jump | None:
        """The first layer whose SQNR is more than JUMP_DB below the least of those of the layers that
        it reads, which counts as FAITHFUL_DB at most."""
        for name, sources in self._sources().items():
            sqnr = self._noise[name].sqnr_db
            read = min((self._noise[source].sqnr_db for source in sources), default=float("inf"))
            if sqnr < min(read, FAITHFUL_DB) - JUMP_DB:
                return Jump(name, sqnr, read)
        return None

    def _sources(self) -> dict[str, set[str]]:
        """The layers that each layer reads, directly or through operators that are not compared."""
        names = {each.value: name for name, each in self._expected.items()}
        main = main_function(self._reference.module)
        passed_on: dict[SSAValue, set[str]] = {
            value: {names[value]} for value in main.args if value in names
        }
        result = {name: set[str]() for name in self._expected}
        for op in main.body.block.ops:
            if isinstance(op, xnn.NetworkOperation):
                read = set().union(*(passed_on.get(value, ()) for value in op.operands))
                name = names.get(op.result)
                passed_on[op.result] = read if name is None else {name}
                if name is not None:
                    result[name] = read
        return result


def _comparable(found: _FeatureMap, expected: _FeatureMap) -> bool:
    same_shape = xnn.shape_of(found.value) == xnn.shape_of(expected.value)
    return same_shape and found.is_readable and expected.is_readable


def _deviation(noise: Noise) -> Deviation:
    return Deviation(noise.sqnr_db, noise.largest_error, noise.clipped)


def measure(
    ports: Sequence[Port], outputs: Arrays, labels: Arrays, comparison: FloatComparison | None
) -> Accuracy:
    """The accuracy of the `outputs` of a run, by their labels and by a comparison with float32.

    Outputs whose size depends on data are not compared: their elements need not stand for the same.
    """
    compared = comparison.outputs if comparison else {}
    expected = {n: a for n, a in compared.items() if n in outputs and a.shape == outputs[n].shape}
    rows = [
        _measure_output(port, outputs, labels, expected)
        if port.name in expected or port.name not in compared
        else OutputAccuracy(port.name, None)
        for port in ports
    ]
    if comparison is None:
        return Accuracy(tuple(row for row in rows if row.accuracy is not None))
    return Accuracy(tuple(rows), comparison.layers, comparison.first_jump)


def _measure_output(
    port: Port, outputs: Arrays, labels: Arrays, expected: Arrays
) -> OutputAccuracy:
    name, deviation = port.name, None
    if name in expected:
        noise = Noise()
        noise.add(expected[name], outputs[name])
        deviation = _deviation(noise)
    if not classes(port):
        return OutputAccuracy(name, deviation)
    found = predictions(port, outputs[name])
    truth = predictions(port, expected[name]) if name in expected else None
    return OutputAccuracy(
        name,
        deviation,
        top1_agreement=_share_of_same(found, truth),
        accuracy=_share_of_same(found, labels.get(name)),
        float_accuracy=_share_of_same(truth, labels.get(name)),
    )


def _share_of_same(one: np.ndarray | None, other: np.ndarray | None) -> float | None:
    return None if one is None or other is None or not one.size else float(np.mean(one == other))
