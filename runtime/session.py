"""One network, ready to run: initialised once, executed for any number of inputs, at any level."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter

from xnn.dialects import Level
from xnn.dialects.diagnostics import UserError
from xnn.dialects.levels import level_of
from xnn.dialects.names import shown_name
from xnn.dialects.xnn.interface import argument_names, main_function, result_names, ties
from xnn.runtime.feature_maps import Recorder, kept_names
from xnn.runtime.io.npz import Arrays
from xnn.runtime.io.ports import input_ports
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.machine.kept_maps import KeptMaps
from xnn.runtime.machine.machine import Machine
from xnn.runtime.semantics.interpret import interpreter_of


class Session:
    """Runs a module: on the machine at level dsa, by xDSL's interpreter above.

    State is kept from run to run; it starts as zeros.
    """

    def __init__(self, module: ModuleOp, store: WeightStore | None = None):
        self.module = module
        self._store = store or WeightStore()

    @cached_property
    def _state(self) -> Arrays:
        """State above level dsa."""
        ports = (port for port in input_ports(self.module) if port.is_state)
        return {port.name: np.zeros(port.shape, port.dtype) for port in ports}

    @property
    def state(self) -> Arrays:
        """State by name, with bytes of its own."""
        if self.machine is not None:
            return self.machine.state
        return {name: value.copy() for name, value in self._state.items()}

    def set_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Sets state by name; what is not named stays as it is."""
        if self.machine is not None:
            self.machine.set_state(state)
        else:
            self._state.update({name: np.array(value) for name, value in state.items()})

    def reset_state(self) -> None:
        """Makes all state zeros again."""
        self.set_state({name: np.zeros_like(value) for name, value in self.state.items()})

    @cached_property
    def machine(self) -> Machine | None:
        """The machine with the program loaded; None above level dsa."""
        at_machine = level_of(self.module) == Level.DSA
        return Machine(self.module, self._store) if at_machine else None

    @property
    def dynamic(self) -> dict[str, int]:
        """Dynamic tensors, and the addresses that they are tied to; none above level dsa."""
        return self.machine.dynamic if self.machine is not None else {}

    @property
    def bound(self) -> list[str]:
        """Names of the tensors whose bytes are those of an array of the caller."""
        return self.machine.bound if self.machine is not None else []

    def bind(self, places: Mapping[str, int | np.ndarray]) -> None:
        """Ties dynamic tensors to addresses or arrays; raises UserError for one that does not fit."""
        if self.machine is None:
            raise UserError("only a program at level dsa has addresses")
        self.machine.bind(places)

    @cached_property
    def interpreter(self) -> Interpreter:
        """The interpreter of the levels above the machine's."""
        return interpreter_of(self.module, self._store)

    @cached_property
    def kept_names(self) -> list[str]:
        """The layers whose feature maps a run can keep."""
        return kept_names(self.module, self.machine)

    def run(
        self,
        inputs: Mapping[str, np.ndarray],
        progress: Callable[[int], None] = lambda _: None,
        keep: Collection[str] = (),
    ) -> Arrays:
        """Outputs by name for one input of each name, with bytes of their own or of the arrays bound.

        Inputs that are state need not be given. `progress` gets the number of nodes run at level dsa.
        `keep` names layers (of `kept_names`) whose feature maps come with the outputs. Arithmetic is
        IEEE 754's, without warnings.
        """
        with np.errstate(all="ignore"):
            if self.machine is not None:
                return self._run_on(self.machine, inputs, progress, keep)
            if not keep:
                return self._interpret(inputs)
            recorder = Recorder(keep)
            with self.observed_by(recorder):
                outputs = self._interpret(inputs)
            kept = {name: recorder.values[name].copy() for name in keep}
            return {**outputs, **kept}

    def _run_on(
        self,
        machine: Machine,
        inputs: Mapping[str, np.ndarray],
        progress: Callable[[int], None],
        keep: Collection[str],
    ) -> Arrays:
        kept = KeptMaps(machine, keep)

        def after_node(node: int) -> None:
            kept.after_node(node)
            if node % 64 == 0:
                progress(node)

        outputs = machine.execute(inputs, after_node)
        return {**outputs, **kept.values, **outputs}  # an output may be bound to an array

    @contextmanager
    def observed_by(self, listener: Interpreter.Listener) -> Iterator[None]:
        """Within the block `listener` sees every operation; at level dsa there is none to see."""
        self.interpreter.listeners += (listener,)
        try:
            yield
        finally:
            listeners = self.interpreter.listeners
            self.interpreter.listeners = tuple(each for each in listeners if each is not listener)

    def _interpret(self, inputs: Mapping[str, np.ndarray]) -> Arrays:
        main = main_function(self.module)
        given, names = {**self.state, **inputs}, [shown_name(n) for n in argument_names(main)]
        arguments = tuple(
            np.array(given[name]) if name in self._state else given[name] for name in names
        )  # buffers of state are written
        results = self.interpreter.call_op("main", arguments)
        self.set_state({names[number]: results[result] for number, result in ties(main).items()})
        copies = map(np.array, results)  # a result may be an input, a constant, another result
        return dict(zip(map(shown_name, result_names(main)), copies, strict=True))
