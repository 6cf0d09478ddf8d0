"""The way of a network down the levels, one stage at a time, for benchmarks that time the stages."""

from collections.abc import Iterator
from pathlib import Path

from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.arg_spec import parse_pipeline

from tests.benchmarks.measure import cpu_seconds
from xnn.passes import PASSES
from xnn.tools.command_line.pass_list import build_passes, run_passes
from xnn.tools.parsing import make_context, read_module

STAGES = ("optimize-graph", "lower-to-primitives", "lower-to-dma", "lower-to-dsa")


def compile_by_stages(path: Path) -> Iterator[tuple[str, ModuleOp, float]]:
    """After the import and after each pipeline: its name, the module, the CPU seconds it took.

    Verification after each pass is included, as in the tools. The module is the same object each time.
    """
    context = make_context()
    module, seconds = cpu_seconds(lambda: read_module(path, context))
    yield "import", module, seconds
    for stage in STAGES:
        passes = build_passes(parse_pipeline(stage), PASSES)
        _, seconds = cpu_seconds(lambda passes=passes: run_passes(module, passes, context))
        yield stage, module, seconds
