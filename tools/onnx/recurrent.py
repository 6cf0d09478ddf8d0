"""LSTM, GRU and RNN: the products of all steps with the input at once, then a product a gate and step.

Each gate has its own products, so that what follows fuses into them. A step beyond the length of a
sequence leaves the state as it is, and gives zeros.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from onnx import NodeProto, helper

from xnn.tools.onnx.expansion import Importer, add, alias, constant
from xnn.tools.onnx.tensors import Unsupported

Values = Sequence[str]
"""Names of tensors."""

ACTIVATIONS: dict[str, tuple[str, dict[str, float]]] = {
    "Relu": ("Relu", {}),
    "Tanh": ("Tanh", {}),
    "Sigmoid": ("Sigmoid", {}),
    "Softsign": ("Softsign", {}),
    "Softplus": ("Softplus", {}),
    "LeakyRelu": ("LeakyRelu", {"alpha": 0.01}),
    "ThresholdedRelu": ("ThresholdedRelu", {"alpha": 1.0}),
    "Elu": ("Elu", {"alpha": 1.0}),
    "HardSigmoid": ("HardSigmoid", {"alpha": 0.2, "beta": 0.5}),
}
"""Activations of recurrent operators: the operator that computes each, and its attributes with their defaults."""


@dataclass
class _Builder:
    """Adds nodes whose results have names like `name`."""

    importer: Importer
    name: str
    dtype: np.dtype
    """Of the operator's elements."""

    def __call__(self, operator: str, *inputs: str, **attributes: Any) -> str:
        return add(self.importer, operator, inputs, self.importer.unique(self.name), **attributes)

    def constant(self, value: object) -> str:
        return constant(self.importer, self.name, value)

    def number(self, value: float, *shape: int) -> str:
        """Elements that are all this number."""
        return self.constant(np.full(shape, value, self.dtype))

    def part(self, value: str, axis: int, start: int, end: int) -> str:
        """The elements from `start` to before `end` along an axis."""
        places = [self.constant(np.array([each])) for each in (start, end, axis)]
        return self("Slice", value, *places)

    def rounded(self, value: str) -> str:
        """A value rounded to 8 bits and back, at the scale of its range in each run."""
        names = [self.importer.unique(self.name) for _ in range(3)]
        self.importer.add_made(helper.make_node("DynamicQuantizeLinear", [value], names))
        return self("DequantizeLinear", *names)

    def shaped(self, value: str, *shape: int) -> str:
        return self("Reshape", value, self.constant(np.array(shape)))


@dataclass
class _Direction:
    """One direction of a recurrent operator: its gates' weights, and what makes its states."""

    make: _Builder
    attributes: dict[str, Any]
    hidden: int
    x: str
    """[steps * batch, inputs]."""
    w: str
    r: str
    """[gates * hidden, ...] of this direction."""
    biases: tuple[str, ...]
    """Of w and r, [gates * hidden]; or none."""
    peepholes: str
    activations: list[Callable[[str], str]]
    formats: tuple[tuple[str, str], ...] = ()
    """Scale and zero point of w and of r, which are integers then; or none."""

    def weights(self, which: int, gate: int) -> str:
        """What of w (0) or r (1) belongs to a gate, as real values."""
        rows = self.rows((self.w, self.r)[which], gate)
        return self.make("DequantizeLinear", rows, *self.formats[which]) if self.formats else rows

    def operand(self, value: str) -> str:
        """What is multiplied: a feature map is rounded at the scale of its range if weights are integers."""
        is_constant = value in self.make.importer.constants
        return self.make.rounded(value) if self.formats and not is_constant else value

    def rows(self, value: str, gate: int) -> str:
        """What of weights or biases belongs to a gate."""
        return self.make.part(value, 0, gate * self.hidden, (gate + 1) * self.hidden)

    def inputs(self, gate: int, *, own_bias: bool = False) -> str:
        """The product of all steps' inputs with the weights of a gate, and its biases.

        `own_bias`: that of the state is left out.
        """
        operands = [self.x, self.weights(0, gate)]
        if self.biases:
            one, other = (self.rows(bias, gate) for bias in self.biases)
            operands.append(one if own_bias else self.make("Add", one, other))
        return self.make("Gemm", *operands, transB=1)

    def product(self, state: str, gate: int, addend: str) -> str:
        """The product of a state with the weights of a gate, and an addend."""
        return self.make("Gemm", self.operand(state), self.weights(1, gate), addend, transB=1)

    def peephole(self, gate: int, cell: str, value: str) -> str:
        """A gate with what it sees of the cell."""
        if not self.peepholes:
            return value
        return self.make("Add", value, self.make("Mul", self.rows(self.peepholes, gate), cell))

    def activate(self, number: int, value: str) -> str:
        """Activation `number` of a value, which is clipped before."""
        if clip := self.attributes.get("clip", 0.0):
            bounds = [self.make.number(bound) for bound in (-clip, clip)]
            value = self.make("Clip", value, *bounds)
        return self.activations[number](value)


Step = Callable[[int, Values], Values]
"""From the number of a step's rows of the inputs and the states before it to those after it, the output first."""


def _rnn(cell: _Direction, batch: int) -> Step:
    inputs = cell.inputs(0)

    def step(time: int, states: Values) -> Values:
        rows = cell.make.part(inputs, 0, time * batch, (time + 1) * batch)
        return [cell.activate(0, cell.product(states[0], 0, rows))]

    return step


def _gru(cell: _Direction, batch: int) -> Step:
    make = cell.make
    resets_last = bool(cell.attributes.get("linear_before_reset", 0))
    inputs = [cell.inputs(gate, own_bias=resets_last and gate == 2) for gate in range(3)]

    def step(time: int, states: Values) -> Values:
        state = states[0]
        rows = [make.part(each, 0, time * batch, (time + 1) * batch) for each in inputs]
        update, reset = (cell.activate(0, cell.product(state, g, rows[g])) for g in (0, 1))
        if resets_last:
            weights = [state, cell.rows(cell.r, 2)]
            bias = [cell.rows(cell.biases[1], 2)] if cell.biases else []
            hidden = make("Mul", reset, make("Gemm", *weights, *bias, transB=1))
            new = make("Add", hidden, rows[2])
        else:
            new = cell.product(make("Mul", reset, state), 2, rows[2])
        new = cell.activate(1, new)
        return [make("Add", new, make("Mul", update, make("Sub", state, new)))]

    return step


def _lstm(cell: _Direction, batch: int) -> Step:
    make = cell.make
    inputs = [cell.inputs(gate) for gate in range(4)]
    coupled = bool(cell.attributes.get("input_forget", 0))

    def step(time: int, states: Values) -> Values:
        state, memory = states
        rows = [make.part(each, 0, time * batch, (time + 1) * batch) for each in inputs]
        sums = [cell.product(state, gate, rows[gate]) for gate in range(4)]
        taken = cell.activate(0, cell.peephole(0, memory, sums[0]))
        if coupled:
            kept = make("Sub", make.number(1), taken)
        else:
            kept = cell.activate(0, cell.peephole(2, memory, sums[2]))
        new = make("Mul", taken, cell.activate(1, sums[3]))
        memory = make("Add", make("Mul", kept, memory), new)
        given = cell.activate(0, cell.peephole(1, memory, sums[1]))
        # onnxruntime does not clip the cell
        return [make("Mul", given, cell.activations[2](memory)), memory]

    return step


CELLS: dict[str, tuple[Callable[[_Direction, int], Step], int, tuple[str, ...]]] = {
    "RNN": (_rnn, 1, ("Tanh",)),
    "GRU": (_gru, 3, ("Sigmoid", "Tanh")),
    "LSTM": (_lstm, 4, ("Sigmoid", "Tanh", "Tanh")),
}
"""By operator: what makes its steps, its gates, its activations unless a node says others."""

QUANTISED = "DynamicQuantizeLSTM"
"""onnxruntime's LSTM with weights of 8 bits, transposed, and feature maps that are rounded in each run."""


def _integer_weights(
    make: _Builder, node: NodeProto
) -> tuple[list[str], tuple[tuple[str, str], ...]]:
    """The inputs of an LSTM that has the weights of a DynamicQuantizeLSTM; scale and zero point of w and r."""
    inputs, parameters = list(node.input[:8]), node.input[8:12]
    for index in (1, 2):
        inputs[index] = make("Transpose", inputs[index], perm=(0, 2, 1))
    if any(make.importer.shape_of(each) != (1,) for each in parameters):
        raise Unsupported("more than one scale of weights")
    w_scale, w_zero, r_scale, r_zero = parameters
    return inputs, ((w_scale, w_zero), (r_scale, r_zero))


def _activations(
    make: _Builder, names: Sequence[str], alphas: Sequence[float], betas: Sequence[float]
) -> list[Callable[[str], str]]:
    """Activations by name; their attributes are taken from the lists in order, as far as they have them."""
    given = {"alpha": iter(alphas), "beta": iter(betas)}
    result: list[Callable[[str], str]] = []
    for name in names:
        if name == "Affine" or name == "ScaledTanh":
            alpha, beta = (next(given[each], default) for each, default in zip(given, (1.0, 1.0)))
            result.append(partial(_scaled, make, name, alpha, beta))
            continue
        known = {known.lower(): known for known in ACTIVATIONS}
        if name.lower() not in known:
            raise Unsupported(f"activation {name}")
        operator, defaults = ACTIVATIONS[known[name.lower()]]
        attributes = {each: next(given[each], value) for each, value in defaults.items()}
        result.append(partial(make, operator, **attributes))
    return result


def _scaled(make: _Builder, name: str, alpha: float, beta: float, value: str) -> str:
    """alpha * x + beta, or alpha * tanh(beta * x)."""
    one, other = (make.number(each) for each in (alpha, beta))
    if name == "Affine":
        return make("Add", make("Mul", value, one), other)
    return make("Mul", make("Tanh", make("Mul", value, other)), one)


def expand_recurrent(importer: Importer, node: NodeProto) -> None:
    """Products and elementwise operators for each step, in each direction; raises Unsupported for an activation."""
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    is_quantised = node.op_type == QUANTISED
    make_step, gates, activations = CELLS["LSTM" if is_quantised else node.op_type]
    make = _Builder(importer, next(filter(None, node.output)), importer.dtype_of(node.input[0]))
    inputs, formats = _integer_weights(make, node) if is_quantised else (node.input, ())
    x, w, r, bias, lengths, *states, peepholes = [*inputs, *[""] * 8][:8]
    if node.op_type in ("RNN", "GRU"):
        states, peepholes = states[:1], ""
    batch_first = attributes.get("layout", 0)
    if len(sizes := importer.shape_of(x)) != 3:
        raise Unsupported(f"a sequence of shape {[*sizes]}")
    if batch_first:
        x = make("Transpose", x, perm=(1, 0, 2))
        states = [make("Transpose", each, perm=(1, 0, 2)) if each else "" for each in states]
    steps, batch, size = importer.shape_of(x)
    hidden, directions = importer.shape_of(r)[2], importer.shape_of(w)[0]
    names = [each.decode() for each in attributes.get("activations", ())]
    names = names or [*activations] * directions
    lists = [attributes.get(f"activation_{name}", ()) for name in ("alpha", "beta")]
    functions = _activations(make, names, *lists)
    rows = make.shaped(make.rounded(x) if is_quantised else x, steps * batch, size)
    masks = [""] * steps if not lengths else [_mask(make, lengths, time) for time in range(steps)]
    backward = attributes.get("direction", b"forward")
    outputs: list[str] = []
    last: list[list[str]] = []
    for number in range(directions):
        own = [each and make.part(each, 0, number, number + 1) for each in (w, r, bias, peepholes)]
        sizes = [
            (gates * hidden, size),
            (gates * hidden, hidden),
            (2 * gates * hidden,),
            (3 * hidden,),
        ]
        own = [each and make.shaped(each, *s) for each, s in zip(own, sizes, strict=True)]
        halves = gates * hidden
        places = [(0, halves), (halves, 2 * halves)] if own[2] else []
        biases = tuple(make.part(own[2], 0, *each) for each in places)
        cell = _Direction(
            make, attributes, hidden, rows, own[0], own[1], biases, own[3],
            functions[number * len(activations) :], formats,
        )  # fmt: skip
        step = make_step(cell, batch)
        now = [_initial(make, each, number, batch, hidden) for each in states]
        made = [""] * steps
        reverse = backward == b"reverse" or number == 1
        for time in range(steps)[:: -1 if reverse else 1]:
            new = step(time, now)
            made[time] = new[0]
            if mask := masks[time]:
                zero = make.number(0)
                made[time] = make("Where", mask, new[0], zero)
                new = [make("Where", mask, *pair) for pair in zip(new, now, strict=True)]
            now = list(new)
        if node.output[0]:
            shaped = [make.shaped(each, 1, 1, batch, hidden) for each in made]
            outputs.append(make("Concat", *shaped, axis=0))
        last.append([make.shaped(each, 1, batch, hidden) for each in now])
    _finish(make, node, outputs, last, batch_first)


def _mask(make: _Builder, lengths: str, time: int) -> str:
    """Which sequences of a batch have a step, [batch, 1]."""
    has = make("Less", make.constant(np.int32(time)), lengths)
    return make("Unsqueeze", has, make.constant(np.array([1])))


def _initial(make: _Builder, value: str, number: int, batch: int, hidden: int) -> str:
    """A state before the first step, [batch, hidden]."""
    if not value:
        return make.number(0, batch, hidden)
    return make.shaped(make.part(value, 0, number, number + 1), batch, hidden)


def _finish(
    make: _Builder,
    node: NodeProto,
    outputs: Sequence[str],
    last: Sequence[Sequence[str]],
    batch_first: bool,
) -> None:
    """The node's outputs from those of its directions, and from the states after the last steps."""
    importer, names = make.importer, [*node.output, "", ""]
    if names[0]:
        whole = make("Concat", *outputs, axis=1) if len(outputs) > 1 else outputs[0]
        alias(
            importer,
            make("Transpose", whole, perm=(2, 0, 1, 3)) if batch_first else whole,
            names[0],
        )
    for name, each in zip(names[1:], range(len(last[0])), strict=False):
        states = [direction[each] for direction in last]
        if name:
            whole = make("Concat", *states, axis=0) if len(states) > 1 else states[0]
            alias(
                importer, make("Transpose", whole, perm=(1, 0, 2)) if batch_first else whole, name
            )
