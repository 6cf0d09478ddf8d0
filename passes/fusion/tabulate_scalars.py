"""The pass `tabulate-scalars`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, prod

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects.element_types import dtype_of
from xnn.dialects.indexing_maps import TABLE_ENTRIES, table_map
from xnn.dialects.names import part_name
from xnn.dialects.prim import Primitive, RegionOperand, YieldOp, shape
from xnn.dialects.scalar import LookupOp, array_function
from xnn.dialects.target import Target
from xnn.dialects.values import element_bytes
from xnn.dialects.xnn import ConstantOp
from xnn.dialects.xnn.interface import main_function
from xnn.passes.fusion.byte_sources import byte_sources
from xnn.passes.fusion.primitive_regions import discard, insert_draft, region_block, with_region
from xnn.passes.fusion.scalar_forms import has_room
from xnn.runtime.engines.engine import operation_units, region_operations, whole_cycles
from xnn.runtime.semantics.arrays import dense_of
from xnn.runtime.targets import target_of


@dataclass(frozen=True)
class _Chain:
    """Operations of a region that compute one of its values from one byte and immediates."""

    byte: SSAValue
    value: SSAValue
    ops: Sequence[Operation]
    own: frozenset[Operation]
    """Those that nothing else needs."""

    def units(self, target: Target) -> int:
        """Price units for one element that a lookup takes the place of."""
        return sum(operation_units(op, target) for op in self.own)

    def table(self) -> np.ndarray:
        """The value for each byte, by its bits."""
        block = Block(arg_types=[self.byte.type])
        mapping: dict[SSAValue, SSAValue] = {self.byte: block.args[0]}
        block.add_ops(op.clone(value_mapper=mapping) for op in self.ops)
        block.add_op(YieldOp(mapping[self.value]))
        bytes = np.arange(TABLE_ENTRIES, dtype=np.uint8).view(dtype_of(self.byte.type))
        return array_function(block)([bytes])


def _chains(block: Block) -> list[_Chain]:
    """A chain for each value of a region that follows from a byte."""
    users: dict[SSAValue, set[Operation]] = {}
    for op in block.ops:
        for operand in op.operands:
            users.setdefault(operand, set()).add(op)
    result: list[_Chain] = []
    backwards = list(block.ops)[::-1]
    for value, byte in byte_sources(block).items():
        if byte is None or byte is value:
            continue
        needed, own = {value}, set[Operation]()
        ops: list[Operation] = []
        for op in backwards:
            if op.results and op.results[0] in needed and op.results[0] is not byte:
                ops.insert(0, op)
                needed.update(op.operands)
                if op.results[0] is value or users[op.results[0]] <= own:
                    own.add(op)
        result.append(_Chain(byte, value, ops, frozenset(own)))
    return result


def _with_table(node: Primitive, where: str, chain: _Chain, table: SSAValue) -> Primitive:
    """The primitive with a lookup in the place of a chain."""
    region, operands = _region(node, where)
    old = region.block
    operands = [*operands, (table, table_map(len(shape(node.out))))]
    block = region_block(old.arg_types[0], operands)
    mapping: dict[SSAValue, SSAValue] = dict(zip(old.args, block.args[:-1], strict=True))
    for op in old.ops:
        if op.results and op.results[0] is chain.value:
            lookup = LookupOp(block.args[-1], mapping[chain.byte])
            block.add_op(lookup)
            mapping[chain.value] = lookup.result
        elif op not in chain.own:
            block.add_op(op.clone(value_mapper=mapping))
    return with_region(node, where, operands, block)


def _region(node: Primitive, where: str) -> tuple[Region, Sequence[RegionOperand]]:
    return {
        "pre": (node.pre, node.pre_region_operands),
        "post": (node.post, node.post_region_operands),
    }[where]


@dataclass(frozen=True)
class _Price:
    """What a primitive takes: cycles of its engine, picojoules of a region."""

    cycles: int
    picojoules: float

    @staticmethod
    def of(node: Primitive, where: str, target: Target) -> _Price:
        operations = region_operations(_region(node, where)[0], target)
        each = sum(units * target.operation_pj(form) for form, units in operations.items())
        elements = prod(shape(node.rhs if where == "pre" else node.out))
        return _Price(whole_cycles(node, target), elements * each)

    def falls_by_more(self, to: _Price, bytes: int, target: Target) -> bool:
        """Whether it saves more time than bytes take on the bus, or more energy than it takes to load them."""
        price = target.energy_pj
        return self.cycles - to.cycles > ceil(
            bytes * target.external.cycles_per_byte
        ) or self.picojoules - to.picojoules > bytes * (price.external_byte + price.wire_byte)


def _tabulated(node: Primitive, where: str, target: Target) -> Primitive | None:
    """The primitive with one more table, or None if no other one pays."""
    region, _ = _region(node, where)
    if not region.blocks or not has_room(node, 1) or node.engine not in target.engines:
        return None
    chains = [(chain.units(target), chain) for chain in _chains(region.block)]
    chains = [each for each in chains if each[0] > target.operation_cycles.cheap]
    if not chains:
        return None
    price, tried = _Price.of(node, where, target), list[tuple[_Chain, int]]()
    for _, chain in sorted(chains, key=lambda each: each[0], reverse=True):
        bytes = TABLE_ENTRIES * element_bytes(chain.value.type)
        if any(chain.own <= other.own and bytes >= size for other, size in tried):
            continue  # a part of a chain whose table is no larger saves less
        tried.append((chain, bytes))
        value = dense_of(chain.table(), chain.value.type)
        name = part_name(node.result_name.data, f"table{len(node.operands)}")
        table = ConstantOp.of(name, (), {"value": value}).result
        new = _with_table(node, where, chain, table)
        if price.falls_by_more(_Price.of(new, where, target), bytes, target):
            return new
        new.drop_all_references()  # a draft that nobody wants
    return None


def tabulated(node: Primitive, target: Target) -> Primitive:
    """A draft of the primitive with tables in its regions where they pay, or itself; the tables are in no block yet."""
    for where in ("pre", "post"):
        while (new := _tabulated(node, where, target)) is not None:
            node = new
    return node


@dataclass(frozen=True)
class TabulateScalars(ModulePass):
    """Makes tables of chains of scalar operations on one byte, in `pre` and `post`: a lookup has the price of one.

    ```mlir
    post [] ( : ) {
    ^bb0(%q: i8):
      %x = prim.convert %q : i8 to f32
      %t = math.tanh %x : f32
      %y = prim.convert %t : f32 to i8
      prim.yield %y : i8
    }
    ```
    becomes
    ```mlir
    post [affine_map<(d0, d1, d2, d3) -> (0)>] (%table : tensor<256xi8>) {
    ^bb0(%q: i8, %t: tensor<256xi8>):
      %y = prim.lookup %t[%q] : tensor<256xi8>[i8] to i8
      prim.yield %y : i8
    }
    ```
    The region itself computes the table, so that all results stay as they are. A chain that several
    values need stays for the others. A table has to save more time than its way over the bus takes, or
    more energy.
    """

    name = "tabulate-scalars"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for node in list(main_function(op).body.block.ops):
            if not isinstance(node, Primitive) or not any(
                region.blocks and _chains(region.block) for region in (node.pre, node.post)
            ):
                continue
            draft = tabulated(node, target_of(op))
            if draft is not node:
                new = draft.clone()
                new.location = node.location
                discard([draft], [new])
                insert_draft(new, node)
                Rewriter.replace_op(node, [], [new.out])
