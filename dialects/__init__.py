"""What the IR can say: one dialect per level, and the target it speaks of.

`DIALECTS` names the levels from the network to the machine; a dialect is imported when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xdsl.ir import Dialect

LEVELS = ("xnn", "prim", "dma", "dsa")
"""The levels, each lowered to the next. The dialect of level `prim` is `xnn.dialects.prim.PRIM`, and so on."""


def _factory(level: str) -> Callable[[], Dialect]:
    return lambda: getattr(import_module(f"xnn.dialects.{level}"), level.upper())


DIALECTS: dict[str, Callable[[], Dialect]] = {level: _factory(level) for level in LEVELS}
