"""What each level allows: one table, checked at the end of a pipeline and before a module runs."""

from __future__ import annotations

from collections.abc import Iterator

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
    for op in module.walk():
        parent = op.parent_op()
        holder = _holder(parent) if parent is not None else ""
        if isinstance(op, FuncOp) and op.sym_name.data == "main" and level in VALUES:
            kind = VALUES[level]
            for type in (*op.function_type.inputs, *op.function_type.outputs):
                if not isinstance(type, kind):
                    yield op, fault(op, f"@main has {type} at level {level}, expected {kind.name}")
                elif isinstance(type, MemRefType) and not isinstance(type.layout, NoneAttr):
                    yield op, fault(op, f"@main has {type}, which is not dense")
        if holder == "builtin.module" and isinstance(op, FuncOp) and op.sym_name.data == "weights":
            if (count := len(op.body.blocks)) != 1:
                yield op, fault(op, f"has {count} blocks, expected one")
        known = allowed.get(holder)
        dialect = "xnn" if isinstance(op, NetworkOperation) else op.dialect_name()
        if known is None or op.name in known or dialect in known:
            continue
        if op.has_trait(IsTerminator, value_if_unregistered=False):
            continue
        message = (
            f"is not allowed at level {level}, where {holder} holds {', '.join(known) or 'nothing'}"
        )
        yield op, fault(op, message)


def _holder(op: Operation) -> str:
    return f"@{op.sym_name.data}" if isinstance(op, FuncOp) else op.name
