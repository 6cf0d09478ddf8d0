"""The text of each layer at each level: the operations that carry its name, as they are printed there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import NamedTuple

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.printer import Printer

from xnn.dialects.dsa import ConfigOp, LayerOp, ProgramOp
from xnn.dialects.dsa.instructions import Instruction, RepeatOp
from xnn.dialects.names import NamedOperation, split_name
from xnn.dialects.xnn.interface import main_function
from xnn.runtime.engines.work import Work
from xnn.runtime.machine.machine import Machine

MOST_CHARACTERS = 8_000
"""Of a layer at one level, in whole operations; how many are left out is said."""
MOST_IN_ALL = 4_000_000
"""Of all layers at all levels, each as much of it as any other: so that a page of many layers can still be sent."""


class _Part(NamedTuple):
    """An operation as text, with the names in the IR of what it belongs to."""

    names: tuple[str, ...]
    text: str | None
    """None if all that it belongs to have as much text as is shown."""


class LevelTexts:
    """What a compilation says at each level; `take` is told of the levels while it is under way."""

    def __init__(self) -> None:
        self._levels: dict[str, list[_Part]] = {}

    def take(self, level: str, module: ModuleOp) -> None:
        """Keep the text of a module, which may change afterwards."""
        self._levels[level] = list(_parts(module))

    def by_layer(self, machine: Machine) -> dict[str, list[str]]:
        """For each level that was taken the text of each layer of a program, in their order."""
        layers = [(name, *Work.of(op).layers) for name, op in machine.program.layers.items()]
        share = MOST_IN_ALL // max(1, len(self._levels) * len(layers))
        most = min(share, MOST_CHARACTERS)
        return {level: _by_layer(parts, layers, most) for level, parts in self._levels.items()}


def _parts(module: ModuleOp) -> Iterator[_Part]:
    """The operations of the network that have names, each with what it reads that is defined by nothing else."""
    printer = Printer(stream=StringIO())

    def text(op: Operation) -> str:
        printer.stream = StringIO()
        printer.print_op(op)
        return printer.stream.getvalue().strip()

    program = next((op for op in module.ops if isinstance(op, ProgramOp)), None)
    ops = list((program or main_function(module)).body.block.ops)
    users: dict[str, list[str]] = {}
    for op in ops:
        if isinstance(op, LayerOp) and op.config is not None:
            users.setdefault(op.config.data, []).append(op.result_name.data)
    sources: dict[Operation, str] = {}
    written = Counter[str]()
    for op in ops:
        names = tuple(users.get(op.sym_name.data, ()) if isinstance(op, ConfigOp) else _names(op))
        if names and min(written[name] for name in names) > MOST_CHARACTERS:
            yield _Part(names, None)
        elif names:
            found = dict.fromkeys(each for each in _sources(op) if each.parent is op.parent)
            sources |= {each: text(each) for each in found if each not in sources}
            shown = "\n".join([*(sources[each] for each in found), text(op)])
            written.update(dict.fromkeys(names, len(shown)))
            yield _Part(names, shown)


def _sources(op: Operation) -> Iterator[Operation]:
    """The operations that read nothing, and of which an operation reads, also inside, what they define."""
    for each in op.walk():
        for operand in each.operands:
            if isinstance(operand.owner, Operation) and not operand.owner.operands:
                yield operand.owner


def _names(op: Operation) -> Iterable[str]:
    if isinstance(op, Instruction):
        return (op.layer.data,)
    if isinstance(op, RepeatOp):
        return dict.fromkeys(each.layer.data for each in op.walk() if isinstance(each, Instruction))
    if isinstance(op, NamedOperation) and (op.operands or op.regions or not op.results):
        return (op.result_name.data,)
    return ()


def _by_layer(parts: Sequence[_Part], layers: Sequence[tuple[str, ...]], most: int) -> list[str]:
    """The texts of what has the name of a layer, or of one fused into it; else of what has that of its tensor."""
    named: dict[str, list[int]] = {}
    for number, part in enumerate(parts):
        for name in part.names:
            named.setdefault(name, []).append(number)
    return [
        _joined([parts[number].text for number in sorted(found)], most)
        for layer in layers
        for found in [_found(named, layer) or _found(named, [split_name(n)[0] for n in layer])]
    ]


def _found(named: dict[str, list[int]], names: Iterable[str]) -> set[int]:
    return {number for name in names for number in named.get(name, ())}


def _joined(texts: Sequence[str | None], most: int) -> str:
    """The first texts, of so many characters or one, and how many there are more."""
    kept: list[str] = []
    for text in texts:
        if text is None or (kept and sum(map(len, kept)) + len(text) > most):
            break
        kept.append(text)
    left = len(texts) - len(kept)
    return "\n".join([*kept, f"… and {left:,} operations more"] if left else kept)
