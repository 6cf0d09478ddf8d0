"""Carries out, at the primitive level, the schedules that a person forces on layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf, prod
from typing import Any

from xdsl.dialects.builtin import UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.diagnostics import UserError, location_of, one_line, suggestion
from xnn.dialects.names import shown_name
from xnn.dialects.prim import (
    DataMovement,
    Domain,
    GeneralOp,
    Outermost,
    Primitive,
    ScheduleAttr,
    SliceLayout,
    TransferScheduleAttr,
)
from xnn.dialects.prim.node import FeatureMapOp, NamedOp
from xnn.dialects.prim.tiling import Form
from xnn.dialects.target import Target
from xnn.dialects.values import item_bytes
from xnn.dialects.xnn.operation import integer
from xnn.passes.schedule.closed_form import cycles_at_most
from xnn.passes.schedule.local_memory import LocalMemory, Room, aligned
from xnn.passes.schedule.residency import Residency
from xnn.passes.schedule.schedule_text import IN_PLACE, KINDS, ROWS, Forced
from xnn.passes.schedule.slice_buffers import Homes, node_buffers
from xnn.runtime.engines.engine import primitive_engine


def force_schedules(main: FuncOp, target: Target, forced: Iterable[Forced]) -> None:
    """Gives layers these schedules; raises UserError for one that cannot be, or has no room."""
    residency = Residency(main, target)
    for each in forced:
        op = _layer(main, each.layer)
        if each.memory is not None:
            _set_memory(op, each.memory, residency)
        try:
            if each.rows is not None:
                _set_ring(op, each.rows, residency)
            if not each.fields:
                continue
            if isinstance(op, Primitive):
                _set_schedule(op, each.fields, target)
            elif isinstance(op, DataMovement):
                _set_transfer_schedule(op, each.fields)
            else:
                raise UserError(f'layer "{op.shown_name}" has no blocks: its parts have')
        except VerifyException as error:
            message = f'layer "{op.shown_name}": {one_line(error)}'
            raise UserError(message, location=location_of(op)) from None
    _require_room(Residency(main, target), target)


def _layer(main: FuncOp, layer: str) -> FeatureMapOp:
    """The operation of that name, or the one that a layer of that name is fused into."""
    ops = [op for op in main.body.block.ops if isinstance(op, NamedOp)]
    names = {op: tuple(map(shown_name, op.layer_names)) for op in ops}
    found = [op for op in ops if op.shown_name == layer]
    found = found or [op for op in ops if layer in names[op]]
    found = [op for op in found if isinstance(op, FeatureMapOp)] or found  # not views of the result
    if not found:
        known = [*(op.shown_name for op in ops), *(each for op in ops for each in names[op])]
        hint = suggestion(layer, known) or "the report has the names of all layers"
        raise UserError(f'no layer is called "{layer}"', hint=hint)
    if len(found) > 1:
        several = ", ".join(op.shown_name for op in found)
        raise UserError(f'layer "{layer}" is fused into several: {several}', hint="name one")
    (op,) = found
    if not isinstance(op, FeatureMapOp):
        raise UserError(
            f'layer "{op.shown_name}" has no schedule: it runs as {op.name}',
            location=location_of(op),
        )
    return op


def _set_memory(op: FeatureMapOp, memory: str, residency: Residency) -> None:
    """Says where the result of a layer is, or what it is a part of."""
    root = op if memory == IN_PLACE else residency.buffer_of(op.feature_map).owner
    if memory == IN_PLACE and not isinstance(op, Primitive):
        raise UserError(
            f'layer "{op.shown_name}": its result cannot take the place of an operand: it runs as {op.name}',
            location=location_of(op),
        )
    if isinstance(root, FeatureMapOp):
        for each in root.PLACEMENT:
            root.properties.pop(each, None)
        root.properties[memory] = UnitAttr()
    elif memory == "local":
        raise UserError(
            f'layer "{op.shown_name}": its result cannot be local, for it lies in an argument',
            location=location_of(op),
        )


def _set_ring(op: FeatureMapOp, rows: int, residency: Residency) -> None:
    """Says how many rows of the result of a layer lie in its ring."""
    if not isinstance(op, Primitive) or residency.buffer_of(op.out) != op.out:
        raise UserError(
            f'layer "{op.shown_name}": its result cannot lie in a ring of rows: '
            "only the whole result of a primitive can",
            location=location_of(op),
        )
    op.properties[ROWS] = integer(rows)
    op.verify_()


def _require_block(op: Primitive | DataMovement, given: Mapping[str, Any], domain: Any) -> None:
    """Raises UserError unless the block has as many sizes as the domain."""
    shown = f"for sizes {list(domain)}"
    if "block" not in given:
        raise UserError(f'layer "{op.shown_name}": its schedule needs a block', hint=shown)
    if len(given["block"]) != len(domain):
        sizes = f"has {len(given['block'])} sizes, expected {len(domain)}"
        raise UserError(f'layer "{op.shown_name}": block {sizes}', hint=shown)


def _refuse(op: Primitive | DataMovement, names: Iterable[str], given: Mapping[str, Any]) -> None:
    """Raises UserError if one of these fields is given."""
    if found := [name for name in names if name in given]:
        raise UserError(f'layer "{op.shown_name}" runs on {op.engine}, which has no {found[0]}')


def _set_schedule(op: Primitive, given: Mapping[str, Any], target: Target) -> None:
    """Of the schedules with these fields the fastest by itself; a field that is there already stays."""
    engine, old = primitive_engine(op), op.schedule
    forms = engine.forms(op, target)
    if len(forms) == 1:
        _refuse(op, Form._fields, given)
    layouts = [SliceLayout.DENSE]
    if any(each.pitch_axis is not None for each in op.slices(op.domain)):
        layouts.append(SliceLayout.PITCHED)
    else:
        _refuse(op, ["layout"], given)
    if old is not None:
        given = {**old.shown, "layout": old.layout, "block": old.block.sizes, **given}
    _require_block(op, given, op.domain.sizes)
    given = {**given, "block": Domain.of_sizes(given["block"])}
    candidates = dict.fromkeys(
        ScheduleAttr(**{"layout": layout, "outermost": outermost, **form._asdict(), **given})
        for layout in layouts
        for form in forms
        for outermost in Outermost
    )

    def is_allowed(each: ScheduleAttr) -> bool:
        form = Form(each.order, each.groups_per_tile, each.output_phases)
        return bool(engine.allows(op, each.clamped(op.domain), form, target))

    allowed = [*filter(is_allowed, candidates)] or [*candidates][:1]
    op.properties["schedule"] = allowed[0]
    op.verify_()  # before prices, which take a block that can be
    if len(allowed) > 1:
        times = {each: cycles_at_most(op, each, target) for each in allowed}
        op.properties["schedule"] = min(allowed, key=lambda each: times[each] or inf)


def _set_transfer_schedule(op: DataMovement, given: Mapping[str, Any]) -> None:
    _refuse(op, [key for key in KINDS if key not in ("block", "slots")], given)
    if op.schedule is not None:
        given = {**op.schedule.shown, **given}
    _require_block(op, given, op.domain)
    op.properties["schedule"] = TransferScheduleAttr(**given)
    op.verify_()


def _require_room(residency: Residency, target: Target) -> None:
    """Raises UserError unless what is local has room, and beside it the buffers of each node with a schedule."""
    memory, capacity = LocalMemory(target), target.local.capacity_bytes
    for each in residency.kept():
        assert isinstance(each.op, NamedOp)
        if not memory.keep(each):
            raise UserError(
                f'layer "{each.op.shown_name}": its result needs {each.size} bytes of local memory, '
                f"which has {capacity}, beside what else is local",
                location=location_of(each.op),
            )
    for number, node in enumerate(residency.nodes):
        if isinstance(node, GeneralOp) or node.schedule is None:
            continue
        rooms = dict(enumerate(_rooms(number, node, target, residency.homes(node, {}))))
        if not memory.fits({key: room for key, (_, room) in rooms.items()}):
            sizes = [aligned(r.size, target.local.alignment) * r.slots for _, r in rooms.values()]
            role, largest = max(rooms.values(), key=lambda each: each[1].size * each[1].slots)
            raise UserError(
                f'layer "{node.shown_name}": its block needs {sum(sizes)} bytes of local memory, but '
                f"{residency.free()[number]} of {capacity} are free; its largest buffer, {role}, "
                f"takes {largest.slots} x {largest.size} bytes",
                hint="a smaller block, fewer slots, or feature maps that are external",
                location=location_of(node),
            )


def _rooms(
    number: int, node: Primitive | DataMovement, target: Target, homes: Homes
) -> list[tuple[str, Room]]:
    """What each buffer of a node with a schedule needs, with its role."""
    if isinstance(node, Primitive):
        assert node.schedule is not None
        own = node_buffers(node, node.schedule, target, homes).own
        return [(each.role, Room(each.bytes, each.slots, number, number)) for each in own]
    if homes:  # what is local is copied, through no buffer
        return []
    assert node.schedule is not None
    block = [min(part, size) for part, size in zip(node.schedule.block, node.domain, strict=True)]
    slots = node.schedule.slots if tuple(block) != node.domain else 1
    return [("the slice", Room(prod(block) * item_bytes(node.moved), slots, number, number))]
