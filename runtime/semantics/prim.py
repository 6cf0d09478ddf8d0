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
    region: Region, maps: Sequence[AffineMapAttr], element: np.ndarray, operands: Sequence[Any]
) -> np.ndarray:
    """A `pre` or `post` region applied to every element of an array."""
    if not region.blocks:
        return element
    arrays = [
        broadcast(index_map, operand, element.ndim)
        for index_map, operand in zip(maps, operands, strict=True)
    ]
    return evaluate(region.block, [element, *arrays])


def split_operands(op: Primitive, values: Sequence[Any]) -> tuple[Any, Any, list[Any], list[Any]]:
    """Coefficients (None if there are none), maps, pre and post operands, of values in order."""
    rest = list(values)
    coefficients = rest.pop(0) if isinstance(op, MatmulOp) else None
    maps = rest.pop(0)
    pre = rest[: len(op.pre_operands)]
    return coefficients, maps, pre, rest[len(pre) : len(pre) + len(op.post_operands)]


def run_primitive(
    op: Primitive,
    coefficients: np.ndarray | None,
    maps: np.ndarray,
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
    maps = apply_region(op.pre, op.index_maps(op.pre_maps), maps, pre)
    window = op.filter
    if isinstance(op, MatmulOp):
        assert coefficients is not None
        channels = op.channels_of(coefficients.shape, maps.shape)
        if op.packed is not None:
            expanded = op.packed.expanded(coefficients, channels * window.taps)
            coefficients = expanded.reshape(-1, channels, *window.kernel)
        result = contract(
            coefficients,
            maps,
            strides=window.strides,
            dilations=window.dilations,
            pads=pads,
            groups=maps.shape[1] // channels,
            shared=op.shared,
            sums=dtype_of(op.accumulator_type),
        )
    else:
        assert isinstance(op, SortOp)
        result = window_maximum(
            maps,
            kernel=window.kernel,
            strides=window.strides,
            dilations=window.dilations,
            pads=pads,
        )
    if partial is not None:
        result = result + partial
    if not last:
        return result
    return apply_region(op.post, op.index_maps(op.post_maps), result, post)


def run_block(
    op: Primitive, operands: Sequence[np.ndarray], pads: Pads, first: bool, last: bool
) -> None:
    """Runs a block on what it touches, as `Primitive.touched_by` lists it; the last is written."""
    *inputs, out = operands
    sums = inputs.pop() if last and op.partial_sums is not None else out
    coefficients, maps, pre, post = split_operands(op, inputs)
    partial = None if first else sums
    out[...] = run_primitive(
        op, coefficients, maps, pre, post, pads=pads, partial=partial, last=last
    )


def _run_whole(op: Primitive, args: Sequence[Any]) -> np.ndarray:
    coefficients, maps, pre, post = split_operands(op, args)
    return run_primitive(op, coefficients, maps, pre, post, pads=op.filter.pads)


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
