"""One network compiled once, to be run at every level that it goes through."""

from typing import Any

from xdsl.dialects.builtin import ModuleOp

from xnn.tools.api import Hooks, Program, compile


def programs(source: Any, **options: Any) -> dict[str, Program]:
    """The network at each level; `source` and `options`: those of the compiler."""
    found = {}

    def keep(level: str, module: ModuleOp) -> None:
        found[level] = Program(module.clone())

    compile(source, hooks=Hooks(on_level=keep), **options)
    return found
