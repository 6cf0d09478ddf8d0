"""How tests compile networks of which they ask what is computed, not how soon: at effort `fast`.

Tests of schedules, and a part of the random networks (`effort_of`), are compiled as users compile.
"""

from typing import Any

from xdsl.dialects.builtin import ModuleOp

from xnn.dialects import LEVELS
from xnn.tools.api import Hooks, compile
from xnn.tools.program import Program


def compiled(source: Any, *, effort: str = "fast", **options: Any) -> Program:
    """A network; `source` and `options`: those of the compiler."""
    return compile(source, effort=effort, **options)


def programs(source: Any, *, level: str = LEVELS[-1], **options: Any) -> dict[str, Program]:
    """The network compiled once, to be run at every level that it goes through, `level` the last."""
    found = {}

    def keep(reached: str, module: ModuleOp) -> None:
        if reached != level:
            found[reached] = Program(module.clone())

    last = compiled(source, hooks=Hooks(on_level=keep), level=level, **options)
    return {**found, level: last}


def effort_of(seed: int) -> str:
    """`default` for every third of random networks: schedules that the search finds are tested there as well."""
    return "fast" if seed % 3 else "default"
