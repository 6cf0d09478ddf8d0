"""The machine's program and its verifier, which works on the expansion."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Region
from xdsl.irdl import (
    IRDLOperation,
    ParsePropInAttrDict,
    irdl_op_definition,
    opt_prop_def,
    region_def,
    traits_def,
)
from xdsl.traits import NoTerminator, SymbolTable
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.diagnostics import UserError, fault
from xnn.dialects.dsa.attributes import Space
from xnn.dialects.dsa.expansion import Expansion, expand
from xnn.dialects.dsa.operations import (
    MAX_RESERVATION,
    Access,
    BufferOp,
    ConfigOp,
    Instruction,
    LayerOp,
    Node,
    OutputOp,
    PrimitiveInstruction,
    RepeatOp,
    TransferInstruction,
)
from xnn.dialects.prim import Primitive
from xnn.dialects.target import Target
from xnn.dialects.values import INTEGER, type_bytes


def _verify_node(op: Instruction, node: Node | None) -> None:
    if isinstance(op, TransferInstruction):
        return
    if node is None:
        raise fault(op, "its layer has no configuration")
    if op.engine_name != node.engine:
        raise fault(op, "its configuration is for another engine")
    if isinstance(op, PrimitiveInstruction) and isinstance(node, Primitive):
        if len(op.block.sizes.positions) != node.spatial_rank:
            raise fault(op, f"needs {node.spatial_rank} positions, as its configuration has")


def _verify_outputs(outputs: list[OutputOp], buffers: list[BufferOp]) -> None:
    """Each output has a name of its own and lies within a buffer of external memory."""
    names: set[str] = set()
    for op in outputs:
        name, start = op.result_name.data, op.address.value.data
        end = start + type_bytes(op.type)
        if name in names:
            raise fault(op, "another output has this name")
        names.add(name)
        if not any(
            first <= start and end <= first + buffer.bytes
            for buffer in buffers
            if not buffer.is_local
            for first in buffer.slot_starts
        ):
            raise fault(op, f"no buffer holds bytes {start:#x} to {end:#x} of external memory")


def _live(buffer: BufferOp, places: dict[str, int]) -> tuple[int, int]:
    if buffer.live is None:
        return 0, max(0, len(places) - 1)
    names = [name.data for name in buffer.live]
    for name in names:
        if name not in places:
            raise fault(buffer, f'live names no layer "{name}"')
    first, last = (places[name] for name in names)
    if last < first:
        raise fault(buffer, "live ends before it begins")
    return first, last


def _verify_memory(
    buffers: list[BufferOp], lives: list[tuple[int, int]], target: Target | None
) -> None:
    """Names are unique, buffers lie inside their memory, and buffers that are live at once do not overlap."""
    names: set[str] = set()
    for buffer in buffers:
        name = buffer.result_name.data
        if name in names:
            raise fault(buffer, "another buffer has this name")
        names.add(name)
        end = buffer.slot_starts[-1] + buffer.bytes
        if target is not None:
            memory = target.local if buffer.is_local else target.external
            if end > memory.capacity_bytes:
                raise fault(
                    buffer,
                    f"ends at byte {end} of {buffer.space.data} memory, "
                    f"which has {memory.capacity_bytes}",
                )
    for space in Space:
        ranges = sorted(
            (start, start + buffer.bytes, index)
            for index, buffer in enumerate(buffers)
            if buffer.space.data == space
            for start in buffer.slot_starts
        )
        for left, right in _overlapping(ranges):
            if lives[left][0] <= lives[right][1] and lives[right][0] <= lives[left][1]:
                other = buffers[right].result_name.data
                raise fault(buffers[left], f'overlaps "{other}" in {space} memory while both live')


def _overlapping(ranges: list[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """Pairs of overlapping ranges (start, end, index), given sorted by their starts."""
    open_ranges: list[tuple[int, int]] = []
    for start, end, index in ranges:
        open_ranges = [(e, i) for e, i in open_ranges if e > start]
        yield from ((other, index) for _, other in open_ranges)
        open_ranges.append((end, index))


def _verify_tokens(expansion: Expansion, target: Target | None) -> None:
    """Engines exist, and every `after` names a node."""
    engines = [op.engine_name for op in expansion.ops]
    if target is not None:
        for op in expansion.ops:
            if op.engine_name not in target.engines:
                raise fault(op, f"the target has no engine '{op.engine_name}'")
    names = sorted(set(engines))
    numbers = np.array([names.index(engine) for engine in engines], np.int64)
    sequence = numbers[expansion.op_index] if len(expansion) else numbers
    counts = {name: np.cumsum(sequence == i) for i, name in enumerate(names)}
    nodes_of = _nodes_by_op(expansion)
    for index, op in enumerate(expansion.ops):
        for engine, distance in op.tokens:
            if distance < 1:
                raise fault(op, f"after <{engine} {distance}> names no earlier node")
            if engine not in counts:
                raise fault(op, f"after names '{engine}', which runs nothing")
            before = counts[engine][nodes_of[index]] - (engine == op.engine_name)
            if before.min() < distance:
                raise fault(
                    op,
                    f"after <{engine} {distance}> names nothing: "
                    f"only {before.min()} node(s) of '{engine}' come before it",
                )


def _nodes_by_op(expansion: Expansion) -> list[np.ndarray]:
    """Rows of each operation, in program order."""
    if not expansion.ops:
        return []
    order = np.argsort(expansion.op_index, kind="stable")
    ends = np.searchsorted(expansion.op_index[order], np.arange(1, len(expansion.ops)))
    return np.split(order, ends)


def _verify_accesses(
    expansion: Expansion,
    nodes: dict[str, Node | None],
    places: dict[str, int],
    buffers: list[BufferOp],
    lives: list[tuple[int, int]],
    target: Target | None,
) -> None:
    """Every operand lies within one live buffer, is aligned, and fits the reservations of its banks."""
    slots = _live_slots(buffers, lives, len(places))
    for op, rows in zip(expansion.ops, _nodes_by_op(expansion), strict=True):
        accesses = op.accesses(nodes[op.layer.data])
        if len(accesses) != len(op.map.results):
            raise fault(op, f"needs {len(accesses)} addresses, not {len(op.map.results)}")
        addresses = expansion.addresses[rows]
        for column, access in enumerate(accesses):
            starts, ends = slots[access.local, places[op.layer.data]]
            _verify_operand(op, column, access, addresses[:, column], starts, ends)
        if target is not None and op.reservation_values:
            _verify_reservations(op, accesses, addresses, target)
        if target is not None and isinstance(op, PrimitiveInstruction):
            op.verify_block(nodes[op.layer.data], target)


def _live_slots(
    buffers: list[BufferOp], lives: list[tuple[int, int]], count: int
) -> dict[tuple[bool, int], tuple[np.ndarray, np.ndarray]]:
    """Starts and ends of the slots that live in each of `count` layers, by memory and layer."""
    always: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
    sometimes: dict[tuple[bool, int], list[tuple[int, int]]] = {}
    for buffer, (low, high) in zip(buffers, lives, strict=True):
        slots = [(start, start + buffer.bytes) for start in buffer.slot_starts]
        if buffer.live is None:
            always[buffer.is_local] += slots
            continue
        for place in range(low, high + 1):
            sometimes.setdefault((buffer.is_local, place), []).extend(slots)
    result: dict[tuple[bool, int], tuple[np.ndarray, np.ndarray]] = {}
    for local, everywhere in always.items():
        shared = np.array(sorted(everywhere), np.int64).reshape(-1, 2)
        for place in range(count):
            table = shared
            if here := sometimes.get((local, place)):
                table = np.array(sorted([*everywhere, *here]), np.int64)
            result[local, place] = table[:, 0], table[:, 1]
    return result


def _verify_operand(
    op: Instruction,
    column: int,
    access: Access,
    addresses: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
) -> None:
    where = f"operand {column} at {int(addresses[0]):#x}"
    least = min(access.sizes, default=1)
    if least < 0 or least == 0 and isinstance(op, TransferInstruction):
        raise fault(op, f"{where} has no elements: sizes {list(access.sizes)}")
    if least == 0:
        return  # all of the block's slice is pads
    if (addresses % access.itemsize).any():
        raise fault(op, f"{where} is not aligned to its {access.itemsize}-byte elements")
    holder = np.searchsorted(starts, addresses, side="right") - 1
    bad = holder < 0
    if len(starts):
        bad |= addresses > ends[np.maximum(holder, 0)] - min(access.span, 2**62)
    if bad.any():
        worst = int(addresses[np.argmax(bad)])
        space = Space.LOCAL if access.local else Space.EXTERNAL
        raise fault(
            op,
            f"operand {column} touches bytes {worst:#x} to {worst + access.span:#x} of {space} "
            "memory, which no single live buffer holds",
        )


def _verify_reservations(
    op: Instruction, accesses: tuple[Access, ...], addresses: np.ndarray, target: Target
) -> None:
    local = [column for column, access in enumerate(accesses) if access.local]
    bank = target.local.bank_bytes
    reservations = np.array(op.reservation_values, np.int64)
    first = np.stack([addresses[:, c] // bank for c in local], axis=1)
    spans = {c: max(accesses[c].span, 1) for c in local}
    last = np.stack([(addresses[:, c] + spans[c] - 1) // bank for c in local], axis=1)
    for k in range(len(local)):
        covers = (first <= first[:, k : k + 1]) & (last >= first[:, k : k + 1])
        if (covers @ reservations > MAX_RESERVATION).any():
            raise fault(op, f"reservations {reservations.tolist()} of one bank exceed 8 eighths")


@irdl_op_definition
class ProgramOp(IRDLOperation):
    """The machine's program: buffers, then layer by layer a new configuration, if it needs one, and instructions.

    ```mlir
    dsa.program {
      dsa.buffer "data" input external at 0 : memref<1x3x8x8xf32>
      ...
    }
    ```
    """

    name = "dsa.program"
    body = region_def("single_block")
    predicted_cycles = opt_prop_def(INTEGER)
    traits = traits_def(NoTerminator(), SymbolTable())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "attr-dict-with-keyword $body"

    def __init__(self, body: Region):
        super().__init__(regions=[body])

    @property
    def block(self) -> Block:
        return self.body.block

    @property
    def layers(self) -> dict[str, LayerOp]:
        """The layers by name, in order; raises VerifyException if two share a name."""
        layers: dict[str, LayerOp] = {}
        for op in self.block.ops:
            if isinstance(op, LayerOp) and layers.setdefault(op.result_name.data, op) is not op:
                raise VerifyException(f'two layers are called "{op.shown_name}"')
        return layers

    @property
    def configs(self) -> dict[str, ConfigOp | None]:
        """The configurations of the layers by the layers' names; raises VerifyException if one is missing."""
        symbols = {op.sym_name: op for op in self.block.ops if isinstance(op, ConfigOp)}
        layers = self.layers
        for op in layers.values():
            if op.config is not None and op.config not in symbols:
                raise fault(op, f"there is no configuration @{op.config.data}")
        return {
            name: symbols[op.config] if op.config is not None else None
            for name, op in layers.items()
        }

    @property
    def nodes(self) -> dict[str, Node | None]:
        """What the layers' configurations hold, by the layers' names."""
        configs = self.configs
        return {name: config.node if config else None for name, config in configs.items()}

    def verify_(self) -> None:
        """Raises VerifyException naming the first fault of the program."""
        ops = list(self.block.ops)
        for op in ops:
            if not isinstance(
                op, BufferOp | OutputOp | ConfigOp | LayerOp | Instruction | RepeatOp
            ):
                raise fault(self, f"cannot hold {op.name}")
        module = self.parent_op()
        target = Target.of(module) if isinstance(module, ModuleOp) and Target.has(module) else None
        nodes = self.nodes
        places = {name: place for place, name in enumerate(nodes)}
        buffers = [op for op in ops if isinstance(op, BufferOp)]
        lives = [_live(buffer, places) for buffer in buffers]
        _verify_memory(buffers, lives, target)
        expansion = expand(self.block)
        for op in expansion.ops:
            if op.layer.data not in nodes:
                raise fault(op, "there is no dsa.layer of this name")
            _verify_node(op, nodes[op.layer.data])
        _verify_outputs([op for op in ops if isinstance(op, OutputOp)], buffers)
        _verify_tokens(expansion, target)
        _verify_accesses(expansion, nodes, places, buffers, lives, target)


def program_of(module: ModuleOp) -> ProgramOp:
    """The machine program of a module; raises UserError if it has none."""
    for op in module.body.block.ops:
        if isinstance(op, ProgramOp):
            return op
    raise UserError("the module holds no dsa.program", hint="run --lower-to-dsa first")
