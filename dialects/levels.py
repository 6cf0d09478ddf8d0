"""The level of a module, which the module says itself, and what each level allows.

Import and the passes that reach a level write it down as `xnn.level`. A module without the attribute
is at the graph level, where networks enter.
"""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.dialects.builtin import MemRefType, ModuleOp, TensorType
from xdsl.dialects.func import FuncOp
from xdsl.dialects.utils import EnumAttribute
from xdsl.ir import Operation, SpacedOpaqueSyntaxAttribute
from xdsl.irdl import irdl_attr_definition
from xdsl.traits import IsTerminator
from xdsl.utils.exceptions import VerifyException

from xnn.dialects import LEVELS, Level
from xnn.dialects.diagnostics import UserError, fault

ATTRIBUTE = "xnn.level"


@irdl_attr_definition
class LevelAttr(EnumAttribute[Level], SpacedOpaqueSyntaxAttribute):
    """A `Level`: `module attributes {xnn.level = #xnn<level prim>}`."""

    name = "xnn.level"


TILE_LOOPS = ("arith", "bufferization", "memref", "scf")
"""What `prim-expand-tiles` shows a primitive with."""

ALLOWED: dict[Level, dict[str, tuple[str, ...]]] = {
    Level.XNN: {"builtin.module": ("func.func",), "@main": ("xnn",)},
    # what maps to no primitive is an operator of the network until `wrap-general`
    Level.PRIM: {"builtin.module": ("func.func",), "@main": ("prim", "xnn", *TILE_LOOPS)},
    Level.DMA: {"builtin.module": ("func.func",), "@main": ("dma", "prim.general")},
    Level.DSA: {"builtin.module": ("func.func", "dsa.program"), "@main": ()},
}
"""By level: what a module and its network may hold, operations or whole dialects.

What else holds operations says itself what they are: blocks, configurations, `pre` and `post`.
"""
VALUES = {Level.XNN: TensorType, Level.PRIM: TensorType, Level.DMA: MemRefType}
"""By level: what the network takes and returns."""
ALLOWED_AT_ALL_LEVELS = {"@weights": ("xnn",), "prim.general": ("xnn",)}


def level_of(module: ModuleOp) -> Level:
    """The level that a module says it is at; raises UserError if it says no level."""
    attribute = module.attributes.get(ATTRIBUTE, LevelAttr(Level.XNN))
    if not isinstance(attribute, LevelAttr):
        raise UserError(
            f"{ATTRIBUTE} is {attribute}, which is no level",
            hint=f"write #xnn<level {Level.XNN}>; levels are {', '.join(Level)}",
        )
    return attribute.data


def has_reached(module: ModuleOp, level: Level) -> bool:
    """Whether a module is at a level, or below it."""
    return LEVELS.index(level_of(module)) >= LEVELS.index(level)


def set_level(module: ModuleOp, level: Level) -> None:
    """Write down that a module has reached a level; one that is below it stays there."""
    if ATTRIBUTE not in module.attributes or not has_reached(module, level):
        module.attributes[ATTRIBUTE] = LevelAttr(level)


def misplaced(module: ModuleOp) -> Iterator[tuple[Operation, VerifyException]]:
    """The operations that the level of a module does not allow, each with its fault."""
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
        known = allowed.get(holder)
        if known is None or op.name in known or op.dialect_name() in known:
            continue
        if op.has_trait(IsTerminator, value_if_unregistered=False):
            continue
        message = (
            f"is not allowed at level {level}, where {holder} holds {', '.join(known) or 'nothing'}"
        )
        yield op, fault(op, message)


def _holder(op: Operation) -> str:
    return f"@{op.sym_name.data}" if isinstance(op, FuncOp) else op.name
