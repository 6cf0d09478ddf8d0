"""What the nodes of an instruction do with the bytes of the memories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from xdsl.interpreter import Interpreter

from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa import GatherOp, TransferOp
from xnn.dialects.dsa.access import Access
from xnn.dialects.dsa.instructions import PrimitiveInstruction
from xnn.dialects.names import shown_name
from xnn.dialects.prim import GeneralOp, Primitive
from xnn.runtime.engines.transfer import gather, move
from xnn.runtime.machine.decoded import Decoded
from xnn.runtime.machine.memory import Memory
from xnn.runtime.semantics.prim import PrimitiveFunction, run_general

Runner = Callable[[Sequence[int]], None]
"""Runs a node whose operands are at these addresses."""


class Runners:
    """Makes the runners of instructions; `interpreter` runs what general compute does."""

    def __init__(self, interpreter: Interpreter):
        self._interpreter = interpreter
        self._functions = cache(PrimitiveFunction)  # one for all blocks of a layer

    def of(
        self,
        each: Decoded,
        memories: Sequence[Memory],
        accesses: Callable[[Sequence[int]], Sequence[Access]],
    ) -> Runner:
        """The runner of an instruction whose operands lie in `memories`.

        `accesses`: what it touches at some addresses, where rings may end in it.
        """
        compute = self._computation(each)
        if each.in_ring:
            return lambda addresses: _run_in_rings(
                compute, memories, accesses(addresses), addresses
            )
        plans = [
            (memory, access.dtype, access.sizes, access.strides)
            for access, memory in zip(each.accesses, memories, strict=False)
        ]

        def run(addresses: Sequence[int]) -> None:
            compute(
                [
                    memory.view(address, dtype, sizes, strides)
                    for (memory, dtype, sizes, strides), address in zip(
                        plans, addresses, strict=False
                    )
                ]
            )

        return run

    def _computation(self, each: Decoded) -> Callable[[Sequence[np.ndarray]], None]:
        """What the nodes of an instruction do with their operands."""
        op, node = each.op, each.node
        if isinstance(op, TransferOp):
            return lambda operands: move(*operands)
        if isinstance(op, GatherOp):
            return lambda operands: gather(*operands)
        if isinstance(node, GeneralOp):

            def general(operands: Sequence[np.ndarray]) -> None:
                *inputs, out = operands
                try:
                    out[...] = run_general(self._interpreter, node, inputs)
                except UserError as error:  # a configuration does not know whose it is
                    raise UserError(f'layer "{shown_name(op.layer.data)}": {error}') from error

            return general
        assert isinstance(op, PrimitiveInstruction) and isinstance(node, Primitive)
        block, run_block = op.block, self._functions(node).run_block
        return lambda operands: run_block(operands, block)


def _run_in_rings(
    compute: Callable[[Sequence[np.ndarray]], None],
    memories: Sequence[Memory],
    accesses: Sequence[Access],
    addresses: Sequence[int],
) -> None:
    """Compute with operands of which some wrap: those are put together before, and taken apart after."""
    where = zip(memories, accesses, addresses, strict=False)
    parts = [_parts(*operand) for operand in where]
    operands = [
        part[0] if access.wrap is None else np.concatenate(part, axis=access.wrap.axis)
        for access, part in zip(accesses, parts, strict=True)
    ]
    compute(operands)
    for access, part, operand in zip(accesses, parts, operands, strict=True):
        if access.wrap is not None and access.writes:
            ends = np.split(operand, [access.wrap.at], axis=access.wrap.axis)
            for view, array in zip(part, ends, strict=True):
                view[...] = array


def _parts(memory: Memory, access: Access, address: int) -> list[np.ndarray]:
    """The memory that an operand touches, in views: two if it wraps."""
    return [
        memory.view(address + offset, each.dtype, each.sizes, each.strides)
        for offset, each in access.parts
    ]
