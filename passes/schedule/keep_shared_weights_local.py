"""The pass `keep-shared-weights-local`."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr, UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from xnn.dialects import Level
from xnn.dialects.levels import has_reached
from xnn.dialects.names import part_name
from xnn.dialects.prim import Primitive, TransferOp, shape
from xnn.dialects.prim.transfers import COPY
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, value_bytes
from xnn.dialects.xnn import ParameterOp
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import integer, integers
from xnn.passes.schedule.all_strategies import AllStrategies
from xnn.passes.schedule.effort import Effort, effort_of
from xnn.passes.schedule.local_memory import aligned
from xnn.passes.schedule.objective import transfer_price_of
from xnn.runtime.targets import target_of

MOST = 0.5
"""Of local memory, for all of them."""


def _room(main: FuncOp, target: Target, effort: Effort, transfer_price: float) -> int:
    """Bytes for weights, beside which each node still has a schedule."""
    capacity = target.local.capacity_bytes
    strategies = AllStrategies(main, target, effort, transfer_price)
    nodes = [op for op in main.body.block.ops if isinstance(op, Primitive)]
    least = [strategies.of(node, {}).front.least_memory for node in nodes]
    needed = max((each for each in least if each < inf), default=0)
    return min(int(MOST * capacity), capacity - int(needed))


def _saved(value: SSAValue, target: Target) -> float:
    """Cycles of the bus that one load instead of one for each user saves, less the latency of a layer of its own."""
    loads = len(_users(value)) - 1
    moved = loads * value_bytes(value) * target.external.cycles_per_byte
    return float(moved) - target.external.latency_cycles


def _users(value: SSAValue) -> list[Primitive]:
    """The primitives that use a parameter, each once; none if something else uses it too."""
    users = dict.fromkeys(use.operation for use in value.uses)
    primitives = [op for op in users if isinstance(op, Primitive)]
    return primitives if len(primitives) == len(users) else []


def _copy(op: ParameterOp, first: Primitive) -> TransferOp:
    """A copy of a parameter in local memory, right before its first user, for all of them."""
    sizes = shape(op.result) or (1,)
    copy = TransferOp.create(
        operands=[op.result],
        properties={
            "name": StringAttr(part_name(op.result_name.data, "local")),
            "operator": StringAttr(COPY),
            "offset": integer(0),
            "sizes": integers(sizes),
            "strides": integers(dense_strides(sizes)),
            "local": UnitAttr(),
        },
        result_types=[op.result.type],
    )
    copy.location = op.location
    op.result.replace_uses_with_if(copy.result, lambda use: use.operation is not copy)
    Rewriter.insert_op(copy, InsertPoint.before(first))
    return copy


@dataclass(frozen=True)
class KeepSharedWeightsLocal(ModulePass):
    """Loads weights that several layers use once, and keeps them in local memory from the first to the last.

    ```mlir
    %a = prim.matmul "a" "gemm" ins(%w, %x : ...) window <> -> tensor<1x32xf32>
    %b = prim.matmul "b" "gemm" ins(%w, %a : ...) window <> -> tensor<1x32xf32>
    ```
    becomes
    ```mlir
    %0 = prim.transfer "w#local" "copy" %w offset 0 sizes [32, 32] strides [32, 1] local : ...
    %a = prim.matmul "a" "gemm" ins(%0, %x : ...) window <> -> tensor<1x32xf32>
    %b = prim.matmul "b" "gemm" ins(%0, %a : ...) window <> -> tensor<1x32xf32>
    ```
    So it is with the steps of a recurrent network. Those that are used most often come first; all together take
    half of local memory at most, and leave room for a schedule of each layer. What saves less than a latency
    is loaded for each layer.
    """

    name = "keep-shared-weights-local"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if has_reached(op, Level.DMA):
            return
        main, target = main_function(op), target_of(op)
        block = main.body.block
        shared = [
            (parameter, _users(parameter.result))
            for parameter in block.ops
            if isinstance(parameter, ParameterOp) and _saved(parameter.result, target) > 0
        ]
        if not shared:
            return
        room = _room(main, target, effort_of(op), transfer_price_of(op, target))
        for parameter, users in sorted(shared, key=lambda each: -len(each[1])):
            size = aligned(value_bytes(parameter.result), target.local.alignment)
            if size <= room:
                room -= size
                _copy(parameter, min(users, key=block.get_operation_index))
