"""Running a network on several samples at once, operator by operator, for passes that change it meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn import ConstantExpressions, NetworkOperation
from xnn.dialects.xnn.interface import argument_names, main_function
from xnn.dialects.xnn.linear import MultiplyAccumulateOperation
from xnn.passes.graph.building import network_operations
from xnn.runtime.io.inputs import check_inputs, load_inputs, random_inputs
from xnn.runtime.io.ports import input_ports
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.runtime.semantics.parameters import Parameters
from xnn.runtime.session import Arrays, Session


def samples_for(module: ModuleOp, inputs: str | None, seed: int, count: int) -> list[Arrays]:
    """The samples in the .npz file `inputs`; without it, `count` random ones drawn from `seed`.

    State that they leave out is what the network leaves from one to the next.
    Raises UserError for inputs that do not fit the network, and for a `count` or `seed` out of range.
    """
    if count < 1:
        raise UserError(f"samples must be at least 1, not {count}")
    ports = input_ports(module)
    if inputs is not None:
        samples = list(load_inputs(inputs, ports))
    else:
        drawn = [port for port in ports if not port.is_state]
        given = (random_inputs(drawn, seed + number) for number in range(count))
        samples = [sample for each in given for sample in check_inputs(ports, each)]
    return list(_with_state(module, samples)) if any(port.is_state for port in ports) else samples


def _with_state(module: ModuleOp, samples: Iterable[Arrays]) -> Iterator[Arrays]:
    session = Session(module)
    for sample in samples:
        yield {**session.state, **sample}
        session.run(sample)


class Simulation:
    """Values of @main on samples, one array for each; they are kept until their last use."""

    def __init__(self, module: ModuleOp, samples: Sequence[Arrays]):
        main = main_function(module)
        self._interpreter = interpreter_of(module, WeightStore())
        self._parameters = Parameters.of(self._interpreter)
        self._constants = ConstantExpressions()
        operators = network_operations(module)
        self._operators = [op for op in operators if op.result not in self._constants]
        self._count = len(samples)
        self._values: dict[SSAValue, list[np.ndarray]] = {
            argument: [sample[name] for sample in samples]
            for name, argument in zip(argument_names(main), main.args, strict=True)
        }

    def __getitem__(self, value: SSAValue) -> list[np.ndarray]:
        """A value for each sample."""
        return self._values[value]

    def __setitem__(self, value: SSAValue, arrays: list[np.ndarray]) -> None:
        self._values[value] = arrays

    def is_constant(self, value: SSAValue) -> bool:
        return value in self._constants

    def constant(self, value: SSAValue) -> np.ndarray:
        """The value of a constant expression."""
        return self._parameters.evaluate(value)

    def run(self, op: NetworkOperation) -> list[np.ndarray]:
        """The result of an operator for each sample."""
        arrays = [
            [self.constant(value)] * self._count if self.is_constant(value) else self._values[value]
            for value in op.operands
        ]
        with np.errstate(all="ignore"):
            return [self._interpreter.run_op(op, sample)[0] for sample in zip(*arrays, strict=True)]

    def products(self) -> Iterator[MultiplyAccumulateOperation]:
        """Runs the network; yields each product before it is run, so that its operands may be changed.

        It is not run if its result has been set meanwhile.
        """
        last: dict[SSAValue, Operation] = {
            value: op for op in self._operators for value in op.operands
        }
        for op in self._operators:
            operands = list(op.operands)
            if isinstance(op, MultiplyAccumulateOperation):
                yield op
            if op.result not in self._values:
                self._values[op.result] = self.run(op)
            for value in operands:
                if last[value] is op:
                    self._values.pop(value, None)
