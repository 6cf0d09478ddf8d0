"""The order of everything at the memory level: which blocks run when, and what moves when."""

from __future__ import annotations

from abc import ABC

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Operation, Region
from xdsl.irdl import (
    IRDLOperation,
    ParsePropInAttrDict,
    irdl_op_definition,
    lazy_traits_def,
    opt_prop_def,
    prop_def,
    region_def,
    traits_def,
)
from xdsl.traits import HasParent, NoTerminator

from xnn.dialects.diagnostics import fault
from xnn.dialects.names import shown_name
from xnn.dialects.values import INTEGER

MAX_LINES = 2**20
"""Of an order: they are expanded one by one."""


class LineOp(IRDLOperation, ABC):
    """One line of the order, about one layer."""

    layer = prop_def(StringAttr)
    traits = lazy_traits_def(lambda: (HasParent(OrderOp, RepeatOp),))
    irdl_options = (ParsePropInAttrDict(),)

    @property
    def shown_layer(self) -> str:
        """The layer as the user knows it."""
        return shown_name(self.layer.data)


@irdl_op_definition
class RunOp(LineOp):
    """Runs the next blocks of a layer, or all that are left.

    Before each block come the loads, not done yet, for it and the `ahead` blocks that follow it; after
    each block the stores of results that were done `behind` blocks ago or earlier.

    `dma.run "relu1" blocks 4 ahead 1 behind 0`
    """

    name = "dma.run"
    blocks = opt_prop_def(INTEGER)
    ahead = prop_def(INTEGER)
    behind = prop_def(INTEGER)
    assembly_format = "$layer (`blocks` $blocks^)? `ahead` $ahead `behind` $behind attr-dict"

    def verify_(self) -> None:
        if self.blocks is not None and self.blocks.value.data < 1:
            raise fault(self, "blocks must be positive")
        if self.ahead.value.data < 0 or self.behind.value.data < 0:
            raise fault(self, "ahead and behind must not be negative")


@irdl_op_definition
class PrefetchOp(LineOp):
    """Loads the next slices of one operand of a layer, long before its blocks run.

    `operand` counts what the layer's blocks load, from 0.

    `dma.prefetch "relu1" operand 0 count 2`
    """

    name = "dma.prefetch"
    operand = prop_def(INTEGER)
    count = prop_def(INTEGER)
    assembly_format = "$layer `operand` $operand `count` $count attr-dict"

    def verify_(self) -> None:
        if self.operand.value.data < 0 or self.count.value.data < 1:
            raise fault(self, "operand must not be negative, count must be positive")


@irdl_op_definition
class WriteBackOp(LineOp):
    """Stores the next results of a layer whose stores were left `behind`.

    `dma.write_back "relu1" count 1`
    """

    name = "dma.write_back"
    count = prop_def(INTEGER)
    assembly_format = "$layer `count` $count attr-dict"

    def verify_(self) -> None:
        if self.count.value.data < 1:
            raise fault(self, "count must be positive")


@irdl_op_definition
class RepeatOp(IRDLOperation):
    """The lines of its body, several times. Each time they go on where the layers are then.

    ```mlir
    dma.repeat 7 {
      dma.run "conv1" blocks 2 ahead 1 behind 0
      dma.run "conv2" blocks 1 ahead 0 behind 0
    }
    ```
    """

    name = "dma.repeat"
    count = prop_def(INTEGER)
    body = region_def("single_block")
    traits = lazy_traits_def(lambda: (HasParent(OrderOp, RepeatOp), NoTerminator()))
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "$count attr-dict-with-keyword $body"

    def verify_(self) -> None:
        if self.count.value.data < 1:
            raise fault(self, "count must be positive")
        _verify_lines(self, self.body)


@irdl_op_definition
class OrderOp(IRDLOperation):
    """The order in which the layers of a function run: where they stand in the text has no effect then.

    Engines follow it, each for its own nodes, and nothing else decides order. A block needs nothing
    that comes later; what it overwrites, nobody needs any more. State, and what several layers write,
    has the values that the layers would find in the order of the text.

    A line is the unit in which layers wait for each other: what it reads of a feature map must have been
    written by the lines before, and its first node waits for the last node of those that wrote it.

    ```mlir
    dma.order {
      dma.run "conv1" ahead 1 behind 0
      dma.run "relu1" ahead 1 behind 0
    }
    ```
    """

    name = "dma.order"
    body = region_def("single_block")
    traits = traits_def(NoTerminator())
    irdl_options = (ParsePropInAttrDict(),)
    assembly_format = "attr-dict-with-keyword $body"

    def __init__(self, body: Region):
        super().__init__(regions=[body])

    def verify_(self) -> None:
        _verify_lines(self, self.body)
        if (lines := sum(map(_lines, self.body.block.ops))) > MAX_LINES:
            raise fault(self, f"stands for {lines} lines, more than {MAX_LINES}")


def _lines(op: Operation) -> int:
    """The lines that one of a body stands for."""
    if isinstance(op, RepeatOp):
        return op.count.value.data * sum(map(_lines, op.body.block.ops))
    return 1


def _verify_lines(op: IRDLOperation, body: Region) -> None:
    for each in body.block.ops:
        if not isinstance(each, LineOp | RepeatOp):
            raise fault(op, f"cannot hold {each.name}")
