"""How long a node takes by itself: its schedule carried out and timed exactly, outside of any module."""

from __future__ import annotations

from itertools import accumulate

from xdsl.ir import Block, Operation, SSAValue

from xnn.dialects.dma.layer_blocks import LayerBlocks
from xnn.dialects.dma.sequence import whole_layer
from xnn.dialects.prim import Primitive, ScheduleAttr
from xnn.dialects.target import Target
from xnn.dialects.values import value_bytes
from xnn.passes.lowering.blocks import Blocks, tensor_buffer
from xnn.passes.schedule.known_tasks import KnownTasks
from xnn.passes.schedule.lifetimes import layer_alone
from xnn.passes.schedule.local_memory import LocalMemory, aligned
from xnn.passes.schedule.order_layers import ahead_of
from xnn.passes.schedule.placed_tasks import PlacedTasks
from xnn.passes.schedule.plan_memory import write_addresses
from xnn.passes.schedule.steps import cycles_of


def cycles_alone(node: Primitive, schedule: ScheduleAttr, target: Target) -> int | None:
    """Cycles of a node on tensors with this schedule, its operands and result in external memory.

    None if its buffers do not fit local memory. Steps that are alike share reservations, as if they
    were all iterations of one repeat.
    """
    values = list(dict.fromkeys((*node.operands, node.out)))
    block = Block(arg_types=[tensor_buffer(value.type) for value in values])
    buffers: dict[SSAValue, SSAValue] = dict(zip(values, block.args, strict=True))
    blocks = Blocks(node, buffers, buffers[node.out], target, schedule).build()
    memory = LocalMemory(target)
    if not memory.fit(layer_alone(blocks).rooms):
        return None
    write_addresses(memory)
    sizes = (aligned(value_bytes(each), target.external.alignment) for each in block.args)
    external: dict[SSAValue, int] = dict(
        zip(block.args, accumulate(sizes, initial=0), strict=False)
    )

    def address(buffer: SSAValue) -> int:
        owner = buffer.owner
        return memory.addresses[owner] if isinstance(owner, Operation) else external[buffer]

    line = whole_layer(blocks, LayerBlocks(blocks), ahead_of(blocks))
    return cycles_of(PlacedTasks(KnownTasks(target), address), [line])
