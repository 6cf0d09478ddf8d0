"""A run that stops where one wants it to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from xnn.runtime.machine.machine import Machine


class Walk:
    """A run of a program on inputs by name, as far as it has been taken."""

    def __init__(self, machine: Machine, inputs: Mapping[str, np.ndarray]):
        self.machine = machine
        self._inputs, self._state = inputs, machine.state
        self._nodes: Iterator[int] = iter(())
        self.node = -1
        """The one that has run last, by its place in program order."""
        self._restart()

    def __len__(self) -> int:
        return len(self.machine.expansion)

    def go_to(self, node: int) -> None:
        """Run all nodes up to one and that one; if it has run, all of them anew from the beginning."""
        if node <= self.node:
            self._restart()
        with np.errstate(all="ignore"):  # arithmetic is IEEE 754's
            while self.node < node:
                self.node = next(self._nodes)

    def _restart(self) -> None:
        self.machine.set_state(self._state)
        self.machine.load(self._inputs)
        self._nodes, self.node = self.machine.run_nodes(), -1
