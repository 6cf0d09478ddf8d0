"""The level of a module, which the module says itself.

Import and the passes that reach a level write it down as `xnn.level`. A module without the attribute
is at the graph level, where networks enter.
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
