"""What each level allows: one table, checked at the end of a pipeline and before a module runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xdsl.dialects.builtin import MemRefType, ModuleOp, NoneAttr, TensorType
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation
from xdsl.traits import IsTerminator
from xdsl.utils.exceptions import VerifyException

from xnn.dialects import Level
from xnn.dialects.diagnostics import fault
from xnn.dialects.levels import level_of
from xnn.dialects.xnn.operation import NetworkOperation

TILE_LOOPS = ("arith", "bufferization", "memref", "scf")
"""Dialects of the loops that `prim-expand-tiles` writes."""

ALLOWED: dict[Level, dict[str, tuple[str, ...]]] = {
    Level.XNN: {"builtin.module": ("func.func",), "@main": ("xnn",)},
    # what maps to no primitive is an operator of the network until `wrap-general`
    Level.PRIM: {"builtin.module": ("func.func",), "@main": ("prim", "xnn", *TILE_LOOPS)},
    Level.DMA: {"builtin.module": ("func.func",), "@main": ("dma", "prim.general")},
    Level.DSA: {"builtin.module": ("func.func", "dsa.program"), "@main": ()},
}
"""By level: what a module and its network may hold, operations or whole dialects.

Other operations with regions verify themselves what these hold: blocks, configurations, `pre` and `post`.
"""
VALUES = {Level.XNN: TensorType, Level.PRIM: TensorType, Level.DMA: MemRefType}
"""By level: what the network takes and returns."""
ALLOWED_AT_ALL_LEVELS = {"@weights": ("xnn",), "prim.general": ("xnn",)}


def misplaced(module: ModuleOp) -> Iterator[tuple[Operation, VerifyException]]:
    """Operations that the level of a module does not allow, each with the exception for it.

    An operator of another dialect is an operator of the network like those of `xnn`.
    """
    level = level_of(module)
    allowed = {**ALLOWED_AT_ALL_LEVELS, **ALLOWED[level]}
    yield from _misplaced_in(module, level, allowed)


def _misplaced_in(
    holder: Operation, level: Level, allowed: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[Operation, VerifyException]]:
    """The misplaced operations within `holder`."""
    name = f"@{holder.sym_name.data}" if isinstance(holder, FuncOp) else holder.name
    known = allowed.get(name)
    fits = dict[tuple[str, type[Operation]], bool]()
    for op in (op for region in holder.regions for block in region.blocks for op in block.ops):
        if isinstance(op, FuncOp):
            yield from _function_faults(op, level)
        if known is not None:
            kind = (op.name, type(op))
            if kind not in fits:
                fits[kind] = _is_one_of(known, op)
            if not fits[kind]:
                holds = f"where {name} holds {', '.join(known) or 'nothing'}"
                yield op, fault(op, f"is not allowed at level {level}, {holds}")
        if op.regions:
            yield from _misplaced_in(op, level, allowed)


def _is_one_of(known: tuple[str, ...], op: Operation) -> bool:
    dialect = "xnn" if isinstance(op, NetworkOperation) else op.dialect_name()
    is_known = op.name in known or dialect in known
    return is_known or op.has_trait(IsTerminator, value_if_unregistered=False)


def _function_faults(op: FuncOp, level: Level) -> Iterator[tuple[Operation, VerifyException]]:
    """What `level` does not allow a function to take, return or hold."""
    if op.sym_name.data == "main" and level in VALUES:
        kind = VALUES[level]
        for type in (*op.function_type.inputs, *op.function_type.outputs):
            if not isinstance(type, kind):
                yield op, fault(op, f"@main has {type} at level {level}, expected {kind.name}")
            elif isinstance(type, MemRefType) and not isinstance(type.layout, NoneAttr):
                yield op, fault(op, f"@main has {type}, which is not dense")
    is_outermost = isinstance(op.parent_op(), ModuleOp)
    if is_outermost and op.sym_name.data == "weights" and len(op.body.blocks) != 1:
        yield op, fault(op, f"has {len(op.body.blocks)} blocks, expected one")
