"""Feature maps of a machine's program that are kept as soon as they are whole, before others take their bytes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from math import prod

import numpy as np

from xnn.dialects.dsa import BufferOp, Role
from xnn.dialects.dsa.access import Access
from xnn.dialects.element_types import dtype_of
from xnn.dialects.names import shown_name
from xnn.dialects.values import element_bytes, strides_of
from xnn.runtime.engines.work import Work
from xnn.runtime.machine.machine import Machine


def kept_buffers(machine: Machine) -> dict[str, BufferOp]:
    """The buffers that hold whole feature maps, or their rows in turn, by the names of the layers."""
    writers: dict[str, dict[str, None]] = {}
    """The layers that write a buffer, in order."""
    for each in machine.decoded:
        for access, name in zip(each.accesses, each.op.buffer_names, strict=False):
            if access.writes:
                writers.setdefault(name, {})[shown_name(each.op.layer.data)] = None
    found: dict[str, BufferOp] = {}
    for buffer in machine.buffers:
        layers = writers.get(buffer.result_name.data)
        if buffer.role.data == Role.FEATURE_MAP and layers:
            if buffer.ring is None or _is_cut(buffer, _sizes_of(machine, buffer)):
                found[buffer.shown_name] = buffer
                if buffer.shown_name in layers:  # the others take its place
                    found |= dict.fromkeys(layers, buffer)
    return found


def _sizes_of(machine: Machine, buffer: BufferOp) -> tuple[int, ...]:
    """Of the feature map of which a ring holds some rows, as its layer says."""
    layer = machine.program.layers.get(buffer.result_name.data)
    return () if layer is None else Work.of(layer).shape


def _is_cut(buffer: BufferOp, sizes: tuple[int, ...]) -> bool:
    """Whether a ring differs from a feature map of these sizes in the number of rows only."""
    ring, rows = buffer.type.get_shape(), _row_axis(buffer)
    return ring[:rows] == sizes[:rows] and ring[rows + 1 :] == sizes[rows + 1 :] != sizes[rows:]


def _row_axis(buffer: BufferOp) -> int:
    """The dimension of the rows of a ring."""
    assert buffer.ring is not None
    rows, step = buffer.ring.get_values()
    item = element_bytes(buffer.type.element_type)
    found = zip(buffer.type.get_shape(), strides_of(buffer.type), strict=True)
    return [(size, stride * item) for size, stride in found].index((rows, step))


class KeptMaps:
    """The feature maps of some layers in one run: `after_node` is called after each of its nodes."""

    def __init__(self, machine: Machine, names: Collection[str]):
        """`names`: of `kept_buffers`."""
        self.values: dict[str, np.ndarray] = {}
        """By the names of layers, in the shapes that they have in the network."""
        self._actions: dict[int, list[Callable[[], None]]] = {}
        buffers = kept_buffers(machine) if names else {}
        for name in names:
            if buffers[name].ring is None:
                self._keep_whole(machine, name, buffers[name])
            else:
                self._keep_rows(machine, name, buffers[name])

    def after_node(self, node: int) -> None:
        """What the node leaves is kept."""
        for act in self._actions.get(node, ()):
            act()

    def _keep_whole(self, machine: Machine, name: str, buffer: BufferOp) -> None:
        """The buffer, after the last node that writes it: of the layer itself, if others take its place."""
        nodes = writes_to(machine, buffer)
        ops = {node: machine.decoded[machine.expansion.op_index[node]] for node in nodes}
        own = [node for node, each in ops.items() if shown_name(each.op.layer.data) == name]
        last = max(own or nodes)
        dtype = ops[last].accesses[nodes[last][-1]].dtype

        def keep() -> None:
            self.values[name] = machine.view_of(buffer).view(dtype).copy()

        self._actions.setdefault(last, []).append(keep)

    def _keep_rows(self, machine: Machine, name: str, buffer: BufferOp) -> None:
        """Every row of a ring, after the node that writes it."""
        rows = _Rows(machine, buffer, _sizes_of(machine, buffer))
        self.values[name] = rows.whole
        for node, columns in writes_to(machine, buffer).items():
            act = _bound(rows, node, columns)
            self._actions.setdefault(node, []).append(act)


def _bound(rows: _Rows, node: int, columns: list[int]) -> Callable[[], None]:
    return lambda: rows.take(node, columns)


def writes_to(machine: Machine, buffer: BufferOp) -> Mapping[int, list[int]]:
    """The nodes that write values, not partial sums, to a buffer, and by which of their operands."""
    name = buffer.result_name.data
    columns = {
        op: found
        for op, each in enumerate(machine.decoded)
        if each.op.block is None or each.op.block.last
        if (
            found := [
                column
                for column, access in enumerate(each.accesses)
                if access.writes and each.op.buffer_names[column] == name
            ]
        )
    }
    return {
        node: columns[op]
        for node, op in enumerate(machine.expansion.op_index.tolist())
        if op in columns
    }


class _Rows:
    """A feature map of which a ring holds some rows at a time.

    Each element of the ring is written once in each lap: how often it has been says which row it is of.
    """

    def __init__(self, machine: Machine, buffer: BufferOp, sizes: tuple[int, ...]):
        dtype, ring = dtype_of(buffer.type.element_type), buffer.type.get_shape()
        self._machine, self._start = machine, machine.address_of(buffer)
        self.whole = np.zeros(sizes, dtype)
        count = buffer.bytes // dtype.itemsize
        self._places, self._laps = np.zeros(count, np.int64), np.zeros(count, np.int64)
        """Of each element of the ring: where it is in the first lap, and how often it has been written."""
        first = tuple(map(slice, ring))
        inside = Access("ring", True, True, True, ring, strides_of(buffer.type), dtype)
        _elements(self._places, 0, inside)[...] = np.arange(prod(sizes)).reshape(sizes)[first]
        axis = _row_axis(buffer)
        self._lap = ring[axis] * prod(sizes[axis + 1 :])

    def take(self, node: int, columns: Iterable[int]) -> None:
        """Keep what a node has just written by some of its operands."""
        for column in columns:
            for address, access, view in self._machine.views_of(node, column):
                at = (address - self._start) // access.itemsize
                places, laps = (_elements(each, at, access) for each in (self._places, self._laps))
                self.whole.reshape(-1)[places + laps * self._lap] = view
                laps += 1


def _elements(flat: np.ndarray, at: int, access: Access) -> np.ndarray:
    """Those of `flat`, which has one for each element of a buffer, that an access at an element touches."""
    strides = tuple(stride * flat.itemsize for stride in access.strides)
    return np.ndarray(access.sizes, flat.dtype, flat.data, at * flat.itemsize, strides)
