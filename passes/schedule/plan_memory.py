"""The pass `plan-memory`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, IntegerAttr, ModuleOp, UnitAttr, i64
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, BlockArgument, Operation, SSAValue
from xdsl.passes import ModulePass

from xnn.dialects.diagnostics import UserError, location_of, suggestion
from xnn.dialects.dma import (
    BORROWED,
    DYNAMIC,
    AllocOp,
    ParameterOp,
    SlottedBuffer,
    is_dynamic,
    is_local,
    root_of,
)
from xnn.dialects.names import shown_name
from xnn.dialects.target import Target
from xnn.dialects.values import value_bytes
from xnn.dialects.xnn import interface
from xnn.dialects.xnn.interface import (
    argument_names,
    main_function,
    result_names,
    results_by_name,
    tensors_in,
)
from xnn.dialects.xnn.operation import integer
from xnn.passes.schedule.addresses import ADDRESS
from xnn.passes.schedule.lifetimes import Layer, Life, Lifetimes
from xnn.passes.schedule.local_memory import FeatureMap, LocalMemory, aligned, by_gain, slots
from xnn.passes.schedule.overlaps import require_apart


def _address(value: int) -> IntegerAttr:
    return IntegerAttr(value, i64)


def _set_attribute(main: FuncOp, argument: BlockArgument, name: str, value: Attribute) -> None:
    old = list(main.arg_attrs or [DictionaryAttr({})] * len(main.args))
    old[argument.index] = DictionaryAttr({**old[argument.index].data, name: value})
    main.arg_attrs = ArrayAttr(old)


def _make_dynamic(main: FuncOp, names: Iterable[str]) -> None:
    """Makes tensors outside of local memory dynamic; raises UserError for a name of none."""
    operations = list(main.body.block.ops)
    named: list[tuple[str, SSAValue]] = [
        *((op.result_name.data, op.result) for op in operations if isinstance(op, ParameterOp)),
        *zip(result_names(main), map(root_of, operations[-1].operands), strict=True),
        *zip(argument_names(main), main.args, strict=True),
    ]
    values = {shown_name(name): value for name, value in named}
    for name in names:
        if (value := values.get(name)) is None:
            raise UserError(
                f"no input, output or parameter is called '{name}'",
                hint=suggestion(name, values),
            )
        if isinstance(value, BlockArgument):
            _set_attribute(main, value, DYNAMIC, UnitAttr())
        elif isinstance(value.owner, AllocOp | ParameterOp):
            value.owner.properties["dynamic"] = UnitAttr()


def _make_borrowed(main: FuncOp, names: Iterable[str]) -> None:
    """Makes dynamic tensors borrowed; raises UserError for what is no whole buffer of the caller."""
    values = {shown_name(name): value for name, value in results_by_name(main).items()}
    values |= dict(zip(map(shown_name, argument_names(main)), main.args, strict=True))
    for name in names:
        value = values.get(name)
        if value is None or isinstance((root := root_of(value)).owner, ParameterOp):
            raise UserError(f"'{name}' is a parameter: the session lays out those")
        if value_bytes(root) != value_bytes(value):
            raise UserError(f"'{name}' is part of a larger buffer, so it cannot be borrowed alone")
        if isinstance(root, BlockArgument):
            _set_attribute(main, root, BORROWED, UnitAttr())
        elif isinstance(root.owner, AllocOp):
            root.owner.properties["borrowed"] = UnitAttr()


def _plan_external(main: FuncOp, target: Target) -> None:
    end = 0

    def take(size: int) -> IntegerAttr:
        nonlocal end
        start = end
        end = aligned(start + size, target.external.alignment)
        return _address(start)

    for argument in main.args:
        address = take(value_bytes(argument))
        if not is_dynamic(argument):
            _set_attribute(main, argument, ADDRESS, address)
    for kind in (ParameterOp, AllocOp):
        for op in main.body.block.ops:
            if isinstance(op, kind) and not is_local(op.result):
                address = take(value_bytes(op.result))
                if not is_dynamic(op.result):
                    op.properties["address"] = address
    if end > target.external.capacity_bytes:
        raise UserError(
            f"the network needs {end} bytes of external memory, "
            f"but the target has {target.external.capacity_bytes}",
            hint="a larger external.capacity_bytes",
        )


def place_local(main: FuncOp, target: Target) -> LocalMemory:
    """Finds places for the local buffers that have none; raises UserError if they do not fit."""
    lifetimes = Lifetimes(main)
    try:
        return _placed(lifetimes, LocalMemory(target), target)
    except UserError as error:
        for largest_first in (False, True):  # what is in banks of its own leaves gaps
            try:
                return _placed(lifetimes, LocalMemory(target, dense=True), target, largest_first)
            except UserError:
                continue
        raise error


def _placed(
    lifetimes: Lifetimes, memory: LocalMemory, target: Target, largest_first: bool = False
) -> LocalMemory:
    """Feature maps in the order in which they were chosen, then the buffers of layers; or what is largest first."""
    kept = [each for each in lifetimes.feature_maps() if is_local(each.op.results[0])]
    for local in kept:
        if isinstance(local.op, AllocOp) and local.op.address is not None:
            start = local.op.address.value.data
            memory.reserve(local.op, start, local.size, local.first, local.last)
    for layer in lifetimes.layers:
        for buffer, room in layer.rooms.items():
            if buffer.address is not None:
                for slot in range(slots(buffer)):
                    start = buffer.address.value.data + buffer.slot_offset(slot)
                    size = value_bytes(buffer.result)
                    memory.reserve((buffer, slot), start, size, room.first, room.last)
    items: list[FeatureMap | Layer] = [*by_gain(kept), *lifetimes.layers]
    if largest_first:
        items.sort(key=_bytes, reverse=True)
    for item in items:
        if isinstance(item, Layer):
            missing = {each: room for each, room in item.rooms.items() if each.address is None}
            if not memory.fit(missing):
                raise _does_not_fit(item, lifetimes, kept, target)
        elif "address" not in item.op.properties and not memory.keep(item):
            raise UserError(
                f'feature map "{_name(item)}" of {item.size} bytes does not fit local '
                "memory beside the others that are kept there"
            )
    return memory


def _bytes(item: FeatureMap | Layer) -> int:
    """Of a feature map, or of all buffers of a layer."""
    if isinstance(item, Layer):
        return sum(value_bytes(each.result) * slots(each) for each in item.buffers)
    return item.size


def _plan_local(main: FuncOp, target: Target) -> None:
    given = {op.address is not None for op in _local_buffers(main)}
    if False in given:
        write_addresses(place_local(main, target))
    if True in given:
        require_apart(main, target)


def _local_buffers(main: FuncOp) -> Iterator[AllocOp | SlottedBuffer]:
    for op in main.walk():
        if isinstance(op, AllocOp | SlottedBuffer) and is_local(op.result):
            yield op


def has_addresses(main: FuncOp) -> bool:
    """Whether somebody has chosen addresses in local memory."""
    return any(op.address is not None for op in _local_buffers(main))


def fits_local(main: FuncOp, target: Target) -> bool:
    """Whether local memory has room for all that a function needs there, in its order, most in banks of its own."""
    try:
        _placed(Lifetimes(main), LocalMemory(target), target)
    except UserError:
        return False
    return True


def write_addresses(memory: LocalMemory) -> None:
    """Writes the addresses, and the pitches of buffers with slots, to the operations that have the buffers."""
    for name, numbers in (("address", memory.addresses), ("pitch", memory.pitches)):
        for op, number in numbers.items():
            assert isinstance(op, Operation)
            op.properties[name] = integer(number)


def _name(local: FeatureMap) -> str:
    assert isinstance(local.op, AllocOp)
    return local.op.shown_name


def _does_not_fit(
    layer: Layer, lifetimes: Lifetimes, kept: Sequence[FeatureMap], target: Target
) -> UserError:
    """Names what a layer needs, and what else is in local memory while it runs."""

    def size(buffer: SlottedBuffer) -> int:
        return value_bytes(buffer.result) * slots(buffer)

    own, largest = sum(map(size, layer.buffers)), max(layer.buffers, key=size)
    others = sum(
        size(buffer)
        for other in lifetimes.during(layer.life)
        for buffer in other.buffers
        if other is not layer
    )
    maps = sum(m.size for m in kept if Life(m.first, m.last).meets(layer.life))
    return UserError(
        f'layer "{layer.op.shown_name}": its buffers need {own} bytes of local memory, beside {maps} of '
        f"feature maps kept there and {others} of other layers that run meanwhile, but the target has "
        f"{target.local.capacity_bytes}; the largest is {largest.result.type}, {slots(largest)} times",
        location=location_of(layer.op),
        hint="a smaller schedule block, another order, or more local memory",
    )


def plan_memory(main: FuncOp, target: Target) -> None:
    """Assigns an address to every buffer of a function; raises UserError if a memory is too small."""
    _plan_external(main, target)
    _plan_local(main, target)


@dataclass(frozen=True)
class PlanMemory(ModulePass):
    """Assigns an address to every buffer.

    ```mlir
    %y = dma.alloc "y" : memref<1x64x14x14xf32, #dma.local>
    ```
    becomes
    ```mlir
    %y = dma.alloc "y" {address = 65536 : i64} : memref<1x64x14x14xf32, #dma.local>
    ```
    In external memory everything has a place of its own: inputs, parameters, feature maps. Buffers of
    slices in local memory share addresses from layer to layer. Local addresses that are there already stay;
    if one overwrites what is still needed, it is refused. Tensors that `xnn.dynamic` of the module
    names become `dynamic`, and get none; so do those that `xnn.borrowed` names, which are `borrowed` too.
    """

    name = "plan-memory"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        main = main_function(op)
        borrowed = tensors_in(op, interface.BORROWED)
        _make_dynamic(main, [*tensors_in(op, interface.DYNAMIC), *borrowed])
        _make_borrowed(main, borrowed)
        plan_memory(main, Target.of(op))
