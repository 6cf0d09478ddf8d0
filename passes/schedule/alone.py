"""How long a node takes by itself: its schedule carried out on a module of its own, and timed exactly."""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region, SSAValue

from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import Primitive, ScheduleAttr
from xnn.dialects.target import Target
from xnn.passes.lowering.convert_to_blocks import lower_to_blocks
from xnn.passes.schedule.plan_memory import plan_memory
from xnn.passes.schedule.prediction import predict
from xnn.passes.schedule.steps import Step, StepTable, reserve


def cycles_alone(node: Primitive, schedule: ScheduleAttr, target: Target) -> int | None:
    """Cycles of a node on tensors with this schedule, its operands and result in external memory.

    None if its buffers do not fit local memory. Steps that are alike share reservations, as if they
    were all iterations of one repeat.
    """
    operands = list(dict.fromkeys(node.operands))
    block = Block(arg_types=[value.type for value in operands])
    mapping: dict[SSAValue, SSAValue] = dict(zip(operands, block.args, strict=True))
    copy = node.clone(value_mapper=mapping)
    copy.properties["schedule"] = schedule
    block.add_ops([copy, ReturnOp(copy.out)])
    types = [value.type for value in operands], [copy.out.type]
    main = FuncOp("main", types, Region(block))
    module = ModuleOp([main])
    target.attach(module)
    lower_to_blocks(main, target)
    try:
        plan_memory(main, target)
    except UserError:
        return None
    steps = list(StepTable(module).steps())
    alike: dict[object, list[Step]] = {}
    for step in steps:
        alike.setdefault((step.op, step.immediates), []).append(step)
    for each in alike.values():
        reserve(each)
    return predict(steps, target)
