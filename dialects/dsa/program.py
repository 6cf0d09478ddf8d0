"""The machine's program and its verifier, which works on the expansion."""

from __future__ import annotations

from collections.abc import Sequence

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
from xnn.dialects.dsa.access import Access, NodeBlock
from xnn.dialects.dsa.buffers import BufferOp, OutputOp
from xnn.dialects.dsa.configurations import ConfigOp, LayerOp
from xnn.dialects.dsa.expansion import Expansion, expand
from xnn.dialects.dsa.instructions import (
    Instruction,
    PrimitiveInstruction,
    RepeatOp,
    TransferInstruction,
)
from xnn.dialects.dsa.lifetimes import Use, verify_lifetimes
from xnn.dialects.dsa.placement import in_rings, verify_buffers, verify_operand, verify_outputs
from xnn.dialects.prim import NodeOp, Primitive
from xnn.dialects.target import LARGEST_ELEMENT, MAX_RESERVATION, Target
from xnn.dialects.values import INTEGER


def _verify_node(op: Instruction, node: NodeOp | None) -> None:
    if isinstance(op, TransferInstruction):
        return
    if node is None:
        raise fault(op, "its layer has no configuration")
    if op.engine_name != node.engine:
        raise fault(op, "its configuration is for another engine")
    if isinstance(op, PrimitiveInstruction) and isinstance(node, Primitive):
        if len(op.block.sizes.positions) != node.spatial_rank:
            raise fault(op, f"needs {node.spatial_rank} positions, as its configuration has")


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
    expansion: Expansion, nodes: dict[str, NodeOp | None], target: Target | None
) -> dict[str, list[Use]]:
    """Every operand lies in a slot of its buffer, is aligned, and fits the reservations of its banks.

    Returns the uses of each buffer.
    """
    blocks = [(nodes[op.layer.data], op.block) for op in expansion.ops]
    accesses = _accesses(expansion.ops, blocks)
    rows_of = _nodes_by_op(expansion)
    for op, touched, rows in zip(expansion.ops, accesses, rows_of, strict=True):
        if len(touched) != len(op.map.results):
            raise fault(op, f"needs {len(touched)} operands, not {len(op.map.results)}")
        for column, access in enumerate(touched):
            verify_operand(op, column, access, expansion.offsets[rows, column], expansion.buffers)
    uses: dict[str, list[Use]] = {}
    possible: set[object] = set()
    for op, each, touched, rows in zip(expansion.ops, blocks, accesses, rows_of, strict=True):
        ranges = np.zeros((len(touched), 2, len(rows)), np.int64)
        for column, (access, name) in enumerate(zip(touched, op.buffer_names, strict=True)):
            buffer, addresses = expansion.buffers[name], expansion.addresses[rows, column]
            for placed, places in in_rings(access, buffer, expansion.offsets[rows, column]):
                low = addresses[places] + placed.low
                ranges[column, 0, places] = low
                ranges[column, 1, places] = low + (max(placed.span, 1) - 1)
                for offset, part in placed.parts if 0 not in access.sizes else ():
                    what, at = f"operand {column} ", addresses[places] + offset
                    uses.setdefault(name, []).append(Use(op, what, part, at, rows[places]))
        if target is not None and op.reservation_values:
            local = [column for column, access in enumerate(touched) if access.local]
            _verify_reservations(op, ranges[local], target)
        if target is not None and isinstance(op, PrimitiveInstruction) and each not in possible:
            op.verify_block(nodes[op.layer.data], target)
            possible.add(each)
    return uses


def _accesses(
    ops: Sequence[Instruction], blocks: Sequence[tuple[NodeOp | None, NodeBlock | None]]
) -> list[tuple[Access, ...]]:
    """What each instruction touches, worked out once for equal `blocks` of one configuration."""
    known: dict[object, tuple[Access, ...]] = {}
    result: list[tuple[Access, ...]] = []
    for op, each in zip(ops, blocks, strict=True):
        node, block = each
        if block is None:
            result.append(op.accesses(node))
            continue
        if each not in known:
            known[each] = op.accesses(node)
        result.append(known[each])
    return result


def _verify_reservations(op: Instruction, ranges: np.ndarray, target: Target) -> None:
    """`ranges` [local operands, 2, nodes]: first and last byte."""
    reservations = np.array(op.reservation_values, np.int64)
    first, last = (ranges[:, end].T // target.local.bank_bytes for end in (0, 1))
    for k in range(len(ranges)):
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
    def nodes(self) -> dict[str, NodeOp | None]:
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
        buffers = [op for op in ops if isinstance(op, BufferOp)]
        outputs = [op for op in ops if isinstance(op, OutputOp)]
        verify_buffers(buffers, target)
        alignment = target.external.alignment if target is not None else LARGEST_ELEMENT
        expansion = expand(self.block, alignment)
        for op in expansion.ops:
            if op.layer.data not in nodes:
                raise fault(op, "there is no dsa.layer of this name")
            _verify_node(op, nodes[op.layer.data])
        verify_outputs(outputs, expansion.buffers)
        _verify_tokens(expansion, target)
        verify_lifetimes(expansion, _verify_accesses(expansion, nodes, target), outputs)


def program_of(module: ModuleOp) -> ProgramOp:
    """The machine program of a module; raises UserError if it has none."""
    for op in module.body.block.ops:
        if isinstance(op, ProgramOp):
            return op
    raise UserError("the module holds no dsa.program", hint="run --lower-to-dsa first")
