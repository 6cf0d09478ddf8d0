"""Timing changed orders of ResNet-50: one layer after the other loads its next blocks less far ahead."""

from xdsl.dialects.builtin import IntegerAttr, i64

from tests.benchmarks.measure import Figure, cpu_seconds, print_table, saved_network
from xnn import compile
from xnn.dialects import dma
from xnn.dialects.dma.sequence import order_of
from xnn.dialects.xnn.interface import main_function
from xnn.passes.schedule.plan_memory import PlanMemory
from xnn.passes.schedule.step_table import StepTable
from xnn.tools.parsing import make_context


def main() -> None:
    with saved_network("resnet50") as path:
        module = compile(path, level="dma").module
    PlanMemory().apply(make_context(), module)
    table, order = StepTable(module), order_of(main_function(module))
    assert order is not None
    seconds: list[float] = []
    table.cycles_in(order)
    for line in order.body.block.ops:
        if isinstance(line, dma.RunOp) and line.ahead.value.data:
            ahead, line.ahead = line.ahead, IntegerAttr(0, i64)
            seconds.append(cpu_seconds(lambda: table.cycles_in(order))[1])
            line.ahead = ahead
    nodes = sum(1 for _ in table.steps())
    print_table(
        "time of a changed order of ResNet-50",
        [
            Figure("machine nodes", nodes, ""),
            Figure("orders", len(seconds), ""),
            Figure("an order, median", 1000 * sorted(seconds)[len(seconds) // 2], "CPU ms", 50),
        ],
    )


if __name__ == "__main__":
    main()
