"""The IR: one dialect per level, and the target that a module is compiled for.

`DIALECTS` names the levels from the network to the machine; a dialect is imported on first use.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import auto
from importlib import import_module
from typing import TYPE_CHECKING

from xdsl.utils.str_enum import StrEnum

if TYPE_CHECKING:
    from xdsl.ir import Dialect


class Level(StrEnum):
    """The levels, each lowered to the next, as in `module attributes {xnn.level = #xnn<level prim>}`.

    The dialect of level `prim` is `xnn.dialects.prim.PRIM`, and so on.
    """

    XNN = auto()
    PRIM = auto()
    DMA = auto()
    DSA = auto()


LEVELS = tuple(map(str, Level))
"""Their names."""


def _factory(level: str) -> Callable[[], Dialect]:
    return lambda: getattr(import_module(f"xnn.dialects.{level}"), level.upper())


DIALECTS: dict[str, Callable[[], Dialect]] = {level: _factory(level) for level in LEVELS}
