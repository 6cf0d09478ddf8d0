"""What runs and what moves, one by one, and as lines of an order: equal neighbours are one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Block, Operation, Region

from xnn.dialects import dma
from xnn.dialects.dma.layer_blocks import LayerBlocks
from xnn.dialects.dma.line import Line
from xnn.dialects.dma.order import LineOp
from xnn.dialects.dma.sequence import Cursor
from xnn.dialects.xnn.operation import integer


@dataclass(frozen=True)
class Run:
    """The next block of a layer; `ahead` and `behind` as in `dma.run`."""

    layer: str
    ahead: int
    behind: int


@dataclass(frozen=True)
class Fetch:
    """The next slice of what a layer loads."""

    layer: str
    operand: int


@dataclass(frozen=True)
class WriteBack:
    """The next store of a layer."""

    layer: str


Item = Run | Fetch | WriteBack


def counted(items: Iterable[Item]) -> Iterator[tuple[Item, int]]:
    """Equal neighbours, and how many they are."""
    for item, group in groupby(items):
        yield item, sum(1 for _ in group)


FINE_LINES = 64
"""For a layer, where blocks wait for each other as if each had a line of its own."""


def lines_of_items(
    items: Iterable[Item], layers: Mapping[str, LayerBlocks], op: Operation, fine: bool = False
) -> list[Line]:
    """What items stand for; `op` is named in faults; `fine`: long runs are several lines."""
    cursors: dict[str, Cursor] = {}
    lines: list[Line] = []
    for item, count in counted(items):
        if (cursor := cursors.get(item.layer)) is None:
            cursor = cursors[item.layer] = Cursor(layers[item.layer])
        if isinstance(item, Run):
            most = -(-cursor.layer.count // FINE_LINES) if fine else count
            for start in range(0, count, most):
                part = min(most, count - start)
                lines.append(cursor.run(op, part, item.ahead, item.behind))
        elif isinstance(item, Fetch):
            lines.append(cursor.prefetch(op, item.operand, count))
        else:
            lines.append(cursor.write_back(op, count))
    return lines


def order_of_items(items: Iterable[Item]) -> dma.OrderOp:
    """The order that runs them."""
    return dma.OrderOp(Region(Block([_line_op(*each) for each in counted(items)])))


def _line_op(item: Item, count: int) -> LineOp:
    if isinstance(item, Run):
        fields = {"blocks": count, "ahead": item.ahead, "behind": item.behind}
        kind: type[LineOp] = dma.RunOp
    elif isinstance(item, Fetch):
        fields, kind = {"operand": item.operand, "count": count}, dma.PrefetchOp
    else:
        fields, kind = {"count": count}, dma.WriteBackOp
    numbers = {name: integer(value) for name, value in fields.items()}
    return kind.create(properties={"layer": StringAttr(item.layer), **numbers})
