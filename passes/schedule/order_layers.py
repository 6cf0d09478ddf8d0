"""The pass `order-layers`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import TypeVar

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, Region
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects import dma
from xnn.dialects.dma.layer_blocks import LayerOp
from xnn.dialects.dma.sequence import layers_of, order_of
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import integer
from xnn.passes.schedule.block_graph import BlockGraph
from xnn.passes.schedule.effort import TRIAL_EFFORT, Effort, effort_named, effort_of
from xnn.passes.schedule.known_tasks import known_tasks
from xnn.passes.schedule.list_scheduling import list_schedule
from xnn.passes.schedule.local_memory import slots
from xnn.passes.schedule.plan_memory import fits_local, has_addresses
from xnn.passes.schedule.prefetch_operands import planned_cycles
from xnn.passes.schedule.ring_rows import require_rows
from xnn.runtime.targets import target_of


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


MOST_BLOCKS = 4000
"""Beyond which one layer runs after the other."""
WINDOWS = (16, 4, 1)
"""How many layers may be under way at once. Where what the most need does not fit local memory, time decides, or what
fits if orders are not timed."""


_Runs = list[tuple[LayerOp, int | None]]
"""Layers, and how many of their blocks; None: all."""
_T = TypeVar("_T")


def _write(main: FuncOp, runs: _Runs) -> dma.OrderOp:
    """Writes an order of so many blocks of layers, or of all of them."""
    lines = [
        dma.RunOp.create(
            properties={
                "layer": op.result_name,
                **({} if blocks is None else {"blocks": integer(blocks)}),
                "ahead": integer(ahead_of(op)),
                "behind": integer(0),
            }
        )
        for op, blocks in runs
    ]
    last = main.body.block.last_op
    assert last is not None
    order = dma.OrderOp(Region(Block(lines)))
    main.body.block.insert_op_before(order, last)
    return order


def order_layers(main: FuncOp, target: Target, effort: Effort) -> None:
    """Writes the order of a function that has none."""
    if order_of(main) is not None:
        return
    layers = layers_of(main).values()
    in_turn = any(isinstance(op, dma.RingOp) for op in main.body.block.ops)
    blocks = sum(prod(op.grid) for op in layers if isinstance(op, dma.BlocksOp))
    if blocks > MOST_BLOCKS and not in_turn:
        _write(main, [(op, None) for op in layers])
        return
    graph = BlockGraph(layers, known_tasks(main, target))
    require_rows(graph)
    timed = blocks <= effort.timed_blocks and not has_addresses(main)
    found = list(_orders(main, graph, target, timed))
    if timed and len(found) > 1:
        trial = effort_named(TRIAL_EFFORT)
        times = [
            _with_order(main, runs, lambda order: planned_cycles(main, order, target, trial))
            for runs in found
        ]
        found = [found[times.index(min(times))]]
    _write(main, found[-1])


def _orders(main: FuncOp, graph: BlockGraph, target: Target, timed: bool) -> Iterator[_Runs]:
    """Orders that are different, among which time decides; if they are not timed the first that fits, or the last."""
    seen: list[_Runs] = []
    for inputs_arrive in (False, True) if timed else (True,):
        for window in WINDOWS:
            listed = list_schedule(graph.units, window, inputs_arrive)
            runs = [(run.unit.layer.op, run.part) for run in listed]
            fits = _with_order(main, runs, lambda order: fits_local(main, target))
            taken = runs not in seen if timed else fits or window == WINDOWS[-1]
            if taken:
                seen.append(runs)
                yield runs
            if fits and (window == WINDOWS[0] or not timed):
                break  # fewer layers at once need less, and gain nothing


def _with_order(main: FuncOp, runs: _Runs, ask: Callable[[dma.OrderOp], _T]) -> _T:
    """What is asked about a function while it has an order."""
    order = _write(main, runs)
    try:
        return ask(order)
    finally:
        Rewriter.erase_op(order)


@dataclass(frozen=True)
class OrderLayers(ModulePass):
    """Writes the order of everything: blocks as their engines get free, loads as far ahead as slots allow.

    ```mlir
    dma.blocks "relu1" [4] { %xb = dma.load %x ... slots 2 : ...  ... }
    dma.blocks "pool1" [2] { ... }
    ```
    becomes
    ```mlir
    dma.blocks "relu1" [4] { ... }
    dma.blocks "pool1" [2] { ... }
    dma.order {
      dma.run "relu1" blocks 3 ahead 1 behind 0
      dma.run "pool1" blocks 1 ahead 0 behind 0
      dma.run "relu1" blocks 1 ahead 1 behind 0
      dma.run "pool1" blocks 1 ahead 0 behind 0
    }
    ```
    Where what so many layers need has no room, fewer are under way, as is fastest with loads moved.
    Inputs of the network arrive one slice after the other: other layers may run meanwhile, if that is faster.
    Engines that read the same feature map, and need all of its banks for that, do so one after the other.
    Layers that share a ring of rows take turns, whatever the window. An order that is there already stays.
    """

    name = "order-layers"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        order_layers(main_function(op), target_of(op), effort_of(op))
