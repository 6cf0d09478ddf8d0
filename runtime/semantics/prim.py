"""Semantics of the primitives: on whole tensors, on buffers, on the slices of one block.

All levels use `PrimitiveFunction`; they differ only in where its arrays come from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from math import prod
from typing import Any

import numpy as np
from xdsl.dialects.builtin import AffineMapAttr
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    ReturnedValues,
    impl,
    impl_terminator,
    register_impls,
)
from xdsl.ir import Region

from xnn.dialects import prim
from xnn.dialects.dsa.access import NodeBlock
from xnn.dialects.indexing_maps import is_table
from xnn.dialects.scalar import array_function
from xnn.dialects.windows import Pads
from xnn.runtime.engines.engine import primitive_engine
from xnn.runtime.engines.transfer import gather
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.arrays import broadcast, strided
from xnn.runtime.semantics.tiles import register_tiles


def region_function(
    region: Region, indexing_maps: Sequence[AffineMapAttr]
) -> Callable[[np.ndarray, Sequence[Any]], np.ndarray]:
    """A `pre` or `post` region as a function of an array and of the region's other operands."""
    if not region.blocks:
        return lambda element, operands: element
    function = array_function(region.block)

    def run(element: np.ndarray, operands: Sequence[Any]) -> np.ndarray:
        pairs = zip(indexing_maps, operands, strict=True)
        result = function([element, *(_argument(*pair, element.ndim) for pair in pairs)])
        return np.broadcast_to(result, element.shape)  # it may depend on no element

    return run


def _argument(indexing_map: AffineMapAttr, operand: np.ndarray, rank: int) -> np.ndarray:
    """An operand of a region as it meets elements of a rank: broadcast, or whole if it is a table."""
    if is_table(indexing_map.data, operand.shape):
        return operand
    return broadcast(indexing_map, operand, rank)


class PrimitiveFunction:
    """What a primitive computes, on arrays of its whole operands or of one block's.

    All that follows from the operation alone is looked up once: blocks are many.
    """

    def __init__(self, op: prim.Primitive):
        pre_maps = op.indexing_maps(op.pre_indexing_maps)
        self.pre = region_function(op.pre, pre_maps)
        self.post = region_function(op.post, op.indexing_maps(op.post_indexing_maps))
        self.own_sums, self.factors = op.partial_sums is not None, len(op.factors)
        self.pre_end = self.factors + len(pre_maps)
        self.compute = primitive_engine(op).semantics(op)

    def __call__(
        self,
        operands: Sequence[np.ndarray],
        pads: Pads,
        *,
        partial: np.ndarray | None = None,
        last: bool = True,
    ) -> np.ndarray:
        """The result for `operands` in order: lhs (of a product), rhs, those of `pre`, those of `post`.

        `partial` are the sums of the blocks of channels before; without `last` the sums are returned
        as they are, and `post` is left for the last block.
        """
        *lhs, rhs = operands[: self.factors]
        rhs = self.pre(rhs, operands[self.factors : self.pre_end])
        result = self.compute([*lhs, rhs], pads, partial)
        if not last:
            return result
        return self.post(result, operands[self.pre_end :])

    def run_block(self, operands: Sequence[np.ndarray], block: NodeBlock) -> None:
        """Runs a block on what it touches, as `Primitive.touched_by` lists it; the last is written."""
        *inputs, out = operands
        sums = inputs.pop() if block.last and self.own_sums else out
        partial = None if block.first else sums
        out[...] = self(inputs, block.pads, partial=partial, last=block.last)


def _whole(kind: type[prim.Primitive]) -> Any:
    """Runs a primitive on whole tensors."""

    @impl(kind)
    def run(self: Any, interpreter: Interpreter, op: prim.Primitive, args: PythonValues) -> Any:
        return (PrimitiveFunction(op)(args, op.window.pad_pairs),)

    return run


def run_general(interpreter: Interpreter, op: prim.GeneralOp, inputs: Sequence[Any]) -> np.ndarray:
    """Result of the operators in a `prim.general`."""
    arrays = tuple(
        np.asarray(value).reshape(prim.shape(argument))
        for value, argument in zip(inputs, op.block.args, strict=True)
    )
    (result,) = interpreter.run_ssacfg_region(op.body, arrays, op.name)
    return result


@register_impls
class PrimFunctions(InterpreterFunctions):
    """The other operations of the prim dialect on whole tensors."""

    @impl(prim.GeneralOp)
    def run_general(self, interpreter: Interpreter, op: prim.GeneralOp, args: PythonValues) -> Any:
        return (run_general(interpreter, op, args),)

    @impl(prim.ViewOp)
    def run_view(self, interpreter: Interpreter, op: prim.ViewOp, args: PythonValues) -> Any:
        result = prim.shape(op.result)
        elements = args[0].reshape(-1)[op.start : op.start + prod(result)]
        return (elements.reshape(result),)

    @impl(prim.TransferOp)
    def run_transfer(
        self, interpreter: Interpreter, op: prim.TransferOp, args: PythonValues
    ) -> Any:
        return (strided(args[0].reshape(-1), *op.layout).reshape(prim.shape(op.result)),)

    @impl(prim.GatherOp)
    def run_gather(self, interpreter: Interpreter, op: prim.GatherOp, args: PythonValues) -> Any:
        table, indices = args[0].reshape(op.table), args[1].reshape(-1)
        result = np.empty(op.domain, table.dtype)
        gather(table, indices, result)
        return (result.reshape(prim.shape(op.result)),)

    @impl(prim.PlaceOp)
    def run_place(self, interpreter: Interpreter, op: prim.PlaceOp, args: PythonValues) -> Any:
        result = np.empty(prim.shape(op.result), args[0].dtype)
        for each, part in zip(op.places, args, strict=True):
            offset, strides = each.place
            strided(result.reshape(-1), offset, part.shape, strides)[...] = part
        return (result,)

    @impl_terminator(prim.YieldOp)
    def run_yield(self, interpreter: Interpreter, op: prim.YieldOp, args: PythonValues) -> Any:
        return ReturnedValues(args), ()


def register(interpreter: Interpreter, store: WeightStore) -> None:
    """Gives the interpreter the semantics of the prim dialect."""
    interpreter.register_implementations(PrimFunctions())
    interpreter.register_implementations(_primitive_functions())
    register_tiles(interpreter)


@cache  # they hold nothing: all interpreters share them
def _primitive_functions() -> InterpreterFunctions:
    kinds = (kind for kind in prim.PRIM.operations if issubclass(kind, prim.Primitive))
    functions = {kind.name: _whole(kind) for kind in kinds}
    primitives = type("PrimitiveFunctions", (InterpreterFunctions,), functions)
    return register_impls(primitives)()
