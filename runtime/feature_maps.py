"""Which feature maps of a module a run can keep, at every level, and how those above level dsa are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import numpy as np
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp
from xdsl.interpreter import Interpreter, PythonValues
from xdsl.ir import Operation

from xnn.dialects.diagnostics import UserError, suggestion
from xnn.dialects.dma import AllocOp, ring_in
from xnn.dialects.dma.layer_blocks import layer_blocks
from xnn.dialects.dma.sequence import layers_of
from xnn.dialects.element_types import dtype_of
from xnn.dialects.names import LayerOperation, NamedOperation, shown_name
from xnn.dialects.values import element_type
from xnn.dialects.xnn.constants import ConstantExpressions
from xnn.dialects.xnn.interface import main_function
from xnn.runtime.engines.work import ATTRIBUTE, Work
from xnn.runtime.io.npz import Arrays
from xnn.runtime.machine.kept_maps import kept_buffers
from xnn.runtime.machine.machine import Machine
from xnn.runtime.report.table import listed


class Recorder(Interpreter.Listener):
    """Keeps the values of layers above level dsa, by their names: of all, or of some."""

    def __init__(self, names: Collection[str] | None = None):
        self.values: Arrays = {}
        self._names = names
        self._constants = ConstantExpressions()
        self._replaced: dict[Operation, tuple[str, np.dtype]] | None = None

    def did_interpret_op(self, op: Operation, results: PythonValues) -> None:
        name, dtype = _name(op), None
        if isinstance(op, AllocOp):
            if self._replaced is None:
                self._replaced = _replaced(op)
            name, dtype = self._replaced.get(op, (name, None))
        if name is None or self._names is not None and name not in self._names:
            return
        if _depends_on_inputs(op, self._constants):
            value = np.asarray(results[0])  # at level dma blocks still write it
            self.values[name] = value if dtype is None else value.view(dtype)


def kept_names(module: ModuleOp, machine: Machine | None) -> list[str]:
    """The layers whose feature maps a run of `module` can keep, in order; `machine` has it loaded at level dsa."""
    if machine is not None:
        return [*kept_buffers(machine)]
    constants, main = ConstantExpressions(), main_function(module)
    allocs = (op for op in main.body.block.ops if isinstance(op, AllocOp))
    replaced = {op: name for op, (name, _) in _replaced(next(allocs, None)).items()}
    return [
        name
        for op in main.walk()
        if (name := replaced.get(op, _name(op))) is not None and _depends_on_inputs(op, constants)
        if not isinstance(op, AllocOp) or ring_in(op.result) is None
    ]


def _replaced(alloc: AllocOp | None) -> dict[Operation, tuple[str, np.dtype]]:
    """Of the buffers of the function of one, those in which another feature map took the place of the one that they are
    named after: the last that did, and the type of its elements.
    """
    main = None if alloc is None else alloc.parent_op()
    if not isinstance(main, FuncOp):
        return {}
    made: dict[AllocOp, dict[str, np.dtype]] = {}
    for layer in layers_of(main).values():
        for touch in layer_blocks(layer).all_touches():
            if touch.writes and isinstance(owner := touch.root.owner, AllocOp):
                dtype = dtype_of(element_type(touch.value))
                made.setdefault(owner, {})[layer.shown_name] = dtype
    return {
        op: list(maps.items())[-1]
        for op, maps in made.items()
        if len(maps) > 1 and op.shown_name in maps
    }


def verify_names(names: Iterable[str], module: ModuleOp, machine: Machine | None) -> None:
    """Raises UserError listing all layers whose feature maps no run can keep, each with the reason."""
    known = kept_names(module, machine)
    problems = [_problem(name, module, machine, known) for name in names if name not in known]
    if problems:
        raise UserError("\n".join(problems), hint=f"there are {listed(known, 8) or 'none'}")


def _problem(name: str, module: ModuleOp, machine: Machine | None, known: list[str]) -> str:
    for layer, fused in _layers(module):
        if name in fused and name != layer:
            return f"layer '{name}' has no feature map here: it is fused into '{layer}'"
        if name == layer and machine is not None:
            return f"layer '{name}' has no feature map of its own: {_place(name, machine)}"
        if name == layer:
            return (
                f"layer '{name}' has no feature map of its own, or of some rows at a time only, "
                "or another takes its place"
            )
    near = suggestion(name, known)
    return f"no layer is called '{name}'" + (f": {near}" if near else "")


def _layers(module: ModuleOp) -> Iterator[tuple[str, list[str]]]:
    """The layers of a module, and what is fused into each."""
    for op in module.walk():
        if isinstance(op, NamedOperation) and ATTRIBUTE in op.attributes:
            yield op.shown_name, [*map(shown_name, Work.of(op).layers)]
        elif isinstance(op, LayerOperation) and op.layer_names:
            yield op.shown_name, [*map(shown_name, op.layer_names)]


def _place(layer: str, machine: Machine) -> str:
    """Where a layer writes."""
    buffers = {each.result_name.data: name for name, each in kept_buffers(machine).items()}
    written = {
        buffers[name]
        for each in machine.decoded
        if shown_name(each.op.layer.data) == layer
        for access, name in zip(each.accesses, each.op.buffer_names, strict=False)
        if access.writes and name in buffers
    }
    return f"it is a part of '{', '.join(sorted(written))}'" if written else "it computes nothing"


def _name(op: Operation) -> str | None:
    """The name of the layer whose feature map an operation returns."""
    name = op.properties.get("name")
    return shown_name(name.data) if isinstance(name, StringAttr) and len(op.results) == 1 else None


def _depends_on_inputs(op: Operation, constants: ConstantExpressions) -> bool:
    """Whether `op` is no weight: passes may compute weights anew under the same names."""
    return isinstance(op, AllocOp) or bool(op.operands) and op.results[0] not in constants
