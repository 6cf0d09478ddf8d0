"""What fusion asks the engines: how many of the operators around a primitive it is best to fuse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil

from xdsl.dialects.builtin import StringAttr, TensorType
from xdsl.ir import SSAValue

from xnn.dialects.names import part_name
from xnn.dialects.prim import MapOp, Primitive, WindowAttr, element_type, shape
from xnn.dialects.target import Target
from xnn.dialects.values import value_bytes
from xnn.passes.fusion.primitive_regions import discard, primitive, with_post, with_pre
from xnn.passes.fusion.scalar_forms import fits
from xnn.passes.fusion.streams import Step
from xnn.passes.fusion.tabulate_scalars import tabulated
from xnn.passes.fusion.views import view_of
from xnn.runtime.engines.engine import whole_cycles

STEPS = 12
"""Steps of fusion that are priced at a time."""


def best_fused(
    drafts: Sequence[Primitive], rest_of: Callable[[int], Primitive], target: Target
) -> int:
    """How many steps of fusion make a primitive and a map of the rest cheapest; of equal ones the most.

    `drafts`: the primitive with 0, 1, ... steps; `rest_of`: the map for the steps that one of them leaves.
    A target without the engines fuses all.
    """
    best = last = len(drafts) - 1
    if not last or drafts[last].engine not in target.engines:
        return last
    least = layer_cycles(drafts[last], target)
    for count in reversed(range(last)):
        draft = drafts[count]
        if _bus_cycles(draft, target) >= least or (time := layer_cycles(draft, target)) >= least:
            continue
        rest = rest_of(count)
        known = rest.engine in target.engines
        time += layer_cycles(rest, target) if known else 0
        discard([rest], drafts)
        if not known:
            return last
        if time < least:
            best, least = count, time
    return best


def layer_cycles(node: Primitive, target: Target) -> int:
    """The least cycles of a layer whose feature maps are external, on its engine or the bus, with tables that pay."""
    draft = tabulated(node, target)
    cycles = max(whole_cycles(draft, target), _bus_cycles(draft, target))
    if draft is not node:
        draft.drop_all_references()
    return cycles


def _bus_cycles(node: Primitive, target: Target) -> int:
    """Of moving all operands and the result once."""
    moved = sum(value_bytes(value) for value in {*node.operands, node.out})
    return ceil(moved * target.external.cycles_per_byte)


def fused_after(node: Primitive, steps: Sequence[Step]) -> list[Primitive]:
    """Drafts of a primitive with 0, 1, ... of the steps after it in `post`: all that fit."""
    result = [node]
    for step in steps:
        more = step.scalars(node.out)
        if more is None or not fits(more, result[-1]):
            break
        type = TensorType(element_type(step.result), shape(node.out))
        result.append(with_post(result[-1], more, type))
    return result


def fused_before(node: Primitive, steps: Sequence[Step]) -> list[Primitive]:
    """Drafts of a primitive with 0, 1, ... of the steps before it in `pre`: all that fit."""
    result = [node]
    for step in steps:
        more = step.scalars(node.rhs)
        if more is None or not fits(more, result[-1]):
            break
        rhs = _view(step.streamed, shape(node.rhs), part_name(node.result_name.data, "rhs"))
        result.append(with_pre(result[-1], rhs, more))
    return result


def map_of(steps: Sequence[Step], sizes: Sequence[int], name: str, operator: str) -> Primitive:
    """A draft of a map, in a shape, of the value that the first step streams through all steps that fit."""
    rhs = _view(steps[0].streamed, sizes, part_name(name, "rhs"))
    properties = {
        "operator": StringAttr(operator),
        "name": StringAttr(name),
        "window": WindowAttr(kernel=(1,) * (len(sizes) - 2)),
    }
    identity = primitive(MapOp, properties, {"rhs": rhs}, TensorType(element_type(rhs), sizes))
    return fused_after(identity, steps)[-1]


def _view(value: SSAValue, sizes: Sequence[int], name: str) -> SSAValue:
    """A value in another shape, by a view in no block yet."""
    return value if shape(value) == tuple(sizes) else view_of(value, sizes, name).result
