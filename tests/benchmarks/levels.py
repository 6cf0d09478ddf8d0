"""Compiling a network with the CPU time of each stage, verification after each pass included."""

import time
from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

import xnn
from xnn.tools.api import Hooks
from xnn.tools.program import Program


def compile_by_stages(path: Path) -> tuple[Program, dict[str, float]]:
    """The compiled network, and CPU seconds by stage: the import, then the way to each level."""
    stamps = {"": time.process_time()}

    def stamp(stage: str, _: ModuleOp) -> None:
        stamps[stage] = time.process_time()

    hooks = Hooks(on_start=lambda module: stamp("import", module), on_level=stamp)
    program = xnn.compile(path, target="edge", hooks=hooks)
    names, times = list(stamps), list(stamps.values())
    return program, {
        n: end - start for n, start, end in zip(names[1:], times, times[1:], strict=False)
    }
