"""What advice is drawn from: a compiled network, and the same network compiled in other ways."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from xnn.dialects.prim import Domain, Primitive
from xnn.dialects.target import Target
from xnn.runtime.engines.work import Work
from xnn.runtime.machine.machine import Machine
from xnn.runtime.report import Report
from xnn.tools.program import Program


class Compile(Protocol):
    """Compiles the network again: with more changes of the target, in another number format, to another level."""

    def __call__(
        self, settings: Iterable[str] = (), quantize: str | None = None, level: str = "dsa"
    ) -> Program: ...


@dataclass(frozen=True)
class Measurements:
    """A program at level dsa, and how to make others of its network."""

    program: Program
    compile: Compile
    show: Callable[[str], None] = lambda _: None
    """Gets what is being measured, for whom it takes long."""

    @property
    def report(self) -> Report:
        return self.program.report

    @property
    def cycles(self) -> int:
        return self.report.cycles or 0

    @property
    def machine(self) -> Machine:
        machine = self.program.session.machine
        assert machine is not None
        return machine

    @property
    def target(self) -> Target:
        return self.machine.target

    @property
    def works(self) -> dict[str, Work]:
        """What each layer has to do, in the order of the report."""
        return {name: Work.of(layer) for name, layer in self.machine.program.layers.items()}

    @property
    def domains(self) -> dict[str, Domain]:
        """The iteration domain of each primitive on whole tensors, by the names of layers."""
        self.show("level prim")
        ops = self.compile(level="prim").module.walk()
        return {op.result_name.data: op.domain for op in ops if isinstance(op, Primitive)}

    def compiled(self, settings: Iterable[str] = (), quantize: str | None = None) -> Program:
        """The network compiled again."""
        self.show(", ".join((*settings, *filter(None, [quantize]))))
        return self.compile(settings, quantize)
