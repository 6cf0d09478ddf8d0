"""Meaning of the primitives: on whole tensors, on buffers, on the windows of one block.

`run_primitive` is the one function behind all levels; only where its arrays come from differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from xdsl.dialects.builtin import AffineMapAttr
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    ReturnedValues,
    impl,
    impl_terminator,
    register_impls,
)
from xdsl.ir import Region

from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import (
    ConcatOp,
    GeneralOp,
    MatmulOp,
    Primitive,
    SortOp,
    ViewOp,
    YieldOp,
    shape,
)
from xnn.dialects.scalar import evaluate
from xnn.dialects.windows import Pads
from xnn.runtime.engines.matmul import contract
from xnn.runtime.engines.sort import window_maximum
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.arrays import broadcast
from xnn.runtime.semantics.tiles import register_tiles


def apply_region(
    region: Region,
    indexing_maps: Sequence[AffineMapAttr],
    element: np.ndarray,
    operands: Sequence[Any],
) -> np.ndarray:
    """A `pre` or `post` region applied to every element of an array."""
    if not region.blocks:
        return element
    arrays = [
        broadcast(indexing_map, operand, element.ndim)
        for indexing_map, operand in zip(indexing_maps, operands, strict=True)
    ]
    return evaluate(region.block, [element, *arrays])


def split_operands(op: Primitive, values: Sequence[Any]) -> tuple[Any, Any, list[Any], list[Any]]:
    """lhs (None if there is none), rhs, pre and post operands, of values in order."""
    rest = list(values)
    lhs = rest.pop(0) if isinstance(op, MatmulOp) else None
    rhs = rest.pop(0)
    pre = rest[: len(op.pre_operands)]
    return lhs, rhs, pre, rest[len(pre) : len(pre) + len(op.post_operands)]


def run_primitive(
    op: Primitive,
    lhs: np.ndarray | None,
    rhs: np.ndarray,
    pre: Sequence[np.ndarray],
    post: Sequence[np.ndarray],
    *,
    pads: Pads,
    partial: np.ndarray | None = None,
    last: bool = True,
) -> np.ndarray:
    """Result of a primitive for the arrays of one block (or of the whole).

    `partial` are the sums of the blocks of channels before; without `last` the sums are returned
    as they are, and `post` is left for the last block.
    """
    rhs = apply_region(op.pre, op.indexing_maps(op.pre_indexing_maps), rhs, pre)
    window = op.window
    if isinstance(op, MatmulOp):
        assert lhs is not None
        channels = op.channels_of(lhs.shape, rhs.shape)
        if op.packed is not None:
            expanded = op.packed.expanded(lhs, channels * window.taps)
            lhs = expanded.reshape(-1, channels, *window.kernel)
        result = contract(
            lhs,
            rhs,
            strides=window.strides,
            dilations=window.dilations,
            pads=pads,
            groups=rhs.shape[1] // channels,
            shared=op.shared,
            sums=dtype_of(op.accumulator_type),
        )
    else:
        assert isinstance(op, SortOp)
        result = window_maximum(
            rhs,
            kernel=window.kernel,
            strides=window.strides,
            dilations=window.dilations,
            pads=pads,
        )
    if partial is not None:
        result = result + partial
    if not last:
        return result
    return apply_region(op.post, op.indexing_maps(op.post_indexing_maps), result, post)


def run_block(
    op: Primitive, operands: Sequence[np.ndarray], pads: Pads, first: bool, last: bool
) -> None:
    """Runs a block on what it touches, as `Primitive.touched_by` lists it; the last is written."""
    *inputs, out = operands
    sums = inputs.pop() if last and op.partial_sums is not None else out
    lhs, rhs, pre, post = split_operands(op, inputs)
    partial = None if first else sums
    out[...] = run_primitive(op, lhs, rhs, pre, post, pads=pads, partial=partial, last=last)


def _run_whole(op: Primitive, args: Sequence[Any]) -> np.ndarray:
    lhs, rhs, pre, post = split_operands(op, args)
    return run_primitive(op, lhs, rhs, pre, post, pads=op.window.pads)


def run_general(interpreter: Interpreter, op: GeneralOp, inputs: Sequence[Any]) -> np.ndarray:
    """Result of the operators in a `prim.general`."""
    arrays = tuple(
        np.asarray(value).reshape(shape(argument))
        for value, argument in zip(inputs, op.block.args, strict=True)
    )
    (result,) = interpreter.run_ssacfg_region(op.body, arrays, op.name)
    return result


@register_impls
class PrimFunctions(InterpreterFunctions):
    """The prim dialect on whole tensors."""

    @impl(MatmulOp)
    def run_matmul(self, interpreter: Interpreter, op: MatmulOp, args: tuple[Any, ...]) -> Any:
        return (_run_whole(op, args),)

    @impl(SortOp)
    def run_sort(self, interpreter: Interpreter, op: SortOp, args: tuple[Any, ...]) -> Any:
        return (_run_whole(op, args),)

    @impl(GeneralOp)
    def run_general(self, interpreter: Interpreter, op: GeneralOp, args: tuple[Any, ...]) -> Any:
        result = run_general(interpreter, op, args[: len(op.inputs)])
        if op.outs is None:
            return (result,)
        args[-1][...] = result
        return ()

    @impl(ViewOp)
    def run_view(self, interpreter: Interpreter, op: ViewOp, args: tuple[Any, ...]) -> Any:
        return (args[0].reshape(shape(op.result)),)

    @impl(ConcatOp)
    def run_concat(self, interpreter: Interpreter, op: ConcatOp, args: tuple[Any, ...]) -> Any:
        return (np.concatenate(args, axis=op.axis.value.data),)

    @impl_terminator(YieldOp)
    def run_yield(self, interpreter: Interpreter, op: YieldOp, args: tuple[Any, ...]) -> Any:
        return ReturnedValues(args), ()


def register_prim(interpreter: Interpreter, store: WeightStore) -> None:
    """Gives the interpreter the meaning of the prim dialect."""
    interpreter.register_implementations(PrimFunctions())
    register_tiles(interpreter)
