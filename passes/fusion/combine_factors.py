"""The pass `combine-factors`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from math import prod

import numpy as np
from xdsl.context import Context
from xdsl.dialects.arith import MulfOp
from xdsl.dialects.builtin import Float32Type, Float64Type, ModuleOp
from xdsl.ir import Attribute, Block, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import Primitive
from xnn.dialects.scalar import constant, constant_number, multiply, place
from xnn.dialects.xnn.interface import main_function
from xnn.passes.fusion.byte_sources import byte_sources


def _is_inner(value: SSAValue) -> bool:
    """Whether a value is a product that only another product needs."""
    user = value.get_user_of_unique_use()
    return isinstance(value.owner, MulfOp) and isinstance(user, MulfOp)


def _factors(value: SSAValue) -> list[SSAValue]:
    """What is multiplied to make a product, in order, through products that nothing else needs."""
    assert isinstance(value.owner, MulfOp)
    return [
        factor
        for operand in value.owner.operands
        for factor in (_factors(operand) if _is_inner(operand) else [operand])
    ]


def _is_normal(number: float, type: Attribute) -> bool:
    info = np.finfo(dtype_of(type))
    return float(info.tiny) <= abs(number) <= float(info.max)


def _combined(product: SSAValue, sources: Mapping[SSAValue, SSAValue | None]) -> SSAValue | None:
    """The same product with one constant; None if it has no more, where that does most."""
    factors, type = _factors(product), product.type
    numbers = [number for each in factors if (number := constant_number(each)) is not None]
    others = [each for each in factors if constant_number(each) is None]
    of_bytes = [each for each in others if sources.get(each) is not None]
    moves = len(numbers) == 1 and of_bytes and len(others) > 1
    if not (moves or (len(numbers) > 1 and others)) or not _is_normal(prod(numbers), type):
        return None
    first = others.pop(others.index((of_bytes or others)[0]))  # once: it may be a factor twice
    return reduce(multiply, others, multiply(first, constant(prod(numbers), type)))


def combine_factors(block: Block) -> None:
    """Rewrites the products of a region."""
    sources = byte_sources(block)
    for op in reversed(list(block.ops)):
        if op.parent is None or not isinstance(op, MulfOp) or _is_inner(op.result):
            continue
        if not isinstance(op.result.type, Float32Type | Float64Type):
            continue
        if (value := _combined(op.result, sources)) is not None:
            place(draft := Block(), value)
            Rewriter.replace_op(op, [new.detach() or new for new in draft.ops], [value])
    for op in reversed(list(block.ops)):
        if op.results and not op.results[0].uses:
            Rewriter.erase_op(op)


@dataclass(frozen=True)
class CombineFactors(ModulePass):
    """Makes one constant of those that a product of `pre` or `post` has, and puts it where a table can hold it.

    ```mlir
    %f = prim.convert %q : i8 to f32
    %g = arith.mulf %f, %scale : f32
    %h = arith.mulf %g, %sum : f32
    %y = arith.mulf %h, %reciprocal : f32
    ```
    becomes, with %c = %scale * %reciprocal,
    ```mlir
    %f = prim.convert %q : i8 to f32
    %g = arith.mulf %f, %c : f32
    %y = arith.mulf %g, %sum : f32
    ```
    One constant goes to the first factor that follows from a byte, of which `tabulate-scalars` makes a
    lookup, else to the first. Products in f32 and f64 alone, whose constant neither overflows nor is
    denormal: it is rounded once, they are rounded in another order.
    """

    name = "combine-factors"
    changes_values = True

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for node in main_function(op).body.block.ops:
            if isinstance(node, Primitive):
                for region in (node.pre, node.post):
                    if region.blocks:
                        combine_factors(region.block)
