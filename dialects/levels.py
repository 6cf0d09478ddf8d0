"""The level of a module: its attribute `xnn.level`.

Import and the passes that reach a level set it. A module without the attribute is at the graph level.
"""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.utils import EnumAttribute
from xdsl.ir import SpacedOpaqueSyntaxAttribute
from xdsl.irdl import irdl_attr_definition

from xnn.dialects import LEVELS, Level
from xnn.dialects.diagnostics import UserError

ATTRIBUTE = "xnn.level"


@irdl_attr_definition
class LevelAttr(EnumAttribute[Level], SpacedOpaqueSyntaxAttribute):
    name = "xnn.level"


def level_of(module: ModuleOp) -> Level:
    """The level of a module; raises UserError if the attribute is not a level."""
    attribute = module.attributes.get(ATTRIBUTE, LevelAttr(Level.XNN))
    if not isinstance(attribute, LevelAttr):
        raise UserError(
            f"{ATTRIBUTE} is {attribute}, which is not a level",
            hint=f"write #xnn<level {Level.XNN}>; levels are {', '.join(Level)}",
        )
    return attribute.data


def has_reached(module: ModuleOp, level: Level) -> bool:
    """Whether a module is at a level, or below it."""
    return LEVELS.index(level_of(module)) >= LEVELS.index(level)


def set_level(module: ModuleOp, level: Level) -> None:
    """Set the level of a module, unless it is at a lower one already."""
    if ATTRIBUTE not in module.attributes or not has_reached(module, level):
        module.attributes[ATTRIBUTE] = LevelAttr(level)
