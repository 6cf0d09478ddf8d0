"""What each node costs: the terms, the rows of each operand in local memory, and what its energy counts."""

from __future__ import annotations

from collections import Counter as Multiset
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from math import ceil as whole
from math import log2, prod
from typing import Any

import numpy as np
from xdsl.dialects.builtin import MemRefType, TensorType
from xdsl.ir import Attribute

from tests.recount.block import Block, Operand, priced
from tests.recount.products import Product, table_rows
from tests.recount.program import Node, bits_of, ceil, format_of, item_bytes
from tests.recount.rows import Counter, Vectors, rows_of
from xnn.dialects.dsa import Direction, GatherOp, TransferOp
from xnn.dialects.prim import GeneralOp, MatmulOp, Order, SortOp, TopKOp
from xnn.dialects.prim.vector import MapOp, ReduceOp


@dataclass
class Cost:
    """The price of a node."""

    terms: dict[str, int]
    operands: list[Operand] = field(default_factory=list)
    """Those in local memory, with the `rows` of each."""
    rows: list[int] = field(default_factory=list)
    bus: int = 0
    """Cycles in which it holds the bus."""
    burst_bytes: int = 0
    drain: int = 0
    """Cycles from its end to its token."""
    macs: int = 0
    idle: int = 0
    mac_format: str = ""
    accumulator_bytes: int = 0
    operations: Multiset[str] = field(default_factory=Multiset)
    """Units of price by format."""

    def at(self, addresses: Sequence[int]) -> Cost:
        """The same of a node whose operands in local memory begin at other addresses."""
        moved = [replace(each, address=addresses[each.number]) for each in self.operands]
        return replace(self, operands=moved)

    @property
    def cycles(self) -> int:
        return max(self.terms.values())


def cost_of(node: Node, target: dict[str, Any]) -> Cost:
    """The price of a node on a target."""
    if isinstance(node.op, TransferOp):
        return transfer(node, target)
    if isinstance(node.op, GatherOp):
        return gather(node, target)
    if isinstance(node.node, GeneralOp):
        return general(node, target)
    block = Block(node)
    if isinstance(block.primitive, MatmulOp):
        return matmul(block, target)
    if isinstance(block.primitive, SortOp):
        return sort(block, target)
    if isinstance(block.primitive, TopKOp):
        return top_k(block, target)
    if isinstance(block.primitive, MapOp):
        return map_(block, target)
    assert isinstance(block.primitive, ReduceOp)
    return reduce(block, target)


# regions


def weights(block: Block, target: dict[str, Any]) -> tuple[int, int]:
    """Units of price of `pre` and of `post`."""
    pre, post = (
        sum(units for units, _ in priced(region, target["operation_cycles"]))
        for region in (block.primitive.pre, block.primitive.post)
    )
    return pre, post


def count_operations(
    cost: Cost, block: Block, target: dict[str, Any], lanes: int, pre: int, post: int
) -> None:
    """The energy of both regions on all lanes of so many vectors each."""
    for region, vectors in ((block.primitive.pre, pre), (block.primitive.post, post)):
        for units, type in priced(region, target["operation_cycles"]):
            cost.operations[format_of(type)] += units * lanes * vectors


def scaled(lanes: int, bits: int) -> int:
    """Lanes at a precision, for those at 8 bits."""
    return max(1, lanes * 8 // bits)


# the primitives


def matmul(block: Block, target: dict[str, Any]) -> Cost:
    op, rates = block.primitive, target["matmul"]
    assert isinstance(op, MatmulOp)
    lhs = op.packed.element_type if op.packed is not None else block.operand("lhs").element
    bits = max(bits_of(lhs), bits_of(block.streamed_type))
    n = scaled(rates["n"], bits)
    tiles = Product(block, n, target["local"]["row_bytes"])
    counters = tiles.counted()
    read = _vectors_of_rhs(block, counters)
    written = tiles.result_vectors if block.last else 0
    pre, post = weights(block, target)
    terms = {
        "tiles": tiles.cycles,
        "pre": ceil(read * pre, rates["pre_operations"]),
        "post": ceil(written * post, rates["post_operations"]),
    }
    cost = Cost(terms, block.operands, _rows(block, counters), drain=2 * n)
    columns = block.B * prod(block.P)
    cost.macs = block.G * block.M * block.C * block.taps * columns
    cost.idle = tiles.cycles * n * n - cost.macs
    cost.mac_format = _mac_format(bits, block.accumulator_type)
    if tiles.order == Order.OUTPUT_STATIONARY:
        m, _, columns = tiles.tiles
        accumulators = n * n * tiles.sets * m * columns
    else:
        accumulators = 2 * tiles.cycles * n
    cost.accumulator_bytes = accumulators * item_bytes(block.accumulator_type)
    count_operations(cost, block, target, n, read, written)
    return cost


def _mac_format(bits: int, accumulators: Attribute) -> str:
    """Multiply-accumulates of 64 bits are priced as those of f64."""
    return "f64" if bits == 64 else format_of(accumulators)[0] + str(bits)


def sort(block: Block, target: dict[str, Any]) -> Cost:
    rates, row_bytes = target["sort"], target["local"]["row_bytes"]
    lanes = scaled(rates["lanes"], bits_of(block.streamed_type))
    *rows, width = block.P
    *outer, kernel = block.kernel
    span = (width - 1) * block.strides[-1] + block.dilations[-1] * (kernel - 1) + 1
    merges = max(ceil(prod(outer) * span, 2 * lanes), ceil(width, lanes))
    counters = [
        _counted(operand, _sort_vectors(block, operand, lanes, row_bytes), row_bytes)
        for operand in block.operands
    ]
    read = _vectors_of_rhs(block, counters)
    written = block.B * block.G * prod(rows) * ceil(width, lanes)
    pre, post = weights(block, target)
    terms = {
        "merges": block.B * block.G * prod(rows) * merges,
        "pre": ceil(read * pre, rates["pre_operations"]),
        "post": ceil(written * post, rates["post_operations"]),
    }
    cost = Cost(terms, block.operands, _rows(block, counters))
    count_operations(cost, block, target, lanes, read, written)
    cost.operations[format_of(block.streamed_type)] += lanes * read
    return cost


def _sort_vectors(block: Block, operand: Operand, lanes: int, row_bytes: int) -> Iterable[set[int]]:
    """Sample by sample, channel by channel."""
    *rows, width = block.P
    *outer, kernel = block.kernel
    span = (width - 1) * block.strides[-1] + block.dilations[-1] * (kernel - 1) + 1
    for sample, channel in product(range(block.B), range(block.G)):
        start = operand.address + sample * operand.strides[0] + channel * operand.strides[1]
        if operand.role in ("pre", "post") and not operand.depends_on_position:
            yield set() if operand.is_empty else rows_of(np.array([start]), operand.size, row_bytes)
        elif operand.role in ("rhs", "pre"):
            for row, tap in product(np.ndindex(*rows), np.ndindex(*outer)):
                at = [
                    position * stride + i * dilation - pad
                    for position, stride, i, dilation, pad in zip(
                        row, block.strides, tap, block.dilations, block.pads[::2]
                    )
                ]
                inside = all(0 <= each < size for each, size in zip(at, block.existing))
                first = start + sum(operand.along(2 + i, each) for i, each in enumerate(at))
                elements = np.arange(span) - block.pads[-2]
                for i in range(0, span, lanes):
                    vector = elements[i : i + lanes]
                    vector = vector[inside & (vector >= 0) & (vector < block.existing[-1])]
                    places = first + operand.along(1 + len(block.P), vector)
                    yield rows_of(places, operand.size, row_bytes)
        else:
            for row in np.ndindex(*rows):
                first = start + sum(operand.along(2 + i, each) for i, each in enumerate(row))
                for i in range(0, width, lanes):
                    vector = np.arange(width)[i : i + lanes]
                    places = first + operand.along(1 + len(block.P), vector)
                    yield rows_of(places, operand.size, row_bytes)


def top_k(block: Block, target: dict[str, Any]) -> Cost:
    """Keys are read as a reduction reads rhs, and written as a product of k rows and one channel writes."""
    rates, row_bytes = target["sort"], target["local"]["row_bytes"]
    lanes = scaled(rates["lanes"], bits_of(block.streamed_type))
    reading, writing = copy(block), copy(block)
    reading.M, writing.C = 1, 1
    keys, result = (Product(each, lanes, row_bytes) for each in (reading, writing))
    keys.along_channels = prod(block.P) == 1
    counters = [
        before if operand.role in ("rhs", "pre") else after
        for operand, before, after in zip(block.operands, keys.counted(), result.counted())
    ]
    read = _vectors_of_rhs(block, counters)
    written = result.result_vectors if block.last else 0
    vectors, kept = ceil(block.C, lanes), ceil(block.M, lanes)
    made, run = 0 if block.first else kept, 1
    while run < vectors:
        run *= 2
        made += min(vectors, ceil(vectors, run) * min(run, kept))
    made *= block.B * prod(block.P)
    pre, post = weights(block, target)
    terms = {
        "merges": read + made,
        "pre": ceil(read * pre, rates["pre_operations"]),
        "post": ceil(written * post, rates["post_operations"]),
    }
    cost = Cost(terms, block.operands, _rows(block, counters))
    cost.accumulator_bytes = 2 * made * lanes * item_bytes(block.streamed_type)
    count_operations(cost, block, target, lanes, read, written)
    cost.operations[format_of(block.streamed_type)] += lanes * (read + made)
    return cost


def map_(block: Block, target: dict[str, Any]) -> Cost:
    row_bytes = target["local"]["row_bytes"]
    lanes = _vector_lanes(block, target)
    vectors = block.B * ceil(block.G * prod(block.P), lanes)
    pre, post = weights(block, target)
    counters = [
        _counted(operand, _map_vectors(block, operand, lanes, row_bytes), row_bytes)
        for operand in block.operands
    ]
    cost = Cost(
        {"operations": vectors * max(1, pre + post)}, block.operands, _rows(block, counters)
    )
    count_operations(cost, block, target, lanes, vectors, vectors)
    return cost


def _map_vectors(block: Block, operand: Operand, lanes: int, row_bytes: int) -> Iterable[set[int]]:
    """Sample by sample, consecutive elements of channels and positions."""
    for sample in range(block.B):
        start = np.array(operand.address + sample * operand.strides[0])
        for dimension, count in enumerate((block.G, *block.P), 1):
            start = start[..., None] + operand.along(dimension, np.arange(count))
        addresses = start.reshape(-1)
        for i in range(0, len(addresses), lanes):
            yield rows_of(addresses[i : i + lanes], operand.size, row_bytes)


def reduce(block: Block, target: dict[str, Any]) -> Cost:
    row_bytes = target["local"]["row_bytes"]
    lanes = _vector_lanes(block, target)
    pre, post = weights(block, target)
    tiles = Product(block, lanes, row_bytes)
    along_channels = prod(block.P) == block.taps == 1
    tiles.along_channels = along_channels
    counters = tiles.counted()
    read = _vectors_of_rhs(block, counters)
    columns = ceil(block.B * prod(block.P), lanes)
    if along_channels:
        cycles = block.B * ceil(block.C, lanes) * (1 + pre)
        cycles += block.B * whole(log2(min(block.C, lanes)))
        cycles += block.B * post * block.last
    else:
        cycles = columns * block.C * block.taps * (1 + pre) + columns * post * block.last
    written = columns if block.last else 0
    cost = Cost({"operations": cycles}, block.operands, _rows(block, counters))
    count_operations(cost, block, target, lanes, read, written)
    cost.operations[format_of(block.streamed_type)] += lanes * read
    return cost


def _vector_lanes(block: Block, target: dict[str, Any]) -> int:
    op = block.primitive
    types = [value.type for value in (*op.operands,) if isinstance(value.type, MemRefType)]
    return scaled(target["vector"]["lanes"], max(bits_of(type.element_type) for type in types))


def _vectors_of_rhs(block: Block, counters: list[Counter]) -> int:
    """Vectors of rhs with bytes."""
    roles = [operand.role for operand in block.operands]
    return counters[roles.index("rhs")].vectors


def _counted(operand: Operand, vectors: Iterable[set[int]], row_bytes: int) -> Counter:
    if operand.role == "table":
        return table_rows(operand, row_bytes)
    counter = Counter()
    counter.read(Vectors(vectors))
    return counter


def _rows(block: Block, counters: list[Counter]) -> list[int]:
    return [counter.rows * operand.times for operand, counter in zip(block.operands, counters)]


# transfers and general compute


def transfer(node: Node, target: dict[str, Any]) -> Cost:
    op = node.op
    assert isinstance(op, TransferOp)
    sizes, direction = op.sizes.get_values(), op.direction.data
    size = item_bytes(op.element)
    row_bytes, external = target["local"]["row_bytes"], target["external"]
    local = {Direction.LOAD: (False, True), Direction.STORE: (True, False)}.get(
        direction, (True, True)
    )
    cost = Cost({})
    all_strides = (op.source_strides.get_values(), op.target_strides.get_values())
    for number, (strides, is_local) in enumerate(zip(all_strides, local)):
        steps = tuple(size * stride for stride in strides)
        side = _side(node, number, sizes, steps)
        if is_local:
            cost.operands.append(side)
            cost.rows.append(changes(side.addresses, size, row_bytes))
        else:
            bursts = changes(side.addresses, size, external["burst_bytes"])
            cost.burst_bytes = bursts * external["burst_bytes"]
    if direction == Direction.COPY:
        cost.terms["copy"] = ceil(prod(sizes) * size, target["dma"]["local_bytes_per_cycle"])
    else:
        cost.bus = cost.terms["bus"] = bus_cycles(cost.burst_bytes, target)
    return cost


def gather(node: Node, target: dict[str, Any]) -> Cost:
    """Rows of a table by indices: each at the worst place that any row could begin."""
    op, external = node.op, target["external"]
    assert isinstance(op, GatherOp)
    outer, count, inner = sizes = op.sizes.get_values()
    size, index = item_bytes(op.element), item_bytes(op.index)
    table, indices, _ = node.addresses
    steps = tuple(size * stride for stride in op.target_strides.get_values())
    side = _side(node, 2, sizes, steps)
    rows = changes(side.addresses, size, target["local"]["row_bytes"])
    burst = external["burst_bytes"]
    bursts = changes(_addresses(indices, (count,), (index,)), index, burst)
    strides = tuple(size * stride for stride in op.source_strides.get_values())
    for each in range(outer):
        firsts = _addresses(table + each * strides[0], (op.rows.value.data,), strides[1:2])
        lasts = firsts + inner * size - 1
        bursts += count * int((lasts // burst - firsts // burst + 1).max())
    cost = Cost({}, [side], [rows], burst_bytes=bursts * burst)
    cost.bus = cost.terms["bus"] = bus_cycles(cost.burst_bytes, target)
    return cost


def _addresses(first: int, sizes: Sequence[int], steps: Sequence[int]) -> np.ndarray:
    """Of all elements, the last dimension fastest."""
    addresses = np.array(first)
    for count, step in zip(sizes, steps):
        addresses = addresses[..., None] + np.arange(count) * step
    return addresses.reshape(-1)


def _side(node: Node, number: int, sizes: tuple[int, ...], steps: tuple[int, ...]) -> Operand:
    """A side of a transfer."""
    op = node.op
    assert isinstance(op, TransferOp | GatherOp)
    role = "source" if number == 0 else "target"
    place = node.addresses[number], op.element, sizes, steps
    return Operand(number, role, *place, ring=node.rings[number])


def changes(addresses: np.ndarray, size: int, unit: int) -> int:
    """Rows or bursts of so many bytes that elements touch, each again if the element before did not touch it."""
    first, last = addresses // unit, (addresses + size - 1) // unit
    common = np.minimum(last[1:], last[:-1]) - np.maximum(first[1:], first[:-1]) + 1
    return int((last - first + 1).sum() - np.maximum(common, 0).sum())


def bus_cycles(burst_bytes: int, target: dict[str, Any]) -> int:
    """The bandwidth is the decimal number that the target's file says."""
    return ceil(burst_bytes / Fraction(str(target["external"]["bytes_per_cycle"])))


def general(node: Node, target: dict[str, Any]) -> Cost:
    op, burst = node.node, target["external"]["burst_bytes"]
    assert isinstance(op, GeneralOp)
    types = [value.type for value in op.operands]
    bursts = 0
    for address, type in zip(node.addresses, types):
        assert isinstance(type, MemRefType)
        last = address + item_bytes(type.element_type) * prod(type.get_shape()) - 1
        bursts += last // burst - address // burst + 1
    cost = Cost({}, burst_bytes=bursts * burst)
    cost.bus = bus_cycles(cost.burst_bytes, target)
    for each in op.body.block.ops:
        for name, count in (getattr(each, "price", None) or {}).items():
            type = each.results[0].type
            assert isinstance(type, TensorType)
            units = count * prod(type.get_shape()) * target["operation_cycles"][name]
            cost.operations[format_of(type.element_type)] += units
    units = sum(cost.operations.values())
    cost.terms = {"bus": cost.bus, "operations": ceil(units, target["general"]["lanes"])}
    return cost
