"""Semantics of matrix products."""

from __future__ import annotations

from math import prod

import numpy as np

from xnn.dialects.element_types import dtype_of
from xnn.dialects.xnn import EinsumOp, GemmOp, tensor_type
from xnn.runtime.engines.matmul import contract
from xnn.runtime.semantics.operators import compute


@compute.register
def gemm(op: GemmOp, a: np.ndarray, b: np.ndarray, c: np.ndarray | None = None) -> np.ndarray:
    """All is done in the accumulator's type, then given that of the result."""
    result = dtype_of(tensor_type(op.result).element_type)
    lhs = b if op.trans_b.value.data else b.T
    rhs = a.T if op.trans_a.value.data else a
    y = contract(lhs, rhs, sums=dtype_of(op.accumulator_type))
    alpha, beta = (y.dtype.type(factor.value.data) for factor in (op.alpha, op.beta))
    if alpha != 1:
        y *= alpha
    if c is not None:
        c = c.astype(y.dtype, copy=False)
        y = y + (c if beta == 1 else c * beta)
    return y.astype(result, copy=False)


@compute.register
def einsum(op: EinsumOp, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A product of matrices for each index of the labels that all terms have, in the accumulator's type."""
    first, second, out = op.terms
    sizes = dict(zip(first + second, (*a.shape, *b.shape), strict=True))
    stack = [label for label in out if label in first and label in second]
    rows, columns = ([x for x in out if x in term and x not in stack] for term in (first, second))
    summed = [label for label in first if label not in out]

    def count(labels: list[str]) -> int:
        return prod(sizes[label] for label in labels)

    lhs = a.transpose([first.index(label) for label in (*stack, *rows, *summed)])
    rhs = b.transpose([second.index(label) for label in (*stack, *summed, *columns)])
    y = contract(
        lhs.reshape(count([*stack, *rows]), count(summed), 1),
        rhs.reshape(1, count([*stack, *summed]), count(columns)),
        strides=(1,),
        dilations=(1,),
        pads=((0, 0),),
        groups=count(stack),
        sums=dtype_of(op.accumulator_type),
    )
    found = [*stack, *rows, *columns]
    y = y.reshape([sizes[label] for label in found])
    y = y.transpose([found.index(label) for label in out])
    return y.astype(dtype_of(tensor_type(op.result).element_type), copy=False)
