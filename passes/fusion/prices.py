"""What fusion asks the engines: how many of the operators around a primitive it is best to fuse."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from xdsl.dialects.builtin import StringAttr, TensorType
from xdsl.ir import SSAValue

from xnn.dialects.prim import MapOp, Primitive, WindowAttr, element_type, shape
from xnn.dialects.target import Target
from xnn.dialects.values import value_bytes
from xnn.passes.fusion.primitive_regions import primitive, with_post, with_pre
from xnn.passes.fusion.scalar_forms import fits, scalars_of
from xnn.passes.fusion.streams import Operators
from xnn.passes.fusion.tabulate_scalars import tabulated
from xnn.runtime.engines.engine import whole_cycles


def best_fused(
    drafts: Sequence[Primitive], rests: Sequence[Primitive | None], target: Target
) -> int:
    """How many steps of fusion make a primitive and a map of the rest cheapest; of equal ones the most.

    `drafts`: the primitive with 0, 1, ... steps; `rests`: the map for the steps that each leaves.
    A target without the engines fuses all.
    """
    nodes = [node for pair in zip(drafts, rests, strict=True) for node in pair if node is not None]
    last = len(drafts) - 1
    if any(node.engine not in target.engines for node in nodes):
        return last
    times = {
        count: layer_cycles(drafts[count], target)
        + (layer_cycles(rest, target) if (rest := rests[count]) is not None else 0)
        for count in range(last, -1, -1)
    }
    return min(times, key=lambda count: times[count])


def layer_cycles(node: Primitive, target: Target) -> int:
    """The least cycles of a layer whose feature maps are external, on its engine or the bus, with tables that pay."""
    draft = tabulated(node, target)
    moved = sum(value_bytes(value) for value in {*draft.operands, draft.out})
    cycles = max(whole_cycles(draft, target), ceil(moved * target.external.cycles_per_byte))
    if draft is not node:
        draft.drop_all_references()
    return cycles


def fused_after(node: Primitive, value: SSAValue, steps: Sequence[Operators]) -> list[Primitive]:
    """Drafts of a primitive, whose result `value` is, with 0, 1, ... of the steps after it in `post`: all that fit."""
    result = [node]
    for ops in steps:
        more = scalars_of(ops, value)
        if not fits(more, result[-1]):
            break
        result.append(with_post(result[-1], more, ops[-1].result.type))
        value = ops[-1].result
    return result


def fused_before(
    node: Primitive, values: Sequence[SSAValue], steps: Sequence[Operators]
) -> list[Primitive]:
    """Drafts of a primitive with 0, 1, ... of the steps before it in `pre`: all that fit.

    `values`: its rhs, and what each step streams.
    """
    result = [node]
    for value, ops in zip(values[1:], steps, strict=True):
        more = scalars_of(ops, value)
        if not fits(more, result[-1]):
            break
        result.append(with_pre(result[-1], value, more))
    return result


def inserted(drafts: Sequence[Primitive], count: int) -> Primitive:
    """One of the drafts as an operation to insert; those after the first have no uses any more."""
    result = drafts[count]
    if count:
        result = result.clone()
        result.location = drafts[0].location
    if len(drafts) > 1:
        drafts[-1].drop_all_references()
    return result


def map_of(value: SSAValue, steps: Sequence[Operators]) -> Primitive:
    """A draft of a map of a value through steps."""
    properties = {
        "operator": StringAttr("map"),
        "name": StringAttr("map"),
        "window": WindowAttr(kernel=(1,) * (len(shape(value)) - 2)),
    }
    type = TensorType(element_type(value), shape(value))
    identity = primitive(MapOp, properties, {"rhs": value}, type)
    return fused_after(identity, value, steps)[-1]
