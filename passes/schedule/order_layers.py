"""The pass `order-layers`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, Region
from xdsl.passes import ModulePass

from xnn.dialects import dma
from xnn.dialects.dma.layer_blocks import LayerOp
from xnn.dialects.dma.sequence import layers_of, order_of
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import integer
from xnn.passes.schedule.local_memory import slots


def ahead_of(layer: LayerOp) -> int:
    """How far ahead of its blocks a layer can load: as far as its slots reach."""
    if not isinstance(layer, dma.BlocksOp):
        return 0
    ops = list(layer.body.block.ops)
    places = {op.local: op.map for op in ops if isinstance(op, dma.SliceOp)}
    depths = [
        slots(op.local.owner)
        for op in ops
        if isinstance(op, dma.LoadOp | dma.GatherOp)
        and isinstance(op.local.owner, dma.SlottedBuffer)
        and any(offset.used_dims() for offset in places[op.local].results)
    ]
    return min(depths, default=1) - 1


def order_layers(main: FuncOp) -> None:
    """Writes the order of a function that has none."""
    if order_of(main) is not None:
        return
    lines = [
        dma.RunOp.create(
            properties={
                "layer": StringAttr(name),
                "ahead": integer(ahead_of(layer)),
                "behind": integer(0),
            }
        )
        for name, layer in layers_of(main).items()
    ]
    last = main.body.block.last_op
    assert last is not None
    main.body.block.insert_op_before(dma.OrderOp(Region(Block(lines))), last)


@dataclass(frozen=True)
class OrderLayers(ModulePass):
    """Writes the order of everything: one layer after the other, loads as far ahead as slots allow.

    ```mlir
    dma.blocks "relu1" [4] { %xb = dma.load %x ... slots 2 : ...  ... }
    dma.blocks "relu2" [2] { ... }
    ```
    becomes
    ```mlir
    dma.blocks "relu1" [4] { ... }
    dma.blocks "relu2" [2] { ... }
    dma.order {
      dma.run "relu1" ahead 1 behind 0
      dma.run "relu2" ahead 1 behind 0
    }
    ```
    An order that is there already stays.
    """

    name = "order-layers"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        order_layers(main_function(op))
