"""What is known of the tasks of layers wherever their buffers lie: it stays known from pass to pass."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation

from xnn.dialects.dma.layer_blocks import LayerBlocks
from xnn.dialects.target import Target
from xnn.passes.schedule.demands import Demands
from xnn.passes.schedule.local_memory import slots
from xnn.passes.schedule.parts import Part, parts_of
from xnn.passes.schedule.tasks import LayerTasks


class KnownTasks:
    """The tasks of layers, what they ask of a target, and what they touch outside of their layers."""

    def __init__(self, target: Target):
        self.demands = Demands(target)
        self._layers: dict[object, LayerTasks] = {}
        """By layer, and the slots that its buffers have."""
        self._parts: dict[object, list[Part]] = {}

    @property
    def target(self) -> Target:
        """The machine."""
        return self.demands.target

    def of(self, layer: LayerBlocks) -> LayerTasks:
        """The tasks of a layer with the slots that its buffers have now."""
        key = layer, *(slots(buffer) for buffer in layer.buffers())
        if (known := self._layers.get(key)) is None:
            known = self._layers[key] = LayerTasks(layer)
        return known

    def parts(self, layer: LayerBlocks, op: Operation, blocks: Sequence[int]) -> list[Part]:
        """What an operation reads and writes for some blocks of each buffer that outlives its layer."""
        key = layer, op, tuple(blocks)
        if (known := self._parts.get(key)) is None:
            known = self._parts[key] = parts_of(layer.touches(op), blocks)
        return known


_KNOWN: WeakKeyDictionary[FuncOp, KnownTasks] = WeakKeyDictionary()


def known_tasks(main: FuncOp, target: Target) -> KnownTasks:
    """What is known of the tasks of a function on a target."""
    if (known := _KNOWN.get(main)) is None or known.target != target:
        known = _KNOWN[main] = KnownTasks(target)
    return known


def forget_tasks(main: FuncOp) -> None:
    """Frees what is known of the tasks of a function, which nobody asks for any more."""
    _KNOWN.pop(main, None)
