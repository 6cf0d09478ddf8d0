"""A network run on several samples at once, operator by operator, by passes that change it on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn import ConstantExpressions, NetworkOperation
from xnn.dialects.xnn.interface import argument_names, main_function
from xnn.dialects.xnn.linear import MultiplyAccumulateOperation
from xnn.runtime.io.inputs import check_inputs, load_inputs, random_inputs
from xnn.runtime.io.ports import input_ports
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.runtime.semantics.parameters import Parameters
from xnn.runtime.session import Arrays


def samples_for(module: ModuleOp, inputs: str | None, seed: int, count: int) -> list[Arrays]:
    """The samples in the .npz file `inputs`; without it, `count` random ones drawn from `seed`.

    Raises UserError for inputs that do not fit the network, and for a `count` or `seed` out of range.
    """
    if count < 1:
        raise UserError(f"samples must be at least 1, not {count}")
    ports = input_ports(module)
    if inputs is not None:
        return list(load_inputs(inputs, ports))
    return [
        sample
        for number in range(count)
        for sample in check_inputs(ports, random_inputs(ports, seed + number))
    ]


class Simulation:
    """Values of @main on samples, one array for each; they are kept until their last use."""

    def __init__(self, module: ModuleOp, samples: Sequence[Arrays]):
        main = main_function(module)
        self._interpreter = interpreter_of(module, WeightStore())
        self._parameters = Parameters.of(self._interpreter)
        self._constants = ConstantExpressions()
        self._operators = [
            op for op in main.body.block.ops
            if isinstance(op, NetworkOperation) and op.result not in self._constants
        ]  # fmt: skip
        self._count = len(samples)
        self._values: dict[SSAValue, list[np.ndarray]] = {
            argument: [sample[name] for sample in samples]
            for name, argument in zip(argument_names(main), main.args, strict=True)
        }

    def __getitem__(self, value: SSAValue) -> list[np.ndarray]:
        """What a value is for each sample."""
        return self._values[value]

    def __setitem__(self, value: SSAValue, arrays: list[np.ndarray]) -> None:
        self._values[value] = arrays

    def is_constant(self, value: SSAValue) -> bool:
        return value in self._constants

    def constant(self, value: SSAValue) -> np.ndarray:
        """What a constant expression is."""
        return self._parameters.evaluate(value)

    def run(self, op: NetworkOperation) -> list[np.ndarray]:
        """The result of an operator for each sample."""
        constants = {
            value: self.constant(value) for value in op.operands if self.is_constant(value)
        }
        with np.errstate(all="ignore"):
            return [
                self._interpreter.run_op(
                    op,
                    tuple(
                        constants[value] if value in constants else self._values[value][sample]
                        for value in op.operands
                    ),
                )[0]
                for sample in range(self._count)
            ]

    def products(self) -> Iterator[MultiplyAccumulateOperation]:
        """Runs the network; stops at each product, whose operands may be changed before it is run.

        It is not run if its result has been set meanwhile.
        """
        last: dict[SSAValue, Operation] = {
            value: op for op in self._operators for value in op.operands
        }
        for op in self._operators:
            maps = list(op.operands)
            if isinstance(op, MultiplyAccumulateOperation):
                yield op
            if op.result not in self._values:
                self._values[op.result] = self.run(op)
            for value in maps:
                if last[value] is op:
                    self._values.pop(value, None)
